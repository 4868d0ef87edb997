"""A limit of consumption: what it leaves to the controllable loads together, and how much of it each.

It limits what comes from the grid. `controllable loads` (section 14a, netzwirksamer Bezug): their part of it, so that
PV surplus and a battery's measured discharge come on top. `connection point` (LPC): all of it, so that what the rest of
the house takes is missing. Discharge counts while the battery's charge can keep it up. The least of the last seconds
counts.

Loads get equal shares of it up to what they need; a charging point that would get less than its minimum pauses, those
of the highest priority number first. Who takes far less than its share for a while leaves the rest to the others. A
load that regulates itself is commanded only when more comes from the grid than may and it takes more than its share.
After the end the limit rises evenly for `RAMP` s.

Unknown grid power: nothing comes on top, and at the connection point nothing is left. A load that cannot be commanded
keeps what it takes; one of which nothing is heard takes what it can, unless the grid meter says that this cannot be. A
load whose power is unknown takes its share.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import Literal

from controller.sitefile import Site
from controller.strategy.claims import Claim, Rank
from controller.strategy.lately import NEVER, Looks, looked
from controller.strategy.loads import ASPECTS, Load
from controller.strategy.once import settings
from controller.strategy.sharing import Want, handed_over, shared
from controller.strategy.view import View

LOOK = 10.0  # s over which the least that came on top counts
PATIENCE = 60.0  # s for which a load may take far less than its share before it is left less
LESS = 0.7  # of a share is far less
RAMP = 60.0  # s in which a limit that has ended rises
CHARGE = 5.0  # % above a battery's reserve with which its discharge counts
USUAL = 11_000.0  # W of a load that nobody knows, at the end of a ramp


@dataclass(frozen=True, slots=True)
class Limit:
    """`power` W, of what, by whom and why."""

    power: float
    counts: Literal["controllable loads", "connection point"]
    source: str
    reason: str


@dataclass(frozen=True, slots=True)
class Memory:
    """`limit`, `left`: the last limit and the W that it left, until normal is reached again; `ended`: when it ended.

    `surplus`: W that came on top lately. `shares`: W by load. `easy`: since when a load takes far less than its share.
    `taken_over`: loads that regulate themselves and are commanded until the end.
    """

    limit: Limit | None = None
    left: float = 0.0
    ended: float | None = None
    surplus: Looks = NEVER
    shares: Mapping[str, float] = field(default_factory=dict)
    easy: Mapping[str, float] = field(default_factory=dict)
    taken_over: frozenset[str] = frozenset()


def dimmed(
    view: View, site: Site, loads: Sequence[Load], limit: Limit | None, memory: Memory
) -> tuple[list[Claim], Memory]:
    """Bounds for each load that can be commanded; after the end of a limit looser from moment to moment."""
    if limit is not None:
        left, surplus = _left(view, site, loads, limit, memory.surplus)
        memory = replace(memory, limit=limit, left=left, ended=None, surplus=surplus)
    elif memory.limit is None:
        return [], memory
    else:
        memory = replace(memory, ended=view.monotonic if memory.ended is None else memory.ended, surplus=NEVER)
        left = _rising(view, loads, memory)
        if left == inf:
            return [], Memory()
    memory = _easy(view, loads, memory)
    used = {load.name: load.drawn for load in loads}
    shares = handed_over(_shares(view, loads, left, memory), memory.shares, used)
    memory = replace(memory, shares=shares, taken_over=_taken_over(view, loads, shares, memory))
    return _claims(loads, shares, left, memory), memory


def _left(view: View, site: Site, loads: Sequence[Load], limit: Limit, before: Looks) -> tuple[float, Looks]:
    """W that the limit leaves the loads together."""
    grid = view.grid_power
    if grid is None:
        return (limit.power if limit.counts == "controllable loads" else 0.0), NEVER
    surplus = sum(load.drawn or 0.0 for load in loads) - grid - _ending(view, site)
    look = LOOK + max((seen.reaction for seen in view.of("charger", "heater", "battery")), default=0.0)
    surely, looks = looked(before, view.monotonic, surplus, look)
    if limit.counts == "controllable loads":
        surely = max(surely, 0.0)
    return max(limit.power + surely, 0.0), looks


def _ending(view: View, site: Site) -> float:
    """W of batteries that discharge without anybody knowing how long they can."""
    ending = 0.0
    for seen in view.of("battery"):
        power, charge = seen.number("battery_power"), seen.number("soc")
        power = seen.number("power") if power is None else power
        if charge is None or charge < settings(site, seen.name).battery.reserve + CHARGE:
            ending += max(power or 0.0, 0.0)
    return ending


def _rising(view: View, loads: Sequence[Load], memory: Memory) -> float:
    """W that are left some time after the end, infinity when normal is reached."""
    assert memory.ended is not None
    part = (view.monotonic - memory.ended) / RAMP
    whole = sum(load.most if isfinite(load.most) else USUAL for load in loads)
    return inf if part >= 1 else memory.left + max(whole - memory.left, 0.0) * part


def _easy(view: View, loads: Sequence[Load], memory: Memory) -> Memory:
    """Since when loads take far less than they have."""
    easy = {}
    for load in loads:
        share = memory.shares.get(load.name)
        if share is not None and load.covers is not None and load.covers < LESS * min(share, load.most):
            easy[load.name] = memory.easy.get(load.name, view.monotonic)
    return memory if easy == memory.easy else replace(memory, easy=easy)


def _want(view: View, load: Load, memory: Memory) -> Want:
    """What a load needs."""
    if load.resting:
        return Want(0.0)
    since = memory.easy.get(load.name)
    if load.kind == "battery" and load.covers is not None:
        since = -inf  # of surplus it takes by itself what it can
    if load.covers is None or since is None or view.monotonic - since < PATIENCE:
        return Want(load.most, load.least)
    room = 0.1 * (load.most if isfinite(load.most) else load.covers) + 0.1 * load.covers
    room = 0.0 if load.kind == "battery" and load.own else room
    return Want(min(max(load.covers + room, load.least), load.most), load.least)


def _shares(view: View, loads: Sequence[Load], left: float, memory: Memory) -> dict[str, float]:
    """W by load that can be commanded. Those of which nothing is heard may be taking what they can."""
    order = sorted((load for load in loads if load.commanded), key=lambda load: load.priority)
    wants = {load.name: _want(view, load, memory) for load in order}
    left -= sum(_taken(view, load, loads) for load in loads if not load.commanded)
    shares = shared(max(left, 0.0), wants)
    silent = [load for load in order if load.silent]
    if not silent:
        return shares
    left -= sum(max(shares[load.name], _taken(view, load, loads)) for load in silent)
    heard = {load.name: wants[load.name] for load in order if not load.silent}
    return {**shares, **shared(max(left, 0.0), heard)}


def _taken(view: View, load: Load, loads: Sequence[Load]) -> float:
    """W that a load surely takes no more than."""
    if load.drawn is not None:
        return load.drawn
    grid, made = view.grid_power, [seen.number("power") for seen in view.of("pv", "battery")]
    if grid is None or None in made:
        return load.whole
    others = sum(other.drawn or 0.0 for other in loads if other.kind != "battery")
    return min(load.whole, max(grid + sum(max(each or 0.0, 0.0) for each in made) - others, 0.0))


def _taken_over(view: View, loads: Sequence[Load], shares: Mapping[str, float], memory: Memory) -> frozenset[str]:
    """Loads that regulate themselves and take more than may come from the grid."""
    assert memory.limit is not None
    if view.grid_power is not None and view.grid_power <= memory.limit.power:
        return memory.taken_over
    own = (load for load in loads if load.own and load.commanded)
    greedy = {load.name for load in own if (inf if load.drawn is None else load.drawn) > shares[load.name] + 100.0}
    return memory.taken_over | greedy


def _claims(loads: Sequence[Load], shares: Mapping[str, float], left: float, memory: Memory) -> list[Claim]:
    assert memory.limit is not None
    limit = memory.limit
    why = f"{limit.reason} has ended, rising" if memory.ended is not None else limit.reason
    found = []
    for load in loads:
        if load.name not in shares:
            continue
        aspect, bound, _ = ASPECTS[load.kind]
        share = shares[load.name]
        reason = f"{why}: {share:.0f} of {left:.0f} W"
        found.append(Claim(load.name, aspect, bound, load.value(share), Rank.GRID, limit.source, reason))
        if load.name in memory.taken_over:
            value = 0.0 if load.kind == "battery" else load.value(share)
            found.append(Claim(load.name, aspect, "setpoint", value, Rank.OPTIMISATION, limit.source, reason))
    return found
