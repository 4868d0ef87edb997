"""Writes raw registers of a real place: behind its guard, journalled, left to be put back by `hem bench restore`."""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.errors import ConfigurationError
from rigs.bench.benchfile import Bench
from rigs.bench.guarded import GuardedModbus
from rigs.bench.journal import Journal
from rigs.bench.places import open_place


@dataclass(frozen=True, slots=True)
class Poke:
    """What is to be written where. `function` 0: 6 for one word, 16 for several."""

    bench: Bench
    place: str
    address: int
    words: Sequence[int]
    unit: int | None = None
    function: int = 0

    def __str__(self) -> str:
        words = " ".join(f"{each:04x}" for each in self.words)
        return f"write {words} to register {self.address} of {self.place}"


def word(text: str) -> int:
    """A word as 42 or 0x2A."""
    try:
        found = int(text, 0)
    except ValueError:
        found = -1
    if not 0 <= found <= 0xFFFF:
        raise ConfigurationError(f"0 to 65535 or 0x0 to 0xFFFF, not {text!r}", key="words")
    return found


async def poke(order: Poke) -> list[str]:
    """Write it; what the registers held and what they hold now. EnvelopeViolation where the guard blocks it."""
    settings = order.bench.at(order.place)
    if not settings.real:
        raise ConfigurationError(f"{order.place} is emulated", file=order.bench.file, key="place")
    journal = Journal(order.bench.journal)
    place = open_place(settings, journal, timeout=order.bench.bench.timeout)
    try:
        line = place.line
        if not isinstance(line, GuardedModbus):
            raise ConfigurationError(f"{settings.protocol} has no registers", file=order.bench.file, key="place")
        unit = place.guard.rehearsal.installation.main.unit if order.unit is None else order.unit
        data = b"".join(each.to_bytes(2, "big") for each in order.words)
        await line.write(unit, order.function or (6 if len(order.words) == 1 else 16), order.address, data)
        now = await line.read(unit, 3, order.address, len(order.words))
        held = [place.guard.original(unit, order.address + n) or b"" for n in range(len(order.words))]
        return [
            f"{order.address}: held {b''.join(held).hex(' ', 2)}, holds {now.hex(' ', 2)}",
            f"hem bench restore {order.bench.file} puts it back",
        ]
    finally:
        await place.close()
        journal.close()
