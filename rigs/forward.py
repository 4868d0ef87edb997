"""Real sockets in a time of our own: whenever nobody has anything to do, the clock of the process goes on at once.

For devices and controller in one event loop of one process. `time.time` and `time.monotonic` are those of the run
while it lasts, for its loop and for all that ask them. What has been sent over loopback TCP or UDP can be read a moment
later, so that time hardly ever goes on while something is under way; a pty takes longer, and is not for this.
"""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
MOMENT = 50e-6  # s that are really waited before time leaps


class Forward:
    """The clocks of the computer, `ahead` s further on."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self._time, self._monotonic = time.time, time.monotonic

    def time(self) -> float:
        return self._time() + self.ahead

    def monotonic(self) -> float:
        return self._monotonic() + self.ahead

    def __enter__(self) -> "Forward":
        time.time, time.monotonic = self.time, self.monotonic
        return self

    def __exit__(self, *_: object) -> None:
        time.time, time.monotonic = self._time, self._monotonic


class Leaping(selectors.DefaultSelector):
    """Never waits for the next timer: leaps there."""

    def __init__(self, forward: Forward) -> None:
        super().__init__()
        self._forward = forward

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:  # without a timer only input can go on
            return super().select(None)
        ready = super().select(0)
        if not ready and timeout > 0:
            time.sleep(MOMENT)
            ready = super().select(0)
            self._forward.ahead += 0.0 if ready else timeout
        return ready


def run(main: Coroutine[Any, Any, T]) -> T:
    """As asyncio.run, in a time that goes on as fast as the work is done."""
    with Forward() as forward, asyncio.Runner(
        loop_factory=lambda: asyncio.SelectorEventLoop(Leaping(forward))
    ) as runner:  # fmt: skip
        return runner.run(main)
