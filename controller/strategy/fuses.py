"""Fuses: no car takes more than the fuses on its way leave, on any phase, in any mode.

Each charging point may take "at most" its share of what its fuses leave (`fuse_room`): by priority, equally among
equals, its least current or nothing, in whole amperes. The shares of all together fit under every fuse even if all cars
take all that they are offered. Shares fall at once. They rise only to what has been free for a while, since what was
taken from one car must have gone before another gets it, and a car that a fuse has paused waits before it starts again.
What a fuse that is overdrawn even without the cars asks of batteries and heaters is in `fuse_relief`.

Unknown: a fuse whose current nobody knows leaves the cars nothing; a car whose draw is unknown, or unknown on which
phases, counts as drawing nothing in what the meter shows, and its share rises by half of what is free, not by all. At a
station that has no meter a car counts as drawing what it is offered, as far as its fuse shows it (`fuse_shown`):
should it take less and then more, the fuse is overdrawn until its meter has shown that. Who is not known to have a car
counts as was known last. The memory need not survive a restart: a start takes what the meter shows then, and until the
meters have answered at all nobody gets more than the station offers already.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import floor

from controller.sitefile import Site
from controller.strategy.allotting import Taker, allot
from controller.strategy.claims import Claim, Rank
from controller.strategy.currents import LEAST, Drawn, connected, drawn, spread, voltage
from controller.strategy.fuse_relief import Relief, relieve
from controller.strategy.fuse_room import Room, rooms
from controller.strategy.fuse_shown import held
from controller.strategy.fuse_tree import Tree, tree
from controller.strategy.once import settings
from controller.strategy.settling import Settling
from controller.strategy.vehicle import plugged
from controller.strategy.view import Seen, View

RISE = 5.0  # s for which a current must have been free before a share rises, if no car takes longer to follow
FOLLOW = 2.0  # s beyond the time in which the slowest car follows
WAIT = 30.0  # s that a car waits after a fuse has paused it
TOLD = 12.0  # s after which a station has told what it offers since its share rose
LOOK_BACK = 10.0  # s after which a car takes no more than it is offered now


@dataclass(frozen=True, slots=True)
class Share:
    """A charging point's share in A a phase, and the claim that says so.

    `peak`: A that it may still be taking, last offered at `peak_at`. `paused_at`: when a fuse paused it. `metered`:
    whether the station has told a power yet. `there`: whether a car was there when that was known last. `raised_at`:
    when it rose last, from `was`.
    """

    amperes: Settling
    claim: Claim
    peak: float
    peak_at: float
    paused_at: float | None = None
    metered: bool = False
    there: bool = True
    raised_at: float = float("-inf")
    was: float = 0.0

    def waits(self, now: float) -> bool:
        return self.paused_at is not None and now - self.paused_at < WAIT


@dataclass(frozen=True, slots=True)
class Memory:
    """Shares by charging point; what batteries and heaters keep to because of an overdrawn fuse.

    `lowered`: since when cars that nothing measures are. `begun`: whether any fuse has been known yet; until then
    shares are 0, and the first ones are given at once.
    """

    shares: Mapping[str, Share] = field(default_factory=dict)
    relief: Mapping[str, Relief] = field(default_factory=dict)
    lowered: Mapping[str, float] = field(default_factory=dict)
    begun: bool = False


def claims(view: View, site: Site, memory: Memory, made: Sequence[Claim] = ()) -> tuple[list[Claim], Memory]:
    """What the fuses allow now. `made`: what other rules and users have claimed, so that nobody's share lies idle.

    Without it every plugged car that is not switched off wishes for all that it can take.
    """
    net, now = tree(site), view.monotonic
    chargers = steered(view)
    cars = {each.name: _drawn(site, each, memory.shares.get(each.name), now) for each in chargers}
    found = rooms(view, net, cars)
    wishes = wished(made) if made else None
    takers = [_taker(site, net, each, memory.shares.get(each.name), wishes, now) for each in chargers]
    proposed: Mapping[str, float]
    proposed, left = allot([each.free for each in found], takers)
    rise = max((each.reaction + FOLLOW for each in chargers), default=RISE)
    lowered: Mapping[str, float] = {}
    if any(any(each.assumed) for each in cars.values()):
        given = {each.name: _given(site, each, memory.shares.get(each.name)) for each in chargers}
        proposed, lowered = held(view, net, cars, takers, given, proposed, memory.lowered)
    shares = {}
    for taker, charger in zip(takers, chargers, strict=True):
        before, amperes = memory.shares.get(taker.name), proposed[taker.name]
        had = 0.0 if before is None else before.amperes.value
        if amperes > had and not _certain(found, taker, cars[taker.name]):
            amperes = had + (amperes - had) / 2
        if not memory.begun and any(_unasked(view, net, place) for place in taker.path):
            amperes = _offered(charger)
        why = partial(_why, net, found, left, taker)
        amperes = whole(amperes, taker.least)
        shares[taker.name] = _share(taker, amperes, before, memory.begun, charger, why, now, max(rise, RISE))
    bounds, relief = relieve(view, net, found, left, memory.relief)
    begun = memory.begun or any(each.known for each in found)
    return [*(share.claim for share in shares.values()), *bounds], Memory(shares, relief, lowered, begun)


def room(
    view: View, site: Site, wishes: Mapping[str, float] | None = None, offered: Mapping[str, float] | None = None
) -> dict[str, float]:
    """A a phase that each steered charging point can have while the others have theirs, by `wishes` (all that it can).

    `offered`: A that each is offered now, as far as known; that tells the draw of a car from the rest of the house.
    """
    net, chargers, offered = tree(site), steered(view), offered or {}
    most = {each.name: settings(site, each.name).charging.maximum_current for each in chargers}
    cars = {each.name: drawn(each, offered.get(each.name, most[each.name]), site.site.phases) for each in chargers}
    takers = [_taker(site, net, each, None, wishes, view.monotonic) for each in chargers]
    given, _ = allot([each.free for each in rooms(view, net, cars)], takers)
    return {taker.name: whole(given[taker.name], taker.least) for taker in takers}


def steered(view: View) -> list[Seen]:
    """The charging points that take a current."""
    return [
        each
        for each in view.devices.values()
        if each.function == "charger" and "limit_current" in each.can and each.state != "rejected"
    ]


def wished(made: Iterable[Claim]) -> dict[str, float]:
    """A that other rules want of charging points: the setpoint of the first rank that has one, within all bounds."""
    wanted: dict[str, Claim] = {}
    most: dict[str, float] = {}
    for claim in made:
        if claim.aspect != "current":
            continue
        if claim.bound == "setpoint":
            before = wanted.get(claim.device)
            wanted[claim.device] = claim if before is None or claim.rank < before.rank else before
        elif claim.bound == "at most":
            most[claim.device] = min(claim.value, most.get(claim.device, claim.value))
    return {name: min(claim.value, most.get(name, claim.value)) for name, claim in wanted.items()}


def whole(amperes: float, least: float) -> float:
    """Whole amperes, nothing below `least`."""
    found = float(floor(amperes + 1e-6))
    return found if found >= least else 0.0


def _drawn(site: Site, charger: Seen, share: Share | None, now: float) -> Drawn:
    offered = settings(site, charger.name).charging.maximum_current if share is None else share.peak
    metered = share is not None and share.metered
    own, power = connected(charger, site.site.phases), charger.number("power")
    if share is None or power is None or now - share.raised_at >= charger.reaction + FOLLOW:
        return drawn(charger, offered, site.site.phases, metered=metered)
    each = power / voltage(charger) / len(own)
    behind = each <= 1.05 * share.was + LEAST  # it shows what was before
    car = drawn(charger, share.was if behind else offered, site.site.phases, metered=metered)
    return replace(car, late=spread(max(share.amperes.value - max(max(car.amperes), each), 0.0), own))


def _unasked(view: View, net: Tree, place: int) -> bool:
    """Whether the meter of a fuse has not had the time to answer yet."""
    meter = view.devices.get(net.nodes[place].meter or "")
    return meter is not None and meter.state == "waiting"


def _offered(charger: Seen) -> float:
    """A that a station says it offers now, none when it does not say."""
    told = charger.number("current_limit")
    return 0.0 if told is None or charger.reading.get("enabled") is False else told


def _given(site: Site, charger: Seen, share: Share | None) -> float:
    """A that a charging point was given last; before that what its station says or can."""
    if share is not None:
        return share.amperes.value
    told = charger.number("current_limit")
    return settings(site, charger.name).charging.maximum_current if told is None else told


def _there(charger: Seen, share: Share | None) -> bool:
    """Whether a car is there, as far as that is or was known; at first one is."""
    told = plugged(charger)
    return (share is None or share.there) if told is None else told


def _taker(
    site: Site, net: Tree, charger: Seen, share: Share | None, wishes: Mapping[str, float] | None, now: float
) -> Taker:
    wanted = settings(site, charger.name).charging
    wish = most = wanted.maximum_current
    if wishes is not None and charger.name in wishes:
        wish = min(wishes[charger.name], most)
    elif not _there(charger, share) or (wishes is None and wanted.mode == "off"):
        wish = 0.0
    if share is not None and share.waits(now):
        wish = most = 0.0
    phases = connected(charger, site.site.phases)
    running = share is not None and share.amperes.value > 0
    path = net.path(charger.name)
    return Taker(charger.name, path, phases, wanted.minimum_current, wish, most, wanted.priority, running)


def _certain(found: Sequence[Room], taker: Taker, car: Drawn) -> bool:
    """Whether all that the car takes has been told from what the others take."""
    known = car.power is not None or any(car.assumed)
    return known and (car.certain or not any(found[place].by_phase for place in taker.path))


def _share(
    taker: Taker, possible: float, before: Share | None, begun: bool, charger: Seen, why: Callable[[], str],
    now: float, rise: float,
) -> Share:  # fmt: skip
    had = Settling(0.0) if before is None else before.amperes
    share = had.toward(possible, now, rise) if begun else Settling(possible)
    paused_at = None if before is None or share.value > 0 else before.paused_at
    if had.value > 0 and share.value <= 0 and taker.wish > 0:
        paused_at = now
    peak, peak_at = _peak(taker, share.value, charger.number("current_limit"), before, now)
    claim = before.claim if before is not None else None
    if claim is None or claim.value != share.value or (share.value <= 0 and paused_at is None):
        claim = Claim(taker.name, "current", "at most", share.value, Rank.SAFETY, "fuse", why())
    metered = charger.number("power") is not None or (before is not None and before.metered)
    raised_at = (
        now
        if before is not None and share.value > had.value
        else (float("-inf") if before is None else before.raised_at)
    )
    return Share(share, claim, peak, peak_at, paused_at, metered, _there(charger, before), raised_at)


def _peak(taker: Taker, share: float, told: float | None, before: Share | None, now: float) -> tuple[float, float]:
    """A a phase that the car may be taking, and when it was offered as much last.

    `told`: by the station itself, less where somebody wants less. At a station without a meter it does not count for a
    while after its share rose: the meter of the fuse shows that sooner.
    """
    if before is None:
        return (max(taker.most, share) if told is None else max(told, share)), now
    rising = not before.metered and (share > before.amperes.value or now - before.raised_at < TOLD)
    offered = share if told is None or rising else min(share, told)
    if offered < before.peak and now - before.peak_at < LOOK_BACK:
        return before.peak, before.peak_at
    return offered, now


def _why(net: Tree, found: Sequence[Room], left: Sequence[Sequence[float]], taker: Taker) -> str:
    """The fuse that leaves least, with its numbers."""
    place, phase = min(
        ((place, phase) for place in taker.path for phase in taker.phases),
        key=lambda each: (found[each[0]].known, left[each[0]][each[1]]),
    )
    fuse, tight = net.nodes[place], found[place]
    if not tight.known:
        return f"{fuse.name}: its current is unknown, {tight.remark}"
    others = f" ({tight.remark})" if tight.remark else ""
    free = f"{max(tight.free[phase], 0.0):.1f} A of {fuse.current:g} A are free"
    return f"{fuse.name}: {free} for cars on L{phase + 1}{others}"
