"""Dividing currents under a tree of fuses: by priority, among equals the same, a least or nothing, on every phase."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from controller.strategy.currents import Phases

NONE = 1e-9  # A


@dataclass(frozen=True, slots=True)
class Taker:
    """One that takes the same current on each of its `phases` (from 0), through each fuse of its `path`.

    It wants `wish` A and could take `most`; less than `least` is nothing to it. A lower `priority` is served first. One
    that is `running` keeps its place before its equals.
    """

    name: str
    path: tuple[int, ...]
    phases: tuple[int, ...]
    least: float
    wish: float
    most: float
    priority: int = 1
    running: bool = False


def allot(free: Sequence[Phases], takers: Sequence[Taker]) -> tuple[dict[str, float], list[list[float]]]:
    """A a phase for each taker, and what is left behind each fuse. `free`: A that each fuse leaves to all of them.

    What everybody wishes comes first; what is then still free is given on top, as far as they can take it.
    """
    left = [list(each) for each in free]
    given = {taker.name: 0.0 for taker in takers}
    if _all_fit(left, takers):
        for taker in takers:
            _give(left, given, taker, taker.most)
        return given, left
    groups = [[each for each in takers if each.priority == level] for level in sorted({t.priority for t in takers})]
    for group in groups:
        _serve(left, given, group, lambda taker: taker.wish)
    for group in groups:
        _serve(left, given, group, lambda taker: taker.most)
    return given, left


def _serve(
    left: list[list[float]], given: dict[str, float], group: Sequence[Taker], limit: Callable[[Taker], float]
) -> None:
    """Everybody's least first, the running ones before others, then equally more until a fuse or a limit ends it."""
    rising = []
    for taker in sorted(group, key=lambda taker: not taker.running):
        if given[taker.name] <= 0 and taker.least <= limit(taker) and taker.least <= _room(left, taker) + NONE:
            _give(left, given, taker, taker.least)
            rising.append(taker)
        elif given[taker.name] > 0:
            rising.append(taker)
    while rising := [each for each in rising if given[each.name] < limit(each) - NONE and _room(left, each) > NONE]:
        step = min(limit(each) - given[each.name] for each in rising)
        for place in {place for each in rising for place in each.path}:
            for phase in (0, 1, 2):
                through = sum(place in each.path and phase in each.phases for each in rising)
                if through:
                    step = min(step, left[place][phase] / through)
        for each in rising:
            _give(left, given, each, step)


def _all_fit(left: list[list[float]], takers: Sequence[Taker]) -> bool:
    """Whether everybody can have all that it can take, even if all of it went through one fuse on one phase."""
    total = sum(taker.most for taker in takers)
    return all(
        left[place][phase] >= total for taker in takers for place in taker.path for phase in taker.phases
    ) and all(taker.most >= taker.least for taker in takers)  # fmt: skip


def _room(left: list[list[float]], taker: Taker) -> float:
    return min(left[place][phase] for place in taker.path for phase in taker.phases)


def _give(left: list[list[float]], given: dict[str, float], taker: Taker, amperes: float) -> None:
    given[taker.name] += amperes
    for place in taker.path:
        for phase in taker.phases:
            left[place][phase] -= amperes
