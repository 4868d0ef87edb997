"""What a family file leaves open: shared tables it includes, options it offers, variants they choose.

    include = ["tables/measuring.toml"]          tables of several families, in the maker's folder
    [options] points = "float"                   an option and its default; a model, then the caller may say otherwise
    [variants.points.int] ...                    laid over the file when points is "int"

Laying over: see emulators.family.laying. A table with `when = { points = "int", row = [7, 8] }`
counts only where all of it holds; `row`, `phases` and every fact of the model can be asked for as well.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulators.family.laying import merged
from emulators.family.profile import Facts, Profile


class UnknownOption(Exception):
    """The family has no such option; lists those it has."""


def chosen(family: Profile, facts: Facts, given: Mapping[str, Any]) -> tuple[Profile, Facts]:
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


def holds(table: Mapping[str, Any], facts: Facts) -> bool:
    """Whether the `when` of a table holds for this model."""
    known = {**facts.more, "row": facts.row, "phases": facts.phases, "name": facts.name}
    for name, wanted in table.get("when", {}).items():
        allowed = wanted if isinstance(wanted, list) else [wanted]
        if _word(known.get(name)) not in [_word(each) for each in allowed]:
            return False
    return True


def _word(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
