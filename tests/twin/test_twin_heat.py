"""Heating rods with their tank, heat and gas meters, machines that follow a setpoint."""

import pytest

from twin.heat import GasMeter, HeatingRod, HeatMeter
from twin.plant import Electrolyser, FuelCell, HeatPump

START = 1_750_000_000.0
HOUR = 3600.0


def rod() -> HeatingRod:
    twin = HeatingRod(3000)
    twin.time = START
    return twin


def test_a_rod_follows_its_setpoint_up_to_its_rating() -> None:
    twin = rod()
    twin.power_setpoint = 1234.5
    assert (twin.power, twin.mode) == (1234.5, "heating")
    twin.power_setpoint = 70_000.0
    assert twin.power == 3000
    twin.power_setpoint = -500.0
    assert (twin.power, twin.mode) == (0, "standby")


def test_a_tank_at_its_maximum_stops_the_rod_until_it_has_cooled() -> None:
    twin = rod()
    twin.power_setpoint = 3000.0
    twin.advance(START + 2.5 * HOUR)
    assert (twin.power, twin.mode) == (0, "hot")
    assert 57 < twin.water_temperature <= 60
    twin.advance(START + 72 * HOUR)
    assert 57 <= twin.water_temperature <= 60


def test_the_heat_of_a_tank_is_accounted_for() -> None:
    twin = rod()
    twin.power_setpoint, twin.draw = 2000.0, 350.5
    twin.advance(START + 30 * HOUR)
    stored = (twin.water_temperature - 45) * twin.capacity
    assert twin.drawn_energy == pytest.approx(350.5 * 30)
    assert twin.energy == pytest.approx(stored + twin.drawn_energy + twin.lost_energy, rel=1e-9)


def test_a_temperature_that_is_set_moves_the_thermostat() -> None:
    twin = rod()
    twin.power_setpoint = 2000.0
    twin.set("water_temperature", 60.5)
    assert twin.mode == "hot"
    twin.maximum_temperature = 65.0
    assert twin.power == 2000


def test_a_heat_meter_counts_from_flow_and_temperatures() -> None:
    meter = HeatMeter()
    meter.time = START
    for name, value in {"flow": 0.5, "flow_temperature": 55.0, "return_temperature": 45.0}.items():
        meter.set(name, value)
    meter.advance(START + 2 * HOUR)
    assert meter.volume == pytest.approx(1.0)
    assert meter.heat_energy == pytest.approx(11_630)


def test_a_gas_meter_counts_volume_and_the_heat_in_it() -> None:
    meter = GasMeter()
    meter.time = START
    meter.set("flow", 1.5)
    meter.advance(START + HOUR)
    assert meter.volume == pytest.approx(1.5)
    assert meter.heat_energy == pytest.approx(15_450)


def test_a_plant_below_its_minimum_stands_still() -> None:
    cell = FuelCell(1500, minimum_power=500)
    cell.power_setpoint = 499.5
    assert (cell.power, cell.mode) == (0, "external")
    cell.power_setpoint = 2000.0
    assert cell.power == 1500
    assert cell.heat_power == pytest.approx(1500 * 0.52 / 0.38)


def test_a_released_plant_goes_back_to_what_it_did_by_itself() -> None:
    pump = HeatPump(3000)
    pump.set("power", 2100.5)
    pump.power_setpoint = 0.0
    assert pump.power == 0
    pump.power_setpoint = None
    assert (pump.power, pump.mode) == (2100.5, "own")


def test_an_electrolyser_makes_hydrogen_from_power() -> None:
    stack = Electrolyser(2400)
    stack.power_setpoint = 2400.0
    assert stack.hydrogen_flow == pytest.approx(0.5)
