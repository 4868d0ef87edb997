"""The least of the last seconds: meters and devices speak of different moments, so a single sum may be far too high."""

Looks = tuple[tuple[float, float], ...]
"""Monotonic s and W."""


def least(looks: Looks, now: float, watts: float, seconds: float) -> tuple[float, Looks]:
    """W that were surely there for `seconds`, and the looks to remember; no more than 0 before it was that long."""
    begin = now - seconds
    older = [each for each in looks if each[0] < begin]
    looks = (*older[-1:], *(each for each in looks if each[0] >= begin), (now, watts))
    found = min(each[1] for each in looks)
    return found if older else min(found, 0.0), looks
