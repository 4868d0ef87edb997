"""What a kilowatt-hour costs at an instant, by the slots that a tariff has told.

Slots carry their own begin and end in UTC: days of 92, 96 and 100 quarter-hours need nothing special.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from controller.strategy.view import View


def price_now(view: View) -> float | None:
    """ct/kWh by the first tariff that has a slot for now, None when none has."""
    for seen in view.of("tariff"):
        prices = seen.reading.get("prices")
        for slot in prices if isinstance(prices, list) else []:
            price = price_at(slot, view.time)
            if price is not None:
                return price
    return None


def price_at(slot: Mapping[str, object], time: float) -> float | None:
    """The slot's price when it holds this instant (s since 1970), None otherwise or when it cannot be understood."""
    start, end, price = instant(str(slot.get("start"))), instant(str(slot.get("end"))), slot.get("price")
    if start is None or end is None or not start <= time < end:
        return None
    return float(price) if isinstance(price, int | float) and price == price else None


@lru_cache(maxsize=4096)
def instant(text: str) -> float | None:
    """Seconds since 1970 of a time with its zone, None when it is none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.timestamp() if found.tzinfo else None
