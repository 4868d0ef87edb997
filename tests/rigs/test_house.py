"""A whole house in virtual time: the energy balance closes, and the controller's work shows in it."""

import pytest

from controller.errors import ConfigurationError
from controller.sitefile import check
from rigs import home as house
from twin.steps import Trip

SITE = {
    "site": {"annual_load": 4_200_000},
    "device": [
        {"name": "roof", "row": 1, "model": "STP 8.0", "peak_power": 9200},
        {"name": "battery", "row": 53, "capacity": 9600, "peak_power": 5400},
        {"name": "wallbox", "row": 65, "car": 8000},
        {"name": "meter", "row": 112, "function": "grid-meter"},
        {"name": "rod", "row": 136, "hot_water": 7000},
        {"name": "operator", "row": 143},
        {"name": "prices", "row": 147},
    ],
}
DAY = 86_400.0


@pytest.fixture(scope="module")
def morning():
    """From the dark into the early afternoon, with all devices of the house."""
    home = house.home(check(SITE), days=1, start=house.MIDNIGHT + 4 * 3600.0)
    home.start()
    home.run(house.MIDNIGHT + 14 * 3600.0)
    return home


def test_energy_is_neither_made_nor_lost(morning):
    result = morning.result()
    assert result["turnover"] > 40_000
    assert result["residual_share"] < 1e-6


def test_every_device_was_found_and_none_was_rejected(morning):
    assert {member.state for member in morning.hem.members.values()} == {"online"}


def test_the_rod_heats_with_the_sun_and_not_by_night(morning):
    night = morning.series["rod"][:60]
    day = morning.series["rod"][360:600]
    assert max(night) < 50
    assert max(day) > 1000


def test_surplus_heating_buys_next_to_nothing(morning):
    pairs = zip(morning.series["rod"], morning.series["grid"], strict=True)
    bought = sum(max(grid, 0.0) for rod, grid in pairs if rod > 100)
    assert bought / 60 < 0.02 * sum(morning.series["rod"]) / 60


def test_every_setpoint_has_a_reason(morning):
    given = [event.what for event in morning.hem.log if event.what.startswith(("set_power", "limit_", "pause"))]
    given = [what for what in given if "is not followed" not in what]
    assert given
    assert all(what.endswith(")") and "(" in what for what in given)


def test_ripple_control_at_noon_caps_both_generators():
    home = house.home(check(SITE), days=1, start=house.MIDNIGHT + 12 * 3600.0)
    home.start()
    home.run(house.MIDNIGHT + 12.5 * 3600.0)
    home.built["operator"].main.twin.set("k4", True)
    home.run(house.MIDNIGHT + 12.6 * 3600.0)
    assert home.series["roof"][-1] < 100
    assert home.twin.models["battery"].power < 200


def test_the_same_seed_gives_the_same_day():
    runs = []
    for _ in range(2):
        home = house.home(check(SITE), days=1, seed=7)
        home.start()
        home.run(house.MIDNIGHT + 1200.0)
        runs.append(home.result())
    assert runs[0] == runs[1]


def test_a_car_that_nobody_charges_is_told_when_it_leaves():
    wallbox = {"name": "wallbox", "row": 65, "charging": {"mode": "off"}}
    begin = house.beginning("2025-10-27")
    home = house.home(check({"device": [wallbox]}), days=1, start=begin)
    home.twin.schedule(home.built["wallbox"].main.twin, (Trip(begin + 60, begin + 1200, 7012.5),))
    home.start()
    home.run(begin + 1800.0)
    (missed,) = home.missed()
    assert (missed["charger"], missed["local"]) == ("wallbox", "2025-10-27 00:20:00+01:00")
    assert 6500 < missed["missing"] <= 7012.5
    result = home.result()
    told = (result["departures"], result["missed"], result["local_start"])
    assert told == (1, [missed], "2025-10-27 00:00:00+01:00")


@pytest.mark.parametrize("day", ["yesterday", "2025-02-30", "1969-12-31", "2100-01-01"])
def test_a_day_on_which_no_house_can_begin_is_refused(day):
    with pytest.raises(ConfigurationError, match="start: a day"):
        house.beginning(day)


@pytest.mark.parametrize(("day", "shines"), [("2024-12-24", False), ("2025-06-20", True)])
def test_the_sun_of_a_house_is_that_of_the_day_on_which_it_begins(day, shines):
    home = house.home(check({"device": [SITE["device"][0]]}), days=1, start=house.beginning(day) + 7 * 3600.0)
    home.start()
    home.run(home.twin.start + 120.0)
    assert (home.series["roof"][-1] > 100) is shines


def test_without_a_day_a_house_begins_as_it_always_did():
    assert house.beginning("") == house.MIDNIGHT == house.beginning("2025-06-15")


def test_from_the_edge_of_a_contact_to_the_setpoint_on_the_wire_it_takes_a_second_at_most():
    noon = house.MIDNIGHT + 12 * 3600.0
    home = house.home(check({"device": [SITE["device"][0], SITE["device"][5]]}), days=1, start=noon)
    home.start()
    roof, operator, took = home.built["roof"].main, home.built["operator"].main.twin, []
    home.rig.run(noon + 30.0)
    for edge in range(12):
        home.rig.run(home.rig.env.now + 10.0 + 0.137 * edge)
        begin, before = home.rig.env.now, len(roof.writes)
        operator.set("k2", edge % 2 == 0)
        operator.set("k3", edge % 2 == 1)
        home.rig.run(begin + 3.0)
        took.append(roof.writes[before].time - begin)
    assert 0.5 <= max(took) <= 1.0
