"""Energy and cost of a day by hours, a month by days, a year by months, in local time, out of quarter-hours."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from controller.service.figures import FLOWS, HOUSE
from controller.service.history import History
from controller.service.tiers import QUARTER

Period = Literal["day", "month", "year"]
HOURS = QUARTER / 3600


def edges(period: Period, day: date, zone: str) -> list[float]:
    """Where the parts of a period begin, and its end; s since 1970 (UTC)."""
    there = ZoneInfo(zone)

    def begin(of: date) -> float:
        return datetime.combine(of, time(), there).timestamp()

    if period == "day":
        first, last = begin(day), begin(day + timedelta(1))
        return [first + 3600 * hour for hour in range(round((last - first) / 3600))] + [last]
    if period == "month":
        first_day = day.replace(day=1)
        after = (first_day + timedelta(31)).replace(day=1)
        return [begin(first_day + timedelta(n)) for n in range((after - first_day).days + 1)]
    return [begin(date(day.year, month, 1)) for month in range(1, 13)] + [begin(date(day.year + 1, 1, 1))]


def balance(history: History, period: Period, day: date, zone: str) -> dict[str, Any]:
    """Wh of each flow and cost of what was bought, part by part and altogether.

    `known`: quarter-hours of which the grid is known, `priced`: those with a price; what is not known counts nothing.
    """
    bounds = edges(period, day, zone)
    parts = [dict.fromkeys(FLOWS, 0.0) | {"begin": begin, "cost": 0.0} for begin in bounds[:-1]]
    read = {name: history.points(HOUSE, name, bounds[0], bounds[-1], QUARTER) for name in (*FLOWS, "price")}
    for name in FLOWS:
        _add(parts, bounds, read[name], name, lambda time, watts: watts * HOURS)
    prices = dict(read["price"])
    priced = [(time, watts) for time, watts in read["import"] if time in prices]
    _add(parts, bounds, priced, "cost", lambda time, watts: watts * HOURS / 1000 * prices[time] / 100)
    total = {name: sum(part[name] for part in parts) for name in (*FLOWS, "cost")}
    return {
        "period": period, "begin": bounds[0], "end": bounds[-1], "parts": [_rounded(part) for part in parts],
        "total": _rounded(total),
        "self_consumption": _share(total["generation"] - total["export"], total["generation"]),
        "autarky": _share(total["consumption"] - total["import"], total["consumption"]),
        "known": len(read["import"]), "priced": len(priced),
    }  # fmt: skip


def _add(
    parts: Sequence[dict[str, float]], bounds: Sequence[float], points: Sequence[tuple[int, float]], name: str,
    amount: Callable[[int, float], float],
) -> None:  # fmt: skip
    for at, value in points:
        parts[bisect_right(bounds, at) - 1][name] += amount(at, value)


def _rounded(part: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4 if name == "cost" else 1) for name, value in part.items()}


def _share(part: float, whole: float) -> float | None:
    """None where there is no whole to take a part of."""
    return round(min(max(part / whole, 0.0), 1.0), 4) if whole > 0 else None
