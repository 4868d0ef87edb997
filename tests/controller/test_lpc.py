"""LPC and LPP as rules: what an energy guard's limits become at loads and generators."""

from typing import Any

import pytest

from controller.sitefile import Site, check
from controller.strategy import lpc
from controller.strategy.claims import Rank
from controller.strategy.lpc import Memory, Use
from controller.strategy.view import Seen, View

CAR = frozenset({"limit_current", "pause"})
HYBRID = {"power": 0.0, "battery_power": 0.0, "soc": 50.0}


def site(**uses: dict[str, Any]) -> Site:
    devices: list[dict[str, Any]] = [
        {"name": "roof", "row": 1, "model": "STP 8.0"},
        {"name": "hybrid", "row": 53},
        {"name": "car", "row": 65},
        {"name": "plug", "row": 65},
        {"name": "grid", "row": 112, "function": "grid-meter"},
    ]
    return check({"device": devices, "grid": uses})


BOTH = site(lpc={}, lpp={"fail_safe_power": 3000.0})
LPC = site(lpc={})


def view(now: float, grid: float | None = 9400.0, power: float = 0.0, car: float = 9000.0) -> View:
    devices = [
        Seen("roof", "pv", {"power": power}, 8000.0, can=frozenset({"limit_power"})),
        Seen("hybrid", "battery", HYBRID, 4000.0, can=frozenset({"limit_power", "charge"})),
        Seen("car", "charger", {"plugged": True, "power": car}, 11_000.0, can=CAR),
        Seen("plug", "charger", {"plugged": False, "power": 0.0}, 3700.0, 1, can=CAR),
        Seen("grid", "grid-meter", {} if grid is None else {"power": grid}),
    ]
    return View(1_750_000_000.0 + now, now, {each.name: each for each in devices})


def ordered(house: Site, use: Use, watts: float, duration: float | None = None, now: float = 0.0) -> Memory:
    memory = lpc.heartbeat(Memory(), house, use, now)
    memory, answer = lpc.limit(memory, house, use, watts, active=True, duration=duration, now=now)
    assert answer.accepted
    return memory


def told(house: Site, memory: Memory, *moments: View) -> tuple[dict[str, float], Memory]:
    claims = []
    for moment in moments:
        claims, memory = lpc.claims(moment, house, memory)
    return {each.device: each.value for each in claims}, memory


def test_nothing_is_claimed_where_neither_is_used():
    assert lpc.claims(view(0.0), site(), Memory()) == ([], Memory())


def test_from_the_start_the_fail_safe_limits_hold_until_the_guard_lets_go():
    limits, memory = told(BOTH, Memory(), view(0.0))
    assert limits["car"] == 0.0  # the house takes 400 W of the 4200
    assert (limits["roof"], limits["hybrid"]) == (2000.0, 1000.0)
    assert {(each.source, each.value, each.state) for each in lpc.signals(memory)} == {
        ("LPC", 4200.0, "not read yet"),
        ("LPP", 3000.0, "not read yet"),
    }
    for use in lpc.USES:
        memory = lpc.heartbeat(memory, BOTH, use, 1.0)
        memory, _ = lpc.limit(memory, BOTH, use, 0.0, active=False, duration=None, now=1.0)
    assert told(BOTH, memory, view(2.0), view(40.0))[0]["car"] > 6.0  # rising
    limits, memory = told(BOTH, memory, view(70.0), view(131.0))
    assert {each.state for each in lpc.signals(memory)} == {"fail-safe"}


def test_lpc_counts_all_that_the_house_takes_and_leaves_out_no_small_load():
    limits, _ = told(LPC, ordered(LPC, "LPC", 6000.0), *(view(float(now)) for now in range(15)))
    assert limits == {"car": 8.1, "plug": 0.0, "hybrid": 0.0}
    claims, _ = lpc.claims(view(0.0), LPC, ordered(LPC, "LPC", 6000.0))
    assert {(each.rank, each.source) for each in claims} == {(Rank.GRID, "LPC")}
    assert claims[0].reason.startswith("LPC limited by the energy guard: 6000 W")


def test_lpc_may_count_only_what_controllable_loads_take():
    house = site(lpc={"counts": "controllable loads"})
    limits, _ = told(house, ordered(house, "LPC", 6000.0), *(view(float(now)) for now in range(15)))
    assert limits == {"car": 8.6}


def test_surplus_of_the_roof_comes_on_top_of_lpc():
    sunny = [view(float(now), grid=5400.0, power=4000.0) for now in range(15)]
    assert told(LPC, ordered(LPC, "LPC", 6000.0), *sunny)[0]["car"] == 13.9


def test_without_a_grid_meter_lpc_leaves_loads_nothing():
    limits, _ = told(LPC, ordered(LPC, "LPC", 6000.0), view(0.0, grid=None))
    assert limits["car"] == 0.0


