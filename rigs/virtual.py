"""Virtual time: simpy runs the controller's own coroutines.

An awaitable that yields a simpy event is all the glue: `env.process(coroutine)` does the rest. Most of what happens is
that one of many sleeps, so that costs no more than it must: where nobody else wants anything until the sleep is over,
time goes on at once and no event is made at all.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from functools import partial
from heapq import heappop, heappush
from operator import attrgetter
from typing import Any

import simpy
from simpy.events import NORMAL

START = 1_750_000_000.0  # 2025-06-15 15:06:40 UTC, an arbitrary instant without a clock change near it


class Sleeping:
    """What a process waits for that sleeps: to simpy an event, with no more of one than its queue looks at."""

    __slots__ = ("callbacks",)
    _ok, _value = True, None
    callbacks: Any

    def __await__(self) -> Generator[Any, Any, None]:
        return iter((self,))  # type: ignore[return-value]  # an iterator is all that is looked at


class Over:
    """A sleep that is over already."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, Any, None]:
        return iter(())  # type: ignore[return-value]


OVER = Over()


class Environment(simpy.Environment):
    """simpy's, with a time that is read without a call. `alone`: nobody but who runs now was due at this event."""

    now = property(attrgetter("_now"))
    alone = False

    def step(self) -> None:
        """All sleeps that are over next, or else the next event."""
        queue: list[Any] = self._queue
        if not queue or queue[0][3].__class__ is not Sleeping:
            self.alone = False
            super().step()
            return
        while queue and queue[0][3].__class__ is Sleeping:
            self._now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None
            self.alone = len(callbacks) == 1
            for callback in callbacks:
                callback(event)


class Wait:
    """A simpy event that a coroutine can await."""

    __slots__ = ("_event",)

    def __init__(self, event: simpy.Event) -> None:
        self._event = event

    def __await__(self) -> Generator[simpy.Event, Any, Any]:
        return (yield self._event)


class SimClock:
    """Virtual time in seconds UTC. The wall clock can be set like a real one; nobody else's time moves with it."""

    monotonic: Callable[[], float]

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._ahead = 0.0  # s by which the wall clock is ahead of what is true
        self.monotonic = partial(attrgetter("_now"), env)  # asked a hundred times a second: no frame of Python's

    def now(self) -> float:
        now: float = self._env.now + self._ahead
        return now

    def sleep(self, seconds: float) -> Awaitable[None]:
        return Nap(self._env).sleep(seconds)

    def nap(self) -> "Nap":
        return Nap(self._env)

    def step(self, seconds: float) -> None:
        """The wall clock jumps: a correction by NTP, or somebody who sets it. Durations do not notice."""
        self._ahead += seconds


class Nap:
    """A sleep that something else can end early, at no more than one event when nothing does."""

    __slots__ = ("_env", "_event")

    def __init__(self, env: simpy.Environment) -> None:
        self._env: Any = env
        self._event: Sleeping | None = None

    def sleep(self, seconds: float) -> Awaitable[None]:
        """Sleep from now on; to be awaited at once."""
        env = self._env
        queue, end = env._queue, env._now + seconds if seconds > 0 else env._now
        if env.alone and (not queue or queue[0][0] > end):
            env._now = end
            return OVER
        self._event = event = Sleeping()
        event.callbacks = []
        heappush(queue, (end, NORMAL, next(env._eid), event))
        return event

    def wake(self) -> None:
        """Whoever sleeps goes on now; the sleep that he leaves passes unnoticed."""
        event = self._event
        if event is not None and event.callbacks:
            early = self._env.event()
            early.callbacks, event.callbacks = event.callbacks, []
            for callback in early.callbacks:  # who sleeps may be interrupted before he goes on
                sleeper = getattr(callback, "__self__", None)
                if isinstance(sleeper, simpy.Process):
                    sleeper._target = early
            early.succeed()


class Turn:
    """One at a time, in the order of asking. Costs no event while nobody waits: who finds it not `taken` takes it."""

    __slots__ = ("_env", "taken", "waiting")

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self.taken = False
        self.waiting: deque[simpy.Event] | None = None  # none but when somebody has to

    async def take(self) -> None:
        if self.taken:
            event = self._env.event()
            waiting = self.waiting = self.waiting or deque()
            waiting.append(event)
            try:
                await Wait(event)  # whoever leaves hands its turn over
            except BaseException:  # killed while waiting: nobody may hand it the turn any more
                if event in waiting:
                    waiting.remove(event)
                else:
                    self.leave()
                raise
        self.taken = True

    def leave(self) -> None:
        if self.waiting:
            self.waiting.popleft().succeed()
        else:
            self.taken = False


def environment(start: float = START) -> simpy.Environment:
    return Environment(initial_time=float(start))


def run(env: simpy.Environment, story: Coroutine[Any, Any, Any], until: float | None = None) -> Any:
    """Run a coroutine to its end in virtual time; its result, or its exception.

    With `until` time stops there at the latest; None when the story has not come to its end by then.
    """
    process = env.process(story)  # type: ignore[arg-type]
    if until is None:
        return env.run(process)
    env.run(env.any_of([process, env.timeout(until - env.now)]))
    return process.value if process.triggered else None
