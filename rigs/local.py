"""Local time of a site, for people: always with its offset from UTC."""

from datetime import date, datetime, time
from functools import cache
from zoneinfo import ZoneInfo

ZONE = "Europe/Berlin"


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def shown(at: float, zone: str = ZONE) -> str:
    """`2025-06-15 17:06:40+02:00` for s since 1970, UTC."""
    return datetime.fromtimestamp(at, _zone(zone)).isoformat(" ", "seconds")


def midnight(day: date, zone: str = ZONE) -> float:
    """When a local day begins, in s since 1970, UTC."""
    return datetime.combine(day, time(), _zone(zone)).timestamp()
