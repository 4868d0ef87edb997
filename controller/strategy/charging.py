"""Charging points: each charges when and as its user has set it, all of them within surplus and fuses.

fast: all that it can. off: nothing. cheap: all while the tariff is at most `cheap_below`. surplus: what the sun leaves,
divided by `surplus_cars`. A car with a target (`targets`) charges fast when it would otherwise miss it. none: the
station is left to itself. Loads are planned every 5 s, all together, since the meter and the loads have to speak of the
same moment; what fuses and the grid operator allow is claimed by their own rules and acts at once.

Unknown: without the grid meter no surplus is spent, at once (what batteries and cars do not say: `spare`,
`surplus_cars`). A price that is not known is not cheap. A car that is not known to be plugged in counts as it was last
known, at first as there. A car uses as many phases as its station has until the station's currents say less.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from controller.settings import Charging
from controller.sitefile import Site
from controller.strategy.claims import Claim, Rank
from controller.strategy.currents import connected, drawing, voltage
from controller.strategy.fuses import room, steered
from controller.strategy.once import settings
from controller.strategy.settling import NOTHING, Settling
from controller.strategy.spare import Spare, patience, spare
from controller.strategy.surplus_cars import Need, Sun, divide, short_since
from controller.strategy.targets import Progress, hurry, progressed
from controller.strategy.tariff import price_now
from controller.strategy.vehicle import phases_used, plugged
from controller.strategy.view import Seen, View

PAUSED = Sun()
SETTLE = 5.0  # s between two plans: until then the grid meter and the loads speak of different moments


@dataclass(frozen=True, slots=True)
class Car:
    """What is known of a charging point and the car there.

    `offered`: A in the plan that stands, `before` in the one before; `short_since`: since when it takes less.
    `phases`: what this car uses, None as long as nobody knows; `usual`: what the last one used.
    """

    there: bool = True
    sun: Sun = PAUSED
    offered: float | None = None
    before: float | None = None
    short_since: float | None = None
    phases: int | None = None
    usual: int | None = None
    progress: Progress | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """Cars by charging point and the plan that stands. `events`: device and text that the last decision has to tell.

    `allowed`: W of surplus that cars may share where batteries come before them.
    """

    cars: Mapping[str, Car] = field(default_factory=dict)
    planned_at: float | None = None
    claims: tuple[Claim, ...] = ()
    by_grid: bool = False  # whether the plan spends what the grid meter has shown
    events: tuple[tuple[str, str], ...] = ()
    allowed: Settling = NOTHING


@dataclass(frozen=True, slots=True)
class Wish:
    """What a car is to have: `amperes` at most; `surplus`: no more of it than the sun leaves."""

    amperes: float
    rank: Rank
    reason: str
    surplus: bool = False


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """The plan that stands, or a new one when it is time."""
    if _stands(view, memory):
        return list(memory.claims), replace(memory, events=()) if memory.events else memory
    now = view.monotonic
    chargers = [each for each in steered(view) if settings(site, each.name).charging.mode != "none"]
    cars = {each.name: noticed(memory.cars.get(each.name, Car()), each, view) for each in chargers}
    wishes: dict[str, Wish] = {}
    events = []
    for each in chargers:
        wanted = settings(site, each.name).charging
        wishes[each.name], cars[each.name], told = _wish(view, site, each, wanted, cars[each.name])
        events += [(each.name, told)] if told else []
    waiting = [each for each in chargers if wishes[each.name].surplus]
    left, allowed = _left(view, site, waiting, memory.allowed)
    found = _claimed(view, site, waiting, cars, wishes, left)
    found = {each.name: found[each.name] for each in chargers}
    for name, claim in found.items():
        cars[name] = replace(cars[name], offered=claim.value, before=cars[name].offered)
    by_grid = left.power is not None
    return list(found.values()), Memory(cars, now, tuple(found.values()), by_grid, tuple(events), allowed)


def _stands(view: View, memory: Memory) -> bool:
    """Whether nothing is to be planned yet: nobody has left, and the meter that the plan rests on speaks."""
    if memory.planned_at is None or view.monotonic - memory.planned_at >= SETTLE:
        return False
    if memory.by_grid and view.grid_power is None:
        return False
    devices = view.devices
    return not any(car.there and (name not in devices or plugged(devices[name]) is False)
                   for name, car in memory.cars.items())  # fmt: skip


def noticed(car: Car, charger: Seen, view: View) -> Car:
    """With what the station says now of the car."""
    there = plugged(charger)
    there = car.there if there is None else there
    if not there:
        usual = car.usual if car.phases is None else car.phases
        return Car(False, offered=car.offered, before=car.before, usual=usual)
    came = not car.there
    progress = car.progress or Progress(view.monotonic, view.time)
    return replace(
        car, there=True, phases=phases_used(charger) or car.phases, progress=progressed(progress, charger, came)
    )


def _wish(view: View, site: Site, charger: Seen, wanted: Charging, car: Car) -> tuple[Wish, Car, str]:
    """What the user's setting means now, and what there is to tell."""
    most = wanted.maximum_current
    if wanted.mode == "off":
        return Wish(0.0, Rank.USER, "charging is switched off"), car, ""
    if not car.there or car.progress is None:
        return Wish(0.0, Rank.OPTIMISATION, "no car is plugged in"), car, ""
    phases = car.phases or car.usual or len(connected(charger, site.site.phases))
    power = most * phases * voltage(charger)
    progress, why, told = hurry(car.progress, wanted, power, view.monotonic, view.time)
    car = replace(car, progress=progress)
    if wanted.mode == "fast":
        return Wish(most, Rank.USER, "fast charging"), car, told
    if why:
        return Wish(most, Rank.USER, f"fast charging, {why}"), car, told
    if wanted.mode == "surplus":
        return Wish(most, Rank.OPTIMISATION, "", surplus=True), car, told
    price = price_now(view)
    if price is None:
        return Wish(0.0, Rank.OPTIMISATION, "no price is known"), car, told
    cheap = price <= wanted.cheap_below
    reason = f"{price:.1f} ct/kWh is {'cheap' if cheap else 'too dear'}, the limit is {wanted.cheap_below:g}"
    return Wish(most if cheap else 0.0, Rank.OPTIMISATION, reason), car, told


