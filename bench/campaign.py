"""(f) The campaign: the largest family alone, then every row, protocol, level and story, faults included."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from bench.measure import Figure
from scenarios.campaign.changes import touched

ROOT = Path(__file__).parents[1]
SUMMARY = re.compile(r"(\d+) cases, ([\d.]+) virtual hours")


def matrix(family: str) -> list[Figure]:
    """What `hem comply` prints of itself, for one family alone and for all; once, as it takes minutes."""
    rows = ",".join(str(row.row) for row in touched([family]))  # as --changed-since selects them
    alone = campaign(f"campaign, {Path(family).name} alone with faults", rows, "<= 20")
    return alone + campaign("campaign, the whole matrix with faults", "", "<= 120")


def campaign(what: str, rows: str, aim: str = "") -> list[Figure]:
    """One run with two jobs; of all rows without `rows`."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "hem.py", "comply", "--firmware", "all", "--faults", "--jobs", "2", "--out", out]
        begin = perf_counter()
        ran = subprocess.run(
            [*command, *(["--rows", rows] if rows else [])], cwd=ROOT, capture_output=True, text=True, check=False
        )
        took = perf_counter() - begin
    told = SUMMARY.search(ran.stdout)
    if told is None:
        raise RuntimeError(f"hem comply ended with {ran.returncode}: {ran.stderr[-500:]}")
    cases, hours = (float(text) for text in told.groups())
    return [
        Figure(f"{what}, cases", cases, ""),
        Figure(f"{what}, virtual hours", hours, "h"),
        Figure(f"{what}, 2 jobs, from call to end", took, "s", aim),
    ]
