"""A whole house in virtual time: the energy balance closes, and the controller's work shows in it."""

import pytest

from controller.errors import ConfigurationError
from controller.sitefile import check
from rigs import home as house

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
def week():
    """Sixteen hours of the house, from midnight into the afternoon, with all of its devices."""
    home = house.home(check(SITE), days=1)
    home.start()
    home.run(house.MIDNIGHT + 16 * 3600.0)
    return home


def test_energy_is_neither_made_nor_lost(week):
    result = week.result()
    assert result["turnover"] > 40_000
    assert result["residual_share"] < 1e-6


def test_every_device_was_found_and_none_was_rejected(week):
    assert {member.state for member in week.hem.members.values()} == {"online"}


def test_the_rod_heats_with_the_sun_and_not_by_night(week):
    night = week.series["rod"][:180]
    day = week.series["rod"][600:900]
    assert max(night) < 50
    assert max(day) > 1000


def test_surplus_heating_buys_next_to_nothing(week):
    pairs = zip(week.series["rod"], week.series["grid"], strict=True)
    bought = sum(max(grid, 0.0) for rod, grid in pairs if rod > 100)
    assert bought / 60 < 0.02 * sum(week.series["rod"]) / 60


def test_every_setpoint_has_a_reason(week):
    given = [event.what for event in week.hem.log if event.what.startswith(("set_power", "limit_", "pause"))]
    given = [what for what in given if "is not followed" not in what]
    assert given
    assert all(what.endswith(")") and "(" in what for what in given)


def test_ripple_control_at_noon_caps_both_generators():
    home = house.home(check(SITE), days=1)
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
        home.run(house.MIDNIGHT + 3600.0)
        runs.append(home.result())
    assert runs[0] == runs[1]


def test_a_car_that_nobody_charges_is_told_when_it_leaves():
    wallbox = {"name": "wallbox", "row": 65, "car": 8000, "charging": {"mode": "off"}}
    home = house.home(check({"device": [wallbox]}), days=1, start=house.beginning("2025-10-27"))
    home.start()
    home.run(house.beginning("2025-10-28") + 9 * 3600.0)
    (missed,) = home.missed()
    assert (missed["charger"], missed["local"][:14], missed["local"][-6:]) == ("wallbox", "2025-10-28 07:", "+01:00")
    assert missed["missing"] > 1000
    result = home.result()
    assert (result["departures"], result["missed"], result["local_start"]) == (
        1, [missed], "2025-10-27 00:00:00+01:00",
    )  # fmt: skip


@pytest.mark.parametrize("day", ["yesterday", "2025-02-30", "1969-12-31", "2100-01-01"])
def test_a_day_on_which_no_house_can_begin_is_refused(day):
    with pytest.raises(ConfigurationError, match="start: a day"):
        house.beginning(day)


def test_a_house_can_begin_on_any_day_and_does_so_at_its_midnight():
    assert house.beginning("") == house.MIDNIGHT == house.beginning("2025-06-15")
    home = house.home(check({"device": [SITE["device"][0]]}), days=1, start=house.beginning("2024-12-24"))
    home.start()
    home.run(house.beginning("2024-12-24") + 12 * 3600.0)
    assert max(home.series["roof"][:420]) < 50 < home.series["roof"][-1]
