"""What a kilowatt-hour costs at an instant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from controller.strategy.prices import price_now
from controller.strategy.view import Seen, View


def view(time: float, *tariffs: list[dict[str, object]] | None) -> View:
    names = {f"prices {number}": slots for number, slots in enumerate(tariffs)}
    seen = {name: Seen(name, "tariff", {} if slots is None else {"prices": slots}) for name, slots in names.items()}
    return View(time, 17.0, seen)


SLOT: dict[str, object] = {"start": "2025-06-15T15:00:00Z", "end": "2025-06-15T16:00:00Z", "price": -3.51}


def test_a_price_holds_from_the_begin_of_its_slot_to_before_its_end():
    assert price_now(view(1_749_999_600.0, [SLOT])) == -3.51
    assert price_now(view(1_750_003_199.9, [SLOT])) == -3.51
    assert price_now(view(1_750_003_200.0, [SLOT])) is None


def test_a_tariff_that_is_not_read_leaves_it_to_the_next_and_none_means_unknown():
    assert price_now(view(1_750_000_000.0, None, [SLOT])) == -3.51
    assert price_now(view(1_750_000_000.0, None)) is None
    assert price_now(view(1_750_000_000.0)) is None


@pytest.mark.parametrize(
    "broken",
    [{"price": None}, {"price": float("nan")}, {"start": "soon"}, {"end": "2025-06-15T16:00:00"}, {"start": None}],
)
def test_a_slot_that_cannot_be_understood_has_no_price(broken: dict[str, object]):
    assert price_now(view(1_750_000_000.0, [SLOT | broken])) is None


@pytest.mark.parametrize(("day", "slots"), [("2025-03-30", 92), ("2025-06-15", 96), ("2025-10-26", 100)])
def test_every_quarter_hour_of_a_day_has_its_own_price_also_when_clocks_change(day: str, slots: int):
    berlin = ZoneInfo("Europe/Berlin")
    first = datetime.fromisoformat(day).replace(tzinfo=berlin)
    end = (first + timedelta(days=1)).timestamp()
    starts = [first.timestamp() + 900 * number for number in range(int((end - first.timestamp()) / 900))]
    assert len(starts) == slots
    table: list[dict[str, object]] = [
        {"start": local(start, berlin), "end": local(start + 900, UTC), "price": number - 40.5}
        for number, start in enumerate(starts)
    ]
    assert [price_now(view(start + 450, table)) for start in starts] == [number - 40.5 for number in range(slots)]


def local(time: float, zone: object) -> str:
    return datetime.fromtimestamp(time, zone).isoformat()  # type: ignore[arg-type]
