"""What the meter of a fuse has shown to be free, where cars charge at stations without a meter of their own.

A car that nothing measures counts as taking what it is offered (`fuse_room`). One that takes less leaves the fuse less
than that says, so nobody rises by more than the fuse's meter shows to be free beside all that the measured cars may
take; and as long as the meter shows too much, each car that nothing measures is lowered by all of it: nobody knows
which of them takes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from controller.strategy.allotting import Taker
from controller.strategy.currents import Drawn
from controller.strategy.fuse_room import NOTHING, rooms
from controller.strategy.fuse_tree import Tree
from controller.strategy.view import View

SHOWN = 2.0  # s until the meter shows that a car has followed


def held(
    view: View, net: Tree, cars: Mapping[str, Drawn], takers: Sequence[Taker], had: Mapping[str, float],
    proposed: Mapping[str, float], lowered: Mapping[str, float],
) -> tuple[Mapping[str, float], Mapping[str, float]]:  # fmt: skip
    """`proposed` A a phase, held to what has been shown. `had`: A that each car is offered now.

    `lowered`: monotonic s since when cars that nothing measures are lowered, and returned with the currents.
    """
    places = {place for taker in takers if any(cars[taker.name].assumed) for place in taker.path}
    places = {place for place in places if net.nodes[place].meter is not None}
    if not places:
        return proposed, {}
    bare = rooms(view, net, {name: replace(car, assumed=NOTHING, late=NOTHING) for name, car in cars.items()})
    now = {place: list(bare[place].free) for place in places}  # fuse less what flows
    sure = {place: list(bare[place].free) for place in places}  # fuse less what flows or may flow
    for taker in takers:
        car = cars[taker.name]
        for place in places.intersection(taker.path):
            for phase in (0, 1, 2):
                now[place][phase] -= car.amperes[phase]
                offered = had[taker.name] if phase in taker.phases and not any(car.assumed) else 0.0
                sure[place][phase] -= max(offered, car.amperes[phase])
    given, since = {}, {}
    for taker in takers:
        own = [(place, phase) for place in places.intersection(taker.path) for phase in taker.phases]
        amperes, before = proposed[taker.name], had[taker.name]
        if own and any(cars[taker.name].assumed):
            over = -min(now[place][phase] for place, phase in own)
            if over > 0:
                since[taker.name] = lowered.get(taker.name, view.monotonic)
                enough = view.monotonic - since[taker.name] >= view.devices[taker.name].reaction + SHOWN
                amperes = 0.0 if enough else min(amperes, max(max(cars[taker.name].assumed) - over, 0.0))
        if own and amperes > before:
            amperes = before + min(amperes - before, max(min(sure[place][phase] for place, phase in own), 0.0))
            for place, phase in own:
                sure[place][phase] -= amperes - before
        given[taker.name] = amperes
    return given, since
