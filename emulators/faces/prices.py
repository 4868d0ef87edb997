"""Day-ahead prices as a tariff service publishes them: whole local days, tomorrow's after the auction.

Prices are ct/kWh, days those of Europe/Berlin, so that one has 23 hours and another 25.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from twin.tariff import Tariff

BERLIN = ZoneInfo("Europe/Berlin")
PUBLISHED = time(12, 55)  # local, day-ahead results
HOUR = 3600

# ct/kWh by local hour: a night, a morning peak, a midday below zero, an evening peak
SHAPE = (
    7.913, 7.204, 6.887, 6.731, 6.952, 7.688, 9.377, 11.243, 10.105, 6.418, 3.092, 0.641,
    -0.351, -1.274, -0.488, 1.937, 5.226, 8.893, 12.617, 14.839, 13.054, 10.776, 9.215, 8.347,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Slot:
    """A price from `start` to `end` (s, UTC), None when it is missing."""

    start: float
    end: float
    price: float | None


def slots(prices: Iterable[dict[str, Any]]) -> list[Slot]:
    """The truth of a tariff twin as numbers."""
    return [Slot(_instant(each["start"]), _instant(each["end"]), each["price"]) for each in prices]


def midnight(day: date) -> float:
    """When a local day begins (s, UTC)."""
    return datetime.combine(day, time(), BERLIN).timestamp()


def local_day(now: float) -> date:
    return datetime.fromtimestamp(now, BERLIN).date()


def published_at(day: date) -> float:
    """When the prices of a local day are published."""
    return datetime.combine(day - timedelta(days=1), PUBLISHED, BERLIN).timestamp()


def hours_of(day: date) -> list[dict[str, Any]]:
    """A day's prices by the hour, always the same ones."""
    lift = 0.113 * (day.toordinal() % 7)
    start, end = midnight(day), midnight(day + timedelta(days=1))
    found = []
    for at in range(int(start), int(end), HOUR):
        price = SHAPE[datetime.fromtimestamp(at, BERLIN).hour] + lift
        found.append({"start": _text(at), "end": _text(at + HOUR), "price": round(price, 3)})
    return found


class Publisher:
    """Keeps a twin's prices as a service would: two days of them, a new day each afternoon, unless they were set."""

    def __init__(self, twin: Tariff, now: float) -> None:
        self._twin = twin
        self._last = local_day(now)
        if now >= published_at(self._last + timedelta(days=1)):
            self._last += timedelta(days=1)
        self._own = [*hours_of(self._last - timedelta(days=1)), *hours_of(self._last)]
        twin.prices = self._own
        self._wait()

    def _wait(self) -> None:
        self._twin.at("publish prices", published_at(self._last + timedelta(days=1)), self._publish)

    def _publish(self) -> None:
        before, self._last = self._last, self._last + timedelta(days=1)
        if self._twin.prices is self._own:
            self._own = [*hours_of(before), *hours_of(self._last)]
            self._twin.prices = self._own
        self._wait()


def _instant(text: str) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
