"""What a kilowatt-hour costs, now and in the slots to come, by what tariffs have told.

Slots carry their own begin and end in UTC, so that days of 92, 96 and 100 quarter-hours need nothing special. A slot
that cannot be understood is left out. The price is unknown, None, without a tariff, between slots and behind the last
one: whoever waits for a low price then goes on waiting.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from operator import attrgetter

from controller.strategy.once import once
from controller.strategy.view import View


@dataclass(frozen=True, slots=True)
class Slot:
    """From `start` until `end` (s since 1970, UTC) a kilowatt-hour costs `price` ct."""

    start: float
    end: float
    price: float


def price_now(view: View) -> float | None:
    """ct/kWh by the first tariff that has a slot for now."""
    for seen in view.of("tariff"):
        price = price_at(_told(seen.reading.get("prices")), view.time)
        if price is not None:
            return price
    return None


def price_at(slots: Sequence[Slot], time: float) -> float | None:
    """ct/kWh at an instant; `slots` in order of their start."""
    place = bisect_right(slots, time, key=attrgetter("start")) - 1
    return slots[place].price if place >= 0 and time < slots[place].end else None


def slots(view: View) -> Sequence[Slot]:
    """What the first tariff that has told anything has told, in order of time."""
    return next((found for seen in view.of("tariff") if (found := _told(seen.reading.get("prices")))), ())


def _told(prices: object) -> Sequence[Slot]:
    return _read(prices) if isinstance(prices, list) and prices else ()


def _slots(prices: list[dict[str, object]]) -> Sequence[Slot]:
    found = [slot for each in prices if (slot := _slot(each)) is not None]
    return tuple(sorted(found, key=attrgetter("start")))


# a driver may hand out a new list of the same slots each time: comparing those is still cheap
_read = once(_slots, same=lambda one, other: one is other or one == other)


def _slot(told: dict[str, object]) -> Slot | None:
    start, end, price = _instant(told.get("start")), _instant(told.get("end")), told.get("price")
    if start is None or end is None or isinstance(price, bool) or not isinstance(price, int | float):
        return None
    return Slot(start, end, float(price)) if isfinite(price) and start < end else None


def _instant(text: object) -> float | None:
    """s since 1970 of a time that names its zone."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return found.timestamp() if found.tzinfo else None
