"""What cars are offered: as their users have set it, within the sun that is left, by a time that was asked for."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.sitefile import Site, check
from controller.strategy.charging import SETTLE, Memory, claims, kept, restored
from controller.strategy.claims import Rank
from controller.strategy.surplus_cars import START_AFTER, STOP_AFTER, TAKES, Need, Sun, divide
from controller.strategy.view import Seen, View

LOCAL = ZoneInfo("Europe/Berlin")
NOON = datetime(2025, 6, 15, 12, 0, tzinfo=LOCAL).timestamp()
CAN = frozenset({"limit_current", "pause", "release"})


def house(*cars: dict, **place: object) -> Site:
    devices = [
        {"name": "grid", "row": 112, "function": "grid-meter"},
        {"name": "battery", "row": 53},
        {"name": "rod", "row": 136},
        {"name": "prices", "row": 147},
    ]
    return check({"site": {"fuse": 63.0, **place}, "device": [*devices, *({"row": 65, **car} for car in cars)]})


def car(name: str = "car", power: float | None = 0.0, phases: int = 3, **reading: object) -> Seen:
    own = {"plugged": True, "power": power, **reading}
    return Seen(name, "charger", {key: value for key, value in own.items() if value is not None}, None, phases, 1, CAN)


def view(at: float, grid: float | None, *seen: Seen) -> View:
    devices = [Seen("grid", "grid-meter", {} if grid is None else {"power": grid}), *seen]
    return View(NOON + at, at, {each.name: each for each in devices})


class Day:
    """A house with its memory, from one decision to the next."""

    def __init__(self, site: Site) -> None:
        self.site, self.memory = site, Memory()
        self.events: list[tuple[str, str]] = []

    def at(self, now: View) -> dict[str, float]:
        found, self.memory = claims(now, self.site, self.memory)
        self.claims = {each.device: each for each in found}
        self.events += self.memory.events
        return {each.device: each.value for each in found}


def sunny(site: Site, surplus: float, *names: str) -> Day:
    """A day on which these cars have just started."""
    day = Day(site)
    for at in (0.0, START_AFTER):
        day.at(view(at, -surplus, *(car(name) for name in names)))
    return day


ONE = house({"name": "car"})
TWO = house({"name": "left"}, {"name": "right"})


def test_a_car_starts_after_a_minute_of_enough_and_gets_whole_amperes():
    day = Day(ONE)
    assert day.at(view(0.0, -5000.0, car())) == {"car": 0.0}
    assert day.at(view(START_AFTER - 1, -5000.0, car())) == {"car": 0.0}
    assert day.claims["car"].reason == "surplus of 5000 W, starts when that lasts"
    assert day.at(view(START_AFTER + SETTLE, -5000.0, car())) == {"car": 7.0}


def test_a_car_pauses_after_three_minutes_of_too_little_and_takes_its_least_until_then():
    day = sunny(ONE, 5000.0, "car")
    assert day.at(view(100.0, 4830.0 - 900.0, car(power=4830.0))) == {"car": 6.0}
    assert day.at(view(100.0 + STOP_AFTER - 1, 4140.0 - 900.0, car(power=4140.0))) == {"car": 6.0}
    assert day.at(view(100.0 + STOP_AFTER + SETTLE, 4140.0 - 900.0, car(power=4140.0))) == {"car": 0.0}
    assert day.claims["car"].reason == "surplus of 900 W is too little"


def test_without_the_grid_meter_no_sun_is_spent_at_once():
    day = sunny(ONE, 5000.0, "car")
    assert day.at(view(START_AFTER + 1, None, car(power=4830.0))) == {"car": 0.0}
    assert day.claims["car"].reason == "no grid meter reading"


def test_a_car_that_nothing_measures_counts_with_what_its_station_offers():
    day, offered, told = Day(ONE), 0.0, []
    for at in range(0, 700, 5):  # 6.9 kW of sun, of which the car takes what it is offered
        box = car(power=None, vehicle="C" if offered else "B", current_limit=offered)
        offered = day.at(view(float(at), 690.0 * offered - 6900.0, box))["car"]
        told.append(offered)
    assert set(told[: int(START_AFTER) // 5]) == {0.0} and set(told[20:]) == {10.0}


def test_who_takes_surplus_first_is_set_for_the_house():
    charging = Seen("battery", "battery", {"battery_power": -5000.0}, 10_000.0)
    for first, amperes in (("car", 8.0), ("battery", 0.0)):
        day = Day(house({"name": "car"}, first=first))
        for at in (0.0, START_AFTER):
            found = day.at(view(at, -700.0, charging, car()))
        assert found == {"car": amperes}


def test_a_battery_that_says_nothing_may_be_giving_all_that_it_can():
    silent = Seen("battery", "battery", {}, 5000.0)
    day = Day(ONE)
    for at in (0.0, START_AFTER):
        found = day.at(view(at, -10_000.0, silent, car()))
    assert found == {"car": 7.0}
    assert day.at(view(100.0, -10_000.0, replace(silent, rating=None), car())) == {"car": 0.0}
    assert day.claims["car"].reason == "nobody knows what battery gives"


def test_the_car_comes_before_the_rod():
    rod = Seen("rod", "heater", {"power": 3000.0}, 3000.0, can=frozenset({"set_power"}))
    day = Day(ONE)
    for at in (0.0, START_AFTER):
        found = day.at(view(at, -1500.0, rod, car()))
    assert found == {"car": 6.0}


def test_a_one_phase_car_gets_by_with_a_third():
    day = Day(ONE)
    for at in (0.0, START_AFTER):
        found = day.at(view(at, -2000.0, car(phases=1)))
    assert found == {"car": 8.0}


def test_how_many_phases_a_car_uses_is_learned_from_its_currents():
    day = sunny(ONE, 4200.0, "car")
    one_phase = car(power=1380.0, current_l1=6.0, current_l2=0.0, current_l3=0.0)
    assert day.at(view(70.0, -2820.0, one_phase)) == {"car": 16.0}
    assert day.memory.cars["car"].phases == 1
    day.at(view(80.0, -4200.0, car(plugged=False)))
    assert day.memory.cars["car"].phases is None


def test_two_cars_have_memories_of_their_own_and_share_the_sun():
    day = sunny(TWO, 5000.0, "left", "right")
    assert {name: each.value for name, each in day.claims.items()} == {"left": 7.0, "right": 0.0}
    both = car("left", 4830.0), car("right")
    day.at(view(70.0, -5500.0, *both))
    found = day.at(view(70.0 + START_AFTER, -5500.0, *both))
    assert found == {"left": 7.0, "right": 7.0}


def test_a_car_that_comes_first_in_rank_displaces_the_other_at_once():
    day = Day(house({"name": "left", "charging": {"priority": 2}}, {"name": "right"}))
    away = car("right", plugged=False)
    for at in (0.0, START_AFTER):
        found = day.at(view(at, -5000.0, car("left"), away))
    assert found == {"left": 7.0, "right": 0.0}
    both = car("left", 4830.0), car("right")
    assert day.at(view(70.0, -170.0, *both)) == {"left": 7.0, "right": 0.0}
    assert day.at(view(70.0 + START_AFTER, -170.0, *both)) == {"left": 0.0, "right": 7.0}


def test_what_a_car_does_not_take_goes_to_the_next():
    day = sunny(TWO, 9000.0, "left", "right")
    assert {name: each.value for name, each in day.claims.items()} == {"left": 6.0, "right": 6.0}
    full = car("left", 0.0), car("right", 4140.0)
    for at in (70.0, 70.0 + TAKES):
        found = day.at(view(at, -4860.0, *full))
    assert found == {"left": 6.0, "right": 13.0}


def test_a_car_whose_draw_nobody_knows_is_counted_with_what_it_is_offered():
    day, found = Day(TWO), {"left": 0.0, "right": 0.0}
    for step in range(40):
        right = 690.0 * found["right"]
        found = day.at(view(SETTLE * step, right - 10_000.0, car("left", None), car("right", right)))
        assert 690.0 * (found["left"] + found["right"]) <= 10_000.0
    assert found == {"left": 6.0, "right": 7.0}


def test_sun_that_a_fuse_does_not_let_through_goes_to_a_car_elsewhere():
    site = check({
        **house({"name": "left"}, {"name": "right"}).model_dump(exclude={"fuse", "file"}, exclude_unset=True),
        "fuse": [{"name": "garage", "current": 10.0, "of": ["left"]}],
    })  # fmt: skip
    day = sunny(site, 17_000.0, "left", "right")
    assert {name: each.value for name, each in day.claims.items()} == {"left": 10.0, "right": 14.0}


def test_fast_takes_all_and_off_nothing_because_the_user_says_so():
    day = Day(house({"name": "left", "charging": {"mode": "fast", "maximum_current": 32.0}},
                    {"name": "right", "charging": {"mode": "off"}}))  # fmt: skip
    assert day.at(view(0.0, 4000.0, car("left"), car("right"))) == {"left": 32.0, "right": 0.0}
    assert {each.rank for each in day.claims.values()} == {Rank.USER}
    away = car("left", plugged=None, vehicle="A"), car("right")
    assert day.at(view(1.0, 4000.0, *away)) == {"left": 0.0, "right": 0.0}


def test_a_station_that_is_left_to_itself_is_not_planned():
    day = Day(house({"name": "car", "charging": {"mode": "none"}}))
    assert day.at(view(0.0, -9000.0, car())) == {}


def test_cheap_charges_while_the_price_is_known_and_low():
    day = Day(house({"name": "car", "charging": {"mode": "cheap", "cheap_below": 12.5}}))
    hour = {"start": "2025-06-15T10:00:00Z", "end": "2025-06-15T11:00:00Z"}
    for number, (price, amperes) in enumerate([(-3.51, 16.0), (12.5, 16.0), (12.51, 0.0), (None, 0.0)]):
        told = Seen("prices", "tariff", {} if price is None else {"prices": [hour | {"price": price}]})
        assert day.at(view(10.0 * number, 700.0, told, car())) == {"car": amperes}
    assert day.claims["car"].reason == "no price is known"


TARGET = {"name": "car", "charging": {"target_energy": 11_000.0, "target_time": "15:00:00"}}


def test_a_car_charges_fast_when_the_sun_no_longer_gets_it_there():
    day = Day(house(TARGET))
    late = 3 * 3600 - 11_000 / 11_040 * 3600 * 1.1 - 300
    for at in (0.0, late - 60):
        assert day.at(view(at, 500.0, car(session_energy=0.0))) == {"car": 0.0}
    assert day.at(view(late + 60, 500.0, car(session_energy=0.0))) == {"car": 16.0}
    assert day.claims["car"].rank == Rank.USER
    assert day.claims["car"].reason == "fast charging, 11.0 kWh more until 15:00"
    assert day.at(view(late + 3000, 500.0, car(power=11_040.0, session_energy=11_000.0))) == {"car": 0.0}
    day.at(view(4 * 3600.0, 500.0, car(session_energy=11_000.0)))
    assert day.events == []


def test_a_target_that_was_missed_is_told_once():
    day = Day(house(TARGET))
    for at in (0.0, 10_000.0, 10_790.0, 10_801.0, 10_900.0, 20_000.0):
        found = day.at(view(at, 500.0, car(power=1380.0, session_energy=1380.0 * at / 3600)))
    assert day.events == [("car", "target missed: 4.1 of 11.0 kWh at 15:00")]
    assert found == {"car": 0.0}


def test_a_session_that_a_station_still_shows_is_not_the_new_cars():
    day = Day(house(TARGET))
    day.at(view(0.0, 500.0, car(plugged=False, session_energy=70_000.0)))
    day.at(view(10.0, 500.0, car(session_energy=70_000.0)))
    assert day.memory.cars["car"].progress.charged == 0.0
    day.at(view(20.0, 500.0, car(session_energy=250.5)))
    assert day.memory.cars["car"].progress.charged == 250.5


def test_a_wall_clock_that_is_put_back_moves_no_duration_and_no_deadline():
    day = Day(ONE)
    day.at(view(0.0, -5000.0, car()))
    stepped = view(START_AFTER, -5000.0, car())
    assert day.at(View(stepped.time - 3600, START_AFTER, stepped.devices)) == {"car": 7.0}
    target = Day(house(TARGET))
    target.at(view(0.0, 500.0, car(session_energy=0.0)))
    late = view(2 * 3600.0, 500.0, car(session_energy=0.0))
    assert target.at(View(late.time - 3600, late.monotonic, late.devices)) == {"car": 0.0}
    assert target.at(view(2 * 3600.0 + SETTLE, 500.0, car(session_energy=0.0))) == {"car": 16.0}


def test_a_restart_forgets_neither_who_charges_nor_how_far_a_target_is():
    day = Day(house(TARGET))
    for at in (0.0, START_AFTER):
        day.at(view(at, -5000.0, car(session_energy=0.0)))
    day.at(view(70.0, -200.0, car(power=4830.0, session_energy=1250.5)))
    again = Day(house(TARGET))
    again.memory = restored(kept(day.memory), NOON + 75.0, 3.0)
    found, _ = claims(View(NOON + 75.0, 3.0, view(75.0, -200.0, car(power=4830.0)).devices), day.site, again.memory)
    assert found[0].value == 7.0
    assert again.memory.cars["car"].progress == replace(day.memory.cars["car"].progress, since=-72.0)


watts = st.floats(-30_000, 30_000)
needs = st.lists(
    st.builds(
        lambda one, most, priority, drawn, offered, short, charging: (
            Need("", 230.0 if one else 690.0, 6.0, most, priority, drawn, offered, short, Sun(charging))
        ),
        st.booleans(), st.floats(6, 32).map(lambda x: float(int(x))), st.integers(1, 3),
        st.one_of(st.none(), st.floats(0, 22_000)), st.sampled_from([0.0, 6.0, 13.0]),
        st.one_of(st.none(), st.just(-100.0)), st.booleans(),
    ),
    max_size=5,
)  # fmt: skip


@given(needs, watts)
def test_the_parts_of_all_cars_fit_into_the_surplus_but_for_those_about_to_pause(found: list[Need], surplus: float):
    found = [replace(each, name=str(number)) for number, each in enumerate(found)]
    parts = divide(found, surplus, 0.0)
    staying = [each for each in found if parts[each.name].sun.doubt_since is None]
    offered = {each.name: parts[each.name].amperes for each in found}
    counted = sum(offered[each.name] * each.step - each.untaken(offered[each.name], 0.0) for each in staying)
    assert counted <= max(surplus, 0.0) + 1e-6
    for each in found:
        assert offered[each.name] == 0 or each.least <= offered[each.name] <= each.most


@given(
    watts, st.floats(0, 11_000), st.floats(-5000, 5000), st.floats(0, 3000),
    st.sampled_from(["grid", "car", "battery", "rod"]),
)  # fmt: skip
def test_what_falls_silent_makes_no_car_faster(grid: float, drawn: float, battery: float, heat: float, silent: str):
    day = sunny(ONE, 8000.0, "car")
    known = view(
        70.0, grid, car(power=drawn), Seen("battery", "battery", {"battery_power": battery}, 5000.0),
        Seen("rod", "heater", {"power": heat}, 3000.0, can=frozenset({"set_power"})),
    )  # fmt: skip
    devices = {name: replace(each, reading={}) if name == silent else each for name, each in known.devices.items()}
    before, _ = claims(known, ONE, day.memory)
    after, _ = claims(View(known.time, 70.0, devices), ONE, day.memory)
    assert after[0].value <= before[0].value


@pytest.mark.parametrize("mode", ["surplus", "fast", "cheap", "off"])
def test_no_mode_offers_anything_to_a_cable_that_hangs_free(mode: str):
    day = Day(house({"name": "car", "charging": {"mode": mode}}))
    for at in (0.0, START_AFTER, 300.0):
        assert day.at(view(at, -9000.0, car(plugged=False))) == {"car": 0.0}
