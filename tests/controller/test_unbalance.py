"""4.6 kVA between phases: one-phase cars, sun and batteries."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from controller.sitefile import Site, check
from controller.strategy import unbalance
from controller.strategy.claims import Rank
from controller.strategy.unbalance import Memory
from controller.strategy.view import Seen, View

ROWS: dict[str, dict[str, Any]] = {"pv": {"row": 1, "model": "STP 8.0"}, "battery": {"row": 53}, "charger": {"row": 65}}


def site(*devices: Seen, unbalance: float = 4600.0, maximum: float = 32.0, **own: Any) -> Site:
    charging = {"charging": {"maximum_current": maximum}}
    listed = [
        {
            "name": each.name,
            **ROWS[each.function],
            **(charging if each.function == "charger" else {}),
            **own.get(each.name, {}),
        }
        for each in devices
        if each.function in ROWS
    ]
    listed.append({"name": "rod", "row": 136})
    return check({"device": listed, "grid": {"unbalance": unbalance}})


def car(phase: int = 1, name: str = "car", phases: int = 1, can: bool = True, **said: Any) -> Seen:
    commands = frozenset({"limit_current", "pause"} if can else ())
    return Seen(name, "charger", {"plugged": True, "power": 0.0, **said}, 7400.0, phases, phase, commands)


def sun(power: float | None, phase: int, phases: int = 1, name: str = "roof", rating: float | None = 5000.0) -> Seen:
    return Seen(name, "pv", {} if power is None else {"power": power}, rating, phases, phase)


def store(power: float | None, phase: int, rating: float | None = 3000.0) -> Seen:
    return Seen("store", "battery", {} if power is None else {"power": power}, rating, 1, phase)


def told(*devices: Seen, house: Site | None = None, **more: Any) -> dict[str, float]:
    """A by station."""
    view = View(1_750_000_000.0, 10.0, {each.name: each for each in devices})
    claims, _ = unbalance.claims(view, house or site(*devices, **more), Memory())
    return {each.device: each.value for each in claims}


def test_a_car_alone_on_a_phase_may_take_20_amperes():
    assert told(car()) == {"car": 20.0}


def test_a_station_that_is_set_to_16_amperes_needs_no_bound():
    assert told(car(), maximum=16.0) == {}


def test_sun_on_another_phase_leaves_the_car_less_and_says_why():
    devices = car(1), sun(2900.0, 2)
    view = View(1_750_000_000.0, 10.0, {each.name: each for each in devices})
    claims, _ = unbalance.claims(view, site(*devices), Memory())
    assert [(each.value, each.rank, each.source) for each in claims] == [(7.3, Rank.CONNECTION, "unbalance")]
    assert claims[0].reason == "4600 VA between phases leave 1700 W on L1"


def test_with_too_much_sun_on_another_phase_the_car_pauses():
    assert told(car(1), sun(3300.0, 3)) == {"car": 0.0}
    assert told(car(1), sun(4800.0, 3)) == {"car": 0.0}


def test_sun_on_its_own_phase_leaves_the_car_more():
    assert told(car(2), sun(2307.5, 2)) == {"car": 30.0}


def switching(phases: int, phase: int = 1) -> Seen:
    """A station for three phases that says how many it uses."""
    return Seen("car", "charger", {"phases": phases, "plugged": True}, 22_000.0, 3, phase, frozenset({"pause"}))


def test_a_car_that_switches_from_three_phases_to_one_is_bound_from_then_on():
    assert told(switching(3), sun(2900.0, 2)) == {}
    assert told(switching(1), sun(2900.0, 2)) == {"car": 7.3}
    assert told(switching(1, phase=2), sun(2307.5, 2)) == {"car": 30.0}
    assert told(switching(2, phase=3), sun(2300.0, 2)) == {"car": 10.0}


def test_three_phase_devices_heating_rods_and_the_rest_of_the_house_do_not_count():
    rod = Seen("rod", "heater", {"power": 3000.0}, 3000.0, 1, 2)
    assert told(car(1), sun(7000.0, 2, phases=3), rod) == {"car": 20.0}


def test_a_battery_counts_in_both_directions():
    assert told(car(1), store(-1500.0, 1)) == {"car": 13.4}
    assert told(car(1), store(1512.5, 1)) == {"car": 26.5}
    assert told(car(1), store(1500.0, 2)) == {"car": 13.4}
    assert told(car(1), store(-1500.0, 2)) == {"car": 20.0}


def test_what_is_not_known_counts_against_the_car():
    assert told(car(1), sun(None, 2, rating=3000.0)) == {"car": 6.9}
    assert told(car(1), sun(None, 2, rating=None)) == {"car": 0.0}
    assert told(car(1), sun(None, 1)) == {"car": 20.0}
    assert told(car(1), store(None, 1)) == {"car": 6.9}
    assert told(car(1), store(None, 2)) == {"car": 6.9}


def test_cars_of_one_phase_share_it_by_their_priority_and_an_empty_station_waits():
    both = car(1, "a"), car(1, "b")
    assert told(*both) == {"a": 10.0, "b": 10.0}
    assert told(*both, sun(2900.0, 2), house=site(*both, sun(0.0, 2), a={"charging": {"priority": 5}})) == {
        "a": 0.0,
        "b": 7.3,
    }
    assert told(car(1, "a"), car(1, "b", plugged=False)) == {"a": 20.0, "b": 20.0}


def test_cars_of_different_phases_each_have_20_amperes():
    assert told(car(1, "a"), car(2, "b"), car(3, "c")) == {"a": 20.0, "b": 20.0, "c": 20.0}


def test_a_station_that_cannot_be_bound_uses_up_its_phase():
    assert told(car(1, "a"), car(1, "b", can=False, power=1840.0)) == {"a": 12.0}
    assert told(car(1, "a"), Seen("b", "charger", {}, 3000.0, 1, 1)) == {"a": 6.9}


def test_a_station_on_two_phases_is_bound_by_the_narrower_one():
    assert told(car(1, phases=2), sun(2300.0, 3)) == {"car": 10.0}
    assert told(car(1, phases=2), sun(2300.0, 2)) == {"car": 10.0}


def test_a_house_of_one_phase_or_without_the_rule_is_not_bound():
    house = site(car())
    alone = house.model_copy(update={"site": house.site.model_copy(update={"phases": 1})})
    assert told(car(), house=alone) == {}
    free = house.model_copy(update={"grid": house.grid.model_copy(update={"unbalance": None})})
    assert told(car(), house=free) == {}


def test_the_same_leads_to_the_same_and_a_change_to_another_bound():
    house, memory, found = site(car(1), sun(0.0, 2)), Memory(), []
    for power in (2900.0, 2890.0, 2500.0, None):
        devices = car(1), sun(power, 2)
        view = View(1_750_000_000.0, 10.0, {each.name: each for each in devices})
        claims, memory = unbalance.claims(view, house, memory)
        found.append(claims[0].value)
    assert found == [7.3, 7.3, 9.1, 0.0]


powers = st.one_of(st.none(), st.floats(0.0, 4600.0))
charge = st.one_of(st.none(), st.floats(-3000.0, 3000.0))


@given(
    st.lists(st.tuples(st.integers(1, 3), st.booleans()), min_size=1, max_size=4),
    st.lists(st.tuples(powers, st.integers(1, 3)), max_size=3),
    charge,
    st.integers(1, 3),
)
def test_however_cars_follow_no_two_phases_differ_by_more_than_is_allowed_above_what_is_fed(
    cars: list[Any], roofs: list[Any], stored: float | None, place: int
):
    stations = [car(phase, f"car{i}", plugged=there) for i, (phase, there) in enumerate(cars)]
    suns = [sun(power, phase, name=f"roof{i}") for i, (power, phase) in enumerate(roofs)]
    amperes = told(*stations, *suns, store(stored, place))
    phases, fed = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
    for seen in stations:
        if seen.reading["plugged"]:
            phases[seen.phase - 1] += 230.0 * amperes.get(seen.name, 32.0)
    for seen in (*suns, store(stored, place)):
        power = seen.number("power") or 0.0
        phases[seen.phase - 1] -= power
        fed[seen.phase - 1] += power
    for own in range(3):
        charging = any(
            each.phase - 1 == own and amperes.get(each.name, 32.0) > 0 for each in stations if each.reading["plugged"]
        )
        for other in range(3):
            if charging and other != own:
                assert phases[own] - min(phases[other], -fed[other]) <= 4600.0 + 1e-6
