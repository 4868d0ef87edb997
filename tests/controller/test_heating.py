"""Heating rods: what cars and batteries leave of the sun."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.sitefile import Site, check
from controller.strategy.heating import RESERVE, SETTLE, TAKES, Memory, claims
from controller.strategy.view import Seen, View

CAN = frozenset({"set_power", "release"})


def house(*rods: dict) -> Site:
    devices = [{"name": "grid", "row": 112, "function": "grid-meter"}, {"name": "battery", "row": 53}]
    return check({"device": [*devices, *({"row": 136, **rod} for rod in rods)]})


def rod(name: str = "rod", power: float | None = 0.0, rating: float | None = 3000.0) -> Seen:
    return Seen(name, "heater", {} if power is None else {"power": power}, rating, can=CAN)


def view(at: float, grid: float | None, *seen: Seen) -> View:
    devices = [Seen("grid", "grid-meter", {} if grid is None else {"power": grid}), *seen]
    return View(1.75e9, at, {each.name: each for each in devices})


def told(site: Site, now: View, memory: Memory | None = None) -> tuple[dict[str, float], Memory]:
    found, memory = claims(now, site, memory or Memory())
    return {each.device: each.value for each in found}, memory


ONE = house({"name": "rod"})
TWO = house({"name": "rod"}, {"name": "boiler"})


@pytest.mark.parametrize(("grid", "watts"), [(700.0, 0.0), (-1234.0, 1180.0), (-70_000.0, 3000.0)])
def test_the_rod_takes_the_surplus_but_for_a_reserve(grid: float, watts: float):
    assert told(ONE, view(0.0, grid, rod()))[0] == {"rod": watts}


def test_what_the_rod_takes_itself_is_surplus_and_what_a_car_takes_is_not():
    car = Seen("car", "charger", {"power": 4140.0})
    assert told(ONE, view(0.0, 250.0, car, rod(power=1000.0)))[0] == {"rod": 700.0}


def test_what_a_battery_gives_is_no_surplus_and_what_it_charges_stays_with_it():
    for battery, watts in ((1500.0, 450.0), (-1500.0, 1950.0)):
        storage = Seen("battery", "battery", {"battery_power": battery}, 5000.0)
        assert told(ONE, view(0.0, -2000.0, storage, rod()))[0] == {"rod": watts}


def test_a_battery_that_says_nothing_may_be_giving_all_that_it_can():
    storage = Seen("battery", "battery", {}, 1500.0)
    assert told(ONE, view(0.0, -2000.0, storage, rod()))[0] == {"rod": 450.0}
    assert told(ONE, view(0.0, -2000.0, replace(storage, rating=None), rod()))[0] == {"rod": 0.0}


def test_without_the_grid_meter_the_rod_goes_off_at_once():
    before, memory = told(ONE, view(0.0, -2000.0, rod()))
    assert before == {"rod": 1950.0}
    found, _ = claims(view(1.0, None, rod(power=1950.0)), ONE, memory)
    assert (found[0].value, found[0].reason) == (0.0, "no grid meter reading")


def test_between_two_plans_the_first_one_stands():
    _, memory = told(ONE, view(0.0, -2000.0, rod()))
    assert told(ONE, view(SETTLE - 1, 900.0, rod()), memory)[0] == {"rod": 1950.0}
    assert told(ONE, view(SETTLE, 900.0, rod(power=1950.0)), memory)[0] == {"rod": 1000.0}


def test_the_second_rod_gets_what_the_first_does_not_take():
    found, memory = told(TWO, view(0.0, -3800.0, rod(), rod("boiler")))
    assert found == {"rod": 3000.0, "boiler": 750.0}
    hot = rod(power=0.0), rod("boiler", 750.0)  # the thermostat of the first one is open
    found, memory = told(TWO, view(SETTLE, -3050.0, *hot), memory)
    assert found == {"rod": 3000.0, "boiler": 750.0}
    found, memory = told(TWO, view(2 * SETTLE + TAKES, -3050.0, *hot), memory)
    assert found == {"rod": 3000.0, "boiler": 3000.0}


def test_the_installer_knows_better_than_the_rating_and_off_is_off():
    small = house({"name": "rod", "heating": {"maximum_power": 1200.0}}, {"name": "boiler", "heating": {"mode": "off"}})
    assert told(small, view(0.0, -9000.0, rod(), rod("boiler")))[0] == {"rod": 1200.0, "boiler": 0.0}
    free = house({"name": "rod", "heating": {"mode": "none"}})
    assert told(free, view(0.0, -9000.0, rod()))[0] == {}


def test_a_rod_whose_greatest_power_nobody_knows_does_not_heat():
    found, _ = claims(view(0.0, -9000.0, rod(rating=None)), ONE, Memory())
    assert found[0].value == 0.0
    assert "heating.maximum_power" in found[0].reason


def test_a_rod_that_does_not_say_what_it_takes_settles():
    memory, drawn, values = Memory(), 0.0, []
    for step in range(40):
        found, memory = told(ONE, view(SETTLE * step, -2000.0 + drawn, rod(power=None)), memory)
        drawn = found["rod"]
        values.append(drawn)
    assert max(values[10:]) - min(values[10:]) <= 20.0
    assert values[-1] == pytest.approx(1000.0 - RESERVE / 2, abs=20.0)


watts = st.floats(-20_000, 20_000)


@given(watts, st.floats(0, 3000), st.floats(0, 9000), watts)
def test_the_rods_together_never_take_more_than_there_is(grid: float, first: float, second: float, battery: float):
    seen = rod(power=first), rod("boiler", second, 9000.0), Seen("battery", "battery", {"battery_power": battery})
    found, _ = told(TWO, view(0.0, grid, *seen))
    assert sum(found.values()) <= max(first + second - grid - max(battery, 0.0), 0.0)


@given(watts, st.floats(0, 3000), st.floats(-5000, 5000), st.sampled_from(["grid", "rod", "battery"]))
def test_what_falls_silent_makes_no_rod_hotter(grid: float, own: float, battery: float, silent: str):
    known = view(0.0, grid, rod(power=own), Seen("battery", "battery", {"battery_power": battery}, 5000.0))
    devices = {name: replace(each, reading={}) if name == silent else each for name, each in known.devices.items()}
    before, after = told(ONE, known)[0]["rod"], told(ONE, View(known.time, 0.0, devices))[0]["rod"]
    assert after <= before
