"""Lines of a real place with the guard in them: on the bytes of a channel, a datagram, a request.

Two layers. The inner one is the guard: bytes pass it or do not leave this machine. The outer one does what the guard
demands, so that a driver need not know of it: it has the device say who it is, and reads what a register holds into the
journal before it is written for the first time.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from controller.ports import HttpAnswer
from emulators.table.answers import Refusal
from rigs.bench.envelope import EnvelopeViolation, Unidentified
from rigs.bench.guard import Guard
from rigs.bench.journal import Entry, Journal
from rigs.bench.keeper import Keeper, told
from rigs.channels import Channel, Pipe, WithPorts
from rigs.physical import Datagrams, Modbus, Stream, Web

Identify = Callable[[], Awaitable[None]]
COILS = frozenset({5, 15})


class Heard(Protocol):
    """Who keeps what crosses the line: see `rigs.bench.recording`."""

    def opened(self) -> None: ...

    def sent(self, data: bytes) -> None: ...

    def received(self, data: bytes) -> None: ...


class Nobody:
    """Nothing is kept."""

    def opened(self) -> None:
        pass

    def sent(self, data: bytes) -> None:
        pass

    def received(self, data: bytes) -> None:
        pass


class GuardedChannel:
    """A TCP connection or serial line whose bytes pass the guard. `keeper`: of a maker's own protocol, else Modbus."""

    def __init__(self, channel: Channel, guard: Guard, heard: Heard, keeper: Keeper | None) -> None:
        self._channel, self._guard, self._heard, self._keeper = channel, guard, heard, keeper
        self.character = channel.character

    def further(self, ports: int) -> "GuardedChannel":
        if not isinstance(self._channel, WithPorts):
            raise TypeError("a serial line has no ports")
        return GuardedChannel(self._channel.further(ports), self._guard, self._heard, self._keeper)

    async def open(self) -> Pipe:
        self._guard.opened()
        pipe = await self._channel.open()
        self._heard.opened()
        pipe.listener = self._heard.received
        return pipe

    async def write(self, data: bytes) -> None:
        if self._keeper is None:
            self._guard.modbus(data, serial=self.character > 0)
        else:
            self._guard.command(data, self._keeper)
        self._heard.sent(data)
        await self._channel.write(data)

    def close(self) -> None:
        self._channel.close()


