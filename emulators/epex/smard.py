"""SMARD's chart data: an index of weeks, and one file a week with its prices, null where there is none yet.

GET .../4169/DE-LU/index_{hour|quarterhour}.json and .../4169/DE-LU/4169_DE-LU_{resolution}_{ms}.json. A week begins on
Monday, local time; its file is there when Monday's prices are, on Sunday about noon.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from emulators.faces.prices import BERLIN, HOUR, OLDEST, QUARTER, Slot, by_the, local_day, midnight, published_at
from emulators.wires.http import NotServed, answer
from emulators.wires.wire import HttpReply

FILTER, ZONE = "4169", "DE-LU"
SECONDS = {"hour": HOUR, "quarterhour": QUARTER}
Published = Callable[[float, float], Sequence[Slot]]


def reply(segments: Sequence[str], now: float, published: Published) -> HttpReply:
    if len(segments) != 3 or tuple(segments[:2]) != (FILTER, ZONE):
        raise NotServed(404, "/".join(segments))
    name = segments[2].removesuffix(".json")
    if name.startswith("index_") and name[6:] in SECONDS:
        return answer({"timestamps": [round(1000 * midnight(monday)) for monday in _weeks(now)]})
    prefix, _, stamp = name.rpartition("_")
    resolution = prefix.removeprefix(f"{FILTER}_{ZONE}_")
    monday = _monday(stamp)
    if resolution not in SECONDS or monday not in _weeks(now):
        raise NotServed(404, segments[2])
    return answer({"meta_data": {"version": 1, "created": round(1000 * now)}, "series": _series(
        monday, SECONDS[resolution], published,
    )})  # fmt: skip


def _series(monday: date, seconds: int, published: Published) -> list[list[float | None]]:
    """A whole week, in the order of what is published."""
    start, end = midnight(monday), midnight(monday + timedelta(days=7))
    found = by_the(seconds, published(start, end))
    told = [[1000 * slot.start, None if slot.price is None else round(10 * slot.price, 4)] for slot in found]
    known = {1000 * slot.start for slot in found}
    empty = [[1000.0 * at, None] for at in range(int(start), int(end), seconds) if 1000 * at not in known]
    return [*told, *empty]


def _weeks(now: float) -> list[date]:
    """The Mondays of all weeks that have a file."""
    monday = OLDEST - timedelta(days=OLDEST.weekday())
    found = []
    while published_at(monday) <= now:
        found.append(monday)
        monday += timedelta(days=7)
    return found


def _monday(stamp: str) -> date:
    if not stamp.isdigit():
        raise NotServed(404, stamp)
    day = datetime.fromtimestamp(int(stamp) / 1000, BERLIN)
    if day.weekday() or midnight(day.date()) * 1000 != int(stamp):
        raise NotServed(404, stamp)
    return local_day(int(stamp) / 1000)
