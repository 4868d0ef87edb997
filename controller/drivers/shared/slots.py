"""Slots of a tariff: in order of time, each once, with instants in UTC and prices in ct/kWh.

A slot is as long as its service says, so days of 23 and 25 hours need nothing special. One without a price is left out.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from zoneinfo import ZoneInfo

from controller.errors import Garbled

BERLIN = ZoneInfo("Europe/Berlin")  # where the market's days begin, and Tibber's German customers live
LENGTHS = (900.0, 1800.0, 3600.0)  # s of a slot at the exchange, now and before October 2025
DAY = 86_400.0  # s

Price = dict[str, object]
Slot = tuple[float, float, float | None]  # begin and end, s since 1970, and ct/kWh


def priced(found: Iterable[Slot], raw: bytes, longest: float = DAY) -> list[Price]:
    """The slots in order of time; Garbled when one is no slot, or two overlap. The first of two alike counts."""
    slots: dict[float, tuple[float, float]] = {}
    for start, end, price in found:
        if not 0 < end - start <= longest:
            raise Garbled(f"a slot from {start} to {end}", raw=raw)
        if price is not None and not isfinite(price):
            raise Garbled(f"a price of {price} at {start}", raw=raw)
        if price is not None:
            slots.setdefault(start, (end, price))
    prices: list[Price] = []
    last = float("-inf")
    for start, (end, price) in sorted(slots.items()):
        if start < last:
            raise Garbled("slots that overlap", raw=raw)
        last = end
        prices.append({"start": iso(start), "end": iso(end), "price": round(price, 4)})  # the exchange: cents a MWh
    return prices


def covered(prices: Sequence[Price], since: float) -> float:
    """Until when, s since 1970, every instant from `since` on has a price."""
    until = since
    for each in prices:
        start, end = instant(each["start"]), instant(each["end"])
        if start <= until < end:
            until = end
    return until


def closed(starts: Sequence[float]) -> list[float]:
    """The ends of slots that are told by their starts alone, by the distance to the next one.

    A distance that neither neighbour has is a gap. The last slot is as long as the one before, a lone one an hour.
    """
    steps = [after - before for before, after in pairwise(starts)]
    ends = []
    for at, start in enumerate(starts):
        near = [step for step in (steps[at - 1 : at] if at else []) + steps[at + 1 : at + 2] if step in LENGTHS]
        own = steps[at] if at < len(steps) else None
        if own is None:
            length = near[0] if near else LENGTHS[-1]
        elif own in LENGTHS and (not near or own in near):
            length = own
        else:
            length = min([*near, *([own] if own in LENGTHS else [])], default=LENGTHS[-1])
        ends.append(start + length)
    return ends


def midnight(time: float, days: int = 0) -> float:
    """The beginning of the German day, `days` after the one that `time` is in; all in s since 1970."""
    return _midnight(int(time // 3600), days)


@lru_cache(16)  # the pace of a client asks each second
def _midnight(hour: int, days: int) -> float:
    """The same by whole hours since 1970: a German day begins with one."""
    day = datetime.fromtimestamp(hour * 3600, BERLIN).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).timestamp()


def month(time: float, months: int = 0) -> float:
    """The beginning of the German month, `months` after the one that `time` is in; all in s since 1970."""
    try:
        day = datetime.fromtimestamp(time, BERLIN)
        years, index = divmod(day.month - 1 + months, 12)
        return datetime(day.year + years, index + 1, 1, tzinfo=BERLIN).timestamp()
    except (OverflowError, ValueError, OSError) as no:
        raise Garbled(f"a month with {time} s") from no


def instant(text: object) -> float:
    """s since 1970 of an ISO 8601 time that names its zone; Garbled when it does not."""
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError as no:
        raise Garbled(f"{text!r} is no time") from no
    if found.tzinfo is None:
        raise Garbled(f"{text!r} names no zone")
    return found.timestamp()


def iso(seconds: float) -> str:
    """An instant in UTC as ISO 8601."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError) as no:
        raise Garbled(f"a slot at {seconds} s") from no
