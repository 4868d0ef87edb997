"""DC charging points: limited in W, one limit with that in A, a car with a battery voltage and a state of charge."""

import pytest

from twin.dc_charger import DcChargingPoint
from twin.kinds import twin_of

START = 1_750_000_000.0


@pytest.fixture
def point() -> DcChargingPoint:
    twin = DcChargingPoint(150_000, minimum_power=1548)
    twin.time = START
    twin.advance(START)
    return twin


def test_a_limit_in_watts_and_one_in_amperes_are_the_same(point: DcChargingPoint) -> None:
    point.plugged = True
    point.power_limit = 71_234.5
    assert point.current_limit == pytest.approx(71_234.5 / 690)
    assert point.power == pytest.approx(71_234.5)
    point.current_limit = 9.5
    assert (point.power, point.power_limit) == (pytest.approx(6555), pytest.approx(6555))


def test_below_its_minimum_the_connector_pauses(point: DcChargingPoint) -> None:
    point.plugged = True
    point.power_limit = 1547
    assert (point.power, point.vehicle) == (0, "B")
    point.power_limit = 1549
    assert point.vehicle == "C"


def test_the_car_and_the_station_bound_the_power(point: DcChargingPoint) -> None:
    point.plugged = True
    assert point.power == pytest.approx(150_000)
    point.station_current = 75_000 / 690
    assert point.power == pytest.approx(75_000)
    point.set("power", 43_210.9)
    assert (point.power, point.dc_current) == (43_210.9, pytest.approx(43_210.9 / 781.5))
    point.power_limit = 100_000
    assert point.power == pytest.approx(43_210.9)


def test_the_state_of_charge_follows_the_session(point: DcChargingPoint) -> None:
    assert (point.vehicle_soc, point.dc_voltage) == (0, 0)
    point.plugged = True
    point.power_limit = 77_000
    point.advance(START + 1800)
    assert (point.session_energy, point.vehicle_soc) == (pytest.approx(38_500), pytest.approx(87.25))
    point.advance(START + 7200)
    assert point.vehicle_soc == 100


def test_a_charging_station_with_dc_has_this_physics() -> None:
    twin = twin_of("charging-station", 50_000, 3, {"dc": True})
    assert isinstance(twin, DcChargingPoint)
    assert (twin.max_current, twin.truth()["phases"]) == (pytest.approx(50_000 / 690), 3)
