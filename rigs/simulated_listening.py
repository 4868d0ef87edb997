"""A place where somebody else's requests arrive, in virtual time: the other side is an emulated client.

It costs two simpy events a request, and none while nobody asks. A client comes when somebody listens.
"""

from collections.abc import Callable

import simpy

from emulators.wires.calling import CallingStation
from rigs.answering import Answering, Handler
from rigs.arrivals import TICK, Frames
from rigs.virtual import Nap
from twin.model import INFINITY, Model


class SimulatedListening:
    """Modbus/TCP of one client, whose `twin` says when it has something else to ask."""

    def __init__(
        self, env: simpy.Environment, station: CallingStation, twin: Model, *, round_trip: float = 0.002,
        frames: Frames | None = None,
    ) -> None:  # fmt: skip
        self._env, self._station, self._round_trip = env, station, round_trip
        self._handler: Handler | None = None
        self._connection: Answering | None = None
        self._nap = Nap(env)
        self._planned = INFINITY  # when the client is looked at next
        self._busy = False  # a request is under way
        self.frames = frames
        twin.on_change(self._plan)
        self._plan()

    def answer(self, handler: Callable[[int, bytes], bytes]) -> None:
        self._handler, self._connection = handler, None
        self._plan()

    async def asked(self, timeout: float) -> None:
        await self._nap.sleep(timeout)

    def close(self) -> None:
        """Hang up; the client connects again."""
        self._connection = None

    def _plan(self) -> None:
        """Look at the client when it is due, unless that is planned already."""
        if self._busy or self._handler is None:
            return
        env = self._env
        due = max(self._station.due(env.now), env.now)
        if due < self._planned - TICK:
            self._planned = due
            self._later(due - env.now, self._look)

    def _later(self, delay: float, action: Callable[[], None]) -> None:
        event = self._env.timeout(max(delay, 0.0))
        assert event.callbacks is not None
        event.callbacks.append(lambda _: action())

    def _look(self) -> None:
        now = self._env.now
        if self._busy or self._handler is None or now < self._planned - TICK:
            return  # another look has been planned meanwhile
        self._planned = INFINITY
        if self._station.due(now) > now + TICK:
            self._plan()
            return
        self._busy = True
        out = self._station.call()
        self._note("<", out.data)
        connection = self._connection = self._connection or Answering(self._handler)
        before = connection.answered
        reply = connection.feed(out.data)
        if reply:
            self._note(">", reply)
        if out.close or connection.closed:
            self._connection = None
        self._later(self._round_trip if reply else self._station.patience, lambda: self._done(reply))
        if connection.answered > before:
            self._nap.wake()

    def _done(self, reply: bytes) -> None:
        """The client has heard the answer, or waited for it long enough."""
        self._busy = False
        if not reply:
            self._connection = None
        self._station.heard(reply)
        self._plan()

    def _note(self, way: str, data: bytes) -> None:
        if self.frames is not None:
            self.frames.append((self._env.now, way, data))
