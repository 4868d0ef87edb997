"""Kills a bench run at random points, again and again: is every device as it was, and was nothing beyond the envelope?

`python killing.py TIMES [SEED [SIDES]]`: SIDES benches beside each other, each of three real devices in processes of
their own, on TCP, a serial line and UDP. A run is forked from here, where everything is imported already, so that it is
killed while it works and not while Python starts. Every other time its dead man is killed as well, and the next start
has to put everything back. After each kill all registers are read, past the guard, and the devices' own logs looked
through. Exit 1 for the first device that holds something else than before, or that was written beyond the envelope.
"""

import asyncio
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE))
sys.path.insert(0, str(HERE.parents[2]))

from conftest import Played, Stage  # noqa: E402
from three import Looking, bench_of  # noqa: E402
from working import Working  # noqa: E402

from rigs.bench.benchfile import Bench  # noqa: E402
from rigs.bench.journal import left  # noqa: E402
from rigs.bench.runner import Running  # noqa: E402

COMMANDS, LONGEST = 6, 0.8  # commands, then s, until a runner is killed
SIDES = 8  # mostly, each waits for its devices
MOST = 20_000.0  # mA of the box
HELD = "curr 63000"  # what the box held when the bench came: it may be given back


class Logs:
    """The devices' own logs of writes, from where they were read last."""

    def __init__(self, three: Sequence[Played]) -> None:
        self._three, self._read = three, [0, 0, 0]

    def beyond(self) -> list[str]:
        """New writes that the envelope does not allow."""
        new = []
        for number, device in enumerate(self._three):
            writes = device.writes()
            new.append(writes[self._read[number] :])
            self._read[number] = len(writes)
        roof, wallbox, box = new
        found = [f"roof {write}" for write in roof if write["target"] == 40_242 and write["raw"] > 10_000]
        found += [f"wallbox {write}" for write in wallbox if write["target"] in (261, 262) and write["raw"] > 160]
        found += [
            f"box {write}" for write in box
            if write["target"] == "curr" and write["raw"] != HELD and float(write["raw"].split()[1]) > MOST
        ]  # fmt: skip
        return found

    @property
    def count(self) -> int:
        return sum(self._read)


def killed(bench: Bench, chance: random.Random, *, both: bool, longest: float) -> bool:
    """A run that dies somewhere in its life: from its start to its stories; with `both` the dead man dies too.

    Whether it was killed: a run may have ended before, when a release was more than its envelope allows or an answer
    came too late on a busy machine.
    """
    with Working(bench.file, seed=chance.randrange(2**31)) as working:
        working.given(chance.randrange(COMMANDS))
        time.sleep(chance.uniform(0.0, longest))  # anywhere in what comes next, its start and its stories
        children = Path(f"/proc/{working.pid}/task/{working.pid}/children").read_text(encoding="ascii").split()
        for child in children if both else ():
            os.kill(int(child), signal.SIGKILL)
        was_killed = working.killed() == signal.SIGKILL
        if "Traceback" in working.last:
            raise RuntimeError(working.last)
        return was_killed


async def started(bench: Bench) -> None:
    """The next start: it puts back what it finds."""
    async with Running(bench, watched=False):
        pass


def rounds(
    times: int, seed: int, three: Sequence[Played], folder: Path, *, longest: float = LONGEST, say: bool = True
) -> tuple[list[str], str]:
    """What was wrong after the first round in which something was, nothing when all was well; and what was counted."""
    chance, left_over = random.Random(seed), 0
    bench, logs = bench_of(folder, *three), Logs(three)
    looking = Looking(bench)
    before = asyncio.run(looking.registers())
    number = 0
    while number < times:
        number += killed(bench, chance, both=number % 2 == 1, longest=longest)
        if left(bench.journal):
            left_over += 1
            asyncio.run(started(bench))
        wrong = differing(before, asyncio.run(looking.registers())) + logs.beyond()
        if wrong:
            return [f"after kill {number} of seed {seed}: {each}" for each in wrong], ""
        if say:
            print(f"seed {seed}: {number} kills", flush=True)
    counted = f"{times} kills, {left_over} left to the next start"
    return [], f"{counted}; {logs.count} writes, {len(before)} registers"


def differing(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    return [f"{name} held {value}, holds {now.get(name)}" for name, value in before.items() if now.get(name) != value]


def side(times: int, seed: int) -> tuple[list[str], str]:
    """One of several benches, in a process of its own."""
    stage = Stage()
    with tempfile.TemporaryDirectory() as folder:
        three = [
            stage.played(18, "modbus-tcp"),
            stage.played(75, "modbus-rtu", pty=str(Path(folder) / "tty"), set={"plugged": True}),
            stage.played(65, "udp", set={"enabled": True}),
        ]
        try:
            return rounds(times, seed, three, Path(folder))
        finally:
            for each in three:
                each.end()
            stage.end()


def main(times: int, seed: int = 1, sides: int = SIDES) -> int:
    began = time.monotonic()
    shares = [times // sides + (number < times % sides) for number in range(sides)]
    with ProcessPoolExecutor(sides) as pool:
        found = list(pool.map(partial(side), shares, range(seed, seed + sides)))
    for wrong, counted in found:
        print("\n".join(wrong) or counted)
    if any(wrong for wrong, _ in found):
        return 1
    print(f"{times} kills in {time.monotonic() - began:.0f} s: every device is as it was; no write beyond the envelope")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
