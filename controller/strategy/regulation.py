"""Batteries that the controller regulates: together they bring the grid meter to zero, each with its part of one error.

What all of them have to give is what they give now and what the grid meter shows. It is divided by what each can do and
how far it is from empty or full, so that two batteries never answer the same watt. One is empty at its reserve, with a
little distance before it gives again, and full at 100 %. While power costs at most `cheap_below` one charges with all
that it can up to its target, and the others neither cover that nor add to it. Between two corrections the slowest
battery has time to show the last one in every reading. A battery that regulates itself is left alone.

Unknown: without the grid meter, and where a battery does not say what it gives, it is told 0 W, at once for the meter.
One whose charge is unknown gives nothing; it may take what the sun leaves, since it ends that by itself. A price that
is not known is not cheap. One whose rating nobody knows takes part as a small one without a limit: its driver has one.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.settings import Storage
from controller.sitefile import Site
from controller.strategy.claims import Claim, Rank
from controller.strategy.once import settings
from controller.strategy.sharing import Want, shared
from controller.strategy.tariff import price_now
from controller.strategy.view import Seen, View

PATIENCE = 5.0  # s between two corrections at least
SHOWS = 2.0  # s beyond a battery's reaction until the meter shows it
FULL = 100.0  # % of charge
DISTANCE = 2.0  # % above its reserve or below its target before a battery begins again
SMALL = 3000.0  # W, the weight of a battery of unknown rating
LEAST_WEIGHT = 0.01


@dataclass(frozen=True, slots=True)
class Memory:
    """The correction that stands. `empty`: batteries at their reserve; `sated`: those at their target."""

    corrected_at: float | None = None
    claims: tuple[Claim, ...] = ()
    empty: frozenset[str] = frozenset()
    sated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Battery:
    """One battery now. `gives` W now, can give `discharge` and take `charge` W; `soc` in %."""

    name: str
    gives: float | None
    soc: float | None
    charge: float | None
    discharge: float | None
    wanted: Storage
    can: frozenset[str]


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """The correction that stands, or a new one when it is time."""
    regulated = [each for each in view.of("battery") if _ours(site, each)]
    if not regulated:
        return [], memory
    now, grid = view.monotonic, view.grid_power
    if _stands(memory, regulated, now, grid):
        return list(memory.claims), memory
    batteries = [_battery(each, settings(site, each.name).battery) for each in regulated]
    empty = frozenset(each.name for each in batteries if _empty(each, memory.empty))
    sated = frozenset(each.name for each in batteries if _sated(each, memory.sated))
    price = price_now(view) if any(each.wanted.target is not None for each in batteries) else None
    found = _told(batteries, grid, price, empty, sated)
    return found, Memory(now, tuple(found), empty, sated)


def _ours(site: Site, battery: Seen) -> bool:
    return bool({"charge", "discharge"} & battery.can) and settings(site, battery.name).battery.regulation != "own"


def _stands(memory: Memory, regulated: Sequence[Seen], now: float, grid: float | None) -> bool:
    """Whether the last correction is not yet in all readings."""
    if memory.corrected_at is None or len(memory.claims) != len(regulated):
        return False
    if grid is None and any(claim.value for claim in memory.claims):
        return False
    return now - memory.corrected_at < max(PATIENCE, *(each.reaction + SHOWS for each in regulated))


def _battery(seen: Seen, wanted: Storage) -> Battery:
    return Battery(
        seen.name, seen.number("battery_power"), seen.number("soc"), wanted.charge_power or seen.rating,
        wanted.discharge_power or seen.rating, wanted, seen.can,
    )  # fmt: skip


def _empty(battery: Battery, before: frozenset[str]) -> bool:
    """At its reserve; one of unknown charge counts as empty."""
    reserve = battery.wanted.reserve + (DISTANCE if battery.name in before else 0.0)
    return battery.soc is None or battery.soc <= min(reserve, FULL)


def _sated(battery: Battery, before: frozenset[str]) -> bool:
    """At the target up to which the grid may charge it; one of unknown charge is."""
    if battery.wanted.target is None or battery.soc is None:
        return True
    return battery.soc >= battery.wanted.target - (DISTANCE if battery.name in before else 0.0)


def _told(
    batteries: Sequence[Battery], grid: float | None, price: float | None, empty: frozenset[str], sated: frozenset[str]
) -> list[Claim]:
    """Everybody's setpoint."""
    if grid is None:
        return [_claim(each, 0.0, "no grid meter reading") for each in batteries]
    told: dict[str, Claim] = {}
    dividing, given = [], grid
    for each in batteries:
        if each.gives is None:
            told[each.name] = _claim(each, 0.0, "nobody knows what it gives now")
            continue
        given += each.gives
        cheap = price is not None and price <= each.wanted.cheap_below and each.name not in sated
        if cheap and each.charge is not None and "charge" in each.can:
            told[each.name] = _claim(each, -each.charge, f"{price:.1f} ct/kWh, to {each.wanted.target:g} %")
        else:
            dividing.append(each)
    wants = {each.name: _want(each, given > 0, each.name in empty) for each in dividing}
    parts = shared(abs(given), wants)
    for each in dividing:
        part = parts[each.name]
        why = f"grid at {grid:.0f} W" + (f", {each.wanted.reserve:g} % is its reserve" if each.name in empty else "")
        told[each.name] = _claim(each, part if given > 0 else -part, why)
    return [told[each.name] for each in batteries]


def _want(battery: Battery, giving: bool, empty: bool) -> Want:
    """How much of what there is to give or take the battery can have, and its weight."""
    most = battery.discharge if giving else battery.charge
    able = (
        ("discharge" in battery.can and not empty)
        if giving
        else ("charge" in battery.can and (battery.soc is None or battery.soc < FULL))
    )
    if battery.soc is None:
        room = LEAST_WEIGHT
    else:
        room = (battery.soc - battery.wanted.reserve if giving else FULL - battery.soc) / FULL
    weight = (SMALL if most is None else most) * max(room, LEAST_WEIGHT)
    return Want((float("inf") if most is None else most) if able else 0.0, weight=weight)


def _claim(battery: Battery, watts: float, reason: str) -> Claim:
    return Claim(battery.name, "battery", "setpoint", watts, Rank.OPTIMISATION, "regulation", reason)
