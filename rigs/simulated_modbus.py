"""A Modbus line in virtual time: real ADUs, the latency of a socket or a serial line, faults as bytes."""

from collections.abc import Coroutine
from typing import Any

import simpy

from controller.errors import Garbled, LineClosed, LineTimeout, Refused
from emulators.wires.wire import Connection, Endpoint
from rigs import master
from rigs.simulated_stream import reached
from rigs.virtual import Nap, Turn

TICK = 1e-6  # s; finer than any delay, coarser than the resolution of a float that counts seconds since 1970


class SimulatedModbus:
    """A Modbus line to one endpoint. `baud` makes it a serial line, otherwise TCP with `round_trip` seconds.

    `frames`, when given, collects (time, direction, bytes) of everything that crosses the line. A healthy exchange
    costs one simpy event. A peer that closes is noticed at once, also in the middle of waiting for its answer.
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
        self._nap, self._turn = Nap(env), Turn(env)
        self.connect_pause = 0.0
        self.frames = frames

    def read(self, unit: int, function: int, address: int, count: int) -> Coroutine[Any, Any, bytes]:
        return self._exchange(master.read(unit, function, address, count), unit, address)

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
        self.close()
        await self._nap.sleep(self._round_trip)
        self._connection = connection = await reached(
            self._endpoint, self._nap, self._timeout, serial=bool(self._character), unit=unit
        )
        if self.connect_pause:
            await self._nap.sleep(self.connect_pause)
        return connection

    async def _exchange(self, exchange: master.Exchange, unit: int, address: int) -> bytes:
        turn = self._turn
        if not turn.grab():
            await turn.take()
        try:
            connection = self._connection
            idle = self._endpoint.rules.idle
            if connection is None or connection.closed or (idle and connection.idle_out(self._endpoint.clock())):
                connection = await self._connect(unit)
            if self._arriving or self._buffer or self._doubt.quiet_until:
                connection = await self._quiet(connection, unit, address)
            frames, timeout = self.frames, self._timeout
            now: float = self._env.now
            if character := self._character:
                transaction, adu = -1, exchange.rtu()
                travel = (len(adu) + 3.5) * character
            else:
                self._transaction = transaction = self._transaction % 0xFFFF + 1
                adu, travel = exchange.tcp(transaction), self._round_trip
            if frames is not None:
                frames.append((now, ">", adu))
            outs = connection.receive(adu)
            if len(outs) == 1 and not self._arriving:  # as it is with a healthy device
                data, delay, close = outs[0]
                wait = travel + delay + len(data) * character
                if wait <= timeout and not close:
                    await self._nap.sleep(wait)
                    if connection.closed:
                        self.close()
                        raise LineClosed("the peer closed the connection", unit=unit, address=address)
                    if frames is not None:
                        frames.append((self._env.now, "<", data))
                    self._buffer = data
                    answer = self._take(exchange, transaction)
                    if answer is None:
                        answer = await self._rest(exchange, transaction, unit, address, timeout - wait)
                    return answer
            for data, delay, close in outs:
                self._arriving.append((now + travel + delay + len(data) * character, data, close))
            return await self._rest(exchange, transaction, unit, address, timeout)
        finally:
            turn.leave()

    async def _quiet(self, connection: Connection, unit: int, address: int) -> Connection:
        """Let the line fall quiet before it is used again; Garbled when it brings what nobody asked for."""
        env = self._env
        while self._doubt.quiet_until > env.now:
            await self._nap.sleep(self._doubt.quiet_until - env.now)
            self._arrive(env.now)
            if self._buffer:
                self._distrust()
        if self._arriving or self._buffer:
            if self._arrive(env.now):
                connection = await self._connect(unit)
            if self._buffer:
                raw, self._buffer = self._buffer, b""
                self._distrust()
                raise Garbled("bytes that nobody asked for", unit=unit, address=address, raw=raw)
        return connection

    async def _rest(
        self, exchange: master.Exchange, transaction: int, unit: int, address: int, patience: float
    ) -> bytes:
        """Wait for bytes one arrival at a time, until they are an answer, the peer closes or time is up."""
        env = self._env
        end = env.now + patience
        while True:
            closed = self._arrive(env.now)
            data = self._take(exchange, transaction) if self._buffer else None
            if data is not None:
                return data
            if closed:
                raw = self._buffer
                self.close()
                raise LineClosed("the peer closed the connection", unit=unit, address=address, raw=raw)
            if env.now >= end - TICK:
                raw = self._buffer
                self._gave_up(exchange)
                raise LineTimeout(f"no answer in {self._timeout:g} s", unit=unit, address=address, raw=raw)
            following = min((at for at, *_ in self._arriving), default=end)
            await self._nap.sleep(min(following, end) - env.now)

    def _arrive(self, now: float) -> bool:
        """Move what has arrived by now into the buffer; whether the peer closed."""
        closed = self._connection is None or self._connection.closed
        due = [each for each in self._arriving if each[0] <= now + TICK]
        for each in due:
            self._arriving.remove(each)
            _, data, closes = each
            if self.frames is not None and data:
                self.frames.append((now, "<", data))
            self._buffer += data
            closed = closed or (closes and not self._character)
        return closed

    def _take(self, exchange: master.Exchange, transaction: int) -> bytes | None:
        """The answer in the buffer, None while it is not whole."""
        buffer = self._buffer
        try:
            if not self._character:
                data = exchange.take_tcp(transaction, buffer)
            else:
                data = self._doubt.take(exchange, buffer, self._env.now)
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
            self._doubt.timed_out(exchange, self._env.now)
        else:
            self.close()
