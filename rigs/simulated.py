"""Buses and clock in virtual time: simpy runs the controller's own coroutines, and real bytes travel.

An awaitable whose `__await__` yields a simpy event is all the glue: `env.process(coroutine)` does the rest.
"""

from collections.abc import Coroutine, Generator
from typing import Any

import simpy

from controller.errors import Garbled, LineClosed, LineTimeout, Refused
from emulators.wire import Connection, Endpoint, NoConnection
from rigs import master

START = 1_750_000_000.0  # 2025-06-15 15:06:40 UTC, an arbitrary instant without a clock change near it


class Wait:
    """A simpy event that a coroutine can await."""

    __slots__ = ("_event",)

    def __init__(self, event: simpy.Event) -> None:
        self._event = event

    def __await__(self) -> Generator[simpy.Event, Any, Any]:
        return (yield self._event)


class SimClock:
    """Virtual time in seconds UTC."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env

    def now(self) -> float:
        return float(self._env.now)

    def sleep(self, seconds: float) -> Wait:
        return Wait(self._env.timeout(seconds))


def environment(start: float = START) -> simpy.Environment:
    return simpy.Environment(initial_time=start)


def run(env: simpy.Environment, story: Coroutine[Any, Any, Any], until: float | None = None) -> Any:
    """Run a coroutine to its end in virtual time; its result, or its exception."""
    return env.run(env.process(story))  # type: ignore[arg-type]


class SimulatedModbus:
    """A Modbus line to one endpoint. `baud` makes it a serial line, otherwise TCP with `round_trip` seconds.

    `frames`, when given, collects (time, direction, bytes) of everything that crosses the line.
    """

    def __init__(
        self, env: simpy.Environment, endpoint: Endpoint, *, baud: int = 0, bits: int = 10,
        timeout: float = 1.0, round_trip: float = 0.002, frames: list[tuple[float, str, bytes]] | None = None,
    ) -> None:  # fmt: skip
        self._env, self._endpoint = env, endpoint
        self._character = bits / baud if baud else 0.0
        self._timeout, self._round_trip = timeout, round_trip
        self._connection: Connection | None = None
        self._transaction = 0
        self._arriving: list[tuple[float, bytes, bool]] = []  # (time, bytes, closes)
        self._buffer = b""
        self._doubt = master.Doubt(timeout)
        self.frames = frames

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        return await self._exchange(master.read(unit, function, address, count), unit, address)

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        await self._exchange(master.write(unit, function, address, data), unit, address)

    def close(self) -> None:
        """Hang up; the next exchange connects again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._arriving.clear()
        self._buffer = b""

    async def _connect(self, unit: int) -> Connection:
        connection = self._connection
        if connection is not None and not connection.closed:
            if not connection.idle_out(self._env.now):
                return connection
            self.close()
        await Wait(self._env.timeout(self._round_trip))
        try:
            self._connection = connection = self._endpoint.connect()
        except NoConnection as no:
            if no.hang:
                await Wait(self._env.timeout(self._timeout))
                raise LineTimeout("no answer to the connection attempt", unit=unit) from no
            raise LineClosed(f"connection refused: {no}", unit=unit) from no
        return connection

    async def _exchange(self, exchange: master.Exchange, unit: int, address: int) -> bytes:
        env = self._env
        connection = await self._connect(unit)
        while self._doubt.quiet_until > env.now:
            await Wait(env.timeout(self._doubt.quiet_until - env.now))
            self._arrive(env.now)
            if self._buffer:
                self._distrust()
        if self._arriving or self._buffer:
            self._arrive(env.now)
            if self._buffer:
                raw, self._buffer = self._buffer, b""
                self._distrust()
                raise Garbled("bytes that nobody asked for", unit=unit, address=address, raw=raw)
        if self._character:
            transaction, adu = -1, exchange.rtu()
            travel = (len(adu) + 3.5) * self._character
        else:
            self._transaction = transaction = self._transaction % 0xFFFF + 1
            adu, travel = exchange.tcp(transaction), self._round_trip
        frames = self.frames
        if frames is not None:
            frames.append((env.now, ">", adu))
        sent, character = env.now + travel, self._character
        outs = connection.receive(adu)
        if len(outs) == 1 and not self._arriving and not outs[0].close:
            out = outs[0]
            wait = travel + out.delay + len(out.data) * character
            if wait <= self._timeout:
                await Wait(env.timeout(wait))
                if connection.closed:
                    self.close()
                    raise LineClosed("the peer closed the connection", unit=unit, address=address)
                if frames is not None:
                    frames.append((env.now, "<", out.data))
                self._buffer = out.data
                data = self._take(exchange, transaction)
                if data is not None:
                    return data
                return await self._rest(exchange, transaction, unit, address, self._timeout - wait)
        for out in outs:
            self._arriving.append((sent + out.delay + len(out.data) * character, out.data, out.close))
        return await self._rest(exchange, transaction, unit, address, self._timeout)

    async def _rest(
        self, exchange: master.Exchange, transaction: int, unit: int, address: int, patience: float
    ) -> bytes:
        """Wait for bytes one arrival at a time, until they are an answer, the peer closes or time is up."""
        env = self._env
        end = env.now + patience
        while True:
            if self._arrive(env.now):
                self.close()
                raise LineClosed("the peer closed the connection", unit=unit, address=address)
            data = self._take(exchange, transaction) if self._buffer else None
            if data is not None:
                return data
            following = min((at for at, *_ in self._arriving), default=end)
            if following > end or env.now >= end:
                await Wait(env.timeout(max(end - env.now, 0.0)))
                raw, self._buffer = self._buffer, b""
                self._gave_up(exchange)
                raise LineTimeout(f"no answer in {self._timeout:g} s", unit=unit, address=address, raw=raw)
            if following >= end:
                following = end
            await Wait(env.timeout(max(following - env.now, 0.0)))

    def _arrive(self, now: float) -> bool:
        """Move what has arrived by now into the buffer; whether the peer closed."""
        closed = self._connection is None or self._connection.closed
        due = [each for each in self._arriving if each[0] <= now + 1e-9]
        for each in due:
            self._arriving.remove(each)
            _, data, closes = each
            if self.frames is not None and data:
                self.frames.append((now, "<", data))
            self._buffer += data
            closed = closed or closes
        return closed

    def _take(self, exchange: master.Exchange, transaction: int) -> bytes | None:
        """The answer in the buffer, None while it is not whole."""
        try:
            if not self._character:
                data = exchange.take_tcp(transaction, self._buffer)
            else:
                data = exchange.take_rtu(self._buffer)
                if data is not None:
                    self._doubt.believe(exchange, data)
        except Refused:
            self._buffer = b""
            raise
        except Garbled:
            self._distrust()
            raise
        if data is not None:
            self._buffer = b""
        return data

    def _distrust(self) -> None:
        """What may still come is no answer: drop the connection, let a serial line fall quiet."""
        self._buffer = b""
        if self._character:
            self._doubt.disturbed(self._env.now)
        else:
            self.close()

    def _gave_up(self, exchange: master.Exchange) -> None:
        """The answer may still come, late."""
        self._buffer = b""
        if self._character:
            self._doubt.timed_out(exchange)
        else:
            self.close()
