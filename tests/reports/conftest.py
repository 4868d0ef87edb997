"""A small campaign by hand: one row of every standing, with telling values."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

import reports
from scenarios.campaign.dossiers import dossiers

LEVELS = ("1.32.0", "2.0.0", "3.0.0", "3.1.0")
STORIES = (
    ("identify", "Who is it?", True, False),
    ("follow", "Does power follow the command?", False, False),
    ("fault/half-open", "Safe and back under: F4 the peer has gone and nobody was told?", False, True),
)
# row: protocol -> evidence, story that fails ("" for none)
CAMPAIGN = {
    3: {"modbus-tcp": ("document", "")},  # since 3.0: refused below
    23: {"modbus-tcp": ("document", ""), "modbus-rtu": ("capture", "")},
    41: {"modbus-tcp": ("assumed", "")},
    53: {"modbus-tcp": ("document", ""), "modbus-rtu": ("document", "follow")},
    64: {"modbus-tcp": ("clients", ""), "modbus-rtu": ("clients", "")},  # planned for 3.1
    65: {"modbus-tcp": ("document", "")},  # its udp is not built
    74: {},  # not built
}
FRAMES = [
    [0.002, ">", "000100000006030475630002"],
    [0.104, "<", "000100000007030404fffffc56"],
]


def profile(evidence: str, model: str) -> dict[str, Any]:
    return {
        "file": "emulators/hand/made.toml", "evidence": evidence, "document": "Bedienhandbuch Größe 1",
        "revision": "V1.5", "sources": ["owner/repo:path"], "firmware": ["2.11"], "models": [model],
    }  # fmt: skip


def case(row: int, protocol: str, model: str, story: str, broken: bool) -> dict[str, Any]:
    held = {"what": "battery_power", "expected": "-938.5 ± 12 W", "found": "-938", "held": True}
    wrong = {"what": "power <after> limit", "expected": "4113 ± 75 W", "found": "70123", "held": False}
    return {
        "case": {"row": row, "protocol": protocol, "model": model, "story": story},
        "verdict": "fail" if broken else "pass",
        "detail": "power <after> limit: expected 4113 ± 75 W, found 70123" if broken else "2 checks",
        "evidence": "document",
        "checks": [held, wrong if broken else held],
        "frames": FRAMES,
        "frames_seen": 174,
        "trace": [[0.2, 1564.5, 1564.0], [40.8, -1155.5, -1156.0], [81.4, None, 436.0]],
        "figures": {"virtual_seconds": 203.05, "exchanges": 87.0, "recovery_seconds": 6.622396},
    }


def verdict(row: dict[str, Any], level: str, told: dict[str, Any]) -> tuple[str, str]:
    if LEVELS.index(level) < LEVELS.index(row["first_level"]):
        return "refused", f"row {row['row']} needs {row['first_level']}"
    if row["planned"]:
        return "planned", f"{told['verdict']}: {told['detail']}"
    return told["verdict"], told["detail"]


def entries(row: dict[str, Any], protocol: str, told: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for level in LEVELS:
        what, detail = verdict(row, level, told)
        found.append(
            {
                "row": row["row"], "protocol": protocol, "model": told["case"]["model"], "level": level,
                "scenario": told["case"]["story"], "verdict": what, "evidence": told["evidence"], "detail": detail,
                "case": f"{row['row']}/{protocol}/{told['case']['model']}/{told['case']['story']}",
            }
        )  # fmt: skip
    return found


def unbuilt(row: dict[str, Any], protocol: str) -> list[dict[str, Any]]:
    return [
        {
            "row": row["row"], "protocol": protocol, "model": row["variants"][0]["name"], "level": level,
            "scenario": "", "verdict": "not built", "evidence": "none", "detail": "no emulator and no driver",
            "case": "",
        }
        for level in LEVELS
    ]  # fmt: skip


def made() -> dict[str, Any]:
    results: list[dict[str, Any]] = []
    cases: dict[str, Any] = {}
    rows = dossiers()
    for row in rows:
        row["profiles"] = {}
        for protocol in row["protocols"] if row["row"] in CAMPAIGN else ():
            if protocol not in CAMPAIGN[row["row"]]:
                results += unbuilt(row, protocol)
                continue
            evidence, broken = CAMPAIGN[row["row"]][protocol]
            model = row["variants"][0]["name"]
            row["profiles"][protocol] = profile(evidence, model)
            for story, *_ in STORIES:
                told = case(row["row"], protocol, model, story, story == broken)
                cases[f"{row['row']}/{protocol}/{model}/{story}"] = told
                results += entries(row, protocol, told)
    stories = [
        {"id": name, "asks": asks, "why": "Registers prove nothing; power does.", "oracle": "the twin's power",
         "every_model": every, "fault": fault}
        for name, asks, every, fault in STORIES
    ]  # fmt: skip
    return {
        "schema": "hemtwin-results/1", "controller": {"name": "hemtwin", "version": "0.1.0"}, "levels": list(LEVELS),
        "selection": {}, "stories": stories, "rows": rows, "results": results, "cases": cases,
        "run": {"started": 1_795_363_237.18, "seconds": 2.66, "times": dict.fromkeys(cases, 0.8125)},
    }  # fmt: skip


@pytest.fixture(scope="session")
def _once() -> dict[str, Any]:
    return made()


@pytest.fixture(scope="session")
def report(_once: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of its report, to be read only."""
    return reports.write(_once, tmp_path_factory.mktemp("report")).parent


@pytest.fixture
def data(_once: dict[str, Any]) -> dict[str, Any]:
    """results.json of the small campaign, to be changed at will."""
    return deepcopy(_once)
