"""The calendar clock of a Sungrow, which can be set."""

import calendar
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from emulators.table.answers import IllegalValue


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


def register(part: str) -> Any:
    """A property that shows one part of the face's `calendar` and sets it."""
    return property(
        lambda face: getattr(face.calendar.show(), part), lambda face, value: face.calendar.put(part, value)
    )
