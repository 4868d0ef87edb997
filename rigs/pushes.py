"""What stations send unasked, looked up at the instants that they name."""

import asyncio
from collections.abc import Callable

from emulators.wires.wire import DatagramStation, PushStation


def ask(station: DatagramStation | PushStation, at: float) -> tuple[list[bytes], float]:
    """What a station sends unasked at `at`, and when to ask again."""
    data: list[bytes] = []
    for _ in range(16):
        more, following = station.due(at)
        data += more
        if following > at:
            return data, following
    raise ValueError(f"{type(station).__name__}.due({at}) never says when to ask again")


class Pushes:
    """Asks a station for what it sends unasked, at the instants it names, in order."""

    def __init__(
        self, station: DatagramStation | PushStation, clock: Callable[[], float], pace: float,
        push: Callable[[bytes], None],
    ) -> None:  # fmt: skip
        self._station, self._clock, self._pace, self._push = station, clock, pace, push
        self._look = clock()
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_soon(self._tick)

    def _tick(self) -> None:
        at = self._look if self._clock() - self._look < 5 else self._clock()  # after a suspend: from here on
        data, self._look = ask(self._station, at)
        for each in data:
            self._push(each)
        wait = (self._look - self._clock()) * self._pace
        if wait < 1e9:
            self._timer = self._loop.call_later(max(wait, 0.001), self._tick)

    def again(self) -> None:
        """Ask now: something has changed."""
        self._timer.cancel()
        self._look = min(self._look, self._clock())
        self._timer = self._loop.call_soon(self._tick)

    def stop(self) -> None:
        self._timer.cancel()
