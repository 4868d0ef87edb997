"""(d) The cost of a transaction as devices become more: every Modbus family of rows 1 to 64, read by its own driver."""

import gc
import time
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import cycle, islice
from typing import Any

from bench.measure import Figure, interleaved
from controller.drivers.serving import driver_for
from emulators.family.build import build
from emulators.family.profile import profiles
from rigs.simulated import SimClock, environment, line_for

PROTOCOL = "modbus-tcp"
WARM = 10.0  # s until all devices are known and all reads have been planned


def families() -> list[int]:
    """One row of every family that speaks Modbus over TCP."""
    claims = ([row for row, spoken in each.serves.items() if row <= 64 and PROTOCOL in spoken] for each in profiles())
    return [rows[0] for rows in claims if rows]


def population(devices: int, cycles: int, first: int) -> tuple[float, int]:
    """CPU seconds and transactions while `devices` are read every second. `first`: where the row of families begins."""
    env = environment()
    clock = SimClock(env)
    drivers: list[Any] = []
    for row in islice(cycle(families()), first, first + devices):
        made = build(row, PROTOCOL, clock=clock.now)
        drivers.append(driver_for(row, PROTOCOL)(line_for(env, made), clock, row=row, model=made.main.model))  # type: ignore[call-arg]
    done = 0

    def counting(read: Callable[..., Awaitable[bytes]]) -> Callable[..., Awaitable[bytes]]:
        def counted(*asked: int) -> Awaitable[bytes]:
            nonlocal done
            done += 1
            return read(*asked)

        return counted

    async def poll(driver: Any) -> None:
        driver.line.read = counting(driver.line.read)
        await driver.identify()
        while True:
            await driver.read()
            await clock.sleep(1.0)

    for driver in drivers:
        env.process(poll(driver))  # type: ignore[arg-type]
    env.run(env.now + WARM)
    gc.collect()
    gc.freeze()
    before, begin = done, time.process_time()
    env.run(env.now + cycles)
    took = time.process_time() - begin
    gc.unfreeze()
    return took, done - before


def cost(devices: int, reads: int) -> float:
    """Microseconds a transaction, over so many populations that each size reads the same families as often."""
    groups = max(1, min(160 // devices, 16, reads // devices))
    found = [population(devices, max(reads // devices // groups, 2), number * devices) for number in range(groups)]
    return sum(took for took, _ in found) / sum(done for _, done in found) * 1e6


def growth(reads: int, rounds: int) -> list[Figure]:
    sizes = (10, 100, 1000)
    ways: dict[str, Callable[[], float]] = {str(size): partial(cost, size, reads) for size in sizes}
    found = interleaved(ways, rounds)
    figures = [Figure(f"transaction among {size} devices of all families", found[str(size)], "us") for size in sizes]
    return [*figures, Figure("growth from 10 to 1000 devices", found["1000"] / found["10"], "x", "<= 1.3")]
