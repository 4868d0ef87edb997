"""Heating rods with their tank, heat and gas meters."""

import pytest

from twin.heat import GasMeter, HeatingRod, HeatMeter

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


def test_what_a_rod_takes_grows_with_the_square_of_the_voltage() -> None:
    twin = rod()
    twin.power_setpoint = 2000.0
    twin.set("voltage_l1", 218.5)
    assert twin.power == pytest.approx(1805)


def heat_meter(**quantities: float) -> HeatMeter:
    meter = HeatMeter()
    meter.time = START
    for name, value in quantities.items():
        meter.set(name, value)
    return meter


def test_a_heat_meter_counts_from_flow_and_temperatures() -> None:
    meter = heat_meter(flow=0.5, flow_temperature=70.0, return_temperature=60.0)
    meter.advance(START + 2 * HOUR)
    assert meter.volume == pytest.approx(1.0)
    assert meter.heat_energy == pytest.approx(11_500, rel=1e-3)  # 1.15 Wh per litre and kelvin at 60 degrees


def test_heat_and_cold_are_counted_apart_and_never_backwards() -> None:
    meter = heat_meter(flow=1.2, flow_temperature=7.0, return_temperature=12.5, heat_energy=70_123_000.0)
    assert meter.heat_power == pytest.approx(-7663, abs=1)
    meter.advance(START + HOUR)
    assert (meter.heat_energy, meter.cooling_energy) == (70_123_000, pytest.approx(7663, abs=1))


def test_a_gas_meter_counts_volume_and_the_heat_in_it() -> None:
    meter = GasMeter()
    meter.time = START
    meter.set("flow", 1.5)
    meter.advance(START + HOUR)
    assert meter.volume == pytest.approx(1.5)
    assert (meter.heat_power, meter.heat_energy) == (pytest.approx(15_960), pytest.approx(15_960))
    meter.set("heat_energy", 21_280_000.0)
    assert meter.volume == pytest.approx(2000)
