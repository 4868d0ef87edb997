"""A Modbus line that answers from registers written down in the test, for drivers of any maker."""

import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import pytest

from controller.errors import Refused
from rigs.simulated import SimClock, environment, run


class Registers:
    """Words by address, one set a unit; unknown ones are refused with exception 2, writes are kept and noted."""

    def __init__(self, unit: int = 1) -> None:
        self.unit = unit
        self.words: dict[tuple[int, int], int] = {}
        self.asked: list[tuple[int, int, int]] = []
        self.written: list[tuple[int, int, bytes]] = []
        self.single_only: set[int] = set()  # addresses that take function 6 only
        self.write_only: set[int] = set()

    def lay(self, address: int, layout: str, *values: float | bytes, unit: int | None = None) -> None:
        """Pack `values` big-endian from `address` on; `layout` as in struct, "<" swaps the words."""
        data = struct.pack(">" + layout.lstrip("<"), *values)
        words = struct.unpack(f">{len(data) // 2}H", data)
        for at, word in enumerate(reversed(words) if layout.startswith("<") else words):
            self.words[self.unit if unit is None else unit, address + at] = word

    def chain(
        self, *models: tuple[int, int, Mapping[int, tuple[str, float | bytes]]], base: int = 40000, **at: int
    ) -> int:
        """SunSpec models (id, length, {offset from the id word: (layout, value)}); words not given read 0."""
        self.lay(base, "4s", b"SunS", **at)
        base += 2
        for number, length, points in models:
            self.lay(base, f"HH{length}H", number, length, *[0] * length, **at)
            for offset, (layout, value) in points.items():
                self.lay(base + offset, layout, value, **at)
            base += 2 + length
        self.lay(base, "HH", 0xFFFF, 0, **at)
        return base

    def value(self, address: int, layout: str = "H") -> Any:
        """What stands at `address`."""
        count = struct.calcsize(">" + layout.lstrip("<")) // 2
        words = [self.words[self.unit, address + at] for at in range(count)]
        data = struct.pack(f">{count}H", *(reversed(words) if layout.startswith("<") else words))
        return struct.unpack(">" + layout.lstrip("<"), data)[0]

    def writes(self) -> list[tuple[int, str]]:
        """Address and bytes of every write, in order; the list is then empty."""
        found = [(address, data.hex()) for _, address, data in self.written]
        self.written.clear()
        return found

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        self.asked.append((function, address, count))
        keys = [(unit, address + at) for at in range(count)]
        if count > 125 or any(key not in self.words or key[1] in self.write_only for key in keys):
            raise Refused(2, unit=unit, address=address)
        return struct.pack(f">{count}H", *(self.words[key] for key in keys))

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        places = range(address, address + len(data) // 2)
        if any((unit, at) not in self.words or (function == 16 and at in self.single_only) for at in places):
            raise Refused(2, unit=unit, address=address)
        self.written.append((function, address, data))
        for at, place in enumerate(places):
            self.words[unit, place] = int.from_bytes(data[2 * at : 2 * at + 2], "big")


class Desk:
    """A driver at a line of registers, in virtual time."""

    def __init__(self, driver: Callable[..., Any], line: Registers, **options: Any) -> None:
        self.env = environment()
        self.clock = SimClock(self.env)
        self.line = line
        self.driver = driver(line, self.clock, line.unit, **options)

    def do(self, story: Awaitable[Any]) -> Any:
        return run(self.env, story)  # type: ignore[arg-type]

    def wait(self, seconds: float) -> None:
        self.env.run(until=self.env.now + seconds)


@pytest.fixture
def registers() -> type[Registers]:
    return Registers


@pytest.fixture
def desk() -> type[Desk]:
    return Desk


FORMATS = {"u16": ">H", "s16": ">h", "u32": ">I", "s32": ">i", "u64": ">Q", "s64": ">q", "f32": ">f"}


class ScriptedModbus:
    """Registers by (unit, table), table 3 for holding and 4 for input; what is not there is refused with 2.

    Table 1 holds coils, as 0x0100 when closed: how the one bit comes back.

    `writes`: what was written, as (unit, function, address, words). `locked`: addresses that accept a write and
    forget it. `refuses`: code to refuse writes to an address with. `write_only`: writes that reads do not show.
    """

    def __init__(self, low_first: bool = False) -> None:
        self.low_first = low_first
        self.registers: dict[tuple[int, int], dict[int, int]] = {}
        self.writes: list[tuple[int, int, int, tuple[int, ...]]] = []
        self.reads: list[tuple[int, int, int, int]] = []
        self.locked: set[int] = set()
        self.write_only: set[int] = set()
        self.refuses: dict[int, int] = {}

    def put(self, unit: int, table: int, address: int, coding: str, value: float | str) -> None:
        """Let a raw value stand in the registers."""
        if coding.startswith("str"):
            data = str(value).encode().ljust(2 * int(coding[3:]), b"\0")
        else:
            data = struct.pack(FORMATS[coding], value)
        words = struct.unpack(f">{len(data) // 2}H", data)
        if self.low_first and not coding.startswith("str"):
            words = words[::-1]
        self.registers.setdefault((unit, table), {}).update({address + i: word for i, word in enumerate(words)})

    def fill(self, unit: int, table: int, rows: list[tuple[int, str, float | str]]) -> None:
        for address, coding, value in rows:
            self.put(unit, table, address, coding, value)

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        self.reads.append((unit, function, address, count))
        table = self.registers.get((unit, function))
        if table is None:
            raise Refused(11, unit=unit, address=address)
        if any(address + i not in table for i in range(count)):
            raise Refused(2, unit=unit, address=address)
        return struct.pack(f">{count}H", *(table[address + i] for i in range(count)))

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        words = struct.unpack(f">{len(data) // 2}H", data)
        if (unit, 3) not in self.registers and (unit, 4) not in self.registers:
            raise Refused(11, unit=unit, address=address)
        if address in self.refuses:
            raise Refused(self.refuses[address], unit=unit, address=address)
        self.writes.append((unit, function, address, words))
        if function == 5:
            self.registers[unit, 1][address] = 0x0100 if words[0] else 0
            return
        for i, word in enumerate(words):
            if address + i not in self.locked | self.write_only:
                self.registers.setdefault((unit, 3), {})[address + i] = word


class Site:
    """A scripted line, a virtual clock, and a way to run a driver's coroutines to their end."""

    def __init__(self, low_first: bool = False) -> None:
        self.line = ScriptedModbus(low_first)
        self.env = environment()
        self.clock = SimClock(self.env)

    def run(self, story: Awaitable[Any]) -> Any:
        return run(self.env, story)  # type: ignore[arg-type]

    def wait(self, seconds: float) -> None:
        self.env.run(until=self.env.now + seconds)


@pytest.fixture
def site() -> type[Site]:
    return Site
