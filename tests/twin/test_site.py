"""A house behind one grid connection: night, limit, full battery, car, and who sees what."""

import pytest

from twin.battery import BatteryInverter
from twin.charger import ChargingPoint
from twin.heat import HeatingRod
from twin.meter import ElectricityMeter
from twin.pv import PvInverter
from twin.site import Site
from twin.steps import Series, Trip

START = 1_750_000_000.0
HOUR = 3600.0


def test_at_night_the_battery_carries_the_house_until_it_is_empty() -> None:
    site = Site(START, load=500)
    battery, meter = BatteryInverter(5000, capacity=5000), ElectricityMeter()
    site.add("battery", battery)
    site.meter("grid meter", meter)
    assert (battery.battery_power, site.grid_power, meter.power) == (500, 0, 0)
    site.advance(START + 24 * HOUR)
    assert (battery.soc, site.grid_power, meter.power) == (0, 500, 500)
    assert meter.import_energy == pytest.approx(24 * 500 - 2500 * 0.96)


def test_surplus_fills_the_battery_and_then_the_grid() -> None:
    site = Site(START, load=300)
    pv, battery = PvInverter(10_000), BatteryInverter(5000, capacity=5000)
    site.add("pv", pv)
    site.add("battery", battery)
    pv.available = 6300.5
    assert (battery.battery_power, site.grid_power) == (-5000, pytest.approx(-1000.5))
    site.advance(START + HOUR)
    assert battery.soc == 100
    assert site.grid_power == pytest.approx(-6000.5)


def test_a_limit_on_the_inverter_shows_at_the_meter_at_once() -> None:
    site = Site(START, load=300)
    pv, meter = PvInverter(10_000), ElectricityMeter()
    site.add("pv", pv)
    site.meter("grid meter", meter)
    pv.available = 6300.0
    assert meter.power == -6000
    site.advance(START + HOUR)
    pv.power_limit = 1200.0
    assert meter.power == -900
    site.advance(START + 2 * HOUR)
    assert meter.export_energy == pytest.approx(6900)


def test_a_watchdog_of_a_device_acts_in_the_middle_of_a_long_silence() -> None:
    site = Site(START, load=0)
    pv, meter = PvInverter(10_000), ElectricityMeter()
    site.add("pv", pv)
    site.meter("grid meter", meter)
    pv.available = 6000.0
    pv.at("watchdog", START + 1800, lambda: setattr(pv, "power_limit", 0.0))
    site.advance(START + 2 * HOUR)
    assert meter.power == 0
    assert meter.export_energy == pytest.approx(3000)


def test_a_hybrid_serves_the_house_within_its_ac_limit_and_stores_the_rest() -> None:
    site = Site(START, load=2500)
    hybrid = BatteryInverter(8000)
    site.add("hybrid", hybrid)
    hybrid.pv_available = 6000.0
    assert (hybrid.power, hybrid.battery_power, site.grid_power) == (2500, -3500, 0)
    hybrid.power_limit = 1000.0
    assert (hybrid.power, hybrid.battery_power, hybrid.grid_power) == (1000, -5000, 1500)


def test_two_batteries_share_the_house_in_their_order() -> None:
    site = Site(START, load=7000)
    first, second = BatteryInverter(5000), BatteryInverter(5000)
    site.add("first", first)
    site.add("second", second)
    assert (first.power, second.power, site.grid_power) == (5000, 2000, 0)


def test_the_sun_of_a_full_hybrid_charges_the_battery_before_it() -> None:
    site = Site(START, load=1000)
    battery, hybrid = BatteryInverter(5000), BatteryInverter(8000)
    site.add("battery", battery)
    site.add("hybrid", hybrid)
    hybrid.set("soc", 100.0)
    hybrid.pv_available = 4000.0
    assert (battery.power, hybrid.power, site.grid_power) == (-3000, 4000, 0)


def test_a_battery_whose_meter_was_taken_away_rests() -> None:
    site = Site(START, load=1000)
    site.add("battery", battery := BatteryInverter(5000))
    battery.metered = False
    assert (battery.battery_power, site.grid_power) == (0, 1000)


