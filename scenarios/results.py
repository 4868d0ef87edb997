"""results.json: every verdict of a campaign, what it rests on, and apart from it when and where it ran.

Schema hemtwin-results/1 (results.schema.json here). `results` has one entry for each row, protocol, model, story and
level; `cases` holds what was seen once for all levels. Two campaigns of the same code differ only under `run`.
"""

import json
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from controller.compatibility.levels import Level
from controller.compatibility.rows import Row
from scenarios.cases import Case, Outcome, built
from scenarios.gates import gated

SCHEMA = "hemtwin-results/1"


def document(
    rows: Sequence[Row],
    levels: Sequence[Level],
    outcomes: Iterable[Outcome],
    *,
    protocols: Sequence[str] = (),
    run: dict[str, Any],
) -> dict[str, Any]:
    """The whole of results.json as plain data."""
    told = {outcome.case: outcome for outcome in outcomes}
    results: list[dict[str, Any]] = []
    for row in rows:
        for protocol in row.protocols:
            if protocols and protocol not in protocols:
                continue
            missing = built(row.row, protocol)
            mine = [told[case] for case in told if (case.row, case.protocol) == (row.row, protocol)]
            if missing:
                mine = [Outcome(Case(row.row, protocol, "", ""), "not built", "none", missing)]
            for level in levels:
                results += [_entry(row, level, outcome, missing) for outcome in mine]
    return {
        "schema": SCHEMA,
        "controller": {"name": "hemtwin", "version": version("hemtwin")},
        "levels": [str(level) for level in levels],
        "results": results,
        "cases": {
            case.id: {
                "verdict": outcome.verdict,
                "detail": outcome.detail,
                "evidence": outcome.evidence,
                **outcome.plain,
            }
            for case, outcome in told.items()
        },
        "run": run,
    }


def _entry(row: Row, level: Level, outcome: Outcome, missing: str) -> dict[str, Any]:
    verdict, detail = ("not built", missing) if missing else gated(row, outcome.case.protocol, level, outcome)
    return {
        "row": row.row,
        "protocol": outcome.case.protocol,
        "model": outcome.case.model or row.variants[0].name,
        "level": str(level),
        "scenario": outcome.case.story,
        "verdict": verdict,
        "evidence": outcome.evidence,
        "detail": detail,
        "case": "" if missing else outcome.case.id,
    }


def save(data: dict[str, Any], path: Path) -> None:
    """Write results.json whole or not at all."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)


def summary(data: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Level -> verdict -> how many results."""
    table: dict[str, dict[str, int]] = {level: {} for level in data["levels"]}
    for each in data["results"]:
        table[each["level"]][each["verdict"]] = table[each["level"]].get(each["verdict"], 0) + 1
    return table


def failures(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The results that must not be: failed ones, and planned ones do not count."""
    return [each for each in data["results"] if each["verdict"] == "fail"]
