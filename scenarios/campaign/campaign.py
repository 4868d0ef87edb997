"""A compliance campaign: which rows, protocols, stories and levels; run them; judge the whole."""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from controller.compatibility.levels import LEVELS, Level
from controller.compatibility.rows import PROTOCOLS, Row, rows
from controller.errors import ConfigurationError
from scenarios.campaign.cases import Case, Outcome, cases
from scenarios.campaign.dask_engine import run_dask
from scenarios.campaign.every import FAULTS, STORIES
from scenarios.campaign.journal import Journal
from scenarios.campaign.results import document, outcomes
from scenarios.campaign.runner import run_local

Progress = Callable[[int, int], None]
ENGINES = ("local", "dask")


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


def run(
    selection: Selection, *, jobs: int = 1, engine: str = "local", scheduler: str = "", shard: tuple[int, int] = (1, 1),
    journal: Path | None = None, progress: Progress = lambda done, all_: None,
) -> dict[str, Any]:  # fmt: skip
    """results.json of a selection, as plain data. `shard` (i, n): only every n-th case, counted from the i-th."""
    if engine not in ENGINES:
        raise ConfigurationError(f"one of {', '.join(ENGINES)}, not {engine!r}", key="engine")
    started = time.time()
    wanted = selection.cases()[shard[0] - 1 :: shard[1]]
    kept = Journal(journal) if journal is not None else None
    found = {case: kept.found[case] for case in wanted if case in kept.found} if kept else {}
    missing = [case for case in wanted if case not in found]

    def done(outcome: Outcome) -> None:
        found[outcome.case] = outcome
        if kept:
            kept.note(outcome)
        progress(len(found), len(wanted))

    if engine == "dask":
        run_dask(missing, jobs, scheduler, done)
    else:
        run_local(missing, jobs, done)
    if kept:
        kept.close()
    host = {"python": platform.python_version(), "machine": platform.machine(), "jobs": jobs, "engine": engine}
    about = {"started": started, "seconds": time.time() - started, "host": host, "resumed": len(wanted) - len(missing)}
    return document(selection, [found[case] for case in wanted], about)


def sharded(text: str) -> tuple[int, int]:
    """`i/n` with 1 <= i <= n."""
    first, slash, last = text.partition("/")
    if not (slash and first.isdigit() and last.isdigit() and 1 <= int(first) <= int(last)):
        raise ConfigurationError(f"i/n with 1 <= i <= n, not {text!r}", key="shard")
    return int(first), int(last)


def merge(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One results.json of the shards of one campaign."""
    first = parts[0]
    for part in parts[1:]:
        if part["selection"] != first["selection"]:
            raise ConfigurationError("the shards are not of one campaign: their selections differ", key="merge")
    selection = Selection.stored(first["selection"])
    found = {outcome.case: outcome for part in parts for outcome in outcomes(part)}
    wanted = selection.cases()
    if lacking := [case.id for case in wanted if case not in found]:
        raise ConfigurationError(f"{len(lacking)} cases are in no shard, the first is {lacking[0]}", key="merge")
    about = {"merged": len(parts), "seconds": sum(part["run"].get("seconds", 0.0) for part in parts)}
    return document(selection, [found[case] for case in wanted], about)
