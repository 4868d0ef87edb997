"""What a Sungrow keeps beside its physics: the clock that can be set, and counters that begin anew every midnight."""

import calendar
from collections.abc import Callable
from datetime import UTC, datetime

from emulators.answers import IllegalValue


class SettableClock:
    """The device's own calendar clock, set part by part. It starts out showing UTC."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock, self._ahead = clock, 0.0  # s that it is ahead of the true time

    def show(self) -> datetime:
        return datetime.fromtimestamp(self._clock() + self._ahead, UTC)

    def put(self, part: str, value: float) -> None:
        """Set year, month, day, hour, minute or second; a day that the month does not have is its last."""
        shown = self.show()
        parts = {"year": shown.year, "month": shown.month, "day": shown.day, part: int(value)}
        try:
            last = calendar.monthrange(parts["year"], parts["month"])[1]
            if part != "day":
                parts["day"] = min(parts["day"], last)
            wanted = shown.replace(**parts)  # type: ignore[arg-type]
        except (ValueError, calendar.IllegalMonthError) as error:
            raise IllegalValue(f"{part} {value}") from error
        self._ahead += wanted.timestamp() - shown.timestamp()


class SinceMidnight:
    """How much a counter in Wh has grown today (UTC). More than `most` a day is a counter set from outside."""

    def __init__(self, total: Callable[[], float], clock: Callable[[], float], most: float) -> None:
        self._total, self._clock, self._most = total, clock, most
        self._start, self._day = total(), clock() // 86400

    def look(self) -> float:
        """Wh since midnight; without a look over midnight the day counts from the first one after it."""
        total, day = self._total(), self._clock() // 86400
        if day != self._day or not 0 <= total - self._start <= self._most:
            self._start, self._day = total, day
        return total - self._start
