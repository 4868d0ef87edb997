"""A Modbus line in virtual time: real ADUs, the latency of a socket or a serial line, faults as bytes."""

from collections.abc import Callable, Coroutine
from heapq import heappop, heappush
from operator import itemgetter
from typing import Any

import simpy

from controller.errors import ConfigurationError, Garbled, LineTimeout, Refused
from emulators.wires.wire import Connection, Endpoint, NoConnection, Out, Session
from rigs import master
from rigs.serial_answers import SerialAnswers, acknowledged
from rigs.simulated_stream import reached
from rigs.tcp_answers import TcpAnswers
from rigs.virtual import Nap, Turn

TICK = 1e-6  # s; finer than any delay, coarser than the resolution of a float that counts seconds since 1970


class SimulatedModbus:
    """A Modbus line to one endpoint. `baud` makes it a serial line, otherwise TCP with `round_trip` seconds.

    `frames`, when given, collects (time, direction, bytes) of everything that crosses the line. A healthy exchange
    costs one simpy event. A peer that closes is noticed at once, also in the middle of waiting for its answer.
    """

    def __init__(
        self, env: simpy.Environment, endpoint: Endpoint, *, baud: int = 0, bits: int = 10,
        timeout: float = 1.0, round_trip: float = 0.002, any_transaction: bool = False,
        frames: list[tuple[float, str, bytes]] | None = None,
    ) -> None:  # fmt: skip
        self._env, self._endpoint = env, endpoint
        self._character = bits / baud if baud else 0.0
        self._silence = master.silence(self._character) if baud else 0.0
        self._touched = float("-inf")  # when the last byte came
        self._timeout, self._round_trip = timeout, round_trip
        self._connection: Connection | None = None
        self._hear: Callable[[bytes], list[Out]] = lambda data: []  # what the device makes of bytes
        self._arriving: list[tuple[float, int, bytes, bool]] = []  # a heap: (time, number, bytes, closes)
        self._number = 0  # of what was sent last
        self._answers = SerialAnswers(timeout) if baud else TcpAnswers(timeout, any_transaction)
        self._nap, self._turn = Nap(env), Turn(env)
        self.connect_pause = 0.0
        self.frames = frames
        self.notices = self._answers.notices  # what is odd about the line, each thing once
        self.further: dict[int, SimulatedModbus] = {}  # what the device has at ports further on

    def beyond(self, ports: int) -> "SimulatedModbus":
        """The line to the port so many further on; where nobody listens every exchange fails."""
        if self._character:
            raise ConfigurationError("a serial line has no ports", key="line")
        if ports not in self.further:
            nobody = Endpoint(_unheard, self._endpoint.clock)
            self.further[ports] = SimulatedModbus(self._env, nobody, timeout=self._timeout, frames=self.frames)
        return self.further[ports]

    def read(self, unit: int, function: int, address: int, count: int) -> Coroutine[Any, Any, bytes]:
        return self._exchange(master.read(unit, function, address, count))

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        exchange = master.write(unit, function, address, data)
        await acknowledged(self._exchange, exchange, lambda: self._answers.echoes)

    def close(self) -> None:
        """Hang up; the next exchange connects again."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self._arriving.clear()

    async def _connect(self, unit: int) -> Connection:
        self.close()
        await self._nap.sleep(self._round_trip)
        self._connection = connection = await reached(
            self._endpoint, self._nap, self._timeout, serial=bool(self._character), unit=unit
        )
        self._hear = connection.receive
        self._answers.connected()
        if self.connect_pause:
            await self._nap.sleep(self.connect_pause)
        return connection

    async def _exchange(self, exchange: master.Exchange) -> bytes:
        turn, answers = self._turn, self._answers
        if turn.taken:
            await turn.take()
        else:
            turn.taken = True
        try:
            connection = self._connection
            if (
                connection is None
                or connection.closed
                or (connection.idle and connection.idle_out(self._endpoint.clock()))
            ):
                connection = await self._connect(exchange.unit)
            if self._arriving or answers.quiet_until:
                connection = await self._quiet(connection, exchange)
            frames, timeout = self.frames, self._timeout
            now: float = self._env.now
            adu = answers.begin(exchange)
            character, travel, hold = self._character, self._round_trip, 0.0
            if character:  # the line has to be silent before the request and after it
                hold = max(self._touched + self._silence - now, 0.0)
                travel = hold + len(adu) * character + self._silence
                timeout += hold
            if frames is not None:
                frames.append((now + hold, ">", adu))
            outs = self._hear(adu)
            if len(outs) == 1 and not self._arriving:  # as it is with a healthy device
                data, delay, close = outs[0]
                wait = travel + delay + len(data) * character
                if wait <= timeout and not close:
                    await self._nap.sleep(wait)
                    if character:
                        self._touched = self._env.now
                    if connection.closed:
                        self.close()
                        raise answers.closed(exchange)
                    if frames is not None:
                        frames.append((self._env.now, "<", data))
                    answer = answers.heard(exchange, data, self._env.now)
                    if answer is None:
                        answer = await self._rest(exchange, timeout - wait)
                    return answer
            for data, delay, close in outs:
                self._number += 1
                heappush(self._arriving, (now + travel + delay + len(data) * character, self._number, data, close))
            return await self._rest(exchange, timeout)
        except Refused:
            raise
        except (Garbled, LineTimeout):
            if not self._character:  # what may still come on this connection is no answer
                self.close()
            raise
        finally:
            if turn.waiting:
                turn.leave()
            else:
                turn.taken = False

    async def _quiet(self, connection: Connection, exchange: master.Exchange) -> Connection:
        """Let the line fall quiet before it is used again; Garbled when it brings what nobody asked for."""
        env, answers = self._env, self._answers
        began: float = env.now
        while answers.quiet_until > env.now:
            await self._nap.sleep(answers.quiet_until - env.now)
            late, _ = self._arrived(env.now)
            if late:
                answers.babbling(exchange, late, began, env.now)
        if self._arriving:
            stale, closed = self._arrived(env.now)
            if closed:
                return await self._connect(exchange.unit)
            if stale:
                answers.unasked(exchange, stale, env.now)
        return connection

    async def _rest(self, exchange: master.Exchange, patience: float) -> bytes:
        """Wait for bytes one arrival at a time, until they are an answer, the peer closes or time is up."""
        env, answers = self._env, self._answers
        end = env.now + patience
        while True:
            data, closed = self._arrived(env.now)
            answer = answers.heard(exchange, data, env.now) if data else None
            if answer is not None:
                return answer
            if closed:
                self.close()
                raise answers.closed(exchange)
            if env.now >= end - TICK:
                return answers.time_is_up(exchange, env.now)
            following = self._arriving[0][0] if self._arriving else end
            await self._nap.sleep(min(following, end) - env.now)

    def _arrived(self, now: float) -> tuple[bytes, bool]:
        """What has arrived by now, and whether the peer closed."""
        came, closed = b"", self._connection is None or self._connection.closed
        arriving, due = self._arriving, []
        if not arriving or arriving[0][0] > now + TICK:
            return came, closed
        while arriving and arriving[0][0] <= now + TICK:
            due.append(heappop(arriving))
        self._touched = now
        for _, _, data, closes in sorted(due, key=itemgetter(1)):  # in the order in which they were sent
            if self.frames is not None and data:
                self.frames.append((now, "<", data))
            came += data
            closed = closed or (closes and not self._character)
        return came, closed


def _unheard() -> Session:
    raise NoConnection("nobody listens at this port")
