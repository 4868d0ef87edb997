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


def test_a_car_may_take_half_an_ampere_less_than_it_is_offered(point: ChargingPoint) -> None:
    point.plugged = True
    point.vehicle_shortfall = 0.5
    point.current_limit = 9.7
    assert point.current_l3 == pytest.approx(9.2)
    point.vehicle_current = 8.0
    assert point.current_l3 == pytest.approx(8.0)


def test_a_car_on_two_phases_leaves_the_third_alone(point: ChargingPoint) -> None:
    point.plugged = True
    point.vehicle_phases = 2
    point.current_limit = 13.1
    assert (point.power, point.current_l2, point.current_l3) == (pytest.approx(13.1 * 460), pytest.approx(13.1), 0)


def test_a_slow_car_rises_in_steps_of_a_second_and_falls_at_once(point: ChargingPoint) -> None:
    point.advance(START)
    point.vehicle_ramp = 1.5
    point.plugged = True
    assert (point.power, point.vehicle) == (0, "B")
    point.advance(START + 4)
    assert point.current_l1 == pytest.approx(6.0)
    point.advance(START + 3600)
    assert point.current_l1 == pytest.approx(16.0)
    ampere_seconds = sum(min(1.5 * second, 16.0) for second in range(3600))
    assert point.session_energy == pytest.approx(ampere_seconds * 690 / 3600)
    point.current_limit = 7.3
    assert point.current_l1 == pytest.approx(7.3)
    point.current_limit = 10.0
    point.advance(START + 3601)
    assert point.current_l1 == pytest.approx(8.8)


def test_a_sleepy_car_takes_nothing_for_a_while_after_each_offer(point: ChargingPoint) -> None:
    point.advance(START)
    point.vehicle_delay = 42.5
    point.plugged = True
    point.advance(START + 42)
    assert (point.power, point.vehicle) == (0, "B")
    point.advance(START + 43)
    assert point.power == pytest.approx(11_040)
    point.enabled = False
    point.enabled = True
    point.advance(START + 80)
    assert point.power == 0
    point.advance(START + 86)
    assert point.session_energy == pytest.approx(11_040 * 1.0 / 3600)  # 0.5 s before the pause, 0.5 s now


def test_an_offer_that_goes_before_the_car_woke_leaves_it_asleep(point: ChargingPoint) -> None:
    point.advance(START)
    point.vehicle_delay, point.vehicle_ramp = 30.0, 2.0
    point.plugged = True
    point.advance(START + 20)
    point.current_limit = 0.0
    point.advance(START + 100)
    point.current_limit = 8.0
    point.advance(START + 131)
    assert point.current_l1 == pytest.approx(2.0)


def test_the_station_may_leave_a_point_less_than_its_limit(point: ChargingPoint) -> None:
    point.plugged = True
    point.station_current = 7.5
    assert (point.current_limit, point.current_l1) == (16, pytest.approx(7.5))
    point.station_current = 5.9
    assert (point.vehicle, point.power) == ("B", 0)


def test_a_session_knows_since_when_and_how_long_it_charged(point: ChargingPoint) -> None:
    point.advance(START + 10)
    point.plugged = True
    point.advance(START + 130.5)
    point.enabled = False
    point.advance(START + 4000)
    assert (point.plugged_since, point.charging_time) == (START + 10, pytest.approx(120.5))
    point.plugged = False
    point.plugged = True
    assert (point.plugged_since, point.charging_time) == (START + 4000, 0)
