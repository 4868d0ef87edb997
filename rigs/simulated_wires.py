"""Listeners, datagrams, HTTP and contacts in virtual time, over the emulators' stations."""

from collections.abc import Mapping

import simpy

from controller.errors import LineClosed, LineTimeout
from controller.ports import HttpAnswer
from emulators.wires.wire import ContactStation, DatagramStation, HttpStation, NoConnection, Out, PushStation
from rigs.arrivals import TICK, Arrivals, Frames, Unasked
from rigs.headers import Headers, answer_headers
from rigs.virtual import Nap
from twin.model import Model

RESTLESS = 0.3  # s after a relay has moved in which it may bounce
LOOK = 0.02  # s between two looks meanwhile


class SimulatedListener:
    """A serial line on which the device sends unasked: telegrams arrive sliced, at the pace of the baud rate.

    Of what came while nobody listened the newest `memory` bytes are kept, as a serial driver does.
    """

    def __init__(
        self, env: simpy.Environment, station: PushStation, *, baud: int = 9600, bits: int = 10, memory: int = 1024,
        frames: Frames | None = None,
    ) -> None:  # fmt: skip
        self._env = env
        self._character, self._memory = bits / baud, memory
        self._arrivals = Arrivals()
        self._unasked = Unasked(station, env.now, memory)  # a byte a second is less than any meter sends
        self.frames = frames

    async def send(self, data: bytes) -> None:
        """An optical head that only listens: what is sent reaches nobody."""
        if self.frames is not None:
            self.frames.append((self._env.now, ">", data))

    async def receive(self, timeout: float) -> bytes:
        env = self._env
        self._catch_up(env.now)
        self._arrivals.trim(env.now, self._memory)
        data = await self._unasked.receive(env, self._arrivals, timeout, self._catch_up)
        if self.frames is not None:
            self.frames.append((env.now, "<", data))
        return data

    def close(self) -> None:
        self._arrivals.clear()

    def _catch_up(self, now: float) -> None:
        for at, telegrams in self._unasked.until(now):
            for telegram in telegrams:
                at = self._arrivals.lay(Out(telegram), at, self._character)


class SimulatedDatagrams:
    """UDP towards one station: its replies, and what it sends unasked. The newest `memory` datagrams are kept."""

    def __init__(
        self, env: simpy.Environment, station: DatagramStation | PushStation, *, round_trip: float = 0.002,
        memory: int = 16, frames: Frames | None = None,
    ) -> None:  # fmt: skip
        self._env, self._station = env, station
        self._round_trip, self._memory = round_trip, memory
        self._arrivals = Arrivals()
        self._unasked = Unasked(station, env.now, 60)
        self.frames = frames

    async def send(self, data: bytes) -> None:
        now = self._env.now
        if self.frames is not None:
            self.frames.append((now, ">", data))
        answer = getattr(self._station, "datagram", None)  # a station that only sends hears nothing
        for out in answer(data) if answer else ():
            self._arrivals.put(now + self._round_trip + out.delay, out.data)
        self._unasked.again(now)
        await Nap(self._env).sleep(0)

    async def receive(self, timeout: float) -> bytes:
        data = await self._unasked.receive(self._env, self._arrivals, timeout, self._catch_up)
        if self.frames is not None:
            self.frames.append((self._env.now, "<", data))
        return data

    def close(self) -> None:
        self._arrivals.clear()

    def _catch_up(self, now: float) -> None:
        for at, datagrams in self._unasked.until(now):
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
            await Nap(env).sleep(self._timeout if no.hang else self._round_trip)
            if no.hang:
                raise LineTimeout(f"no answer in {self._timeout:g} s") from no
            raise LineClosed(f"connection refused: {no}") from no
        if self._round_trip + reply.delay > self._timeout:
            await Nap(env).sleep(self._timeout)
            raise LineTimeout(f"no answer in {self._timeout:g} s")
        await Nap(env).sleep(self._round_trip + reply.delay)
        if reply.broken is not None:
            raise LineClosed("the peer closed the connection", raw=reply.body[: int(len(reply.body) * reply.broken)])
        if self.frames is not None:
            self.frames.append((env.now, "<", f"{reply.status}\n".encode() + reply.body))
        return HttpAnswer(reply.status, reply.body, answer_headers(reply))

    def close(self) -> None:
        """Nothing is kept between requests."""


class SimulatedContacts:
    """Digital inputs wired to a relay block, whose `twin` says when a relay moves."""

    def __init__(
        self, env: simpy.Environment, station: ContactStation, twin: Model, *, round_trip: float = 0.001
    ) -> None:
        self._env, self._station, self._twin, self._round_trip = env, station, twin, round_trip
        self._told: tuple[bool | None, ...] = ()
        self._restless = env.now  # until when contacts may look other than they are
        self._nap = Nap(env)
        twin.on_change(self._wake)

    async def read(self) -> tuple[bool | None, ...]:
        await Nap(self._env).sleep(self._round_trip)
        self._told = self._station.closed()
        return self._told

    async def changed(self, timeout: float) -> None:
        """Costs one event when nothing moves. What only looks different (chatter, a fault) is for the next reading."""
        env = self._env
        end = env.now + timeout
        while True:
            restless = env.now < self._restless
            if not self._told or (restless and self._station.closed() != self._told):
                return
            rest = end - env.now
            if rest <= TICK:
                return
            moves = self._twin.deadline - env.now  # a relay that follows another one by itself
            await self._nap.sleep(max(min(rest, moves, LOOK if restless else rest), TICK))
            if moves <= rest:
                self._restless = max(self._restless, env.now + LOOK)

    def _wake(self) -> None:
        self._restless = self._env.now + RESTLESS
        self._nap.wake()

    @property
    def problem(self) -> str:
        lost = [f"k{number}" for number, state in enumerate(self._told, 1) if state is None]
        return f"{' and '.join(lost)} cannot be read" if lost else ""

    def close(self) -> None:
        """Nothing is open."""
