"""What power costs at an instant, by slots of days with 92, 96 and 100 quarter-hours."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from controller.strategy.tariff import price_now, slots
from controller.strategy.view import Seen, View

LOCAL = ZoneInfo("Europe/Berlin")


def quarters(day: date) -> list[dict[str, object]]:
    """A day's quarter-hours, the first for 0 ct/kWh, each after it 0.25 ct dearer."""
    begin = datetime(day.year, day.month, day.day, tzinfo=LOCAL).astimezone(UTC)
    following = day + timedelta(days=1)
    end = datetime(following.year, following.month, following.day, tzinfo=LOCAL).astimezone(UTC)
    count = int((end - begin) / timedelta(minutes=15))
    edges = [begin + number * timedelta(minutes=15) for number in range(count + 1)]
    return [
        {"start": start.isoformat(), "end": stop.isoformat(), "price": 0.25 * number}
        for number, (start, stop) in enumerate(pairwise(edges))
    ]


def at(when: datetime | float, *prices: object) -> View:
    tariffs = {f"tariff {n}": Seen(f"tariff {n}", "tariff", {"prices": each}) for n, each in enumerate(prices)}
    return View(when.timestamp() if isinstance(when, datetime) else when, 0.0, tariffs)


@pytest.mark.parametrize(("day", "count"), [((2025, 3, 30), 92), ((2025, 6, 15), 96), ((2025, 10, 26), 100)])
def test_each_quarter_of_any_day_has_its_price(day: tuple[int, int, int], count: int):
    told = quarters(date(*day))
    assert len(told) == count
    begin = datetime(*day, tzinfo=LOCAL).timestamp()
    for number in range(count):
        assert price_now(at(begin + 900.0 * number, told)) == 0.25 * number
        assert price_now(at(begin + 900.0 * number + 899.5, told)) == 0.25 * number
    assert price_now(at(begin - 1, told)) is None
    assert price_now(at(begin + 900.0 * count, told)) is None


def test_the_hour_that_comes_twice_costs_twice_as_it_is_told():
    told = quarters(date(2025, 10, 26))
    first = datetime(2025, 10, 26, 2, 30, tzinfo=LOCAL)
    assert price_now(at(first, told)) == 2.5
    assert price_now(at(first.replace(fold=1), told)) == 3.5


def test_a_price_may_be_negative_and_slots_out_of_order_or_apart():
    told = [
        {"start": "2025-06-15T15:00:00Z", "end": "2025-06-15T16:00:00Z", "price": -3.51},
        {"start": "2025-06-15T12:00:00Z", "end": "2025-06-15T13:00:00Z", "price": 70_000},
    ]
    assert price_now(at(datetime(2025, 6, 15, 15, 6, 40, tzinfo=UTC), told)) == -3.51
    assert price_now(at(datetime(2025, 6, 15, 12, 0, tzinfo=UTC), told)) == 70_000.0
    assert price_now(at(datetime(2025, 6, 15, 14, 0, tzinfo=UTC), told)) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "2025-06-15T15:00:00Z", "end": "2025-06-15T16:00:00Z"},
        {"start": "2025-06-15T15:00:00Z", "end": "2025-06-15T16:00:00Z", "price": float("nan")},
        {"start": "2025-06-15T15:00:00Z", "end": "2025-06-15T16:00:00Z", "price": "12"},
        {"start": "2025-06-15T15:00:00", "end": "2025-06-15T16:00:00", "price": 12.5},
        {"start": "yesterday", "end": "2025-06-15T16:00:00Z", "price": 12.5},
        {"start": "2025-06-15T16:00:00Z", "end": "2025-06-15T15:00:00Z", "price": 12.5},
    ],
)
def test_a_slot_that_cannot_be_understood_has_no_price(wrong: dict[str, object]):
    assert price_now(at(datetime(2025, 6, 15, 15, 30, tzinfo=UTC), [wrong])) is None


def test_without_prices_nothing_is_known():
    now = datetime(2025, 6, 15, 15, 30, tzinfo=UTC)
    for told in ([], None, "soon", 12.5):
        assert price_now(at(now, told)) is None
    assert price_now(at(now)) is None


def test_a_second_tariff_counts_where_the_first_has_no_slot():
    one, other = quarters(date(2025, 6, 15)), quarters(date(2025, 6, 16))
    assert price_now(at(datetime(2025, 6, 16, 0, 15, tzinfo=LOCAL), one, other)) == 0.25
    assert len(slots(at(0.0, one, other))) == 96


def test_a_new_list_of_prices_is_read_anew():
    told = quarters(date(2025, 6, 15))
    now = datetime(2025, 6, 15, 0, 15, tzinfo=LOCAL)
    assert price_now(at(now, told)) == 0.25
    assert price_now(at(now, list(told))) == 0.25
    assert price_now(at(now, [slot | {"price": -1.5} for slot in told])) == -1.5
