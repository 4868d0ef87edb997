"""A heat pump: how well it does, what its thermostat does, and what SG Ready asks of it."""

import pytest

from twin.heatpump import HeatPump, performance

START = 1_750_000_000.0
MINUTE, HOUR = 60.0, 3600.0


def pump(**facts: float) -> HeatPump:
    twin = HeatPump(2500, facts=facts)
    twin.time = START
    return twin


HELD_BACK = {"minimum_run": 900, "minimum_stop": 900, "dwell": 600, "longest_lock": 7200, "starts_an_hour": 3}


def test_it_does_better_in_warm_air_and_for_cool_water() -> None:
    assert performance(7, 35) == 4.759
    assert performance(-7, 40) == pytest.approx((3.743 + 3.067) / 2)
    assert performance(-30, 70) == performance(-15, 55) == 1.811


def test_it_keeps_its_buffer_between_two_temperatures_and_accounts_for_the_heat() -> None:
    twin = pump()
    twin.draw = 3000.5
    seen = []
    for hour in range(1, 49):
        twin.advance(START + hour * HOUR)
        seen.append(twin.water_temperature)
    assert min(seen) > 39.9 and max(seen) < 45.1
    stored = (twin.water_temperature - 43) * twin.capacity
    assert twin.heat_energy == pytest.approx(stored + twin.drawn_energy + twin.lost_energy, rel=1e-6)
    assert 3.4 < twin.heat_energy / twin.energy < 4.6


def test_the_four_states() -> None:
    twin = pump()
    twin.set("water_temperature", 44.5)
    assert (twin.power, twin.mode) == (0, "normal")
    twin.request = "raised"  # a recommendation is no start command: it wants 44 to 49 degrees
    assert (twin.power, twin.mode) == (0, "raised")
    twin.set("water_temperature", 43.5)
    assert twin.power == 2500
    twin.request = "locked"
    assert (twin.power, twin.mode) == (0, "locked")
    twin.request = "forced"
    assert (twin.power, twin.mode) == (2500, "forced")


def test_a_request_counts_when_the_one_before_has_stood_for_its_time() -> None:
    twin = pump(**HELD_BACK)
    twin.request = "forced"
    assert twin.power == 2500
    twin.request = "normal"
    twin.advance(START + 9 * MINUTE)
    assert twin.mode == "forced"
    twin.advance(START + 11 * MINUTE)
    assert (twin.mode, twin.power) == ("normal", 2500)  # the compressor runs for a quarter of an hour


def test_a_lock_stops_the_compressor_at_once_and_it_rests() -> None:
    twin = pump(**HELD_BACK)
    twin.request = "forced"
    twin.advance(START + MINUTE)
    twin.request = "locked"
    assert twin.power == 0
    twin.request = "forced"
    twin.advance(START + 12 * MINUTE)
    assert (twin.mode, twin.power) == ("forced", 0)
    twin.advance(START + 17 * MINUTE)
    assert twin.power == 2500


def test_nobody_can_lock_it_for_longer_than_two_hours() -> None:
    twin = pump(**HELD_BACK)
    twin.set("water_temperature", 39.0)
    twin.request = "locked"
    twin.advance(START + 2 * HOUR - 1)
    assert (twin.mode, twin.power) == ("locked", 0)
    twin.advance(START + 2 * HOUR + 1)
    assert (twin.mode, twin.power) == ("normal", 2500)


def test_a_fourth_start_within_the_hour_waits() -> None:
    twin = pump(starts_an_hour=3)
    for minute in range(4):
        twin.advance(START + minute * 10 * MINUTE)
        twin.request = "forced"
        assert (twin.power == 2500) is (minute < 3)
        twin.request = "locked"
    twin.request = "forced"
    twin.advance(START + 59 * MINUTE)
    assert twin.power == 0
    twin.advance(START + 61 * MINUTE)
    assert twin.power == 2500


def test_a_power_that_is_set_is_told() -> None:
    twin = pump()
    twin.set("power", 1234.0)
    assert (twin.power, twin.mode) == (1234, "normal")
