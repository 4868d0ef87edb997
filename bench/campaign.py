"""(f) The whole matrix as the campaign runs it: every row, protocol, level and story, faults included, two jobs."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.measure import Figure

ROOT = Path(__file__).parents[1]
SUMMARY = re.compile(r"(\d+) cases, ([\d.]+) virtual hours, ([\d.]+) s")


def matrix(rows: str = "") -> list[Figure]:
    """What `hem comply` prints of itself; once, as it takes minutes."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "hem.py", "comply", "--firmware", "all", "--faults", "--jobs", "2", "--out", out]
        ran = subprocess.run(
            [*command, *(["--rows", rows] if rows else [])], cwd=ROOT, capture_output=True, text=True, check=False
        )
    told = SUMMARY.search(ran.stdout)
    if told is None:
        raise RuntimeError(f"hem comply ended with {ran.returncode}: {ran.stderr[-500:]}")
    cases, hours, took = (float(text) for text in told.groups())
    what = f"campaign, rows {rows}" if rows else "campaign, the whole matrix with faults, 2 jobs"
    return [
        Figure(f"{what}, cases", cases, ""),
        Figure(f"{what}, virtual hours", hours, "h"),
        Figure(f"{what}, real time", took, "s", "" if rows else "<= 120"),
    ]
