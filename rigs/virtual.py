"""Virtual time: simpy runs the controller's own coroutines.

An awaitable whose `__await__` yields a simpy event is all the glue: `env.process(coroutine)` does the rest.
"""

from collections import deque
from collections.abc import Coroutine, Generator
from operator import attrgetter
from typing import Any

import simpy

START = 1_750_000_000.0  # 2025-06-15 15:06:40 UTC, an arbitrary instant without a clock change near it


class Environment(simpy.Environment):
    """simpy's, with a time that is read without a call."""

    now = property(attrgetter("_now"))


class Wait:
    """A simpy event that a coroutine can await."""

    __slots__ = ("_event",)

    def __init__(self, event: simpy.Event) -> None:
        self._event = event

    def __await__(self) -> Generator[simpy.Event, Any, Any]:
        return (yield self._event)


class Sleep(simpy.Timeout):
    """A time-out that a coroutine can await itself."""

    def __await__(self) -> Generator[simpy.Event, Any, Any]:
        return (yield self)


class SimClock:
    """Virtual time in seconds UTC. The wall clock can be set like a real one; nobody else's time moves with it."""

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._ahead = 0.0  # s by which the wall clock is ahead of what is true

    def now(self) -> float:
        now: float = self._env.now + self._ahead
        return now

    def monotonic(self) -> float:
        now: float = self._env.now
        return now

    def sleep(self, seconds: float) -> Sleep:
        return Sleep(self._env, seconds if seconds > 0 else 0.0)

    def nap(self) -> "Nap":
        return Nap(self._env)

    def step(self, seconds: float) -> None:
        """The wall clock jumps: a correction by NTP, or somebody who sets it. Durations do not notice."""
        self._ahead += seconds


class Nap:
    """A sleep that something else can end early, at no more than one event when nothing does."""

    __slots__ = ("_env", "_event")

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._event: simpy.Event | None = None

    def sleep(self, seconds: float) -> Sleep:
        self._event = event = Sleep(self._env, seconds if seconds > 0 else 0.0)
        return event

    def wake(self) -> None:
        """Whoever sleeps goes on now; the timeout it slept on passes unnoticed."""
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
    """One at a time, in the order of asking. Costs no event while nobody waits."""

    __slots__ = ("_env", "_taken", "_waiting")

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._taken = False
        self._waiting: deque[simpy.Event] = deque()

    def grab(self) -> bool:
        """Take it if nobody has it."""
        if self._taken:
            return False
        self._taken = True
        return True

    async def take(self) -> None:
        if self._taken:
            event = self._env.event()
            self._waiting.append(event)
            try:
                await Wait(event)  # whoever leaves hands its turn over
            except BaseException:  # killed while waiting: nobody may hand it the turn any more
                if event in self._waiting:
                    self._waiting.remove(event)
                else:
                    self.leave()
                raise
        self._taken = True

    def leave(self) -> None:
        if self._waiting:
            self._waiting.popleft().succeed()
        else:
            self._taken = False


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