@dataclass
class GuardedModbus:
    """The Modbus line of a real place, as its driver and its restorer have it."""

    line: Modbus
    guard: Guard
    journal: Journal
    identify: Identify

    @property
    def connect_pause(self) -> float:
        return self.line.connect_pause

    @connect_pause.setter
    def connect_pause(self, seconds: float) -> None:
        self.line.connect_pause = seconds

    @property
    def notices(self) -> list[str]:
        return self.line.notices

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        data = await self.line.read(unit, function, address, count)
        self.guard.heard(_soc(self.guard, unit, function, address, data))
        return data

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        if self.guard.place.envelope is not None:
            await self._prepare(unit, function, address, data)
        try:
            await self.line.write(unit, function, address, data)
        except Unidentified:  # the connection was made anew for this
            await self.identify()
            await self.line.write(unit, function, address, data)

    def beyond(self, ports: int) -> "GuardedModbus":
        return GuardedModbus(self.line.beyond(ports), self.guard, self.journal, self.identify)

    def close(self) -> None:
        self.line.close()

    async def _prepare(self, unit: int, function: int, address: int, data: bytes) -> None:
        """Have the device identified, and the journal written."""
        if not self.guard.identified:
            await self.identify()
        coils = function in COILS
        count = 1 if coils else len(data) // 2
        if all(self.guard.original(unit, address + n, coils=coils) is not None for n in range(count)):
            return
        for entry in await self._before(unit, function, address, count):
            self.journal.note(entry)
            self.guard.journalled(entry)

    async def _before(self, unit: int, function: int, address: int, count: int) -> list[Entry]:
        """What these registers hold: all together where all can be read, each row by itself otherwise."""
        coils, place = function in COILS, self.guard.place
        rows = {}
        for at in range(address, address + count):
            row = self.guard.rehearsal.row_at(unit, at, coils=coils)
            if row is None:
                return []  # the guard says what is wrong with it
            rows[row.address] = row
        name = ", ".join(row.name for row in rows.values())
        if all(_readable(self.guard, unit, row, coils) for row in rows.values()):
            held = await self._held(unit, address, count, coils)
            return [Entry(place.name, unit, function, address, held.hex(), name)]
        entries = []
        for row in rows.values():
            if _readable(self.guard, unit, row, coils):
                held = await self._held(unit, row.address, row.words, coils)
                entries.append(Entry(place.name, unit, function, row.address, held.hex(), row.name))
                continue
            leave = place.leave.get(str(row.address))
            if leave is None or len(leave) != row.words:
                raise EnvelopeViolation(
                    place.name, f'register {row.address} "{row.name}" of unit {unit} cannot be read, so it could not '
                    f"be put back: the bench file has no {row.words} words for it under leave", b"",
                )  # fmt: skip
            words = b"".join(word.to_bytes(2, "big") for word in leave)
            entries.append(Entry(place.name, unit, function, row.address, "", row.name, leaves=words.hex()))
        return entries

    async def _held(self, unit: int, address: int, count: int, coils: bool) -> bytes:
        """Read before the first write; words that were written before are taken from the journal."""
        size = 1 if coils else 2
        data = await self.line.read(unit, 1 if coils else 3, address, count)
        if coils:
            data = bytes(data[n // 8] >> n % 8 & 1 for n in range(count))
        known = [self.guard.original(unit, address + n, coils=coils) for n in range(count)]
        return b"".join(data[size * n : size * n + size] if was is None else was for n, was in enumerate(known))


def _readable(guard: Guard, unit: int, row: Any, coils: bool) -> bool:
    """Whether the table lets a row be read where it is written."""
    place = guard.rehearsal.unit(unit)
    if place is None or not row.allows("r"):
        return False
    return (1 if coils else 3) in place.functions and (coils or "written" not in place.spaces)


def _soc(guard: Guard, unit: int, function: int, address: int, data: bytes) -> float | None:
    """The state of charge, where a read has it."""
    place = guard.rehearsal.unit(unit)
    space = place.spaces.get({3: "holding", 4: "input"}.get(function, "")) if place is not None else None
    for row in space.rows if space is not None else ():
        at = 2 * (row.address - address)
        if row.quantity in ("soc", "battery.soc") and 0 <= at <= len(data) - 2 * row.words:
            try:
                value = space._codec(row).unpack(data[at : at + 2 * row.words]) if space is not None else None
            except Refusal:
                return None
            return float(value) if isinstance(value, int | float) and 0 <= value <= 100 else None
    return None


@dataclass
class Commanded:
    """What the lines of a maker's own protocols have in common, as driver and restorer have them."""

    guard: Guard
    journal: Journal
    identify: Identify
    keeper: Keeper

    async def prepare(self, data: bytes) -> None:
        """Have the device identified, and the journal written."""
        keeper, guard = self.keeper, self.guard
        word = keeper.word(data)
        if keeper.reads(data) or guard.place.envelope is None:
            return
        if not guard.identified:
            await self.identify()
        if word and not guard.has(word):
            for entry in await keeper.before(self, word):
                self.journal.note(entry)
                guard.journalled(entry)


@dataclass
class GuardedStream(Commanded):
    """Frames of a maker's own on a TCP connection or a serial line; their bytes pass the guard in the channel."""

    line: Stream

    async def send(self, data: bytes) -> None:
        await self.prepare(data)
        try:
            await self.line.send(data)
        except Unidentified:  # the connection was made anew for this
            await self.identify()
            await self.line.send(data)

    async def receive(self, timeout: float) -> bytes:
        data = await self.line.receive(timeout)
        self.guard.heard(self.keeper.heard(data))
        return data

    def close(self) -> None:
        self.line.close()


@dataclass
class GuardedDatagrams(Commanded):
    """Datagrams."""

    line: Datagrams
    heard: Heard
    free_at: float | None = None  # loop time until which the device takes nothing

    async def send(self, data: bytes) -> None:
        await self.prepare(data)
        self.guard.command(data, self.keeper)
        loop = asyncio.get_running_loop()
        # whoever was the last to speak to it, another process perhaps
        free_at = loop.time() + self.keeper.rest(b"") if self.free_at is None else self.free_at
        await asyncio.sleep(max(free_at - loop.time(), 0.0))
        self.heard.sent(data)
        await self.line.send(data)
        self.free_at = loop.time() + self.keeper.rest(data)

    async def receive(self, timeout: float) -> bytes:
        data = await self.line.receive(timeout)
        self.heard.received(data)
        return data

    def close(self) -> None:
        self.line.close()


@dataclass
class GuardedWeb(Commanded):
    """HTTP."""

    line: Web
    heard: Heard

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        command = told(method, path, body)
        await self.prepare(command)
        self.guard.command(command, self.keeper)
        self.heard.sent(command)
        answer = await self.line.request(method, path, body=body, headers=headers)
        self.heard.received(f"{answer.status}\n".encode() + answer.body)
        return answer

    async def aclose(self) -> None:
        await self.line.aclose()
