"""Dividing a power: everybody gets as much as everybody else, but no more than it wants and no less than it needs."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Want:
    """What one takes: up to `most`, with less than `least` it can do nothing. `weight`: its part of what is divided."""

    most: float
    least: float = 0.0
    weight: float = 1.0

    def at(self, level: float) -> float:
        """Its share where one with weight 1 gets `level`."""
        return min(max(level * self.weight, self.least), max(self.most, self.least))


def shared(total: float, wants: Mapping[str, Want]) -> dict[str, float]:
    """Shares of `total`: weighted max-min between `least` and `most`, together never more than `total`.

    When not even all `least` fit, the first ones are served and those that no longer fit get nothing.
    """
    served: dict[str, Want] = {}
    left = total
    for name, want in wants.items():
        if want.most > 0 and want.least <= left:
            served[name] = want
            left -= want.least
    level = _level(total, served)
    return {name: served[name].at(level) if name in served else 0.0 for name in wants}


def _level(total: float, wants: Mapping[str, Want]) -> float:
    """The level at which the shares add up to `total`, or at which everybody has all that it wants."""
    edges = sorted({edge for want in wants.values() for edge in (want.least / want.weight, want.most / want.weight)})
    below, used = 0.0, sum(want.at(0.0) for want in wants.values())
    for edge in edges:
        now = sum(want.at(edge) for want in wants.values())
        if now > total:
            rising = sum(
                want.weight for want in wants.values() if want.least / want.weight <= below < want.most / want.weight
            )
            return below + (total - used) / rising if rising else below
        below, used = edge, now
    return below


def handed_over(
    shares: Mapping[str, float], before: Mapping[str, float], used: Mapping[str, float | None]
) -> dict[str, float]:
    """`shares`, but who is to get more than `before` waits while those who are to have less still use it.

    `used`: what each takes now, None when nobody knows it: then all of its last share.
    """
    rises = {name: max(share - before.get(name, share), 0.0) for name, share in shares.items()}
    kept = 0.0
    for name, share in shares.items():
        if not rises[name]:
            using = used.get(name)
            kept += max((before.get(name, share) if using is None else using) - share, 0.0)
    rise = sum(rises.values())
    waits = min(kept / rise, 1.0) if rise > 0 else 0.0
    return {name: share - rises[name] * waits for name, share in shares.items()}