def _left(view: View, site: Site, waiting: Sequence[Seen], before: Settling) -> tuple[Spare, Settling]:
    """The surplus of those who wait for it; where batteries come first only what has been there for a while."""
    if not waiting:
        return Spare(None, "nobody waits for it"), NOTHING
    cars_first = site.site.first == "car"
    rods = [each.name for each in view.of("heater") if _follows_surplus(site, each)]
    left = spare(view, site, [*(each.name for each in waiting), *rods], before_batteries=cars_first)
    if left.power is None:
        return left, NOTHING
    wait = 0.0 if cars_first else patience(view, site)
    allowed = before.toward(left.power, view.monotonic, wait) if wait else Settling(left.power)
    return replace(left, power=allowed.value), allowed


def _claimed(
    view: View, site: Site, waiting: list[Seen], cars: dict[str, Car], wishes: Mapping[str, Wish], left: Spare
) -> dict[str, Claim]:
    """Everybody's claim; those who charge by surplus get their part of it."""
    found = {
        name: Claim(name, "current", "setpoint", wish.amperes, wish.rank, "charging", wish.reason)
        for name, wish in wishes.items()
        if not wish.surplus
    }
    for name in found:
        cars[name] = replace(cars[name], sun=PAUSED)
    if left.power is None:
        for each in waiting:
            cars[each.name] = replace(cars[each.name], sun=PAUSED)
            found[each.name] = _claim(each.name, 0.0, left.reason)
        return found
    parts = divide(_needs(view, site, waiting, cars, wishes), left.power, view.monotonic)
    for name, part in parts.items():
        cars[name] = replace(cars[name], sun=part.sun)
        found[name] = _claim(name, part.amperes, _reason(left, part.sun))
    return found


def _needs(view: View, site: Site, waiting: list[Seen], cars: dict[str, Car], wishes: Mapping[str, Wish]) -> list[Need]:
    """What those want who wait for surplus, within what the fuses leave to each; `cars` remember who takes less."""
    offered = {
        name: max(car.offered, car.before)
        for name, car in cars.items()
        if car.offered is not None and car.before is not None
    }
    free = room(view, site, {name: wish.amperes for name, wish in wishes.items()}, offered)
    needs = []
    for each in waiting:
        car, wanted = cars[each.name], settings(site, each.name).charging
        step, had = voltage(each) * (car.phases or _phases(each, site)), car.offered or 0.0
        drawn = drawing(each, site.site.phases)
        short = short_since(car.short_since, had, step, drawn, view.monotonic)
        cars[each.name] = replace(car, short_since=short)
        needs.append(
            Need(
                each.name, step, wanted.minimum_current, free[each.name], wanted.priority, drawn, had, short, car.sun
            )
        )  # fmt: skip
    return needs


def _phases(charger: Seen, site: Site) -> int:
    """How many the station has, or says that it uses now."""
    most, said = len(connected(charger, site.site.phases)), charger.number("phases")
    return most if said is None else min(max(int(said), 1), most)


def _follows_surplus(site: Site, heater: Seen) -> bool:
    return "set_power" in heater.can and settings(site, heater.name).heating.mode == "surplus"


def _claim(name: str, amperes: float, reason: str) -> Claim:
    return Claim(name, "current", "setpoint", amperes, Rank.OPTIMISATION, "charging", reason)


def _reason(left: Spare, sun: Sun) -> str:
    if sun.charging:
        return left.reason if sun.doubt_since is None else f"{left.reason} is too little, pauses when that lasts"
    return f"{left.reason} is too little" if sun.doubt_since is None else f"{left.reason}, starts when that lasts"


def kept(memory: Memory) -> dict[str, Any]:
    """What a restart must not forget: who charges, on how many phases, and how far targets are."""
    return {
        name: {
            "there": car.there, "charging": car.sun.charging, "phases": car.phases, "usual": car.usual,
            "progress": None if car.progress is None else _plain(car.progress),
        }
        for name, car in memory.cars.items()
    }  # fmt: skip


def restored(kept: Mapping[str, Any], view_time: float, monotonic: float) -> Memory:
    """The memory after a restart, when the clocks show `view_time` (UTC) and `monotonic`."""
    cars = {}
    for name, car in kept.items():
        told = car["progress"]
        progress = None if told is None else Progress(monotonic - (view_time - told["since_time"]), **told)
        cars[name] = Car(
            car["there"], Sun(car["charging"]), phases=car["phases"], usual=car["usual"], progress=progress
        )  # fmt: skip
    return Memory(cars)


def _plain(progress: Progress) -> dict[str, Any]:
    return {
        "since_time": progress.since_time, "base": progress.base, "charged": progress.charged,
        "counter": progress.counter, "hurried": progress.hurried, "over": progress.over,
    }  # fmt: skip
