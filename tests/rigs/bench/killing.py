"""Kills a bench run at random points, again and again: is every device as it was, and was nothing beyond the envelope?

`python killing.py TIMES [SEED]`: three real devices in processes of their own, on TCP, a serial line and UDP. Every
other time the dead man is killed as well, and the next start has to put everything back. Exit 1 for the first device
that holds something else than before, or whose own log has a write outside the envelope.
"""

import asyncio
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[2])]

from conftest import Played, played  # noqa: E402
from three import bench_of, registers  # noqa: E402

from rigs.bench.benchfile import Bench  # noqa: E402
from rigs.bench.journal import left  # noqa: E402

COMMANDS, LONGEST = 6, 0.8  # commands, then s, until a runner is killed
MOST = {"roof": 8200.0, "wallbox": 16.0, "box": 20_000.0}


def beyond(three: Sequence[Played]) -> list[str]:
    """Writes in the devices' own logs that the envelope does not allow."""
    roof, wallbox, box = (each.writes() for each in three)
    found = [f"roof {write}" for write in roof if write["target"] == 40_242 and write["raw"] > 10_000]
    found += [f"wallbox {write}" for write in wallbox if write["target"] in (261, 262) and write["raw"] > 160]
    found += [
        f"box {write}" for write in box
        if write["target"] == "curr" and int(write["value"]) > MOST["box"] and write["raw"] != "curr 63000"
    ]  # fmt: skip
    return found


def killed(bench: Bench, chance: random.Random, *, both: bool, longest: float) -> None:
    """A run that dies somewhere in its life: from its start to its stories; with `both` the dead man dies too."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "working.py"), bench.file, "watched", str(chance.randrange(2**31))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    for _ in range(chance.randrange(COMMANDS)):
        process.stdout.readline()
    time.sleep(chance.uniform(0.0, longest))  # anywhere in what comes next, its start and its stories
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    for child in children if both else ():
        subprocess.run(["kill", "-9", child], check=False)
    process.send_signal(signal.SIGKILL)
    process.communicate()  # until the dead man has said its last word as well


def rounds(times: int, seed: int, *, longest: float = LONGEST, say: bool = True) -> list[str]:
    """What was wrong after the first round in which something was; nothing when all was well."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        three = [
            played(18, "modbus-tcp"),
            played(75, "modbus-rtu", pty=str(Path(folder) / "tty"), set={"plugged": True}),
            played(65, "udp"),
        ]
        try:
            bench = bench_of(Path(folder), *three)
            before = asyncio.run(registers(bench))
            left_over = 0
            for number in range(1, times + 1):
                killed(bench, chance, both=number % 2 == 0, longest=longest)
                left_over += bool(left(bench.journal))
                now = asyncio.run(registers(bench))
                wrong = differing(before, now) + beyond(three)
                if wrong:
                    return [f"after kill {number} of seed {seed}: {each}" for each in wrong]
                if say and number % 10 == 0:
                    writes = sum(len(each.writes()) for each in three)
                    print(f"{number} kills, {left_over} left to the next start, {writes} writes", flush=True)
        finally:
            for each in three:
                each.end()
    return []


def differing(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [f"{name} held {value}, holds {now.get(name)}" for name, value in before.items() if now.get(name) != value]


if __name__ == "__main__":
    found = rounds(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print("\n".join(found) or "every device is as it was; no write beyond the envelope")
    sys.exit(1 if found else 0)
