"""How much each fuse leaves to the charging points behind it, on each phase.

That is its rating less all that flows through it but does not go to a car that is steered:

- by the currents of its meter, less what the cars take for certain: too much is never counted as theirs; and less
  what those at stations without a meter are offered, as far as the meter shows it;
- where the meter tells only its total: what devices say that they take, each on its phases, and the whole remainder
  on each phase at once, as nobody knows on which one it is. A generator that says nothing may be hiding as much
  as its rating;
- behind a fuse without a meter: the sum of what its devices say, at their ratings where they say nothing.

Unknown: without a reading of its meter a fuse leaves nothing. Only where all that hangs on it is named (not the main
fuse) the ratings of the others count, and what they leave is safe.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from controller.strategy.currents import (
    Drawn,
    Phases,
    at_most,
    connected,
    metered,
    spread,
    taken,
    taken_power,
    voltage,
)  # fmt: skip
from controller.strategy.fuse_tree import Node, Tree
from controller.strategy.view import Seen, View

NOTHING: Phases = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Room:
    """What a fuse leaves: `free` A on each phase, below 0 when it is overdrawn even without the cars.

    `by_phase`: whether what the cars take had to be known phase by phase. `remark`: how sure that is.
    """

    free: Phases
    by_phase: bool = False
    known: bool = True
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Others:
    """What flows through a fuse to others than steered cars, A on each phase, None when nobody knows it."""

    amperes: Phases | None
    by_phase: bool = False
    remark: str = ""


def rooms(view: View, net: Tree, cars: Mapping[str, Drawn]) -> tuple[Room, ...]:
    """What each fuse of the tree leaves to `cars`, which are the charging points that are steered."""
    others: dict[int, Others] = {}
    for place in range(len(net.nodes) - 1, -1, -1):  # those behind a fuse come before it
        others[place] = _others(view, net, cars, place, others)
    return tuple(_room(net.nodes[place], others[place]) for place in range(len(net.nodes)))


def _room(fuse: Node, others: Others) -> Room:
    if others.amperes is None:
        return Room(NOTHING, known=False, remark=others.remark)
    l1, l2, l3 = others.amperes
    free = (fuse.current - l1, fuse.current - l2, fuse.current - l3)
    return Room(free, others.by_phase, True, others.remark)


def _others(view: View, net: Tree, cars: Mapping[str, Drawn], place: int, inner: Mapping[int, Others]) -> Others:
    fuse, house = net.nodes[place], len(net.phases)
    if fuse.meter is None:
        return _unmetered(view, net, cars, place, inner) if place else Others(None, remark="there is no grid meter")
    meter = view.devices.get(fuse.meter)
    currents = None if meter is None else metered(meter, house)
    if currents is not None:
        l1, l2, l3 = currents
        for name, car in cars.items():
            if place in net.path(name):
                l1, l2, l3 = l1 - car.amperes[0], l2 - car.amperes[1], l3 - car.amperes[2]
        a1, a2, a3 = _assumed(net, cars, place)
        return Others((_less(l1, a1), _less(l2, a2), _less(l3, a3)), True)
    power = None if meter is None else meter.number("power")
    if meter is not None and power is not None:
        return _remainder(view, net, cars, place, power, voltage(meter))
    unknown = f"{fuse.meter} says nothing"
    return _rated(view, net, cars, place, unknown) if place else Others(None, remark=unknown)


def _remainder(view: View, net: Tree, cars: Mapping[str, Drawn], place: int, power: float, volts: float) -> Others:
    """By the total: what is explained on its phases, the rest of it on any."""
    house, rest, found = len(net.phases), power, NOTHING
    for seen in _behind(view, net, cars, place):
        sort = net.sort(seen.name)
        own = taken_power(seen, sort)
        currents = taken(seen, sort, house)
        if own is not None and currents is not None:
            found = _sum(found, currents)
            rest -= own
        elif sort not in ("load", "car"):
            said = seen.number("power")
            hidden = seen.rating if said is None else abs(said)
            if hidden is None:
                return Others(None, remark=f"nobody knows what {seen.name} gives")
            rest += hidden
    for name, car in cars.items():
        if place in net.path(name) and car.power is not None:
            rest -= car.power
    rest = _less(rest, sum(_assumed(net, cars, place)) * volts)
    anywhere = max(rest, 0.0) / volts
    remark = f"{anywhere:.1f} A of it unexplained, on each phase" if house > 1 else ""
    return Others(_sum(found, (anywhere, anywhere, anywhere)), False, remark)


def _assumed(net: Tree, cars: Mapping[str, Drawn], place: int) -> Phases:
    """A that cars may be taking through a fuse, beyond what their stations say."""
    found = NOTHING
    for name, car in cars.items():
        if (any(car.assumed) or any(car.late)) and place in net.path(name):
            found = _sum(_sum(found, car.assumed), car.late)
    return found


def _less(flow: float, part: float) -> float:
    """A flow without a part that nobody has measured, which cannot be more than all of it."""
    return flow - min(part, max(flow, 0.0))


def _unmetered(view: View, net: Tree, cars: Mapping[str, Drawn], place: int, inner: Mapping[int, Others]) -> Others:
    """The sum of what hangs right on this fuse and of what flows to the fuses behind it."""
    house, found, remark = len(net.phases), NOTHING, ""
    for seen in _behind(view, net, cars, place):
        if net.path(seen.name)[-1] != place:
            continue
        sort = net.sort(seen.name)
        currents = taken(seen, sort, house)
        power = taken_power(seen, sort)
        if currents is None and power is not None:
            currents = spread(power / voltage(seen), connected(seen, house))  # on each phase, as on any
        if currents is None:
            currents, remark = at_most(seen, sort, house), f"{seen.name} at its rating"
        if currents is None:
            return Others(None, remark=f"nobody knows what {seen.name} takes")
        found = _sum(found, currents)
    by_phase = False
    for each in net.nodes[place].fuses:
        behind = inner[each]
        if behind.amperes is None:
            return behind
        found, by_phase = _sum(found, behind.amperes), by_phase or behind.by_phase
    return Others(found, by_phase, remark)


def _rated(view: View, net: Tree, cars: Mapping[str, Drawn], place: int, why: str) -> Others:
    """All that is named behind a fuse, at its rating."""
    found = NOTHING
    for seen in _behind(view, net, cars, place):
        currents = at_most(seen, net.sort(seen.name), len(net.phases))
        if currents is None:
            return Others(None, remark=f"{why}, and nobody knows what {seen.name} takes")
        found = _sum(found, currents)
    return Others(found, False, f"{why}: the others at their ratings")


def _behind(view: View, net: Tree, cars: Mapping[str, Drawn], place: int) -> Iterator[Seen]:
    """The devices behind a fuse that are no steered cars."""
    return (seen for name, seen in view.devices.items() if name not in cars and place in net.path(name))


def _sum(one: Phases, other: Phases) -> Phases:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
