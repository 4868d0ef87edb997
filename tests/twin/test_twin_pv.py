"""PV inverters: the sun, the limit, the night."""

import pytest

from twin.pv import PvInverter


def test_a_limit_takes_and_its_release_gives_back_what_was_set() -> None:
    pv = PvInverter(10_000)
    pv.set("power", 8000)
    pv.power_limit = 6000.0
    assert (pv.power, pv.status) == (6000, "limited")
    pv.power_limit = 10_000.0
    assert (pv.power, pv.status) == (8000, "running")


def test_telling_the_limit_is_no_command() -> None:
    pv = PvInverter(10_000)
    pv.set("power", 8000)
    pv.set("power_limit", 4321.5)
    assert pv.power == 8000
    pv.power_limit = 5000.0
    assert pv.power == 5000


def test_at_night_an_inverter_draws_and_a_limit_does_not_stop_that() -> None:
    pv = PvInverter(10_000)
    pv.available = -7.5
    pv.power_limit = 0.0
    assert pv.power == -7.5
    assert pv.dc_power == 0
    assert pv.status == "standby"


def test_more_sun_than_rating_is_cut() -> None:
    pv = PvInverter(70_000)
    pv.available = 81_234.5
    assert pv.power == 70_000
    assert pv.power_l3 == pytest.approx(70_000 / 3)
    assert pv.dc_power == pytest.approx(70_000 / 0.97)


def test_energy_grows_by_the_power_of_each_span() -> None:
    pv = PvInverter(10_000)
    pv.advance(1_750_000_000)
    pv.available = 4321.5
    pv.advance(1_750_003_600)
    pv.available = -6.0
    pv.advance(1_750_007_200)
    assert pv.energy == pytest.approx(4321.5)
