"""What a family file leaves open: shared tables it includes, options it offers, variants they choose.

    include = ["tables/measuring.toml"]          tables of several families, in the maker's folder
    [options] points = "float"                   an option and its default; a model, then the caller may say otherwise
    [variants.points.int] ...                    laid over the file when points is "int"
    [words] night_off = ["yes", "no"]            all that an option may be which only the maker's Python asks for

Laying over: see emulators.family.laying. A table with `when = { points = "int", row = [7, 8] }`
counts only where all of it holds; `row`, `phases` and every fact of the model can be asked for as well.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from emulators.family.laying import merged
from emulators.family.profile import Facts, Profile


class UnknownOption(Exception):
    """The family has no such option, or it is never of that kind; says what there is."""


def chosen(family: Profile, facts: Facts, given: Mapping[str, Any]) -> tuple[Profile, Facts]:
    """The family with the variants that model and caller chose laid over it, and the facts with the options in them."""
    offered = _offered(family, given)
    options = {name: given.get(name, facts.more.get(name, default)) for name, default in offered.items()}
    data = {key: value for key, value in family.data.items() if key != "variants"}
    variants = family.data.get("variants", {})
    for name, value in options.items():
        data = merged(data, variants.get(name, {}).get(_word(value), {}))
    before, after = family.data.get("behaviour", {}), data.get("behaviour", {})
    own = {key: value for key, value in facts.more.items() if key not in before or before[key] != value}
    facts = replace(facts, more={**after, **own, **options})
    return replace(family, data=data), facts


def fitting(family: Profile, given: Mapping[str, Any]) -> dict[str, Any]:
    """What a person gave, as the file counts it (`5,5` for a list); UnknownOption when it is none of the file's."""
    offered = _offered(family, given)
    return {name: _fitting(family, name, offered[name], value) for name, value in given.items()}


def _offered(family: Profile, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """All options with their defaults."""
    offered: Mapping[str, Any] = family.data.get("options", {})
    if unknown := sorted(set(given) - set(offered)):
        raise UnknownOption(f"{family.file} has no option {unknown[0]!r}, it has {', '.join(offered) or 'none'}")
    return offered


def _fitting(family: Profile, name: str, default: Any, value: Any) -> Any:
    """A value as its default is: yes or no, a number, a list, one of the words that the file knows."""
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(default, list):
        found = [each.strip() for each in value.split(",")] if isinstance(value, str) else value
        found = found if isinstance(found, list) else [found]
        if default and isinstance(default[0], int | float):
            found = [_number(family, name, each) for each in found]
        return found
    if isinstance(default, bool):
        if not isinstance(value, bool):
            raise UnknownOption(f"{family.file}: {name} is true or false, not {value!r}")
    elif isinstance(default, int | float):
        if not numeric:
            raise UnknownOption(f"{family.file}: {name} is a number, not {value!r}")
    elif (words := _words(family, name)) and _word(value) not in words:
        raise UnknownOption(f"{family.file}: {name} is {' or '.join(words)}, not {value!r}")
    return value


def _number(family: Profile, name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise UnknownOption(f"{family.file}: {name} is numbers, not {value!r}") from None
    return int(number) if number.is_integer() else number


def _words(family: Profile, name: str) -> list[str]:
    """What an option may be where the file does something else for each; empty where it may be any text."""
    data = family.data
    if name in data.get("words", {}):
        return sorted(data["words"][name])
    asked = [each[name] for each in _whens(data) if name in each]
    if name not in data.get("variants", {}) and not asked:
        return []
    known = [data["options"][name], *data.get("variants", {}).get(name, {})]
    known += [each.more[name] for each in family.models if name in each.more]
    known += [each[name] for each in data.get("alternatives", ()) if name in each]
    known += [word for each in asked for word in (each if isinstance(each, list) else [each])]
    return sorted({_word(each) for each in known})


def _whens(data: Any) -> Iterator[Mapping[str, Any]]:
    """All conditions of a file."""
    if isinstance(data, Mapping):
        for key, value in data.items():
            if key == "when" and isinstance(value, Mapping):
                yield value
            else:
                yield from _whens(value)
    elif isinstance(data, list):
        for each in data:
            yield from _whens(each)


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
