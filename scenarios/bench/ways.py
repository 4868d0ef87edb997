"""In which ways a device of a family stands there: as few models and options as show every row of its tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from emulators.family.options import chosen
from emulators.family.profile import Facts, Profile, profiles
from scenarios.bench.bench import Bench
from scenarios.bench.words import Word, origins, words

ELSEWHERE = frozenset({  # what an alternative of a family file says besides its options, see stories.alternatives
    "rows", "model", "lacks", "tells", "rests", "person", "refuses", "idiom", "without", "registers", "restored",
    "holes", "mute", "untold", "new",
})  # fmt: skip


@dataclass(frozen=True)
class Way:
    """One model with its options, and all that it says."""

    row: int
    model: str
    options: tuple[tuple[str, Any], ...]
    words: tuple[Word, ...]

    @property
    def name(self) -> str:
        return ", ".join([f"row {self.row} {self.model}", *(f"{name} = {value}" for name, value in self.options)])

    def bench(self, protocol: str, profile: Profile | None = None) -> Bench:
        """A fresh device, of the family as it is or of a broken one."""
        return Bench(self.row, protocol, self.model, profile=profile, options=dict(self.options))


@cache
def ways(file: str, protocol: str) -> tuple[Way, ...]:
    """The ways in which a family shows all that its file has for this protocol; each adds something."""
    family = next(each for each in profiles() if each.file == file)
    unseen, found = origins(family.data), []
    for facts, options in _candidates(family, protocol):
        chosen_family, told = chosen(family, facts, options)
        unit = int(chosen_family.data.get("modbus", {}).get("unit", 1))
        all_words = words(chosen_family.data, told, unit)
        new = unseen & {word.origin for word in all_words}
        if new:
            unseen -= new
            found.append(Way(facts.row, facts.name, tuple(options.items()), tuple(all_words)))
        if not unseen:
            break
    return tuple(found)


def _candidates(family: Profile, protocol: str) -> Iterator[tuple[Facts, dict[str, Any]]]:
    """As delivered, then as the alternatives, the variants and the conditions of the tables have it."""
    models = [facts for facts in family.models if protocol in family.serves.get(facts.row, ())]
    yield from ((facts, {}) for facts in models)
    choices: list[dict[str, Any]] = []
    for options in (*_listed(family), *_asked(family)):
        if options not in choices:
            choices.append(options)
    yield from ((facts, options) for options in choices for facts in models)


def _listed(family: Profile) -> Iterator[dict[str, Any]]:
    for entry in family.data.get("alternatives", ()):
        if options := {name: value for name, value in entry.items() if name not in ELSEWHERE}:
            yield options


def _asked(family: Profile) -> Iterator[dict[str, Any]]:
    offered = family.data.get("options", {})
    for name, values in family.data.get("variants", {}).items():
        if name in offered:
            yield from ({name: _value(value)} for value in values)
    for condition in _conditions(family.data):
        wanted = {name: value for name, value in condition.items() if name in offered}
        for row in range(max((len(each) for each in wanted.values() if isinstance(each, list)), default=1)):
            yield {name: each[row % len(each)] if isinstance(each, list) else each for name, each in wanted.items()}


def _conditions(table: Any) -> Iterator[Mapping[str, Any]]:
    """Every `when` of a file."""
    if isinstance(table, Mapping):
        if isinstance(found := table.get("when"), Mapping):
            yield found
        for each in table.values():
            yield from _conditions(each)
    elif isinstance(table, list) and table and isinstance(table[0], Mapping):
        for each in table:
            yield from _conditions(each)


def _value(word: str) -> Any:
    """A variant's name as its option has it."""
    return {"yes": True, "no": False}.get(word, int(word) if word.isdigit() else word)
