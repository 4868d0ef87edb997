"""What an overdrawn fuse asks of batteries and heaters: to take no more of the grid than it leaves.

A fuse that is overdrawn even with all cars paused bounds the charging of batteries ("at least") and heaters
("at most") behind it, all together to what it leaves; and so for a while after it, since it would be overdrawn again as
soon as they took what they want. What the cars have been given is theirs.

Unknown: a fuse whose current nobody knows asks nothing here, since those who spend surplus or charge by price stop by
themselves without the grid meter. A battery or heater that does not tell what it takes may take what is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from controller.strategy.allotting import Taker, allot
from controller.strategy.claims import Claim, Rank
from controller.strategy.currents import NOMINAL, connected
from controller.strategy.fuse_room import Room
from controller.strategy.fuse_tree import Tree
from controller.strategy.settling import Settling
from controller.strategy.view import Seen, View

HOLD = 300.0  # s for which the bounds stand after the fuse was overdrawn last
RISE = 10.0  # s for which more must have been free before a bound rises
ANY = 1e6  # A, for what nobody knows the rating of


@dataclass(frozen=True, slots=True)
class Relief:
    """A battery or heater may take `watts`, until `until` (monotonic s)."""

    watts: Settling
    until: float


def relieve(
    view: View, net: Tree, found: Sequence[Room], left: Sequence[Sequence[float]], before: Mapping[str, Relief]
) -> tuple[list[Claim], Mapping[str, Relief]]:
    """Bounds on batteries and heaters. `left`: A behind each fuse that no car has been given."""
    over = {(place, phase) for place, each in enumerate(found) for phase in net.phases if each.free[phase] < 0}
    if not over and not before:
        return [], before
    now = view.monotonic
    until: dict[str, float] = {}
    takers = []
    free = [list(each) for each in left]
    for seen in view.devices.values():
        if seen.function != "heater" and not (seen.function == "battery" and "charge" in seen.can):
            continue
        path, phases = net.path(seen.name), connected(seen, len(net.phases))
        if any((place, phase) in over for place in path for phase in phases):
            until[seen.name] = now + HOLD
        elif seen.name in before and now < before[seen.name].until:
            until[seen.name] = before[seen.name].until
        else:
            continue
        takes = taking(seen) / NOMINAL / len(phases)
        for place in path:
            for phase in phases:
                free[place][phase] += takes
        most = ANY if seen.rating is None else seen.rating / NOMINAL / len(phases)
        takers.append(Taker(seen.name, path, phases, 0.0, most, most))
    given, _ = allot([(each[0], each[1], each[2]) for each in free], takers)
    reliefs = {}
    for each in takers:
        watts, had = given[each.name] * NOMINAL * len(each.phases), before.get(each.name)
        settled = Settling(watts) if had is None else had.watts.toward(watts, now, RISE)
        reliefs[each.name] = Relief(settled, until[each.name])
    return [_bound(view.devices[name], each.watts.value) for name, each in reliefs.items()], reliefs


def taking(seen: Seen) -> float:
    """W that a battery or heater takes now, 0 where nobody knows."""
    if seen.function == "battery":
        return max(-(seen.number("battery_power") or 0.0), 0.0)
    return max(seen.number("power") or 0.0, 0.0)


def _bound(seen: Seen, watts: float) -> Claim:
    reason = f"a fuse is or was overdrawn: {watts:.0f} W at most"
    if seen.function == "battery":
        return Claim(seen.name, "battery", "at least", -watts, Rank.SAFETY, "fuse", reason)
    return Claim(seen.name, "load", "at most", watts, Rank.SAFETY, "fuse", reason)