def test_a_commanded_battery_is_seen_by_one_that_regulates_itself() -> None:
    site = Site(START, load=1000)
    regulating, commanded = BatteryInverter(5000), BatteryInverter(5000)
    site.add("regulating", regulating)
    site.add("commanded", commanded)
    commanded.battery_setpoint = -2000.0
    assert (regulating.power, site.grid_power) == (3000, 0)


def test_a_car_comes_charges_its_demand_and_goes() -> None:
    site = Site(START, load=0)
    point = ChargingPoint(16)
    site.add("box", point)
    site.schedule(point, (Trip(START + HOUR, START + 5 * HOUR, 11_040.0),))
    site.advance(START + 1.5 * HOUR)
    assert (point.vehicle, site.grid_power) == ("C", 11_040)
    site.advance(START + 4 * HOUR)
    assert (point.vehicle, site.grid_power) == ("B", 0)
    site.advance(START + 6 * HOUR)
    assert (point.vehicle, point.session_energy) == ("A", pytest.approx(11_040))


def test_pulling_the_plug_takes_the_load_from_the_node() -> None:
    site = Site(START, load=250.5)
    point = ChargingPoint(16)
    site.add("box", point)
    site.at(START + 100.5, lambda: setattr(point, "plugged", False))
    point.plugged = True
    assert site.grid_power == pytest.approx(11_290.5)
    site.advance(START + 101)
    assert site.grid_power == pytest.approx(250.5)


def test_phases_at_the_meter_are_those_of_the_devices() -> None:
    site = Site(START, load=900)
    site.add("pv", pv := PvInverter(3000, phases=1), phase=2)
    meter = site.meter("grid meter", ElectricityMeter())
    pv.available = 2000.0
    assert (meter.power_l1, meter.power_l2, meter.power_l3) == pytest.approx((300, -1700, 300))
    assert meter.current_l2 == pytest.approx(1700 / 230)


def test_a_meter_before_the_generators_shows_only_them() -> None:
    site = Site(START, load=900)
    site.add("pv", pv := PvInverter(3000))
    meter = site.meter("pv meter", ElectricityMeter(), of="pv")
    pv.available = 2000.5
    assert meter.power == -2000.5


def test_what_was_set_on_a_meter_stays_until_the_flow_changes() -> None:
    site = Site(START, load=900)
    meter = site.meter("grid meter", ElectricityMeter())
    meter.set("power", -1234.5)
    site.advance(START + HOUR)
    assert meter.power == -1234.5
    site.set_load(901)
    assert meter.power == 901


def test_what_was_set_on_an_inverter_stays_until_the_sun_moves() -> None:
    site = Site(START, load=0)
    pv = PvInverter(10_000)
    site.add("pv", pv, series=Series(START, 60, (1000.0, 1000.0, 3000.5)))
    pv.set("power", 8000)
    site.advance(START + 119)
    assert (pv.power, site.grid_power) == (8000, -8000)
    site.advance(START + 120)
    assert pv.power == 3000.5


def test_a_rod_warms_its_tank_and_leaves_the_node_when_it_is_hot() -> None:
    site = Site(START, load=0)
    rod = HeatingRod(3000)
    site.add("rod", rod)
    rod.power_setpoint = 2000.0
    assert site.grid_power == 2000
    site.advance(START + 2.8 * HOUR)
    assert (rod.mode, site.grid_power) == ("hot", 0)


def test_time_does_not_run_backwards() -> None:
    site = Site(START, load=1000)
    meter = site.meter("grid meter", ElectricityMeter())
    site.advance(START + HOUR)
    site.advance(START)
    assert site.now == START + HOUR
    assert meter.import_energy == pytest.approx(1000)


def test_a_device_that_is_advanced_takes_its_whole_house_along() -> None:
    site = Site(START, load=1000)
    site.add("pv", pv := PvInverter(3000))
    meter = site.meter("grid meter", ElectricityMeter())
    pv.advance(START + HOUR)
    assert meter.import_energy == pytest.approx(1000)


def test_a_name_is_given_once_and_a_meter_needs_something_to_measure() -> None:
    site = Site(START)
    site.add("pv", PvInverter(3000))
    with pytest.raises(ValueError, match="pv is there already"):
        site.add("pv", PvInverter(3000))
    with pytest.raises(ValueError, match="no device box"):
        site.meter("box meter", ElectricityMeter(), of="box")
    with pytest.raises(ValueError, match=r"use Site\.meter"):
        site.add("meter", ElectricityMeter())
