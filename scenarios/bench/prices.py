"""Prices as they count: what an instant costs, however the slots are cut and whatever else a service tells."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

CLOSE = 0.005  # ct/kWh that services round to

Told = Sequence[dict[str, Any]]


def differing(found: Any, expected: Told, now: float) -> str:
    """The first instant from `now` on (s since 1970) that costs something else than expected, or nothing; else empty.

    Slots may be cut finer or coarser. What is told beside the expected times is not looked at.
    """
    if not isinstance(found, list):
        return f"no list but {found!r}"
    told = sorted((_instant(each["start"]), _instant(each["end"]), float(each["price"])) for each in found)
    for slot in expected:
        start, end, price = _instant(slot["start"]), _instant(slot["end"]), float(slot["price"])
        if end <= now:
            continue
        at = start = max(start, now)
        for begin, until, costs in told:
            if until <= start or begin >= end:
                continue
            if begin > at:
                break
            if abs(costs - price) > CLOSE:
                return f"{costs} ct/kWh from {datetime.fromtimestamp(begin, UTC)} on instead of {price}"
            at = max(at, until)
        if at < end:
            return f"no price from {slot['start']} to {slot['end']}"
    return ""


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
