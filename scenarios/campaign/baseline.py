"""Known failures, each with a reason and a date on which it has to be gone.

[[known]]
row = 53
protocol = "modbus-rtu"      # optional, as are scenario and level
scenario = "restart"
reason = "firmware 3.2 of the inverter loses its mode, ticket 4711"
expires = 2027-03-01
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from controller.settings import Strict
from controller.tomlfile import checked, toml


class Known(Strict):
    """One failure that is known."""

    row: int
    reason: str
    expires: date
    protocol: str = ""
    scenario: str = ""
    level: str = ""

    def covers(self, result: Mapping[str, Any]) -> bool:
        wanted = {"row": self.row, "protocol": self.protocol, "scenario": self.scenario, "level": self.level}
        return all(not value or result[key] == value for key, value in wanted.items())


class Baseline(Strict):
    """A whole file."""

    known: tuple[Known, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """`blocking` failures make the campaign fail; `fixed` are known ones that no longer happen."""

    blocking: list[tuple[dict[str, Any], str]]
    tolerated: list[tuple[dict[str, Any], Known]]
    fixed: list[Known]


def load(path: Path) -> list[Known]:
    """The known failures of a file; ConfigurationError with file and key."""
    return list(checked(Baseline, toml(path), str(path)).known)


def judge(failures: Sequence[dict[str, Any]], known: Iterable[Known], today: date) -> Judgement:
    """Which failures block: the unknown ones, and those whose date has passed."""
    known = list(known)
    blocking: list[tuple[dict[str, Any], str]] = []
    tolerated: list[tuple[dict[str, Any], Known]] = []
    seen = set()
    for failure in failures:
        entries = [each for each in known if each.covers(failure)]
        seen.update(entries)
        alive = next((each for each in entries if each.expires >= today), None)
        if alive:
            tolerated.append((failure, alive))
        else:
            why = f"known until {entries[0].expires}: {entries[0].reason}" if entries else "not in the baseline"
            blocking.append((failure, why))
    return Judgement(blocking, tolerated, [each for each in known if each not in seen])
