"""Unbalance between phases: what one-phase generators, batteries and charging points may differ by, 4.6 kVA.

VDE-AR-N 4100, 5.5.2, as quoted in hupe1980/hems:site/content/docs/grid-rules.md: it counts what can feed or store, not
heat pumps, not the rest of the house. Charging points are bound, because they can be: those of a phase share what is
allowed above the phase that is fed most, and what is fed on their own phase. Loads of other phases do not help, they
may end at any time. A device of two phases counts half on each. W stand for VA, at 230 V.

Unknown: a generator or battery gives its rating on another phase, without one as much as the rule allows, and nothing
on a station's own; there a battery or a station that cannot be bound takes its rating. A station that does not say how
many phases it uses uses those that it is wired to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from controller.compatibility.rows import row
from controller.sitefile import Site
from controller.strategy.claims import Claim, Rank
from controller.strategy.currents import NOMINAL
from controller.strategy.feed_in import GENERATORS
from controller.strategy.once import settings
from controller.strategy.sharing import Want, shared
from controller.strategy.view import Seen, View

SOURCE = "unbalance"


@dataclass(frozen=True, slots=True)
class Memory:
    """Nothing of the past counts."""


@dataclass(slots=True)
class Phase:
    """W on one phase by devices of fewer than three: taken, given for sure, given perhaps."""

    taken: float = 0.0
    surely: float = 0.0
    perhaps: float = 0.0


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """At most the amperes that keep phases within the rule, for each charging point on fewer than three."""
    allowed = site.grid.unbalance
    if allowed is None or site.site.phases == 1:
        return [], memory
    bound = [seen for seen in view.of("charger") if seen.can & {"limit_current", "pause"} and len(used(seen)) < 3]
    if not bound:
        return [], memory
    phases = _phases(view, site, allowed, bound)
    left = [
        allowed + phases[own].surely - phases[own].taken - max(phases[own - 1].perhaps, phases[own - 2].perhaps)
        for own in range(3)
    ]
    amperes = _shares(site, bound, left)
    found = []
    for seen in bound:
        value = floor(10 * amperes[seen.name] + 1e-6) / 10
        if value < settings(site, seen.name).charging.maximum_current:
            place = min(used(seen), key=lambda phase: left[phase])
            reason = f"{allowed:.0f} VA between phases leave {max(left[place], 0.0):.0f} W on L{place + 1}"
            found.append(Claim(seen.name, "current", "at most", value, Rank.CONNECTION, SOURCE, reason))
    return found, memory


def used(seen: Seen) -> tuple[int, ...]:
    """The phases of the house that a device uses now, counted from 0."""
    told = seen.number("phases")
    number = min(int(told), seen.phases) if told in (1, 2, 3) else seen.phases
    return tuple((seen.phase - 1 + step) % 3 for step in range(min(number, 3)))


def _phases(view: View, site: Site, allowed: float, bound: Sequence[Seen]) -> list[Phase]:
    """What devices of fewer than three phases do to each, but for the stations that are bound."""
    phases = [Phase(), Phase(), Phase()]
    for seen in view:
        own = used(seen)
        if len(own) == 3 or seen in bound:
            continue
        section, most = row(settings(site, seen.name).row).section, seen.rating or allowed
        power = seen.number("power")
        if seen.function == "battery" and power is None:
            power = seen.number("battery_power")
        for phase in (phases[place] for place in own):
            if section in GENERATORS:
                phase.surely += max(power or 0.0, 0.0) / len(own)
                phase.perhaps += (most if power is None else max(power, 0.0)) / len(own)
            if seen.function == "battery":
                phase.taken += (most if power is None else max(-power, 0.0)) / len(own)
            if seen.function == "charger":
                phase.taken += (most if power is None else power) / len(own)
    return phases


def _shares(site: Site, bound: Sequence[Seen], left: Sequence[float]) -> dict[str, float]:
    """A for each station: its share of its phase, and an empty one as if it were alone."""
    amperes = {seen.name: min(max(left[phase], 0.0) / NOMINAL for phase in used(seen)) for seen in bound}
    for place in range(3):
        there = [seen for seen in bound if place in used(seen) and not _empty(seen)]
        wants = {}
        for seen in sorted(there, key=lambda seen: settings(site, seen.name).charging.priority):
            charging = settings(site, seen.name).charging
            wants[seen.name] = Want(charging.maximum_current * NOMINAL, charging.minimum_current * NOMINAL)
        for name, watts in shared(max(left[place], 0.0), wants).items():
            amperes[name] = min(amperes[name], watts / NOMINAL)
    return amperes


def _empty(seen: Seen) -> bool:
    return seen.reading.get("plugged") is False or seen.reading.get("vehicle") == "A"
