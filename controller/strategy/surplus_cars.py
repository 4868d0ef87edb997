"""Dividing surplus between cars: by priority, then equally, in whole amperes, a least or nothing.

A car starts when its least has been there for a minute, and pauses when it has been missing for three; until then it
charges with its least. It pauses at once when a car before it has just started. What a car has been offered for a while
and does not take goes to the next.

Unknown: a car that does not say what it takes counts with all that it is offered, and what it is offered rises by half
of what is there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor

from controller.strategy.sharing import Want, shared

START_AFTER, STOP_AFTER = 60.0, 180.0  # s of enough or too little before a car starts or pauses
TAKES = 30.0  # s within which a car takes what it is offered, if it ever does
SLACK = 1e-6  # W
IDLE = 100.0  # W or less: it wants nothing


@dataclass(frozen=True, slots=True)
class Sun:
    """Whether a car charges with surplus, and since when the surplus says otherwise."""

    charging: bool = False
    doubt_since: float | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """A car that waits for surplus. An ampere is `step` W to it, it can have `least` to `most` A.

    `drawn`: W that it takes now. `short_since`: since when that has been less than it was `offered` (A).
    """

    name: str
    step: float
    least: float
    most: float
    priority: int = 1
    drawn: float | None = None
    offered: float = 0.0
    short_since: float | None = None
    sun: Sun = Sun()

    def short(self, now: float) -> bool:
        """Whether it has left something of what it was offered for a while."""
        return self.sun.charging and self.short_since is not None and now - self.short_since >= TAKES

    def idle(self, now: float) -> bool:
        """Whether it has been taking nothing for a while although it could."""
        return self.short(now) and (self.drawn or 0.0) <= IDLE

    def untaken(self, amperes: float, now: float) -> float:
        """W of `amperes` that it leaves to others; one that takes anything may always take an ampere more."""
        if not self.short(now):
            return 0.0
        return amperes * self.step if self.idle(now) else max((amperes - 1.0) * self.step - (self.drawn or 0.0), 0.0)


def short_since(before: float | None, offered: float, step: float, drawn: float | None, now: float) -> float | None:
    """Since when a car has been leaving more than an ampere of what it is offered; unknown draw leaves nothing."""
    if drawn is None or offered <= 0 or drawn >= (offered - 1.0) * step:
        return None
    return now if before is None else before


@dataclass(frozen=True, slots=True)
class Part:
    """What a car is offered in A, and why it is so."""

    amperes: float
    sun: Sun


def divide(needs: Sequence[Need], surplus: float, now: float) -> Mapping[str, Part]:
    """Everybody's part of `surplus` W. Together they take no more of it, except a car that is about to pause."""
    left, waiting, displaced = surplus, 0.0, False
    parts: dict[str, Part] = {}
    for level in sorted({need.priority for need in needs}):
        group = sorted((need for need in needs if need.priority == level), key=lambda need: not need.sun.charging)
        free, there = left - waiting, left  # what is not spoken for, and what is there until those start who wait
        sated: list[Need] = []
        held: list[Need] = []
        for need in group:
            least = 0.0 if need.idle(now) else need.least * need.step
            enough = need.most >= need.least and free >= need.least * need.step - SLACK
            sun = lasting(need.sun, enough, now)
            if (displaced and not enough) or need.most < need.least:
                sun = Sun()
            parts[need.name] = Part(need.least if sun.charging else 0.0, sun)
            if sun.charging or enough:
                free -= least
            if sun.charging:
                (sated if there >= need.least * need.step - SLACK else held).append(need)
                there -= least
            elif enough:
                waiting += least
        for need in held:
            left -= need.least * need.step - need.untaken(need.least, now)
        for need, amperes in _offers(sated, left, now):
            parts[need.name] = replace(parts[need.name], amperes=amperes)
            left -= amperes * need.step - need.untaken(amperes, now)
        displaced = displaced or any(parts[need.name].sun.charging and not need.sun.charging for need in group)
    return parts


def lasting(sun: Sun, enough: bool, now: float) -> Sun:
    """Whether a car charges, given whether there is enough for it now."""
    if enough == sun.charging:
        return Sun(sun.charging)
    if sun.doubt_since is None:
        return Sun(sun.charging, now)
    return Sun(enough) if now - sun.doubt_since >= (START_AFTER if enough else STOP_AFTER) else sun


def _offers(needs: Sequence[Need], power: float, now: float) -> list[tuple[Need, float]]:
    """Equal parts of `power` W, at least everybody's least, and once more of what those leave who do not take it."""
    first = _equal(needs, power)
    hungry = [need for need in needs if not need.untaken(first[need.name], now)]
    if len(hungry) < len(needs):
        taken = sum(
            first[need.name] * need.step - need.untaken(first[need.name], now) for need in needs if need not in hungry
        )
        first |= _equal(hungry, power - taken)
    return [(need, _risen(need, first[need.name])) for need in needs]


def _equal(needs: Sequence[Need], power: float) -> dict[str, float]:
    wants = {need.name: Want(need.most * need.step, need.least * need.step) for need in needs}
    parts = shared(max(power, sum(want.least for want in wants.values())), wants)
    return {need.name: max(float(floor(parts[need.name] / need.step + 1e-6)), need.least) for need in needs}


def _risen(need: Need, amperes: float) -> float:
    """Half of a rise for a car of unknown draw."""
    if need.drawn is not None or amperes <= need.offered:
        return amperes
    return max(float(floor(need.offered + (amperes - need.offered) / 2)), need.least)
