"""A limit of feed-in at the connection point, divided over generators: what may be fed and what the house takes.

What the house takes is what generators make plus what the grid adds; the least of the last seconds counts, because
meter and generators speak of different moments. It is nothing until that long has been seen. A generator that has just
been limited says so before the meter does: of what it made, the most of the last seconds counts. Nobody is asked below
what the house itself can take. A generator that makes less than its share leaves the rest to the others.

Unknown grid power: the house is taken to take nothing, and generators that cannot be limited to feed what they say, or
their rating, or without one anything. Unknown power of a generator: it may make its whole share, and is taken to make
nothing where that is the careful side. Unknown rating: a share like that of others, never more than there is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from controller.compatibility.rows import row
from controller.sitefile import Site
from controller.strategy.claims import Claim, Rank
from controller.strategy.lately import NEVER, Looks, looked, most
from controller.strategy.once import settings
from controller.strategy.sharing import Want, handed_over, shared
from controller.strategy.view import Seen, View

LOOK = 5.0  # s over which the least that the house took counts, beside the generators' reaction
ROOM = 0.1  # of its rating that a generator may grow before it is given more
IDLE, START = 0.005, 0.02  # of its rating: makes nothing with less; what one that makes nothing may begin with
LEAST_START = 100.0  # W
TYPICAL = 10_000.0  # W, the weight of a generator of which nothing is known
GENERATORS = ("pv-inverter", "battery-inverter", "chp", "fuel-cell")


@dataclass(frozen=True, slots=True)
class Memory:
    """`takes`: what the house took lately. `made`: what generators made. `limits`: W by generator, as claimed last."""

    takes: Looks = NEVER
    made: Mapping[str, Looks] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)


def limited(view: View) -> list[Seen]:
    """Generators and hybrids that can be limited."""
    return [seen for seen in view if seen.function in ("pv", "battery") and "limit_power" in seen.can]


def house_takes(view: View, site: Site, generators: Sequence[Seen], memory: Memory) -> tuple[float, Memory]:
    """W that surely stay in the house now; negative when others feed that cannot be limited."""
    grid = view.grid_power
    if grid is None:
        return -_others(view, site, generators), Memory(limits=memory.limits)
    look, take, made = LOOK, grid, {}
    for seen in generators:
        power = seen.number("power")
        look = max(look, LOOK + seen.reaction)
        if power is not None:
            greatest, made[seen.name] = most(memory.made.get(seen.name, NEVER), view.monotonic, power, LOOK)
            take += max(greatest, 0.0)
    least, looks = looked(memory.takes, view.monotonic, take, look)
    return least, Memory(looks, made, memory.limits)


def _others(view: View, site: Site, generators: Sequence[Seen]) -> float:
    """W that generators which cannot be limited may be feeding."""
    names = {seen.name for seen in generators}
    feeding = 0.0
    for seen in view:
        if seen.name not in names and row(settings(site, seen.name).row).section in GENERATORS:
            power = seen.number("power")
            feeding += (seen.rating or float("inf")) if power is None else max(power, 0.0)
    return feeding


def divided(
    site: Site, generators: Sequence[Seen], together: float, before: Mapping[str, float]
) -> Mapping[str, float]:
    """W for each generator, in all `together`; nothing when they cannot make more than that. `before`: what stood."""
    together, could = max(together, 0.0), 0.0
    for seen in generators:
        could += float("inf") if seen.rating is None else seen.rating
    if together >= could:
        return {}
    pressed = any(_pressed(seen, before.get(seen.name)) for seen in generators)
    if not pressed and before.keys() == {seen.name for seen in generators} and sum(before.values()) <= together + 1e-6:
        return before
    weights = {seen.name: _weight(site, seen) for seen in generators}
    wants = {seen.name: Want(_want(seen, before.get(seen.name)), weight=weights[seen.name]) for seen in generators}
    shares = shared(together, wants)
    left = together - sum(shares.values())
    if left > 0:
        room = {
            seen.name: Want((seen.rating or float("inf")) - shares[seen.name], weight=weights[seen.name])
            for seen in generators
        }
        shares = {name: shares[name] + more for name, more in shared(left, room).items()}
    return handed_over(shares, before, {seen.name: seen.number("power") for seen in generators})


def _pressed(seen: Seen, limit: float | None) -> bool:
    """Whether the generator would make more if it might, as far as anybody can tell."""
    power = seen.number("power")
    return limit is None or power is None or power >= 0.9 * limit - 50.0


def _want(seen: Seen, limit: float | None) -> float:
    """W that the generator can use: all while its limit holds it back, else a little more than it makes.

    One that makes nothing is left enough to show that it could.
    """
    rating = seen.rating if seen.rating is not None else float("inf")
    power = seen.number("power")
    if power is None or _pressed(seen, limit):
        return rating
    if seen.rating is not None and power < IDLE * rating:
        return min(max(START * rating, LEAST_START), rating)
    return min(max(power, 0.0) + ROOM * (seen.rating or max(power, 0.0)) + 100.0, rating)


def _weight(site: Site, seen: Seen) -> float:
    return seen.rating or settings(site, seen.name).peak_power or TYPICAL


def claims(
    view: View, site: Site, generators: Sequence[Seen], allowed: float, memory: Memory, *,
    rank: Rank, source: str, reason: str,
) -> tuple[list[Claim], Memory]:  # fmt: skip
    """At most its share for every generator, so that no more than `allowed` W are fed at the connection point."""
    if not generators:
        return [], memory
    takes, memory = house_takes(view, site, generators, memory)
    shares = divided(site, generators, allowed + takes, memory.limits)
    memory = Memory(memory.takes, memory.made, shares)
    if not shares:
        return [], memory
    known = "the grid meter is not known" if view.grid_power is None else f"the house takes {takes:.0f} W"
    reason = f"{reason}: {allowed:.0f} W may be fed, {known}"
    return [Claim(name, "feed_in", "at most", share, rank, source, reason) for name, share in shares.items()], memory
