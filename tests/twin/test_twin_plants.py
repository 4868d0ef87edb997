"""Machines that follow a power: states, ramps, and times that they keep whatever they are told."""

import pytest

from twin.plants import Chp, Electrolyser, FuelCell
from twin.site import Site

START = 1_750_000_000.0
MINUTE, HOUR = 60.0, 3600.0


def cell(**facts: float) -> FuelCell:
    twin = FuelCell(1500, 1, 500, {"own_power": 1500, "ramp": 10 / 60, **facts})
    twin.time = START
    return twin


def chp() -> Chp:
    twin = Chp(50_000, minimum_power=25_000, facts={
        "ramp": 500, "start_time": 90, "minimum_run": 3600, "minimum_stop": 1800, "idle_power": 120,
    })  # fmt: skip
    twin.time = START
    return twin


def test_a_plant_without_further_facts_follows_at_once() -> None:
    twin = FuelCell(1500, minimum_power=500)
    twin.power_setpoint = 499.5
    assert (twin.power, twin.mode, twin.status) == (0, "external", "off")
    twin.power_setpoint = 2000.0
    assert (twin.power, twin.status) == (1500, "running")


def test_a_released_plant_goes_back_to_what_it_did_by_itself() -> None:
    twin = Electrolyser(3000)
    twin.set("power", 2100.5)
    twin.power_setpoint = 0.0
    assert twin.power == 0
    twin.power_setpoint = None
    assert (twin.power, twin.mode) == (2100.5, "own")


def test_a_fuel_cell_moves_ten_watts_a_minute() -> None:
    twin = cell()
    twin.power_setpoint = 1000.0
    twin.advance(START + 15 * MINUTE)
    assert twin.power == pytest.approx(1350)
    twin.advance(START + 49 * MINUTE)
    assert twin.power == pytest.approx(1020)
    twin.advance(START + 52 * MINUTE)
    assert twin.power == 1000
    assert twin.energy == pytest.approx(1000 * 52 / 60 + 500 * 25 / 60, rel=0.01)


def test_heat_and_gas_of_a_fuel_cell_follow_its_load() -> None:
    twin = cell(ramp=0)
    assert twin.heat_power == pytest.approx(1500 * 0.27 / 0.56)
    assert twin.gas_flow == pytest.approx(0.26786, abs=1e-5)
    twin.power_setpoint = 750.0
    assert twin.efficiencies() == (pytest.approx(0.46), pytest.approx(0.355))
    twin.advance(START + 2 * HOUR)
    assert twin.gas_volume == pytest.approx(2 * 750 / 0.46 / 10_000)


def test_a_cold_cell_takes_power_for_a_day_before_it_gives_any() -> None:
    twin = cell(own_power=0, start_time=24 * HOUR, start_power=500)
    twin.power_setpoint = 1500.0
    assert (twin.power, twin.status, twin.heat_power) == (-500, "starting", 0)
    twin.advance(START + 24 * HOUR + 2 * MINUTE)
    assert (twin.status, twin.power, twin.starts) == ("running", pytest.approx(515), 1)


def test_a_chp_starts_in_its_time_and_runs_for_an_hour_at_least() -> None:
    twin = chp()
    assert twin.power == -120
    twin.power_setpoint = 40_000.0
    twin.advance(START + 89)
    assert twin.status == "starting"
    twin.advance(START + 130)
    assert twin.power == 40_000
    twin.power_setpoint = 0.0
    twin.advance(START + 60 * MINUTE)
    assert twin.power == 25_000
    twin.advance(START + 62 * MINUTE)
    assert (twin.power, twin.status) == (-120, "off")


def test_a_chp_that_has_stopped_rests_for_half_an_hour() -> None:
    twin = chp()
    twin.set("power", 40_000.0)
    twin.power_setpoint = 0.0
    assert twin.status == "off"
    twin.power_setpoint = 30_000.0
    twin.advance(START + 29 * MINUTE)
    assert twin.status == "off"
    twin.advance(START + 32 * MINUTE + 30)
    assert twin.power == 30_000


def test_a_tripped_machine_stands_until_it_is_repaired() -> None:
    twin = chp()
    twin.set("power", 30_000.0)
    twin.trip()
    assert (twin.power, twin.status) == (-120, "fault")
    twin.trip(False)
    twin.advance(START + 35 * MINUTE)
    assert twin.power == 30_000


def test_an_electrolyser_makes_hydrogen_from_power_once_it_is_warm() -> None:
    twin = Electrolyser(2400, 1, 1400, {"warm_rate": 2 / 60, "start_time": 60, "start_power": 300, "idle_power": 60})
    twin.time = START
    twin.power_setpoint = 2400.0
    assert (twin.power, twin.hydrogen_flow) == (300, 0)
    twin.advance(START + 10 * MINUTE)
    assert twin.water_temperature == pytest.approx(40)
    twin.advance(START + 18 * MINUTE)
    assert (twin.power, twin.hydrogen_flow) == (2400, pytest.approx(0.5))
    twin.advance(START + 77.5 * MINUTE)
    assert twin.hydrogen_volume == pytest.approx(0.5)


def test_a_house_accounts_for_a_ramp_without_a_rest() -> None:
    house, twin = Site(START, 400.0), cell()
    house.add("cell", twin)
    twin.power_setpoint = 600.0
    house.advance(START + 3 * HOUR)
    balance = house.balance()
    assert house.grid_power == pytest.approx(-200)
    assert balance.residual == pytest.approx(0, abs=1e-6)
    assert balance.devices["cell"][0] == pytest.approx(twin.energy)
