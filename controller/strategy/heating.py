"""Heating rods that follow a power: they take what cars and batteries have left of the sun. Heat pumps: see `pumps`.

What they may take is what they take now and what is fed to the grid beyond it; so they give way to whoever takes more.
Behind batteries that the controller regulates more has to have been there for a while.
The first in the site file comes first; what it does not take for a while, its thermostat being open, goes to the next.

Unknown: without the grid meter, or with a battery of unknown power and rating, none heats, at once. One that does not
say what it takes counts as taking nothing, and its power rises by half of what is there. One whose greatest power
nobody knows does not heat.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.sitefile import Site
from controller.strategy.claims import Claim, Rank
from controller.strategy.once import settings
from controller.strategy.pumps import asked_by_level
from controller.strategy.settling import NOTHING, Settling
from controller.strategy.spare import Spare, patience, spare
from controller.strategy.view import Seen, View

SETTLE = 5.0  # s between two plans: until then the grid meter and the loads speak of different moments
RESERVE = 50.0  # W left to the grid, so that regulation does not import
STEP = 10.0  # W
TAKES = 30.0  # s within which a rod takes what it is told, if its thermostat lets it


@dataclass(frozen=True, slots=True)
class Rod:
    """W that a rod is told, and monotonic s since when it has been taking far less."""

    watts: float = 0.0
    short_since: float | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """Rods by name, and the plan that stands. `allowed`: W that all of them may take."""

    rods: Mapping[str, Rod] = field(default_factory=dict)
    allowed: Settling = NOTHING
    planned_at: float | None = None
    claims: tuple[Claim, ...] = ()


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """The plan that stands, or a new one when it is time."""
    now = view.monotonic
    if memory.planned_at is not None and now - memory.planned_at < SETTLE:
        blind = view.grid_power is None and any(rod.watts for rod in memory.rods.values())
        if not blind:
            return list(memory.claims), memory
    heaters = [each for each in view.of("heater") if "set_power" in each.can and _mode(site, each) != "none"]
    heaters = [each for each in heaters if _mode(site, each) == "off" or not asked_by_level(site, each)]
    following = [each for each in heaters if _mode(site, each) == "surplus"]
    left = spare(view, site, [each.name for each in following], before_batteries=False)
    allowed = _allowed(left, memory.allowed, now, patience(view, site))
    power = None if left.power is None else allowed.value
    found: list[Claim] = []
    rods: dict[str, Rod] = {}
    for each in heaters:
        rod = memory.rods.get(each.name, Rod())
        if each in following:
            watts, claim = _told(site, each, rod, power, left)
            taken = each.number("power")
            short = taken is not None and taken < 0.5 * rod.watts
            since = (now if rod.short_since is None else rod.short_since) if short else None
            leaves = taken is not None and since is not None and now - since >= TAKES
            power = None if power is None else power - (min(taken or 0.0, watts) if leaves else watts)
            rods[each.name] = Rod(watts, since)
        else:
            rods[each.name] = Rod()
            claim = Claim(each.name, "load", "setpoint", 0.0, Rank.USER, "heating", "heating is off")
        found.append(claim)
    return found, Memory(rods, allowed, now, tuple(found))


def _allowed(left: Spare, before: Settling, now: float, wait: float) -> Settling:
    """What all rods may take: less at once, more when it has been there for `wait` s."""
    possible = 0.0 if left.power is None else max(left.power - RESERVE, 0.0)
    return before.toward(possible, now, wait) if wait else Settling(possible)


def _mode(site: Site, heater: Seen) -> str:
    return settings(site, heater.name).heating.mode


def _told(site: Site, heater: Seen, rod: Rod, power: float | None, left: Spare) -> tuple[float, Claim]:
    """W that a rod is told, with the reason."""
    most = settings(site, heater.name).heating.maximum_power or heater.rating
    if power is None or most is None:
        reason = left.reason if most is not None else "nobody knows what it can take: heating.maximum_power"
        return 0.0, _claim(heater, 0.0, reason)
    watts = max(min(power, most), 0.0)
    if heater.number("power") is None and watts > rod.watts:
        watts = rod.watts + (watts - rod.watts) / 2
    watts = watts // STEP * STEP
    return watts, _claim(heater, watts, left.reason)


def _claim(heater: Seen, watts: float, reason: str) -> Claim:
    return Claim(heater.name, "load", "setpoint", watts, Rank.OPTIMISATION, "heating", reason)
