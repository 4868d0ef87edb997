"""results.json: every verdict of a campaign, what it rests on, and apart from it when and where it ran.

Schema hemtwin-results/1 (results.schema.json here). `results` has one entry for each row, protocol, model, story and
level; `cases` holds what was seen once for all levels, `stories` what they ask, `rows` the list and what each emulator
rests on. Two campaigns of the same code differ only under `run`.
"""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from controller.compatibility.levels import Level
from controller.compatibility.rows import Row
from scenarios.campaign.cases import Case, Outcome, built
from scenarios.campaign.dossiers import dossiers
from scenarios.campaign.every import texts
from scenarios.campaign.gates import gated
from scenarios.campaign.selection import Selection

SCHEMA = "hemtwin-results/1"
OUTCOME = ("case", "verdict", "evidence", "detail")
TIMES = "times"  # under `run`: s by case


def document(selection: Selection, told: Sequence[Outcome], run: dict[str, Any]) -> dict[str, Any]:
    """The whole of results.json as plain data. `told` in the order of the selection's cases."""
    by_pair: dict[tuple[int, str], list[Outcome]] = {}
    for outcome in told:
        by_pair.setdefault((outcome.case.row, outcome.case.protocol), []).append(outcome)
    results: list[dict[str, Any]] = []
    for row in selection.rows:
        for protocol in row.protocols:
            if selection.protocols and protocol not in selection.protocols:
                continue
            missing = built(row.row, protocol)
            mine = by_pair.get((row.row, protocol), [])
            if missing:
                mine = [Outcome(Case(row.row, protocol, "", ""), "not built", "none", missing)]
            for level in selection.levels:
                results += [_entry(row, level, outcome, missing) for outcome in mine]
    return {
        "schema": SCHEMA,
        "controller": {"name": "hemtwin", "version": version("hemtwin")},
        "levels": [str(level) for level in selection.levels],
        "selection": selection.plain(),
        "stories": texts(),
        "rows": dossiers(),
        "results": results,
        "cases": {outcome.case.id: _plain(outcome) for outcome in told},
        "run": {**run, TIMES: {outcome.case.id: round(outcome.seconds, 4) for outcome in told}},
    }


def _plain(outcome: Outcome) -> dict[str, Any]:
    case = {name: value for name, value in vars(outcome.case).items() if name != "place" or value}
    return {**outcome.plain, "case": case, **{name: getattr(outcome, name) for name in OUTCOME[1:]}}


def outcomes(data: dict[str, Any]) -> list[Outcome]:
    """The outcomes that a results.json holds."""
    found, times = [], data["run"].get(TIMES, {})
    for name, entry in data["cases"].items():
        plain = {key: value for key, value in entry.items() if key not in OUTCOME}
        what = (Case(**entry["case"]), entry["verdict"], entry["evidence"], entry["detail"])
        found.append(Outcome(*what, plain, times.get(name, 0.0)))
    return found


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


def summary(data: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Level -> verdict -> how many results."""
    table: dict[str, dict[str, int]] = {level: {} for level in data["levels"]}
    for each in data["results"]:
        table[each["level"]][each["verdict"]] = table[each["level"]].get(each["verdict"], 0) + 1
    return table


def failures(data: dict[str, Any]) -> list[dict[str, Any]]:
    """The results that must not be: failed ones, and planned ones do not count."""
    return [each for each in data["results"] if each["verdict"] == "fail"]


def unbuilt(data: dict[str, Any]) -> list[tuple[int, str]]:
    """Rows and protocols of which nothing was told because emulator or driver is missing."""
    return sorted({(each["row"], each["protocol"]) for each in data["results"] if each["verdict"] == "not built"})


def virtual_hours(data: dict[str, Any]) -> float:
    """Hours of virtual time that all cases took together."""
    return sum(float(case.get("figures", {}).get("virtual_seconds", 0.0)) for case in data["cases"].values()) / 3600