def test_a_limit_of_lpp_is_negative_on_the_wire_and_bounds_what_is_fed():
    limits, _ = told(BOTH, ordered(BOTH, "LPP", -2500.0), *(view(float(now), -3000.0, 4500.0) for now in range(12)))
    assert limits["roof"] + limits["hybrid"] == pytest.approx(2500.0 + 1500.0)
    assert lpc.limit(Memory(), BOTH, "LPP", -0.0, active=True, duration=None, now=0.0)[1].reason.startswith(
        "no heartbeat"
    )


@pytest.mark.parametrize(("use", "watts"), [("LPC", -1.0), ("LPP", 1.0), ("LPC", float("nan")), ("LPP", float("inf"))])
def test_a_limit_with_the_wrong_sign_is_refused_and_the_refusal_told(use: Use, watts: float):
    memory = ordered(BOTH, use, 2500.0 if use == "LPC" else -2500.0)
    found, answer = lpc.limit(memory, BOTH, use, watts, active=True, duration=None, now=1.0)
    assert not answer.accepted and found.refused[use] == answer.reason == f"a limit of {watts:g} W for {use}"
    assert found.machines == memory.machines


def test_a_guard_of_a_use_case_that_is_not_there_is_refused():
    assert lpc.heartbeat(Memory(), LPC, "LPP", 0.0).machines.keys() == {"LPC"}
    assert not lpc.limit(Memory(), LPC, "LPP", -100.0, active=True, duration=None, now=0.0)[1].accepted
    assert not lpc.fail_safe(Memory(), LPC, "LPP", 0.0, watts=100.0)[1].accepted


def test_a_limit_that_expires_lets_loads_rise_for_a_minute():
    memory = ordered(LPC, "LPC", 6000.0, duration=30.0)
    _, memory = told(LPC, memory, *(view(float(now)) for now in range(30)))
    values = []
    for now in (30.0, 45.0, 60.0, 91.0):
        limits, memory = told(LPC, memory, view(now))
        values.append(limits.get("car"))
    assert values[0] == 8.1 and values[0] < values[1] < values[2] and values[3] is None


def test_both_share_one_fail_safe_duration_and_each_has_its_own_limit():
    memory = ordered(BOTH, "LPC", 6000.0)
    memory, answer = lpc.fail_safe(memory, BOTH, "LPC", 1.0, watts=1500.0, seconds=18_000.0)
    assert answer.accepted
    assert [(each.power, each.duration) for each in memory.machines.values()] == [
        (1500.0, 18_000.0),
        (3000.0, 18_000.0),
    ]


def test_what_the_guard_has_written_outlives_a_restart_and_counts_before_the_site_file():
    memory, _ = lpc.fail_safe(ordered(LPC, "LPC", 6000.0), LPC, "LPC", 1.0, watts=1500.0, seconds=18_000.0)
    _, memory = told(LPC, memory, view(2.0))
    memory = lpc.restored(lpc.kept(memory), 1_750_000_100.0, 7.0)
    _, memory = told(LPC, memory, view(8.0))
    machine = memory.machines["LPC"]
    assert (machine.state, machine.allowed, machine.duration) == ("init", 1500.0, 18_000.0)


def test_a_limit_goes_on_over_a_restart_for_the_rest_of_its_duration():
    memory = ordered(LPC, "LPC", 2500.0, duration=900.0)
    _, memory = told(LPC, memory, view(2.0))
    memory = lpc.restored(lpc.kept(memory), 1_750_000_300.0, 7.0)
    _, memory = told(LPC, memory, view(7.0))
    assert lpc.signals(memory)[0].value == 2500.0
    assert lpc.signals(told(LPC, memory, view(606.9))[1])[0].value == 2500.0
    assert lpc.signals(told(LPC, memory, view(607.0))[1])[0].value == 4200.0


def test_a_restart_in_the_fail_safe_state_begins_it_again():
    memory = ordered(LPC, "LPC", 6000.0)
    _, memory = told(LPC, memory, view(0.0), view(4000.0))
    assert lpc.signals(memory)[0].state == "fail-safe"
    memory = lpc.restored(lpc.kept(memory), 1_750_004_100.0, 5.0)
    _, memory = told(LPC, memory, view(6.0), view(7199.0))
    assert (lpc.signals(memory)[0].value, lpc.signals(memory)[0].state) == (4200.0, "not read yet")
    assert lpc.signals(told(LPC, memory, view(7206.0))[1])[0].state == "expired"


def test_a_step_of_the_wall_clock_changes_no_duration():
    memory = ordered(LPC, "LPC", 2500.0, duration=900.0)
    _, memory = told(LPC, memory, view(0.0))
    late = view(899.0)
    _, memory = told(LPC, memory, View(late.time - 3600.0, 110.0, late.devices))
    assert lpc.signals(memory)[0].value == 2500.0


def test_a_memory_changes_only_when_something_does():
    memory = lpc.heartbeat(Memory(), LPC, "LPC", 0.0)
    memory, _ = lpc.limit(memory, LPC, "LPC", 0.0, active=False, duration=None, now=0.0)
    _, memory = told(LPC, memory, view(0.0))
    assert told(LPC, memory, view(1.0))[1] is memory
