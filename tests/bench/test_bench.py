"""The bench runs to its end and prints every figure; how large they are is no test."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_quick_bench_prints_all_figures():
    told = subprocess.run([sys.executable, "-m", "bench", "--quick"], cwd=ROOT, capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    figures = json.loads((ROOT / "bench" / "results.json").read_text())
    assert len(figures) >= 25
    assert all(figure["value"] > 0 for figure in figures)
    assert all(figure["what"] in told.stdout for figure in figures)
