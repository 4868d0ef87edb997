"""(d) The cost of a transaction as devices become more: every Modbus family of rows 1 to 64, read by its own driver.

All populations stand in one process and go on by turns, a second or a few at a time, so that what else the machine
does meets all of them alike. The growth is the median of what the turns say one by one.

The instructions of a transaction are the same in all sizes. Ten devices stay in the processor's caches between two
reads, a thousand hardly ever do: what that costs depends on the machine (`bench.machine`).
"""

import gc
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, cycle, islice
from typing import Any
from unittest.mock import patch

from bench.measure import Figure
from controller.drivers.serving import driver_for
from emulators.family.build import build
from emulators.family.profile import profiles
from rigs.lasting import gathered, settled
from rigs.simulated import SimClock, SimulatedModbus, environment, line_for

PROTOCOL = "modbus-tcp"
SIZES = (10, 100, 1000)
TURNS = 7  # of each population in a round
READ = 160  # devices of a size at least, in as many populations: each size reads all the families
WARM = 10.0  # s until all devices are known and all reads have been planned


def families() -> list[int]:
    """One row of every family that speaks Modbus over TCP."""
    claims = ([row for row, spoken in each.serves.items() if row <= 64 and PROTOCOL in spoken] for each in profiles())
    return [rows[0] for rows in claims if rows]


class Population:
    """So many devices, each read every second. `first`: where the row of families begins."""

    def __init__(self, devices: int, first: int) -> None:
        self.devices, self._env = devices, environment()
        clock = SimClock(self._env)
        for row in islice(cycle(families()), first, first + devices):
            made = build(row, PROTOCOL, clock=clock.now)
            driver = driver_for(row, PROTOCOL)(line_for(self._env, made), clock, row=row, model=made.main.model)  # type: ignore[call-arg]
            self._env.process(self._poll(driver, clock))  # type: ignore[arg-type]
        self.go(WARM)

    def go(self, seconds: float) -> None:
        self._env.run(self._env.now + seconds)

    async def _poll(self, driver: Any, clock: SimClock) -> None:
        await driver.identify()
        while True:
            await driver.read()
            await clock.sleep(1.0)


@contextmanager
def counted() -> Iterator[Iterator[int]]:
    """Counts the transactions of all lines; nothing of that lies with a device, whose memory is what is measured."""
    numbers, read = count(), SimulatedModbus.read

    def counting(line: SimulatedModbus, unit: int, function: int, address: int, words: int) -> Any:
        next(numbers)
        return read(line, unit, function, address, words)

    with patch.object(SimulatedModbus, "read", counting):
        yield numbers


def cost(populations: list[Population], reads: int) -> float:
    """Microseconds of CPU a transaction, while each population is read for as long as `reads` devices together take."""
    seconds = max(round(reads / sum(each.devices for each in populations)), 1)
    with counted() as numbers:
        begin = time.process_time()
        for each in populations:
            each.go(seconds)
        return (time.process_time() - begin) / next(numbers) * 1e6


def growth(reads: int, rounds: int) -> list[Figure]:
    sized = {size: [Population(size, size * each) for each in range(max(READ // size, 1))] for size in SIZES}
    settled()  # as `hem emulate` does
    gathered()
    turns = [{size: cost(sized[size], reads) for size in SIZES} for _ in range(TURNS * rounds)]
    gc.unfreeze()
    middle = {size: statistics.median(turn[size] for turn in turns) for size in SIZES}
    figures = [Figure(f"transaction among {size} devices of all families", middle[size], "us") for size in SIZES]
    grown = statistics.median(turn[SIZES[-1]] / turn[SIZES[0]] for turn in turns)
    return [*figures, Figure("growth from 10 to 1000 devices", grown, "x", "<= 1.3")]
