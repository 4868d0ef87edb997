"""What the command line shows a person: progress, tables, a row, a reading, failures."""

import json
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from controller.devices import unit_of

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


def data(found: Any) -> None:
    """The same for programs."""
    print(json.dumps(found, ensure_ascii=False, indent=1))


def line_of_data(found: Any) -> None:
    """One object a line, for programs that follow."""
    print(json.dumps(found, ensure_ascii=False), flush=True)


def version() -> str:
    """Of what is installed, or of the checkout that this is."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("hemtwin")
    except PackageNotFoundError:
        project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return str(project["version"])


def reading(found: Mapping[str, Any]) -> None:
    """Who it is and what it tells, with units; why a value is absent, what is odd about device and line."""
    identity = dict(found["identity"])
    notes = identity.pop("notes", ())
    for name, value in identity.items():
        print(f"{name:24} {_value(name, value)}")
    print()
    doubts = found["doubts"]
    for name, value in {**found["reading"], **{name: None for name in doubts if name not in found["reading"]}}.items():
        print(f"{name:24} {_value(name, value)}" + (f"  {doubts[name]}" if name in doubts else ""))
    for note in (*notes, *found["notices"]):
        print(f"note: {note}")
    sys.stdout.flush()


def _value(name: str, value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if not isinstance(value, int | float):
        return str(value)
    unit = unit_of(name)
    return f"{value:.10g}" + (f" {unit}" if unit else "")


def row(found: Mapping[str, Any]) -> None:
    """All that is known of a row, as headed lines."""
    printed = {name: found[name] for name in ("section", "manufacturer", "model", "interface", "since", "remark")}
    _lines(f"row {found['row']}", {**printed, "planned": found["planned"], "evidence": found["evidence"]})
    for name in ("charging", "metering"):
        _lines(name, found[name] or {})
    _lines("rules", dict(enumerate(found["rules"], 1)))
    rated = ((each["name"], each["rated_power"]) for each in found["variants"])
    _lines("variants", {name: f"{power:g} W" if power else "" for name, power in rated}, empty=True)
    for protocol, sides in found["protocols"].items():
        for side in ("emulator", "driver"):
            facts = dict(sides[side] or {"": "not built"})
            devices = facts.pop("devices", {})
            _lines(f"{protocol}, {side}", facts)
            for device, quantities in devices.items():
                words = [f"{name} ({unit})" if unit else name for name, unit in quantities.items()]
                print(f"  quantities of {device}: {', '.join(words)}")


def _lines(title: str, facts: Mapping[Any, Any], empty: bool = False) -> None:
    """A heading and its facts; those that are not there only where `empty` says so."""
    shown = {name: value for name, value in facts.items() if empty or value not in ("", None, [], {}, ())}
    if shown:
        print(f"{title}")
    for name, value in shown.items():
        text = "; ".join(map(str, value)) if isinstance(value, list) else value
        if isinstance(value, Mapping):
            text = ", ".join(f"{key} = {each}" for key, each in value.items() if each is not None)
        print(f"  {name}: {text}" if name != "" and text != "" else f"  {name}{text}")


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


def unbuilt(missing: Sequence[tuple[int, str]]) -> None:
    """What --require-built wants and is not there."""
    for row, protocol in missing:
        print(f"NOT BUILT row {row} {protocol}")


def installation(found: dict[str, Any]) -> None:
    """A resolved installation, a device a paragraph, then what is missing."""
    print(
        f"{found['site']}: HEM firmware {found['firmware']}, fuse {found['fuse']:g} A a phase, start {found['start']}"
    )
    for each in found["devices"]:
        printed = each["model"] or shorten(each["printed"], 60)
        print(f"{each['name']}: row {each['row']}, {printed}, {each['protocol']}, {each['function']}")
        rated = f"{each['rated_power']:.0f} W by the {each['rating_by']}" if each["rated_power"] else each["rating_by"]
        phases = f"{each['phases']} phases" if each["phases"] != 1 else f"one phase, L{each['phase']}"
        print(f"    rating    {rated}; {phases}")
        controlled = each["controlled_by"] or ["only read" if not each["commands"] else "nobody"]
        print("    control   " + "\n              ".join(controlled))
        if each["commands"]:
            print(f"    silence   {each['when_silent']}")
        if each["remark"]:
            print(f"    remark    {each['remark']}")
    for line in found["missing"]:
        print(f"missing: {line}")
