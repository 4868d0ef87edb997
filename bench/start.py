"""(e) All emulators of rows 1 to 64 in one fresh process: seconds to start, memory resident.

As a program (python -m bench.start) it is that process and prints both figures.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from bench.measure import Figure


def emulators(rounds: int) -> list[Figure]:
    """Medians of fresh processes."""
    runs = []
    for _ in range(rounds):
        told = subprocess.run([sys.executable, "-m", "bench.start"], capture_output=True, text=True, check=True).stdout
        runs.append([float(text) for text in told.split()])
    imported, started, resident = (statistics.median(column) for column in zip(*runs, strict=True))
    return [
        Figure("import of the emulators", imported, "s"),
        Figure("start of all emulators of rows 1 to 64 in one process", started, "s", "<= 1"),
        Figure("resident with all of them", resident, "MiB", "<= 100"),
    ]


def peak() -> float:
    """Most MiB that were ever resident here. Not ru_maxrss: a child inherits its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def main() -> None:
    begin = time.perf_counter()
    from emulators.family.build import build
    from emulators.family.profile import profiles

    imported = time.perf_counter() - begin
    begin = time.perf_counter()
    kept = [
        build(row, protocol, clock=time.time, profile=family)
        for family in profiles()
        for row, protocols in family.serves.items()
        if row <= 64
        for protocol in protocols
    ]
    started = time.perf_counter() - begin
    assert len(kept) >= 64
    print(imported, started, peak())


if __name__ == "__main__":
    main()
