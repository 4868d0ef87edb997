"""Which rows, protocols, stories and levels a campaign is about, from what a person typed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from controller.compatibility.levels import LEVELS, Level
from controller.compatibility.rows import PROTOCOLS, Row, rows
from controller.errors import ConfigurationError
from scenarios.campaign.cases import Case, cases
from scenarios.campaign.every import FAULTS, STORIES


@dataclass(frozen=True)
class Selection:
    """What a campaign runs."""

    rows: tuple[Row, ...]
    levels: tuple[Level, ...]
    protocols: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()

    def cases(self) -> list[Case]:
        return list(cases(self.rows, self.protocols, self.stories))

    def only(self, wanted: Sequence[Row]) -> "Selection":
        """The part of it that is about these rows."""
        return replace(self, rows=tuple(row for row in self.rows if row in wanted))

    def plain(self) -> dict[str, Any]:
        """As it stands in results.json."""
        return {
            "rows": [row.row for row in self.rows], "levels": [str(level) for level in self.levels],
            "protocols": list(self.protocols), "stories": list(self.stories),
        }  # fmt: skip

    @classmethod
    def stored(cls, plain: dict[str, Any]) -> "Selection":
        levels = tuple(Level.parse(level) for level in plain["levels"])
        numbered = tuple(row for row in rows() if row.row in plain["rows"])
        return cls(numbered, levels, tuple(plain["protocols"]), tuple(plain["stories"]))


def select(
    firmware: str = "all", numbers: str = "", protocol: str = "", story: str = "", *, faults: bool = False
) -> Selection:
    """A selection from what a person typed; ConfigurationError names the argument and what it may be."""
    levels = LEVELS if firmware == "all" else (Level.parse(firmware),)
    protocols = _named(protocol, tuple(PROTOCOLS.values()), "protocol")
    stories = _named(story, tuple(each.id for each in (*STORIES, *FAULTS)), "scenario")
    if not stories:
        stories = tuple(each.id for each in (*STORIES, *(FAULTS if faults else ())))
    return Selection(chosen_rows(numbers), tuple(levels), protocols, stories)


def chosen_rows(text: str) -> tuple[Row, ...]:
    """Rows of "1-64,70"; all for an empty text."""
    every = {row.row: row for row in rows()}
    if not text.strip():
        return tuple(every.values())
    wanted: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        try:
            low = int(first)
            high = int(last) if dash else low
        except ValueError as error:
            raise ConfigurationError(f"{part.strip()!r} is no row or range such as 1-64,70", key="rows") from error
        if low > high or low not in every or high not in every:
            raise ConfigurationError(f"{part.strip()!r} is outside rows 1 to {max(every)}", key="rows")
        wanted.update(range(low, high + 1))
    return tuple(every[number] for number in sorted(wanted))


def _named(text: str, known: Sequence[str], key: str) -> tuple[str, ...]:
    wanted = tuple(part.strip() for part in text.split(",") if part.strip())
    for each in wanted:
        if each not in known:
            raise ConfigurationError(f"unknown {each!r}, known are {', '.join(known)}", key=key)
    return wanted


def sharded(text: str) -> tuple[int, int]:
    """`i/n` with 1 <= i <= n."""
    first, slash, last = text.partition("/")
    if not (slash and first.isdigit() and last.isdigit() and 1 <= int(first) <= int(last)):
        raise ConfigurationError(f"i/n with 1 <= i <= n, not {text!r}", key="shard")
    return int(first), int(last)
