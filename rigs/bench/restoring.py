"""Puts back what a bench has written: the newest first, read back, and again while one register brings down another.

The journal is taken away when everything is where it was. What could not be put back stays in it, and is tried again:
by the dead man, at the next start, or with `hem bench restore`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from controller.errors import DeviceError, HemError
from rigs.bench.benchfile import Bench
from rigs.bench.guarded import Commanded, GuardedModbus
from rigs.bench.journal import Entry, Journal
from rigs.bench.places import RealPlace, open_place
from rigs.physical import Shared

ROUNDS = 3  # one register may bring down another that was put back before it
Say = Callable[[str], None]


@dataclass
class Restored:
    """What came of one place. `failed`: why not everything is back, empty when all is."""

    place: str
    put: int = 0
    left: int = 0  # that cannot be read back
    failed: str = ""

    def __str__(self) -> str:
        if self.failed:
            return f"{self.place}: NOT restored: {self.failed}"
        left = f", {self.left} left as the bench file says" if self.left else ""
        return f"{self.place}: restored, {self.put} put back{left}"


async def restore(bench: Bench, journal: Journal, places: dict[str, RealPlace] | None = None) -> list[Restored]:
    """Put back everything in the journal, over open places or new ones. The journal is done when nothing failed."""
    found, shared = [], Shared()
    for name in dict.fromkeys(entry.place for entry in reversed(journal.entries)):
        own = None
        try:
            place = (places or {}).get(name)
            if place is None:
                place = own = open_place(bench.at(name), journal, shared=shared, timeout=bench.bench.timeout)
            found.append(await restore_place(place, journal.of(name)))
        except (HemError, OSError) as error:
            found.append(Restored(name, failed=str(error)))
        finally:
            if own is not None:
                await own.close()
    if not any(each.failed for each in found):
        journal.done()
    return found


async def restore_place(place: RealPlace, entries: list[Entry]) -> Restored:
    """Put one device's registers back, in the reverse order; DeviceError when its line fails."""
    result = Restored(place.settings.name)
    await place.identify()
    wrong: list[str] = []
    for turn in range(ROUNDS):
        wrong = []
        for entry in reversed(entries):
            try:
                if entry.leaves:
                    if not turn:
                        await place.line.write(entry.unit, entry.function, entry.address, _bytes(entry))
                        result.left += 1
                elif not await _stands(place, entry):
                    await _put(place, entry)
                    result.put += 1
            except DeviceError as error:
                if turn == ROUNDS - 1:
                    wrong.append(f"{_called(entry)}: {error}")
        for entry in entries:
            if not entry.leaves and not await _stands(place, entry):
                wrong.append(f"{_called(entry)} does not hold {entry.before or entry.puts}")
        if not wrong:
            break
    result.failed = "; ".join(dict.fromkeys(wrong))
    return result


async def _stands(place: RealPlace, entry: Entry) -> bool:
    line = place.line
    if isinstance(line, Commanded):
        return await line.keeper.now(line, entry) == entry.puts
    assert isinstance(line, GuardedModbus)
    data = await line.read(entry.unit, 1 if entry.coils else 3, entry.address, entry.count)
    if entry.coils:
        data = bytes(data[n // 8] >> n % 8 & 1 for n in range(entry.count))
    return data == entry.held


async def _put(place: RealPlace, entry: Entry) -> None:
    line = place.line
    if isinstance(line, Commanded):
        await line.keeper.put(line, entry)
        return
    function = entry.function
    if function == 6 and entry.count > 1:
        function = 16
    await line.write(entry.unit, function, entry.address, _bytes(entry))


def _bytes(entry: Entry) -> bytes:
    """What is written: a coil of function 5 is FF00 or 0000."""
    if entry.function == 5:
        return b"\xff\0" if entry.held[0] else b"\0\0"
    return entry.held


def _called(entry: Entry) -> str:
    return entry.name if entry.puts else f'register {entry.address} "{entry.name}"'
