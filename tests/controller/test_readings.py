"""How long what a device said counts, and what a PV inverter means that says nothing."""

from typing import Any

from controller.members import Member
from controller.run.readings import FRESH, fresh, rested, take


def member() -> Member:
    return Member("roof", object(), "pv")


def test_a_reading_counts_until_it_is_too_old_and_what_a_later_one_lacks_as_long():
    roof = member()
    take(roof, {"power": -12.5, "energy": 98_765.0}, 100.0)
    take(roof, {"energy": 98_766.0}, 110.0)
    assert fresh(roof, 114.0) == {"power": -12.5, "energy": 98_766.0}
    assert fresh(roof, 100.0 + FRESH + 0.1) == {"energy": 98_766.0}
    assert fresh(roof, 110.0 + FRESH + 0.1) == {}


def test_prices_count_for_as_long_as_they_say_themselves():
    tariff = member()
    take(tariff, {"prices": [{"price": -3.5}], "power": 1.0}, 0.0)
    assert fresh(tariff, 86_400.0) == {"prices": [{"price": -3.5}]}


def test_an_inverter_that_stands_by_feeds_nothing_and_any_other_silence_is_unknown():
    night: dict[str, Any] = {"power": None, "status": "standby", "dc_power": 0.0}
    assert rested(night) == {**night, "power": 0.0}
    for unknown in (
        {"power": None, "status": "running"},
        {"power": None},
        {"status": "standby", "battery_power": -99.0},
    ):
        assert rested(unknown) == unknown
    assert rested({"power": -7.0, "status": "standby"}) == {"power": -7.0, "status": "standby"}
