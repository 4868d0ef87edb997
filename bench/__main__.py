"""Runs the whole bench, or some of its parts: python -m bench [--quick] [--only day,server,...] [--out FILE]."""

import argparse
import importlib
import json
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

from bench.measure import Report

PARTS = ("roundtrip", "growth", "standing", "server", "day", "campaign")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser("bench", description="Measure what the README states.")
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes: shows that it runs")
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("results.json"))
    chosen = parser.parse_args(arguments)
    wanted = chosen.only.split(",")
    if unknown := [each for each in wanted if each not in PARTS]:
        parser.error(f"no part {unknown[0]!r}, there are {', '.join(PARTS)}")
    host = {
        "python": platform.python_version(), "cores": os.cpu_count(), "pymodbus": version("pymodbus"),
        "simpy": version("simpy"), "quick": chosen.quick,
    }  # fmt: skip
    print(", ".join(f"{name} {value}" for name, value in host.items()), flush=True)
    results: dict[str, object] = {"host": host}
    for name in wanted:
        begin = perf_counter()
        report: Report = importlib.import_module(f"bench.{name}").measure(chosen.quick)
        results[name] = report.plain()
        print(f"\n{report}\n  ({perf_counter() - begin:.0f} s)", flush=True)
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    chosen.out.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"\n{chosen.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
