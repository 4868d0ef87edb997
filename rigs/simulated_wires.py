"""Byte streams, datagrams, HTTP and contacts in virtual time, over the emulators' stations."""

import heapq
from collections.abc import Mapping

import simpy

from controller.errors import LineClosed, LineTimeout
from controller.ports import HttpAnswer
from emulators.wire import (
    Connection,
    ContactStation,
    DatagramStation,
    Endpoint,
    HttpStation,
    NoConnection,
    Out,
    PushStation,
)  # fmt: skip
from rigs.headers import Headers, answer_headers
from rigs.pushes import ask
from rigs.virtual import Nap, Wait

Frames = list[tuple[float, str, bytes]]
SLICE = 128  # bytes that a serial driver hands over at a time
TICK = 1e-6  # s


class Arrivals:
    """Bytes on their way, by the time they arrive."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, bytes, bool]] = []
        self._count = 0

    def put(self, at: float, data: bytes, closes: bool = False) -> None:
        self._count += 1
        heapq.heappush(self._heap, (at, self._count, data, closes))

    def pop(self, now: float) -> tuple[bytes, bool] | None:
        """The next that has arrived, with whether the peer closes after it."""
        if self._heap and self._heap[0][0] <= now + TICK:
            _, _, data, closes = heapq.heappop(self._heap)
            return data, closes
        return None

    def trim(self, now: float, memory: int) -> None:
        """Forget the oldest of what has arrived until at most `memory` bytes of it are left."""
        size = sum(len(data) for at, _, data, _ in self._heap if at <= now + TICK)
        while size > memory and (lost := self.pop(now)):
            size -= len(lost[0])

    @property
    def next(self) -> float:
        return self._heap[0][0] if self._heap else float("inf")

    def clear(self) -> None:
        self._heap.clear()

    def __len__(self) -> int:
        return len(self._heap)


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
            _lay(self._arrivals, out, there + out.delay, self._character)

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
        try:
            self._connection = connection = self._endpoint.connect(self._nap.wake)
        except NoConnection as no:
            if no.hang or self._character:  # nobody can refuse a serial line; the device on it is deaf
                await self._nap.sleep(self._timeout)
                raise LineTimeout("no answer to the connection attempt") from no
            raise LineClosed(f"connection refused: {no}") from no
        return connection


class SimulatedListener:
    """A serial line on which the device sends unasked: telegrams arrive sliced, at the pace of the baud rate.

    Of what came while nobody listened the newest `memory` bytes are kept, as a serial driver does.
    """

    def __init__(
        self, env: simpy.Environment, station: PushStation, *, baud: int = 9600, bits: int = 10, memory: int = 1024,
        frames: Frames | None = None,
    ) -> None:  # fmt: skip
        self._env, self._station = env, station
        self._character, self._memory = bits / baud, memory
        self._arrivals = Arrivals()
        self._look: float = env.now  # when the station is asked next
        self.frames = frames

    async def send(self, data: bytes) -> None:
        """An optical head that only listens: what is sent reaches nobody."""
        if self.frames is not None:
            self.frames.append((self._env.now, ">", data))

    async def receive(self, timeout: float) -> bytes:
        env = self._env
        end = env.now + timeout
        self._catch_up(env.now)
        self._arrivals.trim(env.now, self._memory)
        while True:
            self._catch_up(env.now)
            found = self._arrivals.pop(env.now)
            if found is not None:
                if self.frames is not None:
                    self.frames.append((env.now, "<", found[0]))
                return found[0]
            if env.now >= end - TICK:
                raise LineTimeout(f"nothing came in {timeout:g} s")
            await Wait(env.timeout(max(min(self._arrivals.next, self._look, end) - env.now, 0.0)))

    def close(self) -> None:
        self._arrivals.clear()

    def _catch_up(self, now: float) -> None:
        """Ask the station for all it has sent by now."""
        if self._look < now - self._memory:  # a byte a second is less than any meter sends
            self._look += int(now - self._memory - self._look)
        while self._look <= now + TICK:
            at = self._look
            telegrams, self._look = ask(self._station, at)
            for telegram in telegrams:
                at = _lay(self._arrivals, Out(telegram), at, self._character)


class SimulatedDatagrams:
    """UDP towards one station: its replies, and what it sends unasked. The newest `memory` datagrams are kept."""

    def __init__(
        self, env: simpy.Environment, station: DatagramStation | PushStation, *, round_trip: float = 0.002,
        memory: int = 16, frames: Frames | None = None,
    ) -> None:  # fmt: skip
        self._env, self._station = env, station
        self._round_trip, self._memory = round_trip, memory
        self._arrivals = Arrivals()
        self._look: float = env.now
        self.frames = frames

    async def send(self, data: bytes) -> None:
        now = self._env.now
        if self.frames is not None:
            self.frames.append((now, ">", data))
        answer = getattr(self._station, "datagram", None)  # a station that only sends hears nothing
        for out in answer(data) if answer else ():
            self._arrivals.put(now + self._round_trip + out.delay, out.data)
        self._look = min(self._look, now)  # what was asked for may have changed what is to be told
        await Wait(self._env.timeout(0))

    async def receive(self, timeout: float) -> bytes:
        env = self._env
        end = env.now + timeout
        while True:
            self._catch_up(env.now)
            found = self._arrivals.pop(env.now)
            if found is not None:
                if self.frames is not None:
                    self.frames.append((env.now, "<", found[0]))
                return found[0]
            if env.now >= end - TICK:
                raise LineTimeout(f"no datagram in {timeout:g} s")
            await Wait(env.timeout(max(min(self._arrivals.next, self._look, end) - env.now, 0.0)))

    def close(self) -> None:
        self._arrivals.clear()

    def _catch_up(self, now: float) -> None:
        if self._look < now - 60:
            self._look += int(now - 60 - self._look)
        while self._look <= now + TICK:
            at = self._look
            datagrams, self._look = ask(self._station, at)
            for data in datagrams:
                self._arrivals.put(at, data)
        while len(self._arrivals) > self._memory:
            self._arrivals.pop(now)


class SimulatedHttp:
    """HTTP towards one station; one simpy event a request. Frames are "METHOD path" or status, then the body."""

    def __init__(
        self, env: simpy.Environment, station: HttpStation, *, timeout: float = 5.0, round_trip: float = 0.01,
        frames: Frames | None = None,
    ) -> None:  # fmt: skip
        self._env, self._station = env, station
        self._timeout, self._round_trip = timeout, round_trip
        self.frames = frames

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        env = self._env
        if self.frames is not None:
            self.frames.append((env.now, ">", f"{method} {path}\n".encode() + body))
        try:
            reply = self._station.handle(method, path, Headers(headers or {}), body)
        except NoConnection as no:
            await Wait(env.timeout(self._timeout if no.hang else self._round_trip))
            if no.hang:
                raise LineTimeout(f"no answer in {self._timeout:g} s") from no
            raise LineClosed(f"connection refused: {no}") from no
        if self._round_trip + reply.delay > self._timeout:
            await Wait(env.timeout(self._timeout))
            raise LineTimeout(f"no answer in {self._timeout:g} s")
        await Wait(env.timeout(self._round_trip + reply.delay))
        if reply.broken is not None:
            raise LineClosed("the peer closed the connection", raw=reply.body[: int(len(reply.body) * reply.broken)])
        if self.frames is not None:
            self.frames.append((env.now, "<", f"{reply.status}\n".encode() + reply.body))
        return HttpAnswer(reply.status, reply.body, answer_headers(reply))

    def close(self) -> None:
        """Nothing is kept between requests."""


class SimulatedContacts:
    """Digital inputs wired to a relay block."""

    def __init__(self, env: simpy.Environment, station: ContactStation, *, round_trip: float = 0.001) -> None:
        self._env, self._station, self._round_trip = env, station, round_trip

    async def read(self) -> tuple[bool | None, ...]:
        await Wait(self._env.timeout(self._round_trip))
        return tuple(self._station.closed())

    def close(self) -> None:
        """Nothing is open."""


def _lay(arrivals: Arrivals, out: Out, start: float, character: float) -> float:
    """Put bytes that begin to flow at `start` on their way; returns when the last one has arrived."""
    if not character:
        arrivals.put(start, out.data, out.close)
        return start
    last = start
    for at in range(0, len(out.data), SLICE):
        part = out.data[at : at + SLICE]
        last = start + (at + len(part)) * character
        arrivals.put(last, part)
    return last
