"""Heat pumps: asked to run more while the sun gives more than the house takes, otherwise left to themselves.

A pump is told a level, not a power: its rating asks for a definite start, `RAISED` of it for more than usual. What rods
take counts as surplus, since a pump makes more heat of it. A pump that does not say what it takes counts as taking what
it was asked for. It is asked when there has been enough for a while, and until much less than that is left.

Unknown: without the grid meter, or with a battery of unknown power and rating, none is asked. One whose greatest power
nobody knows runs by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.compatibility.rows import row
from controller.sitefile import Site
from controller.strategy.claims import Claim, Rank
from controller.strategy.once import settings
from controller.strategy.spare import spare
from controller.strategy.view import Seen, View

RAISED = 0.6  # of its rating, as OpenEMS asks for a raised state from 3 kW of surplus on and for a start from 5 kW on
KEEPS = 0.7  # of what it was asked for, below which it is asked no more
WAIT = 300.0  # s for which there has to be enough
RESERVE = 50.0  # W left to the grid


@dataclass(frozen=True, slots=True)
class Asked:
    """W that a pump is asked to take, and monotonic s since when there has been enough for more."""

    watts: float = 0.0
    enough_since: float | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    pumps: Mapping[str, Asked] = field(default_factory=dict)


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """A set value for each pump that is asked; none for those that run by themselves."""
    pumps = [each for each in view.of("heater") if asked_by_level(site, each) and "set_power" in each.can]
    pumps = [each for each in pumps if settings(site, each.name).heating.mode == "surplus"]
    if not pumps:
        return [], memory
    left = spare(view, site, [each.name for each in view.of("heater")], before_batteries=False)
    power = None if left.power is None else left.power - RESERVE
    found: list[Claim] = []
    asked: dict[str, Asked] = {}
    for each in pumps:
        before = memory.pumps.get(each.name, Asked())
        own = before.watts if each.number("power") is None else 0.0  # what it says is in the surplus already
        there = None if power is None else power + own
        now = _asked(site, each, there, before, view.monotonic)
        asked[each.name] = now
        if now.watts:
            power = None if there is None else there - now.watts
            found.append(Claim(each.name, "load", "setpoint", now.watts, Rank.OPTIMISATION, "heat pump", left.reason))
    return found, memory if asked == memory.pumps else Memory(asked)


def asked_by_level(site: Site, heater: Seen) -> bool:
    """Whether a heater is told a level instead of a power."""
    return row(settings(site, heater.name).row).section == "heat-pump"


def _asked(site: Site, pump: Seen, there: float | None, before: Asked, now: float) -> Asked:
    most = settings(site, pump.name).heating.maximum_power or pump.rating
    if there is None or most is None:
        return Asked()
    wanted = most if there >= most else RAISED * most if there >= RAISED * most else 0.0
    stays = before.watts if there >= KEEPS * before.watts else 0.0
    if wanted <= stays:
        return Asked(stays)
    since = now if before.enough_since is None else before.enough_since
    return Asked(wanted) if now - since >= WAIT else Asked(stays, since)
