"""Day-ahead prices as a tariff service publishes them: whole local days, tomorrow's after the auction.

Prices are ct/kWh, days those of Europe/Berlin, so that one has 23 hours and another 25. Since 2025-10-01 the market has
quarter-hours; the price of an hour is the mean of its four.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from twin.tariff import Tariff

BERLIN = ZoneInfo("Europe/Berlin")
PUBLISHED = time(12, 55)  # local, day-ahead results
QUARTERS_SINCE = date(2025, 10, 1)  # first day of delivery by the quarter-hour
HOUR = 3600
QUARTER = 900
OLDEST = date(2018, 10, 1)  # the zone DE-LU begins

# ct/kWh by local hour: a night, a morning peak, a midday below zero, an evening peak
SHAPE = (
    7.913, 7.204, 6.887, 6.731, 6.952, 7.688, 9.377, 11.243, 10.105, 6.418, 3.092, 0.641,
    -0.351, -1.274, -0.488, 1.937, 5.226, 8.893, 12.617, 14.839, 13.054, 10.776, 9.215, 8.347,
)  # fmt: skip
STEPS = (0.312, 0.104, -0.104, -0.312)  # of the quarters of an hour around its mean


@dataclass(frozen=True, slots=True)
class Slot:
    """A price from `start` to `end` (s, UTC), None when it is missing."""

    start: float
    end: float
    price: float | None


def market(at: float, seconds: int = HOUR) -> float:
    """The price of the hour or quarter-hour that begins at an instant, always the same."""
    local = datetime.fromtimestamp(at, BERLIN)
    price = SHAPE[local.hour] + 0.113 * (local.toordinal() % 7)
    return round(price + (STEPS[local.minute // 15] if seconds < HOUR else 0.0), 3)


Price = Callable[[float, int], float]


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


def length(day: date, minutes: int) -> int:
    """s of a slot of this day; 0 minutes is what the market has."""
    return 60 * minutes or (QUARTER if day >= QUARTERS_SINCE else HOUR)


def day_of(day: date, minutes: int = 60, price: Price = market) -> list[Slot]:
    """A day's prices: 23, 24 or 25 hours, or 92, 96 or 100 quarter-hours."""
    seconds = length(day, minutes)
    first, last = int(midnight(day)), int(midnight(day + timedelta(days=1)))
    return [Slot(at, at + seconds, price(at, seconds)) for at in range(first, last, seconds)]


def by_the(seconds: int, found: Sequence[Slot]) -> list[Slot]:
    """The same prices in slots of another length: the mean of shorter ones, longer ones again and again.

    A slot without a price makes its mean one without a price; an hour that is not whole is left out.
    """
    out: list[Slot] = []
    gathered: list[Slot] = []
    for slot in found:
        if slot.end - slot.start >= seconds:
            count = round((slot.end - slot.start) / seconds)
            out += [Slot(slot.start + i * seconds, slot.start + (i + 1) * seconds, slot.price) for i in range(count)]
            continue
        if slot.start % seconds == 0 or (gathered and gathered[-1].end != slot.start):
            gathered = []
        gathered.append(slot)
        if slot.end - gathered[0].start == seconds:
            prices = [each.price for each in gathered if each.price is not None]
            mean = round(sum(prices) / len(prices), 5) if len(prices) == len(gathered) else None
            out.append(Slot(gathered[0].start, slot.end, mean))
    return out


class Publisher:
    """Keeps a twin's prices as a service would: two days of them, a new day each afternoon, unless they were set.

    `minutes`: of a slot, 0 for what the market has. `day`: the service believes that it is this day (2026-03-29), at
    the same time of the day.
    """

    def __init__(
        self, twin: Tariff, clock: Callable[[], float], *, minutes: int = 60, price: Price = market, day: str = ""
    ) -> None:
        self._twin, self._clock, self._minutes, self._price = twin, clock, minutes, price
        now = clock()
        self._ahead = midnight(date.fromisoformat(day)) - midnight(local_day(now)) if day else 0.0
        self._last = local_day(self.now)
        if self.now >= published_at(self._last + timedelta(days=1)):
            self._last += timedelta(days=1)
        self._tell()

    @property
    def now(self) -> float:
        """The service's time."""
        return self._clock() + self._ahead

    def _tell(self) -> None:
        days = (self._last - timedelta(days=1), self._last)
        found = [slot for day in days for slot in day_of(day, self._minutes, self._price)]
        self._own = [{"start": text(each.start), "end": text(each.end), "price": each.price} for each in found]
        self._twin.prices = self._own
        when = published_at(self._last + timedelta(days=1)) - self._ahead
        self._twin.at("publish prices", when, self._publish)

    def _publish(self) -> None:
        self._last += timedelta(days=1)
        if self._twin.prices is self._own:
            self._tell()
        else:
            when = published_at(self._last + timedelta(days=1)) - self._ahead
            self._twin.at("publish prices", when, self._publish)

    def archive(self, start: float, end: float) -> list[Slot]:
        """What was published of days before those that the twin has; nothing where its prices were set."""
        if self._twin.prices is not self._own:
            return []
        day, first = max(local_day(start), OLDEST), self._last - timedelta(days=1)
        found: list[Slot] = []
        while day < min(first, local_day(end - 1) + timedelta(days=1)):
            found += day_of(day, self._minutes, self._price)
            day += timedelta(days=1)
        return found


def _instant(text: str) -> float:
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def text(at: float) -> str:
    """An instant as the twin's truth has it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
