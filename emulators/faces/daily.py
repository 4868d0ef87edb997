"""Counters that begin anew every midnight."""

from collections.abc import Callable
from typing import Any


class SinceMidnight:
    """How much a counter in Wh has grown today (UTC). More than `most` a day is a counter set from outside."""

    def __init__(self, total: Callable[[], float], clock: Callable[[], float], most: float = float("inf")) -> None:
        self._total, self._clock, self._most = total, clock, most
        self._start, self._day = total(), clock() // 86400

    def look(self) -> float:
        """Wh since midnight; without a look over midnight the day counts from the first one after it."""
        total, day = self._total(), self._clock() // 86400
        if day != self._day or not 0 <= total - self._start <= self._most:
            self._start, self._day = total, day
        return total - self._start


def today(counter: str) -> Any:
    """A property of a face: what its attribute `counter`, a SinceMidnight, has grown today, in Wh."""
    return property(lambda face: getattr(face, counter).look())
