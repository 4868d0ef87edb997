"""Mutated SML telegrams against the driver: no defect, nothing slow, nothing large, nothing published that cannot be.

Healthy telegrams of every maker's profile are bent byte by byte (flipped, cut, doubled, lengths that lie); half of them
get a check sum that fits again. The driver hears each alone, on a clock that stands, and may answer with a reading or a
typed error; what the controller's plausibility leaves of a reading is published. Counted: exceptions that are no
`DeviceError`, decodings over 20 ms of CPU, growth of the process over 64 MiB, readings out of a telegram whose check
sum is wrong, and published numbers beyond what the grid of a house can carry.

    python -m bench.fuzz_sml [FRAMES] [SEED]
"""

import gc
import random
import resource
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from time import process_time
from typing import Any

from smllib.crc.x25 import get_crc

from controller.devices import Reading
from controller.drivers.sml import SmlMeter
from controller.drivers.sml_transport import cut
from controller.errors import DeviceError, LineTimeout
from controller.run.plausible import Plausible
from emulators.family.build import build
from emulators.family.profile import profile_for

SLOW = 0.020  # s of CPU for one telegram
LARGE = 64 << 20  # bytes by which the process may grow
MOST = {"power": 260_000.0, "voltage": 520.0, "current": 2000.0, "frequency": 70.0, "energy": 1e13}


@dataclass
class Findings:
    """What a run has seen. `broken`: mutants that break a rule, with the reason and the telegram in hex."""

    frames: int = 0
    read: int = 0
    refused: int = 0
    slowest: float = 0.0
    grown: int = 0
    broken: list[tuple[str, str]] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.frames} telegrams: {self.read} read, {self.refused} refused, {len(self.broken)} broke a rule; "
            f"slowest {1000 * self.slowest:.1f} ms, process grew {self.grown / (1 << 20):.1f} MiB"
        )


class Standing:
    """A clock that goes on only when somebody has to wait."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds

    def nap(self) -> "Standing":
        return self

    def wake(self) -> None:
        """Nobody sleeps here."""


class Once:
    """A line that brings one telegram, and then nothing."""

    def __init__(self, clock: Standing, telegram: bytes) -> None:
        self._clock, self._telegram = clock, telegram
        self._passed = False

    async def send(self, data: bytes) -> None:
        """Nobody hears it."""

    async def receive(self, timeout: float) -> bytes:
        if not self._passed:  # the driver first drops what waited
            self._passed = True
        elif self._telegram:
            found, self._telegram = self._telegram, b""
            return found
        await self._clock.sleep(timeout)
        raise LineTimeout("quiet")


def healthy() -> list[bytes]:
    """A telegram of each profile, import and export."""
    family = profile_for(99, "sml")
    assert family is not None
    found = []
    for meter in family.data["meters"]:
        for power in (1234.0, -2345.0):
            now = [0.0]
            made = build(99, "sml", clock=partial(now.__getitem__, 0), meter=meter)
            made.main.twin.set("power", power)
            now[0] = 10.0
            wire: Any = made.wire  # a PushStation
            found.append(wire.due(10.0)[0][-1])
    return [each for each in found if each]


def mutants(frames: int, seed: int) -> Iterator[tuple[bytes, bool]]:
    """Bent telegrams, and whether their check sum fits."""
    chance, models = random.Random(seed), healthy()
    for number in range(frames):
        bent = bytearray(chance.choice(models))
        for _ in range(chance.choice((1, 1, 1, 2, 5, 20))):
            _bend(bent, chance)
        mended = number % 2 == 0
        if mended and len(bent) >= 4:
            bent[-2:] = _check(bytes(bent[:-2]))
        whole = bytes(bent)
        yield whole, len(whole) >= 4 and _check(whole[:-2]) == whole[-2:]


def _check(data: bytes) -> bytes:
    """The check sum as it stands at the end of a telegram."""
    return int(get_crc(data)).to_bytes(2, "big")


def _bend(bent: bytearray, chance: random.Random) -> None:
    if len(bent) < 20:
        return
    at = chance.randrange(8, len(bent) - 8)
    match chance.randrange(6):
        case 0:
            bent[at] ^= 1 << chance.randrange(8)
        case 1:
            bent[at] = chance.choice((0x00, 0x01, 0x1B, 0x62, 0x65, 0x69, 0x70, 0x77, 0x7F, 0x8F, 0xF1, 0xFF))
        case 2:
            del bent[at : at + chance.randrange(1, 12)]
        case 3:
            bent[at:at] = bent[at : at + chance.randrange(1, 40)]
        case 4:
            bent[at] = chance.randrange(256)
        case 5:
            bent[at:at] = bytes((chance.choice((0x7F, 0xFF, 0x8F)), 0x0F)) * chance.randrange(1, 20)


def run(
    frames: int, seed: int = 1, progress: Callable[[int], None] = lambda done: None, slow: float = SLOW
) -> Findings:
    """Let the driver hear so many mutants. `slow`: s of CPU that one may take, beside what the collector takes."""
    gc.collect()
    gc.freeze()  # what stood here before is not looked through again and again
    try:
        return _run(frames, seed, progress, slow)
    finally:
        gc.unfreeze()


def _run(frames: int, seed: int, progress: Callable[[int], None], slow: float) -> Findings:
    found = Findings()
    before = _size()
    for telegram, fits in mutants(frames, seed):
        found.frames += 1
        if found.frames % 10_000 == 0:
            progress(found.frames)
        clock = Standing()
        driver = SmlMeter(Once(clock, telegram), clock, row=99)
        begin = process_time()
        reading = None
        try:
            reading = _finished(driver.read())
            found.read += 1
        except DeviceError:
            found.refused += 1
        except Exception as defect:
            found.broken.append((f"{type(defect).__name__}: {defect}", telegram.hex()))
        took = process_time() - begin
        found.slowest = max(found.slowest, took)
        if took > slow:
            found.broken.append((f"took {1000 * took:.0f} ms", telegram.hex()))
        if reading is not None and not fits and not _holds_whole(telegram):
            found.broken.append(("read although its check sum is wrong", telegram.hex()))
        published, _ = Plausible().judge("meter", "grid-meter", reading or {}, None, clock.monotonic())
        for name, value in published.items():
            if isinstance(value, int | float) and not _possible(name, float(value)):
                found.broken.append((f"{name} = {value}", telegram.hex()))
    found.grown = max(_size() - before, 0)
    if found.grown > LARGE:
        found.broken.append((f"the process grew by {found.grown >> 20} MiB", ""))
    return found


def _holds_whole(telegram: bytes) -> bool:
    """Whether a bent telegram still holds one whose check sum fits: a start was doubled, an end came sooner."""
    return bool(cut(telegram)[0])


def _possible(name: str, value: float) -> bool:
    base = name[:-3] if name[-3:-1] == "_l" else name
    most = MOST.get(base.rpartition("_")[2], float("inf"))
    return isfinite(value) and abs(value) <= most


def _finished(work: Awaitable[Reading]) -> Reading:
    """The result of a coroutine that never really waits."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        found: Reading = end.value
        return found
    raise RuntimeError("the driver waits for something else than its line and clock")


def _size() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    found = run(frames, seed, lambda done: print(f"{done} telegrams ...", file=sys.stderr, flush=True))
    print(found)
    for reason, telegram in found.broken[:10]:
        print(f"BROKEN {reason}: {telegram[:200]}")
    raise SystemExit(1 if found.broken else 0)


if __name__ == "__main__":
    main()
