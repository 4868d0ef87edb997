"""What cannot be true is absent: single readings by range and rate, the grid meter against the other devices."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.run.plausible import BACK, Plausible
from controller.strategy.view import Seen

METER = {"power": -1234.5, "power_l1": 70_123.25, "voltage_l1": 231.7, "frequency": 49.98, "import_energy": 4_711_000.5}


def judged(reading, function="pv", rating=8000.0, now=100.0):
    return Plausible().judge("it", function, reading, rating, now)


def test_an_ordinary_reading_is_handed_on_as_it_is():
    reading = {**METER, "power": 8123.4, "power_l1": None, "status": "running", "soc": 0, "plugged": False}
    found, reasons = judged(reading)
    assert found is reading
    assert reasons == {}


@pytest.mark.parametrize(
    ("function", "rating", "quantity", "value"),
    [
        ("pv", 8000.0, "power", 10_901.0),
        ("pv", 8000.0, "power", -1_301.0),
        ("pv", None, "power", 250_001.0),
        ("battery", 5000.0, "power", -7_001.0),
        ("battery", 5000.0, "battery_power", 15_501.0),
        ("charger", 11_000.0, "power_l2", -501.0),
        ("grid-meter", None, "power", -250_001.0),
        ("grid-meter", None, "voltage_l3", 300.5),
        ("grid-meter", None, "frequency", 0.0),
        ("grid-meter", None, "current_l1", -1_400.0),
        ("pv", 8000.0, "dc_voltage_1", 1_100.5),
        ("battery", 5000.0, "soc", 100.5),
        ("battery", 5000.0, "temperature", -60.5),
        ("heater", 3000.0, "water_temperature", 3276.7),
        ("grid-meter", None, "export_energy", -0.5),
        ("grid-meter", None, "power_factor", -1.1),
        ("charger", None, "current_limit", -13.0),
    ],
)
def test_what_no_such_device_can_show_is_absent_with_the_number_in_the_reason(function, rating, quantity, value):
    found, reasons = judged({quantity: value, "status": "running"}, function, rating)
    assert found == {"status": "running"}
    assert f"{value:g} is not within" in reasons[quantity]


@pytest.mark.parametrize(
    ("function", "rating", "quantity", "value"),
    [
        ("pv", 8000.0, "power", 10_900.0),
        ("pv", 8000.0, "power", -15.5),
        ("battery", 5000.0, "pv_power", 12_345.6),
        ("grid-meter", None, "power", -249_999.5),
        ("grid-meter", None, "voltage_l1_l2", 401.5),
        ("pv", None, "dc_voltage", 1_050.0),
        ("pv", 8000.0, "power_limit", 4_294_967_295.0),
        ("battery", 5000.0, "grid_power", -70_123.0),
        ("charger", 11_000.0, "session_energy", 0.0),
        ("charger", 400_000.0, "current_limit", 579.7),
    ],
)
def test_what_such_a_device_can_show_is_believed(function, rating, quantity, value):
    assert judged({quantity: value}, function, rating) == ({quantity: value}, {})


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, False, "12", [{"start": 1}]])
def test_what_is_no_number_where_a_number_belongs_is_absent(value):
    found, reasons = judged({"power": value, "voltage_l1": 229.5})
    assert found == {"voltage_l1": 229.5}
    assert "is no number" in reasons["power"]


def test_no_rule_gets_to_see_a_number_that_is_none_wherever_it_is():
    assert judged({"hydrogen_flow": math.nan, "k1": True, "mode": "own"})[0] == {"k1": True, "mode": "own"}


def test_a_reading_that_has_not_changed_keeps_its_verdict_without_being_looked_at():
    plausible, bad = Plausible(), {**METER, "soc": 111.0}
    first = plausible.judge("it", "grid-meter", bad, None, 1.0)
    again = plausible.judge("it", "grid-meter", dict(bad), None, 5000.0)
    assert (again[0] is first[0], again[1] is first[1]) == (True, True)


def test_a_value_that_was_bad_is_still_bad_after_it_had_been_away():
    plausible = Plausible()
    for reading in ({"soc": 111.0}, {"soc": None}, {}, {"soc": 111.0}):
        found, _ = plausible.judge("it", "battery", reading, 5000.0, 1.0)
    assert found == {}
    assert plausible.judge("it", "battery", {"soc": 99.5}, 5000.0, 2.0)[0] == {"soc": 99.5}


def test_a_rating_that_becomes_known_is_judged_by_at_once():
    plausible, reading = Plausible(), {"power": 70_123.0}
    assert plausible.judge("it", "pv", reading, None, 1.0)[0] == reading
    assert plausible.judge("it", "pv", reading, 8000.0, 2.0)[0] == {}
    assert plausible.judge("it", "pv", reading, 60_000.0, 3.0)[0] == reading


def test_a_counter_that_jumps_is_absent_until_it_has_stood_or_grown_as_it_can():
    plausible = Plausible()

    def energy(value: float, now: float):
        return plausible.judge("it", "pv", {"energy": value}, 8000.0, now)

    assert energy(70_000.0, 0.0)[0] == {"energy": 70_000.0}
    found, reasons = energy(4_294_967_295.0, 10.0)
    assert (found, "jumped from 70000" in reasons["energy"]) == ({}, True)
    assert "stepped back" in energy(70_010.0, 20.0)[1]["energy"]
    assert energy(70_010.0, 20.0 + BACK - 1)[0] == {}
    assert energy(70_010.0, 20.0 + BACK)[0] == {"energy": 70_010.0}
    energy(5.0, 200.0)
    assert energy(7.5, 210.0)[0] == {"energy": 7.5}


def test_a_counter_that_wraps_is_believed():
    plausible = Plausible()
    plausible.judge("it", "meter", {"import_energy": float(2**32) - 50.0}, None, 0.0)
    assert plausible.judge("it", "meter", {"import_energy": 120.0}, None, 60.0)[1] == {}


def test_the_age_of_a_quantity_counts_from_its_last_change():
    plausible = Plausible()
    assert plausible.age("it", "power", 5.0) is None
    plausible.judge("it", "meter", {"power": 5.0, "frequency": 50.0}, None, 10.0)
    plausible.judge("it", "meter", {}, None, 20.0)
    plausible.judge("it", "meter", {"power": 5.5, "frequency": 50.0}, None, 30.0)
    assert (plausible.age("it", "power", 37.5), plausible.age("it", "frequency", 37.5)) == (7.5, 27.5)
    assert plausible.age("it", "soc", 37.5) is None


values = st.one_of(
    st.none(), st.booleans(), st.just("12"), st.integers(-(10**9), 10**9), st.floats(allow_nan=True, width=32)
)
quantities = st.sampled_from(["power", "power_l1", "voltage_l1", "frequency", "soc", "current_l1", "mode"])
readings = st.dictionaries(quantities, values, max_size=6)


@given(st.lists(readings, min_size=1, max_size=5), st.sampled_from([None, 4200.0, 70_000.0]))
def test_a_verdict_takes_away_and_never_adds_and_owes_nothing_to_earlier_readings(course, rating):
    plausible = Plausible()
    for now, reading in enumerate(course):
        found, reasons = plausible.judge("it", "battery", reading, rating, float(now))
        assert {**found, **{name: reading[name] for name in reasons}} == reading
        assert not found.keys() & reasons.keys()
        assert all(math.isfinite(each) for each in found.values() if isinstance(each, float))
        if not any(isinstance(each, bool) for each in reading.values()):
            assert judged(reading, "battery", rating)[1] == reasons


# the grid meter against the others


class House:
    """Devices and a house load with a meter that shows, or does not show, what flows."""

    def __init__(self) -> None:
        self.plausible = Plausible()
        self.now, self.load, self.factor = 1000.0, 412.5, 1.0
        self.powers: dict[str, float | None] = {"pv": 0.0, "battery": 0.0, "charger": 0.0, "heater": 0.0}
        self.stuck: float | None = None

    def __call__(self, seconds: float, **powers: float | None) -> dict[str, str]:
        """Let these powers hold for a while; what is said against the grid meter at its end."""
        self.powers |= powers
        for _ in range(round(seconds)):
            self.now += 1.0
            self.load += 0.25  # no house is quite still
            known = {name: power or 0.0 for name, power in self.powers.items()}
            net = self.load - known["pv"] - known["battery"] + known["charger"] + known["heater"]
            grid = self.factor * net if self.stuck is None else self.stuck
            meter = {"power": grid, "power_l1": grid / 3, "voltage_l1": 230.5, "import_energy": 5.0}
            devices = {"grid": Seen("grid", "grid-meter", meter)} | {
                name: Seen(name, name, {} if power is None else {"power": power}) for name, power in self.powers.items()
            }
            seen = self.plausible.cross(devices, self.now)
        return dict(seen["grid"].absent)


def test_a_meter_that_stands_still_for_a_minute_while_the_devices_move_is_frozen():
    house = House()
    house(5, pv=3000.0)
    house.stuck = -2587.5
    house(1)
    assert house(59, pv=3350.0) == {}
    said = house(1)
    assert said == dict.fromkeys(("power", "power_l1"), "frozen at -2587.5 W while the devices moved by 350 W")
    assert house(600, pv=10.0) == said
    house.stuck = None
    assert house(1) == {}


def test_a_device_that_comes_back_to_what_fits_the_meter_does_not_convict_it():
    house = House()
    house(60, charger=9000.0)
    house.load -= 4860.0  # the car takes 4140 W, of which its station says nothing
    house.stuck = 4580.5
    assert house(120) == {}
    house.load += 4860.0
    assert house(300, charger=4140.0) == {}
    assert "frozen at 4580.5 W" in house(6, charger=0.0)["power"]


def test_a_meter_is_given_the_time_to_answer():
    house = House()
    house(20)
    house.stuck = 417.5
    assert house(300) == {}
    assert house(5, charger=9000.0) == {}
    house.stuck = None
    assert house(60, charger=9000.0) == {}


def test_a_still_meter_in_a_still_house_is_believed():
    house = House()
    house.stuck = 1234.5
    assert house(3000, pv=3000.0, charger=0.0) == {}
    assert house(1, pv=3250.0) == {}


def test_a_device_that_vanishes_or_comes_back_has_not_moved():
    house = House()
    house(10, charger=11_000.0)
    house.stuck = 7_777.0
    assert house(200, charger=None) == {}
    assert house(200, charger=11_000.0) == {}


def test_a_battery_that_holds_the_meter_at_zero_does_not_freeze_it():
    house = House()
    house.stuck = 0.0
    for minute in range(20):
        assert house(60, pv=4000.0, battery=-3000.0 + 150.0 * minute) == {}


def test_a_meter_frozen_at_zero_is_noticed_when_no_battery_explains_it():
    house = House()
    house.stuck = 0.0
    house(30, battery=-2000.0)
    assert "frozen at 0 W" in house(61, charger=11_000.0, battery=-1500.0)["power"]


def clouds(house: House, times: int) -> dict[str, str]:
    """The sun goes and comes back by 3 kW."""
    said: dict[str, str] = {}
    for _ in range(times):
        said = house(30, pv=5000.0 - (house.powers["pv"] or 0.0))
    return said


def test_three_steps_answered_the_wrong_way_convict_the_sign_and_three_right_ones_acquit_it():
    house = House()
    house(30, pv=4000.0)
    house.factor = -1.0
    house(30)
    assert clouds(house, 2) == {}
    assert clouds(house, 1) == dict.fromkeys(("power", "power_l1"), "sign contradicts the devices")
    house.factor = 1.0
    house(30)
    assert clouds(house, 2)["power"] == "sign contradicts the devices"
    assert clouds(house, 1) == {}


def test_a_house_that_switches_twice_what_its_battery_gives_does_not_convict():
    house = House()
    house(30)
    for each in range(8):
        house.load += 5000.0 if each % 2 == 0 else -5000.0
        assert house(30, battery=2500.0 if each % 2 == 0 else 0.0) == {}


def test_steps_that_a_battery_makes_up_for_say_nothing():
    house = House()
    house.factor = -1.0
    for each in range(8):
        sun = 4000.0 if each % 2 else 1000.0
        assert house(30, pv=sun, battery=412.0 - sun) == {}


def test_without_a_grid_meter_or_its_power_nothing_is_said():
    seen = {"pv": Seen("pv", "pv", {"power": 3000.0})}
    assert Plausible().cross(seen, 1.0) is seen
    silent = {**seen, "grid": Seen("grid", "grid-meter", {"frequency": 50.0}, absent={"power": "stale"})}
    assert Plausible().cross(silent, 1.0) is silent


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 9000), st.integers(0, 11_000)), max_size=12))
def test_an_honest_meter_is_never_accused(course):
    house = House()
    for seconds, sun, car in course:
        assert house(seconds, pv=float(sun), charger=float(car)) == {}
