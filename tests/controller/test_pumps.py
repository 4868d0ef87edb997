"""Heat pumps: a level while there is sun enough, and nothing at all otherwise."""

from typing import Any

from controller.sitefile import Site, check
from controller.strategy import heating, pumps
from controller.strategy.claims import Rank
from controller.strategy.loads import loads_of
from controller.strategy.pumps import RAISED, RESERVE, WAIT, Memory
from controller.strategy.view import Seen, View

CAN = frozenset({"set_power", "release"})


def house(**pump: Any) -> Site:
    grid = {"name": "grid", "row": 112, "function": "grid-meter"}
    return check({"device": [grid, {"name": "pump", "row": 135, **pump}, {"name": "rod", "row": 136}]})


def view(
    at: float, grid: float | None, *, power: float | None = None, rod: float = 0.0, rating: float | None = 3000.0
) -> View:
    devices = [
        Seen("grid", "grid-meter", {} if grid is None else {"power": grid}),
        Seen("pump", "heater", {"mode": "normal"} | ({} if power is None else {"power": power}), rating, can=CAN),
        Seen("rod", "heater", {"power": rod}, 3000.0, can=CAN),
    ]
    return View(1.75e9, at, {each.name: each for each in devices})


def asked(*looks: View, site: Site | None = None) -> list[float | None]:
    """W that the pump is asked for at each look, None when it is left to itself."""
    memory, told = Memory(), []
    for look in looks:
        found, memory = pumps.claims(look, site or house(), memory)
        assert all(claim.rank == Rank.OPTIMISATION and claim.device == "pump" for claim in found)
        told.append(found[0].value if found else None)
    return told


def test_without_enough_sun_a_pump_is_left_to_itself_and_never_locked() -> None:
    assert asked(view(0, 2000.0), view(600, 2000.0), view(1200, -500.0)) == [None, None, None]


def test_a_surplus_that_lasts_raises_it_and_a_larger_one_starts_it() -> None:
    assert asked(view(0, -2000.0), view(WAIT - 1, -2000.0), view(WAIT, -2000.0)) == [None, None, RAISED * 3000]
    assert asked(view(0, -70_000.0), view(WAIT, -70_000.0)) == [None, 3000.0]


def test_what_it_was_asked_for_it_is_taken_to_take_until_it_says_so_itself() -> None:
    started = [view(0, -3100.0), view(WAIT, -3100.0)]
    assert asked(*started, view(301, -50.0), view(302, 840.0), view(303, 860.0))[2:] == [3000.0, 3000.0, None]
    assert asked(*started, view(301, 100.0, power=1234.5))[2:] == [None]


def test_what_a_rod_takes_is_surplus_for_a_pump() -> None:
    assert asked(view(0, -RESERVE, rod=3000.0), view(WAIT, -RESERVE, rod=3000.0)) == [None, 3000.0]


def test_a_cloud_begins_the_waiting_anew() -> None:
    assert asked(view(0, -3500.0), view(200, 500.0), view(301, -3500.0), view(301 + WAIT, -3500.0)) == [
        None, None, None, 3000.0,
    ]  # fmt: skip


def test_unknown_grid_power_and_an_unknown_rating_ask_nothing() -> None:
    assert asked(view(0, -9000.0), view(WAIT, None)) == [None, None]
    assert asked(view(0, -9000.0, rating=None), view(WAIT, -9000.0, rating=None)) == [None, None]
    site = house(heating={"maximum_power": 2500.0})
    assert asked(view(0, -9000.0, rating=None), view(WAIT, -9000.0, rating=None), site=site) == [None, 2500.0]


def test_a_rods_rule_leaves_pumps_alone_unless_heating_is_off() -> None:
    found, _ = heating.claims(view(0, -9000.0), house(), heating.Memory())
    assert [claim.device for claim in found] == ["rod"]
    found, _ = heating.claims(view(0, -9000.0), house(heating={"mode": "off"}), heating.Memory())
    assert [(claim.device, claim.value) for claim in found if claim.device == "pump"] == [("pump", 0.0)]


def test_under_a_limit_of_consumption_a_pump_runs_or_does_not() -> None:
    pump = next(load for load in loads_of(view(0, 500.0), house()) if load.name == "pump")
    assert (pump.own, pump.least, pump.value(3000.0), pump.value(2999.0)) == (True, 3000.0, 3000.0, 0.0)
