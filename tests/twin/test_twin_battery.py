"""Battery inverters alone: commands, limits, what was set, state of charge."""

import pytest

from twin.battery import BatteryInverter

START = 1_750_000_000.0
HOUR = 3600.0


@pytest.fixture
def battery() -> BatteryInverter:
    twin = BatteryInverter(8000, capacity=10_000)
    twin.time = START
    return twin


def test_without_a_node_to_see_a_battery_rests(battery: BatteryInverter) -> None:
    battery.advance(START + HOUR)
    assert battery.battery_power == battery.power == 0
    assert battery.soc == 50
    assert battery.status == "standby"


def test_what_was_set_stays_until_a_setpoint_comes(battery: BatteryInverter) -> None:
    battery.set("pv_power", 3000.5)
    battery.set("battery_power", -2500)
    assert battery.power == 500.5
    battery.battery_setpoint = 1000.0
    assert battery.battery_power == 1000
    assert battery.power == 4000.5


def test_setting_one_quantity_leaves_the_others_that_were_set(battery: BatteryInverter) -> None:
    told = {"power": -1234.5, "battery_power": 2500.0, "pv_power": 70_123.4, "grid_power": -612.0, "soc": 17.9}
    for name, value in told.items():
        battery.set(name, value)
    assert {name: battery.truth()[name] for name in told} == told


def test_told_the_power_alone_the_cells_make_up_for_what_the_sun_does_not_give(battery: BatteryInverter) -> None:
    battery.set("power", -1234.5)
    assert (battery.battery_power, battery.pv_power) == (-1234.5, 0)
    battery.set("pv_power", 800.0)
    assert (battery.power, battery.battery_power) == (-1234.5, -2034.5)


def test_an_ac_limit_first_takes_from_the_sun_and_the_battery_keeps_its_setpoint(battery: BatteryInverter) -> None:
    battery.pv_available = 5000.0
    battery.battery_setpoint = 1000.0
    battery.power_limit = 2000.0
    assert (battery.battery_power, battery.pv_power, battery.power) == (1000, 1000, 2000)
    assert battery.status == "limited"


def test_the_rating_holds_at_the_ac_terminal(battery: BatteryInverter) -> None:
    battery.pv_available = 7000.0
    battery.battery_setpoint = 12_000.0
    assert battery.battery_power == 8000
    assert battery.power == 8000


def test_charge_and_discharge_limits_hold_in_their_direction(battery: BatteryInverter) -> None:
    battery.max_charge, battery.max_discharge = 1500.0, 700.0
    battery.battery_setpoint = -4000.0
    assert battery.battery_power == -1500
    battery.battery_setpoint = 4000.0
    assert battery.battery_power == 700


def test_without_leave_to_charge_from_the_grid_only_the_sun_charges(battery: BatteryInverter) -> None:
    battery.grid_charge = False
    battery.pv_available = 1200.0
    battery.battery_setpoint = -3000.0
    assert battery.battery_power == -1200
    assert battery.power == 0


def test_a_full_battery_stops_charging_at_the_computed_instant(battery: BatteryInverter) -> None:
    battery.battery_setpoint = -4800.0  # 5 kWh are missing, 4608 W arrive in the cells
    full = START + 5000 / (4800 * 0.96) * HOUR
    battery.advance(full - 1)
    assert battery.battery_power == -4800
    battery.advance(full + HOUR)
    assert (battery.battery_power, battery.soc) == (0, 100)
    assert battery.charge_energy == pytest.approx(5000 / 0.96)


def test_an_empty_battery_stops_at_its_lower_limit(battery: BatteryInverter) -> None:
    battery.soc_min = 12.5
    battery.battery_setpoint = 3000.0
    battery.advance(START + 24 * HOUR)
    assert battery.soc == 12.5
    assert battery.discharge_energy == pytest.approx(3750 * 0.96)
    assert battery.lost_energy == pytest.approx(150)


def test_a_battery_that_is_full_may_still_be_shown_charging_when_told_so(battery: BatteryInverter) -> None:
    battery.set("soc", 100.0)
    battery.set("battery_power", -2500.0)
    battery.advance(START + HOUR)
    assert battery.battery_power == -2500
    assert battery.soc == 100
    assert battery.forced_energy == pytest.approx(2400)


def test_physics_ends_what_was_set_when_the_cells_are_full(battery: BatteryInverter) -> None:
    battery.set("battery_power", -2500.0)
    battery.advance(START + 3 * HOUR)
    assert battery.battery_power == 0
    assert battery.soc == 100
