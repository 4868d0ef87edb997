"""Charging points: states of IEC 61851, current limit, session, a car that is full."""

import pytest

from twin.charger import ChargingPoint

START = 1_750_000_000.0


@pytest.fixture
def point() -> ChargingPoint:
    twin = ChargingPoint(max_current=16)
    twin.time = START
    return twin


def test_without_a_car_nothing_flows(point: ChargingPoint) -> None:
    assert (point.vehicle, point.plugged, point.power) == ("A", False, 0)


def test_a_car_takes_what_the_limit_allows(point: ChargingPoint) -> None:
    point.plugged = True
    point.current_limit = 9.5
    assert point.vehicle == "C"
    assert point.power == pytest.approx(9.5 * 690)
    assert point.current_l2 == pytest.approx(9.5)


def test_below_six_amperes_the_car_pauses_and_stays_connected(point: ChargingPoint) -> None:
    point.plugged = True
    point.current_limit = 5.9
    assert (point.vehicle, point.power) == ("B", 0)


def test_a_disabled_or_unauthorized_point_offers_nothing(point: ChargingPoint) -> None:
    point.plugged = True
    point.enabled = False
    assert point.offered_current == 0
    point.enabled, point.authorized = True, False
    assert (point.vehicle, point.power) == ("B", 0)


def test_a_power_that_was_set_brings_a_car_and_a_limit_moves_it(point: ChargingPoint) -> None:
    point.set("power", 11_040)
    assert (point.vehicle, point.plugged) == ("C", True)
    point.current_limit = 10.0
    assert point.power == 6900
    point.current_limit = 16.0
    assert point.power == pytest.approx(11_040)


@pytest.mark.parametrize(
    "order", [("power", "vehicle", "plugged", "current_limit"), ("current_limit", "plugged", "vehicle", "power")]
)
def test_what_was_set_holds_in_any_order(point: ChargingPoint, order: tuple[str, ...]) -> None:
    told = {"power": 1234.5, "vehicle": "B", "plugged": False, "current_limit": 7.25}
    for name in order:
        point.set(name, told[name])
    assert {name: point.truth()[name] for name in told} == told


def test_switched_to_one_phase_the_others_carry_nothing(point: ChargingPoint) -> None:
    point.plugged = True
    point.phases = 1
    assert point.power == pytest.approx(16 * 230)
    assert (point.power_l2, point.current_l3) == (0, 0)


def test_a_car_on_one_phase_takes_a_third(point: ChargingPoint) -> None:
    point.plugged = True
    point.vehicle_phases = 1
    assert point.power == pytest.approx(3680)
    assert point.power_l1 == pytest.approx(3680)


def test_a_session_counts_from_the_plug_and_ends_when_the_car_is_full(point: ChargingPoint) -> None:
    point.set("energy", 70_123.5)
    point.set("session_energy", 4321.0)
    point.plugged = True
    point.vehicle_demand = 2500.5
    point.advance(START + 3600)
    assert point.session_energy == pytest.approx(2500.5)
    assert point.energy == pytest.approx(72_624)
    assert (point.vehicle, point.plugged) == ("B", True)


def test_unplugging_ends_the_charge_and_the_session_energy_stays_to_be_read(point: ChargingPoint) -> None:
    point.set("power", 6900)
    point.advance(START + 1800)
    point.plugged = False
    assert (point.vehicle, point.power) == ("A", 0)
    assert point.session_energy == pytest.approx(3450)


def test_a_fault_of_the_pilot_outlasts_commands(point: ChargingPoint) -> None:
    point.plugged = True
    point.set("vehicle", "F")
    point.current_limit = 16.0
    assert (point.vehicle, point.status, point.power) == ("F", "fault", 0)
