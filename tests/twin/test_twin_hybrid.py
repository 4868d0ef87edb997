"""A PV inverter with a battery on its DC side: one bus and one truth, whoever is asked."""

import pytest

from twin.hybrid import HybridInverter
from twin.model import UnknownQuantity
from twin.site import Site

START = 1_750_000_000.0


@pytest.fixture
def hybrid() -> HybridInverter:
    twin = HybridInverter(8000.0, 3, battery_rating=5000.0, capacity=9700.0)
    twin.time = twin.cells.time = START
    twin.advance(START)
    return twin


def test_sun_and_cells_meet_at_the_one_terminal(hybrid: HybridInverter) -> None:
    hybrid.available = 3_100.0
    hybrid.cells.battery_setpoint = 2_345.0
    assert (hybrid.power, hybrid.battery_power, hybrid.sun_power) == (5_445.0, 2_345.0, 3_100.0)
    assert hybrid.pv_power == hybrid.dc_power == pytest.approx(3_100.0 / 0.97)
    hybrid.cells.battery_setpoint = -4_000.0
    assert hybrid.power == -900.0


def test_what_is_told_of_the_terminal_stays_and_the_sun_makes_up_for_the_cells(hybrid: HybridInverter) -> None:
    hybrid.set("power", 5_409.0)
    hybrid.set("battery_power", 2_345.0)
    assert (hybrid.power, hybrid.sun_power) == (5_409.0, 3_064.0)
    hybrid.cells.battery_setpoint = -1_000.0
    assert (hybrid.power, hybrid.sun_power) == (2_064.0, 3_064.0)


def test_the_cells_know_nothing_of_a_terminal_or_a_sun(hybrid: HybridInverter) -> None:
    assert set(hybrid.cells.truth()) == {
        "battery_power", "soc", "capacity", "charge_energy", "discharge_energy", "rated_power", "temperature", "status",
    }  # fmt: skip
    for quantity in ("power", "pv_power", "grid_power", "voltage_l1", "energy", "pv_energy"):
        with pytest.raises(UnknownQuantity):
            hybrid.cells.set(quantity, 1.0)
    hybrid.cells.set("soc", 61.7)
    assert hybrid.truth()["soc"] == 61.7
    hybrid.set("capacity", 12_345.0)
    assert hybrid.cells.capacity == 12_345.0


def test_a_limit_holds_for_the_sum_and_what_charges_needs_no_room(hybrid: HybridInverter) -> None:
    hybrid.available = 7_000.0
    hybrid.power_limit = 4_000.0
    hybrid.cells.battery_setpoint = 3_000.0
    assert (hybrid.power, hybrid.sun_power) == (4_000.0, 1_000.0)
    hybrid.cells.battery_setpoint = -2_500.0
    assert (hybrid.power, hybrid.sun_power) == (4_000.0, 6_500.0)
    hybrid.power_limit = 1_000.0
    hybrid.cells.battery_setpoint = 3_000.0
    assert (hybrid.power, hybrid.battery_power) == (1_000.0, 1_000.0)


def test_energies_of_sun_cells_and_terminal_are_counted_apart(hybrid: HybridInverter) -> None:
    hybrid.available = 2_910.0
    hybrid.cells.battery_setpoint = -1_000.0
    hybrid.advance(START + 1800)
    hybrid.cells.battery_setpoint = 500.0
    hybrid.advance(START + 3600)
    assert hybrid.pv_energy == pytest.approx(3_000.0)
    assert hybrid.energy == pytest.approx(0.5 * 1_910.0 + 0.5 * 3_410.0)
    assert (hybrid.charge_energy, hybrid.discharge_energy) == pytest.approx((500.0, 250.0))


def test_cells_that_fall_empty_in_between_are_noticed_at_the_computed_instant(hybrid: HybridInverter) -> None:
    hybrid.set("soc", 10.0)
    hybrid.cells.battery_setpoint = 970.0  # empty after 0.96 h
    hybrid.advance(START + 2 * 3600)
    assert (hybrid.power, hybrid.soc) == (0.0, 0.0)
    assert hybrid.energy == pytest.approx(970.0 * 0.96, rel=1e-6)


def test_timers_of_inverter_and_cells_run_in_their_order(hybrid: HybridInverter) -> None:
    seen: list[str] = []
    hybrid.at("late", START + 30, lambda: seen.append("inverter"))
    hybrid.cells.at("early", START + 10, lambda: seen.append("cells"))
    hybrid.cells.at("last", START + 40, lambda: seen.append("cells again"))
    hybrid.advance(START + 35)
    assert seen == ["cells", "inverter"]
    hybrid.advance(START + 40)
    assert seen[-1] == "cells again"


def test_a_house_sees_the_cells_through_the_terminal(hybrid: HybridInverter) -> None:
    site = Site(START, 1_234.5)
    site.add("roof", hybrid)
    hybrid.available = 5_000.0
    assert site.grid_power == pytest.approx(-3_765.5)
    hybrid.cells.battery_setpoint = -3_000.0
    assert site.grid_power == pytest.approx(-765.5)
    site.advance(START + 3600)
    assert site.balance().residual == pytest.approx(0.0, abs=1e-6)
