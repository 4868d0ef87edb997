"""Batteries that the controller regulates: one grid error, divided, never answered twice."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.sitefile import Site, check
from controller.strategy.regulation import DISTANCE, PATIENCE, Memory, claims
from controller.strategy.view import Seen, View

CAN = frozenset({"charge", "discharge", "release"})
NOON = 1_749_981_600.0  # 2025-06-15 10:00 UTC


def house(*batteries: dict) -> Site:
    devices = [{"name": "grid", "row": 112, "function": "grid-meter"}, {"name": "prices", "row": 147}]
    ours = (
        {"row": 53, **each, "battery": {"regulation": "controller", **each.get("battery", {})}} for each in batteries
    )
    return check({"device": [*devices, *ours]})


def battery(name: str, gives: float | None, soc: float | None = 50.0, rating: float | None = 5000.0) -> Seen:
    reading = {"battery_power": gives, "soc": soc}
    return Seen(
        name, "battery", {key: value for key, value in reading.items() if value is not None}, rating, can=CAN
    )  # fmt: skip


def view(at: float, grid: float | None, *seen: Seen) -> View:
    devices = [Seen("grid", "grid-meter", {} if grid is None else {"power": grid}), *seen]
    return View(NOON + at, at, {each.name: each for each in devices})


def told(site: Site, now: View, memory: Memory | None = None) -> tuple[dict[str, float], Memory]:
    found, memory = claims(now, site, memory or Memory())
    return {each.device: each.value for each in found}, memory


ONE = house({"name": "battery"})
TWO = house({"name": "east"}, {"name": "west"})


@pytest.mark.parametrize(("grid", "gives"), [(1234.0, 1734.0), (-2400.0, -1900.0), (-70_000.0, -5000.0)])
def test_a_battery_brings_the_grid_to_zero_as_far_as_it_can(grid: float, gives: float):
    assert told(ONE, view(0.0, grid, battery("battery", 500.0)))[0] == {"battery": gives}


def test_a_battery_that_regulates_itself_is_left_alone():
    own = check({"device": [{"name": "grid", "row": 112, "function": "grid-meter"}, {"name": "battery", "row": 53}]})
    assert told(own, view(0.0, 1234.0, battery("battery", 0.0)))[0] == {}


def test_two_batteries_share_one_error_and_the_fuller_one_gives_more():
    seen = battery("east", 0.0, 80.0), battery("west", 0.0, 20.0)
    assert told(TWO, view(0.0, 3000.0, *seen))[0] == pytest.approx({"east": 2400.0, "west": 600.0})
    assert told(TWO, view(0.0, -3000.0, *seen))[0] == pytest.approx({"east": -600.0, "west": -2400.0})
    assert told(TWO, view(0.0, 8000.0, *seen))[0] == pytest.approx({"east": 5000.0, "west": 3000.0})


def test_a_battery_is_empty_at_its_reserve_and_begins_again_a_little_above_it():
    site = house({"name": "battery", "battery": {"reserve": 20.0}})
    memory, values = Memory(), []
    for step, soc in enumerate((21.0, 20.0, 21.0, 22.0, 22.5)):
        found, memory = told(site, view(10.0 * step, 1000.0, battery("battery", 0.0, soc)), memory)
        values.append(found["battery"])
    assert values == [1000.0, 0.0, 0.0, 0.0, 1000.0]
    assert DISTANCE == 2.0
    assert told(site, view(100.0, -1000.0, battery("battery", 0.0, 12.5)), memory)[0] == {"battery": -1000.0}


def test_a_full_battery_takes_nothing_and_the_other_takes_all():
    seen = battery("east", 0.0, 100.0), battery("west", 0.0, 99.5)
    assert told(TWO, view(0.0, -3000.0, *seen))[0] == {"east": 0.0, "west": -3000.0}


def test_the_next_correction_waits_until_the_slowest_battery_shows_the_last_one():
    slow = replace(battery("west", 0.0), reaction=10.0)
    first, memory = told(TWO, view(0.0, 3000.0, battery("east", 0.0), slow))
    for at in (PATIENCE, 11.5):
        assert told(TWO, view(at, 3000.0, battery("east", 1500.0), slow), memory)[0] == first
    assert sum(told(TWO, view(12.0, 0.0, battery("east", 1500.0), slow), memory)[0].values()) == 1500.0


def test_without_the_grid_meter_batteries_rest_at_once():
    _, memory = told(ONE, view(0.0, 3000.0, battery("battery", 0.0)))
    found, _ = claims(view(1.0, None, battery("battery", 3000.0)), ONE, memory)
    assert (found[0].value, found[0].reason) == (0.0, "no grid meter reading")


def test_a_battery_that_does_not_say_what_it_gives_rests_and_the_other_answers_alone():
    seen = battery("east", None), battery("west", 700.0)
    assert told(TWO, view(0.0, 1000.0, *seen))[0] == pytest.approx({"east": 0.0, "west": 1700.0})


def test_a_battery_of_unknown_charge_gives_nothing_but_takes_the_sun():
    assert told(ONE, view(0.0, 1000.0, battery("battery", 0.0, None)))[0] == {"battery": 0.0}
    assert told(ONE, view(0.0, -1000.0, battery("battery", 0.0, None)))[0] == {"battery": -1000.0}


def test_a_battery_of_unknown_rating_takes_part():
    seen = battery("east", 0.0, 50.0, None), battery("west", 0.0, 50.0)
    assert told(TWO, view(0.0, 70_000.0, *seen))[0] == {"east": 65_000.0, "west": 5000.0}


CHEAP = {"name": "east", "battery": {"target": 80.0, "cheap_below": 8.0, "charge_power": 4000.0}}


def prices(ct: float) -> Seen:
    hour = {"start": "2025-06-15T10:00:00Z", "end": "2025-06-15T11:00:00Z", "price": ct}
    return Seen("prices", "tariff", {"prices": [hour]})


def test_cheap_power_charges_a_battery_up_to_its_target_and_no_other_covers_it():
    site = house(CHEAP, {"name": "west"})
    seen = battery("east", 0.0, 50.0), battery("west", 0.0)
    found, memory = told(site, view(0.0, 600.0, prices(8.0), *seen))
    assert found == {"east": -4000.0, "west": 600.0}
    seen = battery("east", -4000.0, 60.0), battery("west", 600.0)
    assert told(site, view(10.0, 4000.0, prices(8.0), *seen), memory)[0] == {"east": -4000.0, "west": 600.0}
    assert told(site, view(10.0, 4000.0, prices(8.01), *seen), memory)[0]["east"] > 0
    assert told(site, view(10.0, 4000.0, *seen), memory)[0]["east"] > 0


def test_at_its_target_a_battery_waits_before_the_grid_charges_it_again():
    site, memory, values = house(CHEAP), Memory(), []
    for step, soc in enumerate((79.0, 80.0, 79.0, 77.5)):
        found, memory = told(site, view(10.0 * step, 0.0, prices(-3.51), battery("east", 0.0, soc)), memory)
        values.append(found["east"])
    assert values == [-4000.0, 0.0, 0.0, -4000.0]


watts = st.floats(-9000, 9000)
batteries = st.lists(
    st.tuples(
        st.one_of(st.none(), watts), st.one_of(st.none(), st.floats(0, 100)), st.one_of(st.none(), st.floats(1, 9000))
    ),
    min_size=1,
    max_size=4,
)


@given(batteries, watts)
def test_batteries_together_never_overshoot_the_error(
    each: list[tuple[float | None, float | None, float | None]], grid: float
):
    site = house(*({"name": f"b{number}"} for number in range(len(each))))
    seen = [battery(f"b{number}", *one) for number, one in enumerate(each)]
    found, _ = told(site, view(0.0, grid, *seen))
    wanted = grid + sum(gives for gives, _, _ in each if gives is not None)
    assert min(wanted, 0.0) - 1e-6 <= sum(found.values()) <= max(wanted, 0.0) + 1e-6
    assert all(value * wanted >= 0 for value in found.values())
    for number, (_, _, rating) in enumerate(each):
        assert rating is None or abs(found[f"b{number}"]) <= rating + 1e-6


@given(st.lists(watts, min_size=1, max_size=8), st.floats(10, 90), st.floats(10, 90))
def test_in_a_closed_loop_the_grid_comes_to_zero_and_stays_there(loads: list[float], east: float, west: float):
    memory, gives = Memory(), {"east": 0.0, "west": 0.0}
    for step, load in enumerate(loads):
        for more in range(2):
            at = 20.0 * step + 10.0 * more
            seen = [battery(name, gives[name], soc, 9000.0) for name, soc in (("east", east), ("west", west))]
            gives, memory = told(TWO, view(at, load - sum(gives.values()), *seen), memory)
            assert sum(gives.values()) == pytest.approx(load, abs=1e-6)


@given(watts, watts, st.floats(0, 100), st.sampled_from(["grid", "battery"]))
def test_what_falls_silent_makes_no_battery_give_more(grid: float, gives: float, soc: float, silent: str):
    known = view(0.0, grid, battery("battery", gives, soc))
    devices = {name: replace(one, reading={}) if name == silent else one for name, one in known.devices.items()}
    before, after = told(ONE, known)[0]["battery"], told(ONE, View(known.time, 0.0, devices))[0]["battery"]
    assert abs(after) <= abs(before)
