"""Counters that begin anew every month or year."""

from collections.abc import Callable
from datetime import UTC, datetime


class SinceYear:
    """How much a counter in Wh has grown this year (UTC), or this month with `months`. What it had before counts too
    until the first turn: nobody knows when it was counted."""

    def __init__(self, total: Callable[[], float], clock: Callable[[], float], *, months: bool = False) -> None:
        self._total, self._clock, self._months = total, clock, months
        self._start, self._period = 0.0, self._now()

    def look(self) -> float:
        """Wh since the period began; without a look over its turn it counts from the first one after it."""
        total, period = self._total(), self._now()
        if period != self._period or total < self._start:
            self._start, self._period = total, period
        return total - self._start

    def _now(self) -> tuple[int, int]:
        date = datetime.fromtimestamp(self._clock(), UTC)
        return date.year, date.month if self._months else 0
