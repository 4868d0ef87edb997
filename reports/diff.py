"""The list written from evidence held against the published one, row by row: every difference has a verdict as reason.

A difference that no verdict explains is a defect of ours: it is counted as unexplained and shown first.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from reports.published import COLUMNS, Line

SCHEMA = "hemtwin-diff/1"


def published() -> list[dict[str, str]]:
    """The rows of the published list, as its transcription has them."""
    text = (files("controller.compatibility") / "list.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def diff(every: Iterable[Line], against: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """What differs, and why."""
    written = {line.columns["row"]: line for line in every}
    known = {row["row"] for row in against}
    found = [_row(row, written.get(row["row"])) for row in against]
    found += [_extra(line) for number, line in written.items() if number not in known]
    counts: dict[str, int] = {}
    for each in found:
        counts[each["verdict"]] = counts.get(each["verdict"], 0) + 1
    return {
        "schema": SCHEMA,
        "verdicts": dict(sorted(counts.items())),
        "rows_same": sum(not each["differences"] for each in found),
        "unexplained": sum(not told["because"] for each in found for told in each["differences"]),
        "rows": found,
    }


def _row(row: Mapping[str, str], line: Line | None) -> dict[str, Any]:
    if line is None:
        missing = [_difference("row", row["model"], "", "not in the results")]
        return {"row": int(row["row"]), "model": row["model"], "verdict": "not run", "why": "", "differences": missing}
    verdict, why = line.standing
    differences = []
    if verdict not in ("compatible", "partly"):
        differences.append(_difference("listed", "compatible", verdict, why))
    for name in COLUMNS:
        if line.columns[name] != row[name]:
            because = _because(line, name) if name in ("protocols", "firmware") else ""
            differences.append(_difference(name, row[name], line.columns[name], because))
    return {
        "row": int(row["row"]), "model": row["model"], "verdict": verdict, "why": why, "differences": differences,
    }  # fmt: skip


def _because(line: Line, column: str) -> str:
    """The verdicts of the protocols that are missing, or of the levels at which a row does not hold."""
    if column == "protocols" or not line.proven:
        bad = [pair for pair in line.pairs if pair not in line.proven]
        return "; ".join(f"{pair.protocol}: {pair.standing[0]}, {pair.standing[1]}" for pair in bad)
    first = line.row["first_level"]
    told = {pair.protocol: pair.cells.get(first) for pair in line.proven}
    return "; ".join(
        f"{protocol} at {first}: {'not run' if cell is None else cell.verdict}" for protocol, cell in told.items()
    )


def _extra(line: Line) -> dict[str, Any]:
    verdict, why = line.standing
    told = [_difference("row", "", line.row["model"], "")]
    return {"row": line.row["row"], "model": line.row["model"], "verdict": verdict, "why": why, "differences": told}


def _difference(column: str, published: str, written: str, because: str) -> dict[str, str]:
    return {"column": column, "published": published, "written": written, "because": because}
