"""What fuses leave to cars, batteries and heaters, phase by phase."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.errors import ConfigurationError
from controller.sitefile import Site, check
from controller.strategy.claims import Claim, Rank
from controller.strategy.fuse_relief import HOLD
from controller.strategy.fuse_tree import tree
from controller.strategy.fuses import RISE, WAIT, Memory, claims, room
from controller.strategy.view import Seen, View

CAN = frozenset({"limit_current", "pause", "release"})


def house(*cars: dict, fuse: float = 35.0, fuses: tuple = (), **place: object) -> Site:
    """A site with a grid meter, a roof, a rod, a battery and these charging points."""
    devices = [
        {"name": "grid", "row": 112, "function": "grid-meter"},
        {"name": "garage meter", "row": 112, "function": "meter"},
        {"name": "roof", "row": 1},
        {"name": "rod", "row": 136},
        {"name": "battery", "row": 53},
        *({"row": 65, **car} for car in cars),
    ]
    return check({"site": {"fuse": fuse, **place}, "device": devices, "fuse": list(fuses)})


def car(name: str, phases: int = 3, phase: int = 1, **reading: object) -> Seen:
    return Seen(name, "charger", {"plugged": True, **reading}, 11_000.0, phases, phase, CAN)


def amperes(l1: float, l2: float, l3: float) -> dict[str, float]:
    """What a meter says: magnitudes, with the sign in the power."""
    found = {f"current_l{phase}": abs(each) for phase, each in enumerate((l1, l2, l3), 1)}
    return found | {f"power_l{phase}": each * 230.0 for phase, each in enumerate((l1, l2, l3), 1)}


def view(at: float, grid: dict, *seen: Seen) -> View:
    devices = [Seen("grid", "grid-meter", grid), *seen]
    return View(1.75e9, at, {each.name: each for each in devices})


def shares(found: list[Claim]) -> dict[str, float]:
    return {each.device: each.value for each in found if each.aspect == "current"}


def test_a_car_gets_what_the_busiest_phase_leaves():
    found, _ = claims(view(0.0, amperes(3.0, 21.5, -4.0), car("box", power=0.0)), house({"name": "box"}), Memory())
    assert shares(found) == {"box": 13.0}
    assert found[0].rank == Rank.SAFETY
    assert found[0].reason == "main fuse: 13.5 A of 35 A are free for cars on L2"


def test_a_one_phase_car_is_bound_by_its_own_phase_alone():
    grid = amperes(33.0, 21.5, -4.0)
    for phase, most in ((1, 0.0), (2, 13.0), (3, 16.0)):
        found, _ = claims(view(0.0, grid, car("box", 1, phase, power=0.0)), house({"name": "box"}), Memory())
        assert shares(found) == {"box": most}


def test_what_the_car_takes_itself_is_not_taken_from_it():
    own = {"power": 9660.0} | {f"current_l{phase}": 14.0 for phase in (1, 2, 3)}
    found, _ = claims(view(0.0, amperes(34.0, 30.0, 31.0), car("box", **own)), house({"name": "box"}), Memory())
    assert shares(found) == {"box": 15.0}


def test_a_station_whose_l1_hangs_on_l3_is_known_to():
    own = {"power": 3220.0, "current_l1": 14.0, "current_l2": 0.0, "current_l3": 0.0}
    turned = car("box", phase=3, **own)
    found, _ = claims(view(0.0, amperes(20.0, 0.0, 36.5), turned), house({"name": "box"}), Memory())
    assert shares(found) == {"box": 12.0}


def test_a_car_that_was_just_lowered_still_counts_with_what_it_had():
    site, memory = house({"name": "box"}), Memory()
    _, memory = claims(view(0.0, amperes(5.0, 5.0, 5.0), car("box", power=0.0)), site, memory)
    two_phases = car("box", power=2 * 3680.0)  # the station does not tell that they are L1 and L2
    for at in range(5, 15):
        found, memory = claims(view(float(at), amperes(27.0, 27.0, 11.0), two_phases), site, memory)
        assert shares(found) == {"box": 8.0}


def test_a_meter_that_tells_only_its_total_may_have_all_of_it_on_one_phase():
    site = house({"name": "box"})
    found, _ = claims(view(0.0, {"power": 5750.0}, car("box", power=0.0)), site, Memory())
    assert shares(found) == {"box": 10.0}
    assert "25.0 A of it unexplained, on each phase" in found[0].reason
    roof = Seen("roof", "pv", {"power": 3450.0}, 8000.0)  # explains -5 A on each phase, and 15 A more of the house
    found, _ = claims(view(0.0, {"power": 2300.0}, roof, car("box", power=0.0)), site, Memory())
    assert shares(found) == {"box": 15.0}


def test_a_roof_that_says_nothing_may_be_hiding_what_the_house_takes():
    site = house({"name": "box"})
    roof = Seen("roof", "pv", {}, 5750.0)
    found, _ = claims(view(0.0, {"power": -1150.0}, roof, car("box", power=0.0)), site, Memory())
    assert shares(found) == {"box": 15.0}
    found, _ = claims(view(0.0, {"power": -1150.0}, replace(roof, rating=None), car("box", power=0.0)), site, Memory())
    assert shares(found) == {"box": 0.0}


def test_without_the_grid_meter_nothing_is_left():
    found, _ = claims(view(0.0, {}, car("box", power=0.0)), house({"name": "box"}), Memory())
    assert shares(found) == {"box": 0.0}
    assert found[0].reason == "main fuse: its current is unknown, grid says nothing"


def test_an_overdrawn_fuse_pauses_at_once_and_the_car_waits():
    site, memory = house({"name": "box"}), Memory()
    found, memory = claims(view(0.0, amperes(10.0, 0.0, 0.0), car("box", power=0.0)), site, memory)
    assert shares(found) == {"box": 16.0}
    own = {"power": 3680.0, "current_l1": 16.0, "current_l2": 0.0, "current_l3": 0.0}
    found, memory = claims(view(1.0, amperes(46.5, 0.0, 0.0), car("box", **own)), site, memory)
    assert shares(found) == {"box": 0.0}
    given_at = []
    for at in range(2, 60):
        found, memory = claims(view(float(at), amperes(10.0, 0.0, 0.0), car("box", power=0.0)), site, memory)
        given_at += [at] if shares(found)["box"] else []
    assert given_at[0] == 1 + WAIT + RISE


def test_a_share_rises_only_to_what_was_free_for_a_while():
    site, memory = house({"name": "box"}), Memory()
    taken = [25.0, 20.0, 20.0, 23.0, 20.0, 20.0, 20.0, 20.0]
    told = []
    for at, l1 in enumerate(taken):
        found, memory = claims(view(float(at), amperes(l1, 0.0, 0.0), car("box", power=0.0)), site, memory)
        told.append(shares(found)["box"])
    assert told == [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 12.0, 12.0]


def test_a_car_of_unknown_draw_settles_instead_of_swinging():
    site, memory = house({"name": "box"}, fuse=25.0), Memory()
    drawn, told = 0.0, []
    for at in range(120):
        silent = car("box", power=None)
        found, memory = claims(view(float(at), amperes(10.0 + drawn, 10.0, 10.0), silent), site, memory)
        drawn = shares(found)["box"]
        told.append(drawn)
    assert told[-1] == 7.0 and set(told[20:]) == {7.0}


def test_a_car_at_a_station_without_a_meter_gets_all_that_the_fuse_leaves():
    site, memory = house({"name": "box", "charging": {"maximum_current": 32.0}}), Memory()
    drawn, told = 0.0, []
    for at in range(60):
        found, memory = claims(view(float(at), amperes(*[2.5 + drawn] * 3), car("box", vehicle="C")), site, memory)
        drawn = shares(found)["box"]
        told.append(drawn)
    assert set(told) == {32.0}


def test_a_car_that_does_not_charge_takes_nothing_where_nothing_measures_it():
    site, grid = house({"name": "box"}), amperes(20.0, 20.0, 20.0)
    found, _ = claims(view(0.0, grid, car("box", vehicle="B")), site, Memory())
    assert shares(found) == {"box": 15.0}
    found, _ = claims(view(0.0, grid, car("box", vehicle="C", enabled=False)), site, Memory())
    assert shares(found) == {"box": 15.0}


def test_a_point_where_no_car_is_known_to_be_leaves_its_part_to_the_others():
    site = house({"name": "left"}, {"name": "right"})
    grid, taken = amperes(15.0, 0.0, 0.0), car("left", power=0.0)
    found, memory = claims(view(0.0, grid, taken, car("right", plugged=False, power=0.0)), site, Memory())
    assert shares(found) == {"left": 16.0, "right": 0.0}
    found, _ = claims(view(1.0, grid, taken, replace(car("right"), reading={})), site, memory)
    assert shares(found) == {"left": 16.0, "right": 0.0}


def test_until_the_meter_has_been_asked_a_station_keeps_at_most_what_it_offers():
    site = house({"name": "box"}, {"name": "new"})
    meter = Seen("grid", "grid-meter", {}, state="waiting")
    seen = {"grid": meter, "box": car("box", current_limit=13.0, enabled=True), "new": car("new")}
    found, memory = claims(View(1.75e9, 0.0, seen), site, Memory())
    assert shares(found) == {"box": 13.0, "new": 0.0}
    found, _ = claims(View(1.75e9, 1.0, {**seen, "grid": replace(meter, state="offline")}), site, memory)
    assert shares(found) == {"box": 0.0, "new": 0.0}


def test_equals_share_and_the_first_in_rank_comes_first():
    grid = amperes(10.0, 5.0, 5.0)
    both = car("left", power=0.0), car("right", power=0.0)
    found, _ = claims(view(0.0, grid, *both), house({"name": "left"}, {"name": "right"}), Memory())
    assert shares(found) == {"left": 12.0, "right": 12.0}
    later = {"name": "left", "charging": {"priority": 2}}
    found, _ = claims(view(0.0, grid, *both), house(later, {"name": "right"}), Memory())
    assert shares(found) == {"left": 9.0, "right": 16.0}


def test_who_does_not_get_the_least_gets_nothing_and_who_charges_goes_on():
    site = house({"name": "left"}, {"name": "right"})
    both = car("left", power=0.0), car("right", power=0.0)
    found, _ = claims(view(0.0, amperes(24.5, 0.0, 0.0), *both), site, Memory())
    assert shares(found) == {"left": 10.0, "right": 0.0}
    later = {"name": "left", "charging": {"priority": 2}}
    swapped = house(later, {"name": "right"})
    _, memory = claims(view(0.0, amperes(24.5, 0.0, 0.0), *both), swapped, Memory())
    found, _ = claims(view(1.0, amperes(24.5, 0.0, 0.0), *both), site, memory)
    assert shares(found) == {"left": 0.0, "right": 10.0}


def test_nobody_keeps_a_share_that_another_could_use():
    site = house({"name": "left"}, {"name": "right"})
    both = car("left", power=0.0), car("right", power=0.0)
    made = [
        Claim("left", "current", "setpoint", 0.0, Rank.OPTIMISATION, "surplus", ""),
        Claim("right", "current", "setpoint", 16.0, Rank.USER, "fast", ""),
    ]
    found, _ = claims(view(0.0, amperes(15.0, 0.0, 0.0), *both), site, Memory(), made)
    assert shares(found) == {"left": 0.0, "right": 16.0}


GARAGE = {"name": "garage", "current": 20.0, "of": ["left", "right", "rod"]}


def test_a_fuse_without_a_meter_adds_up_its_devices():
    site = house({"name": "left"}, {"name": "right"}, fuse=63.0, fuses=(GARAGE,))
    rod = Seen("rod", "heater", {"power": 2070.0}, 9000.0)
    both = car("left", power=0.0), car("right", power=0.0)
    found, _ = claims(view(0.0, amperes(40.0, 0.0, 0.0), rod, *both), site, Memory())
    assert shares(found) == {"left": 8.0, "right": 8.0}
    silent = Seen("rod", "heater", {}, 4140.0)
    found, _ = claims(view(0.0, amperes(40.0, 0.0, 0.0), silent, *both), site, Memory())
    assert shares(found) == {"left": 7.0, "right": 7.0}
    assert "rod at its rating" in found[0].reason


def test_a_silent_meter_leaves_what_is_safe_at_the_ratings_of_all_that_is_named():
    metered = GARAGE | {"meter": "garage meter", "of": ["left", "rod"]}
    site = house({"name": "left"}, fuse=63.0, fuses=(metered,))
    rod = Seen("rod", "heater", {"power": 0.0}, 4140.0)
    found, _ = claims(view(0.0, amperes(0.0, 0.0, 0.0), rod, car("left", power=0.0)), site, Memory())
    assert shares(found) == {"left": 14.0}
    meter = Seen("garage meter", "meter", amperes(9.5, 2.0, 2.0))
    found, _ = claims(view(0.0, amperes(0.0, 0.0, 0.0), meter, rod, car("left", power=0.0)), site, Memory())
    assert shares(found) == {"left": 10.0}


def test_a_station_that_takes_no_command_may_have_its_car_on_any_phase():
    site = house({"name": "left"}, {"name": "right"}, fuse=63.0, fuses=(GARAGE,))
    foreign = replace(car("right", power=2300.0), can=frozenset())
    rod = Seen("rod", "heater", {"power": 0.0}, 9000.0)
    found, _ = claims(view(0.0, amperes(10.0, 0.0, 0.0), rod, car("left", power=0.0), foreign), site, Memory())
    assert shares(found) == {"left": 10.0}


def test_the_second_point_of_a_station_hangs_on_the_same_fuse():
    site = house({"name": "left"}, fuse=63.0, fuses=({"name": "garage", "current": 15.0, "of": ["left"]},))
    points = car("left", power=0.0), car("left-2", power=0.0)
    found, _ = claims(view(0.0, amperes(0.0, 0.0, 0.0), *points), site, Memory())
    assert shares(found) == {"left": 7.0, "left-2": 7.0}


def test_charging_asks_what_is_left_for_everybody_together():
    site = house({"name": "left"}, {"name": "right"})
    now = view(0.0, amperes(15.0, 0.0, 0.0), car("left", power=0.0), car("right", power=0.0))
    assert room(now, site) == {"left": 10.0, "right": 10.0}
    assert room(now, site, {"left": 0.0, "right": 13.0}) == {"left": 6.0, "right": 13.0}


@pytest.mark.parametrize(
    ("fuses", "key"),
    [
        (({"name": "garage", "current": 20.0, "of": ["carport"]},), "fuse[0].of"),
        (({"name": "garage", "current": 20.0, "of": ["box"], "meter": "none"},), "fuse[0].meter"),
        (({"name": "a", "current": 20.0, "of": ["b"]}, {"name": "b", "current": 20.0, "of": ["a"]}), "fuse[0].of"),
        (({"name": "a", "current": 20.0, "of": ["box"]}, {"name": "b", "current": 20.0, "of": ["box"]}), "fuse[1].of"),
        (({"name": "box", "current": 20.0, "of": ["rod"]},), "fuse[0].name"),
    ],
)
def test_fuses_that_are_no_tree_are_refused_with_their_key(fuses: tuple, key: str):
    with pytest.raises(ConfigurationError) as refused:
        tree(house({"name": "box"}, fuses=fuses))
    assert refused.value.key == key


def test_an_overdrawn_fuse_bounds_what_the_grid_charges_and_heats():
    site = house({"name": "box"}, fuse=25.0)
    storage = Seen("battery", "battery", {"battery_power": -6900.0}, 10_000.0, can=frozenset({"charge", "discharge"}))
    rod = Seen("rod", "heater", {"power": 3450.0}, 9000.0)
    found, memory = claims(view(0.0, amperes(31.0, 20.0, 20.0), storage, rod), site, Memory())
    bounds = {each.device: (each.bound, round(each.value)) for each in found}
    assert bounds == {"battery": ("at least", -3105), "rod": ("at most", 3105)}  # 25 A less 16 A of the house, halved
    rest = amperes(16.0 + 2 * 4.5, 10.0, 10.0)
    storage, rod = replace(storage, reading={"battery_power": -3105.0}), replace(rod, reading={"power": 3105.0})
    for at in (1.0, 30.0, HOLD - 1):
        found, memory = claims(view(at, rest, storage, rod), site, memory)
        assert {each.device: round(each.value) for each in found} == {"battery": -3105, "rod": 3105}
    found, _ = claims(view(HOLD + 1, rest, storage, rod), site, memory)
    assert found == []


# the law: whatever is known, the shares of all cars fit under every fuse on every phase


@dataclass
class Truth:
    """One instant of a random house."""

    load: tuple[float, float, float]  # A that nobody names
    rod: float  # W, three phases, behind the garage's fuse
    roof: float  # W, three phases


@dataclass
class Made:
    """A random house: who hangs where, and who says how much."""

    main: float
    garage: float
    meter: str
    sub: str
    cars: list[tuple[int, int, int, str, bool, bool]]  # phases, phase, used, station says, behind the garage, plugged
    roof_speaks: bool
    rod_speaks: bool


flavour = st.sampled_from(["currents", "powers", "total"])
made = st.builds(
    Made, st.floats(16, 80), st.floats(10, 60), flavour, st.sampled_from(["none", "silent", "currents", "total"]),
    st.lists(
        st.tuples(
            st.sampled_from([1, 3]), st.integers(1, 3), st.integers(1, 3),
            st.sampled_from(["currents", "power", "lost"]), st.booleans(), st.booleans(),
        ),
        min_size=1, max_size=4,
    ),
    st.booleans(), st.booleans(),
)  # fmt: skip
truth = st.builds(
    Truth, st.tuples(*[st.floats(0, 40)] * 3), st.floats(0, 9000), st.one_of(st.just(0.0), st.floats(0, 12_000))
)


def says(kind: str, l1: float, l2: float, l3: float) -> dict[str, float]:
    total = {"power": (l1 + l2 + l3) * 230.0}
    if kind == "currents":
        return amperes(l1, l2, l3) | total
    return (
        total | {f"power_l{p}": each * 230.0 for p, each in enumerate((l1, l2, l3), 1)} if kind == "powers" else total
    )


@settings(max_examples=400, deadline=None)
@given(made, st.lists(st.tuples(truth, st.lists(st.floats(0, 1), min_size=4, max_size=4)), min_size=1, max_size=6))
def test_the_shares_of_all_cars_fit_under_every_fuse(made: Made, story: list[tuple[Truth, list[float]]]):
    names = [f"car {number}" for number in range(len(made.cars))]
    behind = [name for name, each in zip(names, made.cars, strict=True) if each[4]]
    fuse = {"name": "garage", "current": made.garage, "of": ["rod", *behind]}
    if made.sub != "none":
        fuse["meter"] = "garage meter"
    site = house(*({"name": name} for name in names), fuse=made.main, fuses=(fuse,))
    memory, lately = Memory(), [dict.fromkeys(names, 16.0)] * 2  # a car may still draw what it was given before
    for tick, (now, draws) in enumerate(story):
        flows: dict[str, list[float]] = {}
        seen = []
        for name, (phases, phase, used, kind, _, plugged), part in zip(names, made.cars, draws, strict=False):
            drawn = max(each[name] for each in lately) * part if plugged else 0.0
            own = [drawn if index < min(used, phases) else 0.0 for index in range(3)]
            flows[name] = [own[(index - phase + 1) % 3] for index in range(3)]
            told = {"currents": says("currents", *own), "power": says("total", *own), "lost": {"power": None}}
            reading = told[kind]
            seen.append(Seen(name, "charger", {"plugged": plugged, **reading}, 11_000.0, phases, phase, CAN))
        rod, roof = [now.rod / 690] * 3, [-now.roof / 690] * 3
        others = {"main": [sum(each) for each in zip(now.load, rod, roof, strict=True)], "garage": rod}
        total = [sum(each) for each in zip(others["main"], *flows.values(), strict=True)]
        inner = [sum(each) for each in zip(rod, *(flows[name] for name in behind), strict=True)]
        seen += [
            Seen("rod", "heater", {"power": now.rod} if made.rod_speaks else {}, 9000.0),
            Seen("roof", "pv", {"power": now.roof} if made.roof_speaks else {}, 12_000.0),
            Seen("garage meter", "meter", {} if made.sub == "silent" else says(made.sub, *inner)),
        ]
        found, memory = claims(view(7.0 * tick, says(made.meter, *total), *seen), site, memory)
        told = shares(found)
        lately = [lately[1], told]
        for node, rated, whose in (("main", made.main, names), ("garage", made.garage, behind)):
            for phase in range(3):
                cars = sum(told[name] for name in whose if made.cars[names.index(name)][0] == 3
                           or made.cars[names.index(name)][1] == phase + 1)  # fmt: skip
                assert cars == 0 or others[node][phase] + cars <= rated + 1e-3


@settings(max_examples=200, deadline=None)
@given(
    truth, st.sampled_from(["grid", "garage meter", "rod", "roof", "car"]), st.floats(0, 16), flavour, flavour,
    st.sampled_from(["none", "meter"]),
)  # fmt: skip
def test_what_falls_silent_gives_nobody_more(
    now: Truth, silent: str, drawn: float, meter: str, sub: str, metered: str
) -> None:
    fuse = {"name": "garage", "current": 20.0, "of": ["rod", "car"]}
    fuse |= {"meter": "garage meter"} if metered == "meter" else {}
    site = house({"name": "car"}, fuse=50.0, fuses=(fuse,))
    rod, roof = now.rod / 690, now.roof / 690
    total = [each + rod - roof + drawn for each in now.load]
    devices = [
        car("car", **says("currents", drawn, drawn, drawn)),
        Seen("rod", "heater", {"power": now.rod}, 9000.0),
        Seen("roof", "pv", {"power": now.roof}, 12_000.0),
        Seen("garage meter", "meter", says(sub, *[rod + drawn] * 3)),
    ]
    known = view(0.0, says(meter, *total), *devices)
    less = View(
        known.time, 0.0, {n: replace(each, reading={}) if n == silent else each for n, each in known.devices.items()}
    )
    before, _ = claims(known, site, Memory())
    after, _ = claims(less, site, Memory())
    assert shares(after)["car"] <= shares(before)["car"]


part = st.one_of(st.sampled_from((0.0, 1.0)), st.floats(0, 1))  # of what it is offered, what a car takes


@settings(max_examples=300, deadline=None)
@given(
    st.tuples(*[st.floats(0, 30)] * 3),
    st.lists(st.tuples(st.integers(1, 3), part, st.sampled_from((False, False, True))), min_size=1, max_size=3),
)
def test_cars_that_nothing_measures_overdraw_no_fuse_for_long(
    load: tuple[float, ...], cars: list[tuple[int, float, bool]]
):
    names = [f"car {number}" for number in range(len(cars))]
    site, memory = house(*({"name": name} for name in names)), Memory()
    told = dict.fromkeys(names, 16.0)  # what somebody had left in them
    for at in range(90):
        own = {
            name: [told[name] * part if phase < used else 0.0 for phase in range(3)]
            for name, (used, part, _) in zip(names, cars, strict=True)
        }
        flows = [sum(each) for each in zip(load, *own.values(), strict=True)]
        if at >= 60:
            assert max(flows) <= 35.0 + 1e-3
        seen = [
            car(name, vehicle="C", current_limit=told[name], **says("currents", *own[name]) if measured else {})
            for name, (_, _, measured) in zip(names, cars, strict=True)
        ]
        found, memory = claims(view(float(at), amperes(*flows), *seen), site, memory)
        told = shares(found)
