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
from math import ceil, floor

from controller.compatibility.rows import row
from controller.sitefile import Site
from controller.strategy.claims import Claim, Rank
from controller.strategy.currents import NOMINAL
from controller.strategy.feed_in import GENERATORS
from controller.strategy.once import once, settings
from controller.strategy.sharing import Want, shared
from controller.strategy.view import Seen, View

SOURCE = "unbalance"
COARSE = 20.0  # W in which power is told apart

Key = tuple[tuple[object, ...], ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """What devices did when `claims` were made: the same leads to the same."""

    known: Key = ()
    claims: tuple[Claim, ...] = ()


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
    bound = [
        seen
        for seen in view
        if seen.function == "charger" and ("limit_current" in seen.can or "pause" in seen.can) and len(used(seen)) < 3
    ]
    if not bound:
        return [], memory
    others = [seen for seen in view if seen.phases < 3 and seen not in bound and _counts(site, seen)]
    others += [seen for seen in view.of("charger") if seen.phases == 3 and seen not in bound and len(used(seen)) < 3]
    known: Key = (
        *((seen.name, used(seen), _empty(seen)) for seen in bound),
        *((seen.name, used(seen), seen.rating, _coarse(_power(seen))) for seen in others),
    )
    if known != memory.known:
        memory = Memory(known, tuple(_claims(site, allowed, bound, _phases(site, allowed, others))))
    return list(memory.claims), memory


def _claims(site: Site, allowed: float, bound: Sequence[Seen], phases: Sequence[Phase]) -> list[Claim]:
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
    return found


def _counted(site: Site) -> frozenset[str]:
    """Devices that the rule counts: what feeds, stores or charges."""
    return frozenset(
        each.name for each in site.device if row(each.row).section in GENERATORS or each.function == "charger"
    )


_names = once(_counted)


def _counts(site: Site, seen: Seen) -> bool:
    return seen.name in _names(site) or seen.name.rpartition("-")[0] in _names(site)


def _power(seen: Seen) -> float | None:
    power = seen.number("power")
    return seen.number("battery_power") if power is None and seen.function == "battery" else power


def _coarse(power: float | None) -> float | None:
    """To the next step away from 0."""
    if power is None:
        return None
    return ceil(power / COARSE) * COARSE if power > 0 else floor(power / COARSE) * COARSE


def used(seen: Seen) -> tuple[int, ...]:
    """The phases of the house that a device uses now, counted from 0."""
    told = seen.number("phases")
    number = min(int(told), seen.phases) if told in (1, 2, 3) else seen.phases
    return tuple((seen.phase - 1 + step) % 3 for step in range(min(number, 3)))


def _phases(site: Site, allowed: float, others: Sequence[Seen]) -> list[Phase]:
    """What devices of fewer than three phases do to each, but for the stations that are bound."""
    phases = [Phase(), Phase(), Phase()]
    for seen in others:
        own, most, coarse = used(seen), seen.rating or allowed, _coarse(_power(seen))
        for phase in (phases[place] for place in own):
            if seen.function != "charger":
                phase.surely += max((coarse or 0.0) - COARSE, 0.0) / len(own)
                phase.perhaps += (most if coarse is None else max(coarse, 0.0)) / len(own)
            if seen.function == "battery":
                phase.taken += (most if coarse is None else max(-coarse, 0.0)) / len(own)
            if seen.function == "charger":
                phase.taken += (most if coarse is None else max(coarse, 0.0)) / len(own)
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
