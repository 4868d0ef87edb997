"""What a family file leaves open: shared tables it includes, options it offers, variants they choose.

    include = ["tables/measuring.toml"]          tables of several families, in the maker's folder
    [options] points = "float"                   an option and its default; a model, then the caller may say otherwise
    [variants.points.int] ...                    laid over the file when points is "int"

Laying over: tables merge, lists grow, anything else is replaced. A table with `when = { points = "int", row = [7, 8] }`
counts only where all of it holds; `row`, `phases` and every fact of the model can be asked for as well.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulators.family.profile import Facts, Profile


class UnknownOption(Exception):
    """The family has no such option; lists those it has."""


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid over `base`; neither is changed."""
    out = dict(base)
    for key, value in over.items():
        held = out.get(key)
        if isinstance(held, Mapping) and isinstance(value, Mapping):
            out[key] = merged(held, value)
        elif isinstance(held, list) and isinstance(value, list):
            out[key] = [*held, *value]
        else:
            out[key] = value
    return out


def included(data: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """`data` laid over the tables it includes, in its variants too."""
    out: dict[str, Any] = {}
    for name in data.get("include", ()):
        text = (folder / name).read_text(encoding="utf-8")
        out = merged(out, included(tomllib.loads(text), folder))
    out = merged(out, {key: value for key, value in data.items() if key != "include"})
    if "variants" in out:
        out["variants"] = {
            option: {value: included(table, folder) for value, table in values.items()}
            for option, values in out["variants"].items()
        }
    return out


def chosen(family: "Profile", facts: "Facts", given: Mapping[str, Any]) -> "tuple[Profile, Facts]":
    """The family with the variants that model and caller chose laid over it, and the facts with the options in them."""
    offered = family.data.get("options", {})
    if unknown := sorted(set(given) - set(offered)):
        raise UnknownOption(f"{family.file} has no option {unknown[0]!r}, it has {', '.join(offered) or 'none'}")
    options = {name: given.get(name, facts.more.get(name, default)) for name, default in offered.items()}
    data = {key: value for key, value in family.data.items() if key != "variants"}
    variants = family.data.get("variants", {})
    for name, value in options.items():
        data = merged(data, variants.get(name, {}).get(_word(value), {}))
    before, after = family.data.get("behaviour", {}), data.get("behaviour", {})
    own = {key: value for key, value in facts.more.items() if key not in before or before[key] != value}
    facts = replace(facts, more={**after, **own, **options})
    return replace(family, data=data), facts


def holds(table: Mapping[str, Any], facts: "Facts") -> bool:
    """Whether the `when` of a table holds for this model."""
    known = {**facts.more, "row": facts.row, "phases": facts.phases, "name": facts.name}
    for name, wanted in table.get("when", {}).items():
        allowed = wanted if isinstance(wanted, list) else [wanted]
        if _word(known.get(name)) not in [_word(each) for each in allowed]:
            return False
    return True


def _word(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
