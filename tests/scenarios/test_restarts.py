"""A controller that is killed at any point and started again from its store ends where an uninterrupted one does."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest

from controller.store import Memory
from scenarios.bench.around import House
from scenarios.bench.bench import Bench
from scenarios.bench.estates import HOUSE, STEPS, drawn, stand

POINTS = 200  # kills, over all houses
CALM = 260.0  # s in which nothing more happens: ended limits rise for a minute, a car waits minutes for its sun
ACTS = 60.0  # s in which it does

RECEIVER = {"name": "operator", "row": 143, "patterns": STEPS}
GRID = {"name": "grid", "row": 117, "function": "grid-meter"}
FAST = {"mode": "fast"}

HOUSES: dict[str, tuple[list[dict[str, Any]], dict[str, Any]]] = {
    "reference": ([*HOUSE], {"grid": {"section14a": {"receiver": "operator"}}}),
    "guarded": (
        [RECEIVER, GRID, {"name": "roof", "row": 18}, {"name": "car", "row": 72, "charging": FAST}],
        {"grid": {"lpc": {}, "lpp": {"fail_safe_power": 2000}}},
    ),
    "regulated": (
        [RECEIVER, GRID, {"name": "roof", "row": 1}]
        + [{"name": f"cells{row}", "row": row, "battery": {"regulation": "controller"}} for row in (53, 63)],
        {"grid": {"export_percent": 60, "export_power": 4000}},
    ),
    "drawn": (drawn(15), {}),
}  # fmt: skip


@dataclass(frozen=True)
class Act:
    """Something happens to the house `at` s after the start.

    `heard`: only a controller that lives hears it. `guard`: the energy guard says it again to a new controller.
    """

    at: float
    do: Callable[[House], object]
    heard: bool = False
    guard: bool = False


def acts(random: Random, house: House) -> list[Act]:
    """What happens, in order of time: contacts, sun, loads, cars, users and an energy guard."""
    generators = [name for name, member in house.hem.members.items() if member.can("limit_power")]
    batteries = [name for name, member in house.hem.members.items() if member.can("charge")]
    cars = [name for name, member in house.hem.members.items() if member.function == "charger"]
    found = [Act(0.0, lambda house: _plug(house, cars))]
    guarded = house.file.grid.lpc is not None
    for _ in range(8):
        at, share = random.uniform(1.0, ACTS), random.random()
        match random.choice(("contacts", "sun", "load", "ask", "guard" if guarded else "contacts")):
            case "contacts":
                pattern = random.choice((*STEPS, "0000"))
                found.append(Act(at, lambda house, pattern=pattern: _contacts(house, pattern)))  # type: ignore[misc]
            case "sun":
                found += [
                    Act(at, lambda house, name=name, share=share: _sun(house, name, share)) for name in generators
                ]  # type: ignore[misc]
            case "load":
                found.append(Act(at, lambda house, share=share: house.load(9000.0 * share)))  # type: ignore[misc]
            case "ask":
                found.append(Act(at, _wish(random, generators, batteries, cars), heard=True))
            case "guard":
                watts = random.uniform(1500.0, 9000.0)
                found.append(Act(at, lambda house, watts=watts: _guard(house, watts), True, True))  # type: ignore[misc]
    if guarded:
        found += [Act(at, _beat, heard=True) for at in range(20, int(ACTS + CALM), 40)]
    return sorted(found, key=lambda act: act.at)


def _wish(random: Random, generators: list[str], batteries: list[str], cars: list[str]) -> Callable[[House], object]:
    name, command, value = random.choice(
        [(name, "limit_power", 1234.5) for name in generators]
        + [(name, "charge", 900.0) for name in batteries]
        + [(name, "limit_current", 8.0) for name in cars]
    )
    again = random.random() < 0.4
    return lambda house: house.plan.ask(name, "release" if again else command, None if again else value)


def _plug(house: House, cars: list[str]) -> None:
    for name in cars:
        if (twin := house.twins.get(name)) is not None:
            twin.authorized = True
            twin.set("plugged", True)


def _contacts(house: House, pattern: str) -> None:
    for number, digit in enumerate(pattern, 1):
        house.twins["operator"].set(f"k{number}", digit == "1")


def _sun(house: House, name: str, share: float) -> None:
    house.sun(share * float(house.twins[name].rated_power), name)


def _beat(house: House) -> None:
    house.plan.guard("LPC")
    house.plan.guard("LPP")


def _guard(house: House, watts: float) -> None:
    for use, value in (("LPC", watts), ("LPP", -watts)):
        house.plan.guard(use)  # type: ignore[arg-type]
        house.plan.guard(use, value)  # type: ignore[arg-type]


def told(name: str, seed: int, killed_at: float | None, away: float = 0.0) -> tuple[dict[str, Any], dict[str, Any]]:
    """How devices and plan are in the end; with a kill, `away` s without a controller."""
    devices, tables = HOUSES[name]
    bench = Bench(143, "contacts")
    house = stand(bench, devices, 800.0, {}, Memory(), tables)
    if house.file.grid.lpc is not None:
        _guard(house, 6000.0)
    events: list[tuple[float, int, Any]] = [(act.at, 2, act) for act in acts(Random(seed), house)]
    if killed_at is not None:
        events += [(killed_at, 0, None), (killed_at + away, 1, None)]

    async def story(bench: Bench) -> None:
        house.start()
        begin, alive, late = float(bench.env.now), True, []
        guard = Act(0.0, lambda house: _guard(house, 6000.0) if house.file.grid.lpc is not None else None)
        for at, kind, act in sorted(events, key=lambda each: each[:2]):
            await bench.sleep(max(begin + at - float(bench.env.now), 0.0))
            if kind == 0:
                house.kill()
                alive = False
            elif kind == 1:
                house.control()
                house.start()
                alive = True
                for each in (guard, *late):
                    each.do(house)
            elif act.heard and not alive:
                late.append(act)
            else:
                act.do(house)
                guard = act if act.guard else guard
        await bench.sleep(begin + ACTS + CALM - float(bench.env.now))

    bench.tell(story)
    return of_devices(house), of_plan(house)


COMMANDED = ("power_limit", "battery_setpoint", "current_limit", "enabled", "power_setpoint")


def of_devices(house: House) -> dict[str, Any]:
    """What stands in the devices and what they do; how a limit of all is divided is told by what they feed alone."""
    found = {}
    wanted = COMMANDED[1:] if divided(house) else COMMANDED
    for name, twin in house.twins.items():
        told = {quantity: getattr(twin, quantity) for quantity in wanted if hasattr(twin, quantity)}
        if hasattr(twin, "pv_available") or hasattr(twin, "available"):
            told["power"] = twin.power
        found[name] = told
    return found


def divided(house: House) -> bool:
    """Whether generators share what may be fed: who has how much of it depends on what was before."""
    return house.file.grid.export_power is not None or house.file.grid.lpp is not None


def of_plan(house: House) -> dict[str, Any]:
    """What the plan remembers, its signals and wishes."""
    plan = house.plan
    signals = {(each.source, each.kind): (each.value, each.unit, each.state) for each in plan.signals()}
    wishes = {key: (each.value, each.bound, each.until) for key, each in plan.wishes.items()}
    given = {
        (name, aspect): None if standing.setpoint is None else standing.setpoint.command
        for name, member in house.hem.members.items()
        for aspect, standing in member.standing.items()
        if aspect != "feed_in" or not divided(house)
    }
    return {"signals": signals, "wishes": wishes, "given": given}


def alike(one: Any, other: Any) -> bool:
    """Equal, numbers within what a setpoint may differ by."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, float | int) and isinstance(other, float | int):
        large = max(abs(one), abs(other))  # amperes are 32 at most
        return abs(one - other) <= max(150.0 if large > 32 else 1.01, 0.03 * large)
    return bool(one == other)


@pytest.mark.parametrize("name", HOUSES)
def test_a_controller_killed_at_any_point_ends_where_an_uninterrupted_one_does(name: str):
    random = Random(name)
    for seed in range(5):
        devices, plan = told(name, seed, None)
        for _ in range(POINTS // len(HOUSES) // 5):
            at, away = random.uniform(0.05, ACTS), random.choice((0.01, 0.7, 3.0))
            found, remembered = told(name, seed, at, away)
            where = f"house {name} {seed}, killed at {at:.2f} s for {away} s"
            assert alike(found, devices), f"{where}: {differing(found, devices)}"
            assert alike(remembered, plan), f"{where}: {differing(remembered, plan)}"


def differing(one: dict[Any, Any], other: dict[Any, Any]) -> list[Any]:
    return [(key, one.get(key), other.get(key)) for key in {**one, **other} if not alike(one.get(key), other.get(key))]
