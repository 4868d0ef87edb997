"""Byte streams in virtual time: connections to an endpoint."""

import simpy

from controller.errors import LineClosed, LineTimeout
from emulators.wires.wire import Connection, Endpoint, NoConnection
from rigs.arrivals import TICK, Arrivals, Frames
from rigs.virtual import Nap


async def reached(
    endpoint: Endpoint, nap: Nap, timeout: float, *, serial: bool, unit: int | None = None
) -> Connection:  # fmt: skip
    """A connection to the endpoint; LineClosed when it refuses, LineTimeout when nobody answers."""
    try:
        return endpoint.connect(nap.wake)
    except NoConnection as no:
        if no.hang or serial:  # nobody can refuse a serial line; the device on it is deaf
            await nap.sleep(timeout)
            raise LineTimeout("no answer to the connection attempt", unit=unit) from no
        raise LineClosed(f"connection refused: {no}", unit=unit) from no


class SimulatedStream:
    """A TCP connection, or with `baud` a serial line, to an endpoint that speaks a maker's own framing."""

    def __init__(
        self, env: simpy.Environment, endpoint: Endpoint, *, baud: int = 0, bits: int = 10, timeout: float = 1.0,
        round_trip: float = 0.002, frames: Frames | None = None,
    ) -> None:  # fmt: skip
        self._env, self._endpoint = env, endpoint
        self._character = bits / baud if baud else 0.0
        self._timeout, self._round_trip = timeout, round_trip
        self._connection: Connection | None = None
        self._arrivals, self._nap = Arrivals(), Nap(env)
        self.frames = frames

    async def send(self, data: bytes) -> None:
        if self._connection is not None and (
            self._connection.closed or self._connection.idle_out(self._endpoint.clock())
        ):
            self.close()
        connection = self._connection or await self._connect()
        now = self._env.now
        if self.frames is not None:
            self.frames.append((now, ">", data))
        there = now + (len(data) * self._character or self._round_trip)
        for out in connection.receive(data):
            self._arrivals.lay(out, there + out.delay, self._character)

    async def receive(self, timeout: float) -> bytes:
        env = self._env
        if self._connection is None:
            await self._connect()
        end = env.now + timeout
        while True:
            gone = self._connection is None or self._connection.closed
            found = self._arrivals.pop(env.now)
            if found is not None:
                data, closes = found
                if closes:
                    self._hang_up()
                if data:
                    if self.frames is not None:
                        self.frames.append((env.now, "<", data))
                    return data
                gone = gone or closes
            if gone:
                self.close()
                raise LineClosed("the peer closed the connection")
            if env.now >= end - TICK:
                raise LineTimeout(f"nothing came in {timeout:g} s")
            await self._nap.sleep(min(self._arrivals.next, end) - env.now)

    def close(self) -> None:
        """Hang up; the next use connects again."""
        self._hang_up()
        self._connection = None
        self._arrivals.clear()

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()

    async def _connect(self) -> Connection:
        await self._nap.sleep(self._round_trip)
        self._connection = connection = await reached(
            self._endpoint, self._nap, self._timeout, serial=bool(self._character)
        )
        return connection
