"""What the command line shows a person: progress, tables, failures."""

import sys
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

SHOWN = 40  # failures or cars printed; all are in results.json or balance.json


def rows(found: list[dict[str, Any]]) -> None:
    """The list with its claims."""
    table = Table("row", "section", "model", "protocols", "since", "emulator", "driver", "evidence")
    for each in found:
        claims = each["claims"]
        table.add_row(
            str(each["row"]), each["section"], each["model"][:40], " ".join(each["protocols"]), each["since"],
            " ".join(claims["emulator"]) or "not built", " ".join(claims["driver"]) or "not built", each["evidence"],
        )  # fmt: skip
    Console(width=None if sys.stdout.isatty() else 240).print(table)  # a file has no edge


class progress:
    """A progress bar on stderr while something long runs; nothing where stderr is no terminal."""

    def __init__(self, title: str) -> None:
        from rich.console import Console

        columns = (TextColumn(title), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        console = Console(stderr=True)
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)

    def __enter__(self) -> Callable[[int, int], None]:
        self._bar.start()
        task = self._bar.add_task("", total=None)
        return lambda done, total: self._bar.update(task, completed=done, total=total)

    def __exit__(self, *unused: object) -> None:
        self._bar.stop()


def cars(result: dict[str, Any]) -> None:
    """Cars of a simulated house that left with less energy than they wanted."""
    if not result["departures"]:
        return
    missed = result["missed"]
    print(f"cars left {result['departures']} times, {len(missed)} times with energy missing (local time):")
    for each in missed[:SHOWN]:
        print(f"  {each['local']} {each['charger']}: {each['missing'] / 1000:.1f} kWh missing")
    if len(missed) > SHOWN:
        print(f"  ... and {len(missed) - SHOWN} more, all in balance.json")


def verdicts(table: dict[str, dict[str, int]]) -> None:
    """Level by verdict, as counts."""
    names = ("pass", "fail", "refused", "planned", "not applicable", "not built")
    print("level".ljust(10) + "".join(verdict.rjust(16) for verdict in names))
    for level, counts in table.items():
        print(level.ljust(10) + "".join(str(counts.get(verdict, 0)).rjust(16) for verdict in names))


def failures(verdict: Any) -> None:
    """Failures once for all levels at which they happen, tolerated and fixed ones after them."""
    grouped: dict[tuple[Any, ...], list[str]] = {}
    for each, why in verdict.blocking:
        key = (each["row"], each["protocol"], each["model"], each["scenario"], each["detail"], why)
        grouped.setdefault(key, []).append(each["level"])
    for (row, protocol, model, story, detail, why), levels in list(grouped.items())[:SHOWN]:
        print(f"FAIL row {row} {protocol} {model} {story} at {', '.join(levels)}: {detail} ({why})")
    if len(grouped) > SHOWN:
        print(f"... and {len(grouped) - SHOWN} more, all in results.json")
    for each, known in verdict.tolerated:
        print(f"KNOWN row {each['row']} {each['protocol']} {each['scenario']} until {known.expires}: {known.reason}")
    for known in verdict.fixed:
        print(f"FIXED row {known.row} {known.scenario}: {known.reason}")
