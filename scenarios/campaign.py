"""A compliance campaign: which rows, protocols, stories and levels; run them; judge the whole."""

import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from controller.compatibility.levels import LEVELS, Level
from controller.compatibility.rows import PROTOCOLS, Row, rows
from controller.errors import ConfigurationError
from scenarios.cases import Case, Outcome, cases
from scenarios.catalogue import FAULTS, STORIES
from scenarios.results import document
from scenarios.runner import run_local

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Selection:
    """What a campaign runs."""

    rows: tuple[Row, ...]
    levels: tuple[Level, ...]
    protocols: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()

    def cases(self) -> list[Case]:
        return list(cases(self.rows, self.protocols, self.stories))


def select(
    firmware: str = "all", numbers: str = "", protocol: str = "", story: str = "", *, faults: bool = False
) -> Selection:
    """A selection from what a person typed; ConfigurationError names the argument and what it may be."""
    levels = LEVELS if firmware == "all" else (Level.parse(firmware),)
    protocols = _named(protocol, tuple(PROTOCOLS), "protocol")
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


def run(selection: Selection, *, jobs: int = 1, progress: Progress = lambda done, all_: None) -> dict[str, Any]:
    """results.json of a selection, as plain data."""
    started = time.time()
    wanted = selection.cases()
    done = 0

    def count(outcome: Outcome) -> None:
        nonlocal done
        done += 1
        progress(done, len(wanted))

    outcomes = run_local(wanted, jobs, count)
    seconds = time.time() - started
    host = {"python": platform.python_version(), "machine": platform.machine(), "jobs": jobs}
    return document(
        selection.rows, selection.levels, outcomes, protocols=selection.protocols,
        run={"started": started, "seconds": seconds, "host": host},
    )  # fmt: skip
