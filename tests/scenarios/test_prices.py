"""Prices are compared by what an instant costs."""

from typing import Any

import pytest

from scenarios.bench.prices import differing

HOUR = [{"start": "2026-03-30T10:00:00Z", "end": "2026-03-30T11:00:00Z", "price": -1.05}]
QUARTERS = (("00", "10:15"), ("15", "10:30"), ("30", "10:45"), ("45", "11:00"))
NOW = 1_774_864_800.0  # its beginning


def quarters(*prices: float) -> list[dict[str, Any]]:
    return [
        {"start": f"2026-03-30T10:{begin}:00Z", "end": f"2026-03-30T{end}:00Z", "price": price}
        for (begin, end), price in zip(QUARTERS, prices, strict=False)
    ]  # fmt: skip


def test_slots_may_be_cut_finer_and_more_may_be_told() -> None:
    more = {"start": "2026-03-29T10:00:00+02:00", "end": "2026-03-30T12:00:00+02:00", "price": 99.0}
    assert differing([more, *quarters(-1.05, -1.05, -1.05, -1.05)], HOUR, NOW) == ""


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (quarters(-1.05, -1.05, 1.05, -1.05), "1.05 ct/kWh from 2026-03-30 10:30"),
        (quarters(-1.05, -1.05, -1.05), "no price from"),
        (quarters(-1.05) + quarters(-1.05, -1.05, -1.05, -1.05)[2:], "no price from"),
        ([], "no price from"), (None, "no list"),
    ],
)  # fmt: skip
def test_another_price_a_gap_and_nothing_differ(found: Any, why: str) -> None:
    assert why in differing(found, HOUR, NOW)


def test_what_is_over_is_not_looked_at() -> None:
    assert differing(quarters(9.0, 9.0, -1.05, -1.05), HOUR, NOW + 1800) == ""
