"""Energy and cost of a day by hours, a month by days, a year by months, in local time, out of quarter-hours."""

from array import array
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from operator import mul
from typing import Any, Literal
from zoneinfo import ZoneInfo

from controller.service.figures import FLOWS, HOUSE
from controller.service.history import History
from controller.service.tiers import DAY, QUARTER

Period = Literal["day", "month", "year"]
HOURS = QUARTER / 3600
NOTHING = array("d")


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
    read = {name: history.quarters(HOUSE, name, bounds[0], bounds[-1]) for name in (*FLOWS, "price")}
    parts, known, priced = [], 0, 0
    for begin, end in pairwise(bounds):
        part = {"begin": begin, "cost": 0.0}
        for name in FLOWS:
            part[name] = HOURS * sum(_sum(each) for each in _pieces(read[name], begin, end))
        bought, prices = _pieces(read["import"], begin, end), _pieces(read["price"], begin, end)
        known += sum(_known(each) for each in bought)
        for watts, price in zip(bought, prices, strict=True):
            cost = array("d", map(mul, watts, price))
            part["cost"] += HOURS / 1000 / 100 * _sum(cost)
            priced += _known(cost)
        parts.append(part)
    total = {name: sum(part[name] for part in parts) for name in (*FLOWS, "cost")}
    return {
        "period": period, "begin": bounds[0], "end": bounds[-1], "parts": [_rounded(part) for part in parts],
        "total": _rounded(total),
        "self_consumption": _share(total["generation"] - total["export"], total["generation"]),
        "autarky": _share(total["consumption"] - total["import"], total["consumption"]),
        "known": known, "priced": priced,
    }  # fmt: skip


def _pieces(days: "Mapping[int, array[float]]", begin: float, end: float) -> "list[array[float]]":
    """The quarter-hours from `begin` until before `end`, a piece for each day (UTC); nothing known is empty."""
    first, last = int(begin), int(end)
    return [
        days.get(day, NOTHING)[max(first - day, 0) // QUARTER : (last - day) // QUARTER]
        for day in range(first // DAY * DAY, last, DAY)
    ]


def _sum(values: "array[float]") -> float:
    """Of what is known."""
    found = sum(values)
    return found if found == found else sum(each for each in values if each == each)


def _known(values: "array[float]") -> int:
    return len(values) if sum(values) == sum(values) else sum(each == each for each in values)


def _rounded(part: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 4 if name == "cost" else 1) for name, value in part.items()}


def _share(part: float, whole: float) -> float | None:
    """None where there is no whole to take a part of."""
    return round(min(max(part / whole, 0.0), 1.0), 4) if whole > 0 else None
