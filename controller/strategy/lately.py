"""The least and the most of the last seconds: meters and devices speak of different moments, so a single sum may be
far too high, or far too low.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Looks:
    """`since`: monotonic s of the first look, None before it. `least`: looks that may yet be the least, W rising."""

    since: float | None = None
    least: tuple[tuple[float, float], ...] = ()


NEVER = Looks()


def looked(looks: Looks, now: float, watts: float, seconds: float) -> tuple[float, Looks]:
    """W that were surely there for `seconds`, and the looks to remember; no more than 0 before it was that long."""
    begin = now - seconds
    lower = [each for each in looks.least if each[1] < watts and each[0] >= begin]
    least = lower[0][1] if lower else watts
    since = now if looks.since is None else looks.since
    return (least if since < begin else min(least, 0.0)), Looks(since, (*lower, (now, watts)))


def most(looks: Looks, now: float, watts: float, seconds: float) -> tuple[float, Looks]:
    """The greatest W of the last `seconds`, and the looks to remember: here `least` holds them with the other sign."""
    higher = [each for each in looks.least if each[1] < -watts and each[0] >= now - seconds]
    return -higher[0][1] if higher else watts, Looks(looks.since, (*higher, (now, -watts)))
