"""Renders what a campaign recorded: the compliance report, JUnit, the list written again, its differences.

Everything comes from results.json alone, so a report can be rendered again anywhere; the same data give the same bytes.
"""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from controller.errors import ConfigurationError
from reports import beside, files


def prepare(out: Path) -> None:
    """Make the folder before the work starts; ConfigurationError when that cannot be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot be made a folder: {error.strerror}", file=str(out), key="out") from error


def write(data: dict[str, Any], out: Path, jobs: int = 1) -> Path:
    """Everything of a campaign into `out`; the path of index.html, which is written last."""
    from reports import compliance  # templates, plots and paper only where a report is written

    prepare(out / "rows")
    with compliance.rows(data, out, jobs):
        save(data, out / "results.json")
        compliance.tables(data, out)
    return compliance.index(data, out)


def add_mutants(found: Mapping[str, Any], out: Path) -> Path | None:
    """Put the score of `hem mutate` into the report that stands in `out`; None where there is no report."""
    if not (out / "results.json").exists():
        return None
    return write({**load(out), "mutants": found}, out)


def save(data: Mapping[str, Any], path: Path) -> None:
    """results.json with the frames of its cases beside it: a line for each result, case and row, so that two can be
    held against each other.
    """
    files.into(path, partial(_fill, data))
    beside.write(data["cases"], path.parent)


def _fill(data: Mapping[str, Any], path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for place, (name, value) in enumerate(data.items()):
            file.write(f"{',' if place else '{'}\n{json.dumps(name)}: ")
            if isinstance(value, list) and value:
                file.write("[\n" + ",\n".join(_line(each) for each in value) + "\n]")
            elif name == "cases" and value:
                entries = (f"{json.dumps(key, ensure_ascii=False)}: {_line(each)}" for key, each in beside.apart(value))
                file.write("{\n" + ",\n".join(entries) + "\n}")
            else:
                file.write(_line(value))
        file.write("\n}\n")


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def load(folder: Path) -> dict[str, Any]:
    """The results.json of a report, frames and all; ConfigurationError when there is none that can be read."""
    path = folder / "results.json"
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except json.JSONDecodeError as error:
        raise ConfigurationError(f"is no JSON: {error}", file=str(path)) from error
    return {**data, "cases": {case: beside.joined(entry, folder) for case, entry in data["cases"].items()}}
