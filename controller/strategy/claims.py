"""Claims: what a rule wants of one device, and how claims become one setpoint a device with the chain that bound it.

A rule never commands. It claims: device and aspect, a bound or a setpoint, by whom (`rank`, `source`), why, until when.
`resolve` goes through the claims of an aspect in the order of their rank and narrows an interval that begins as the
device's envelope. A bound cuts the interval, a setpoint closes it to a point; what lies outside is moved to the nearest
end. So nothing leaves the envelope, nothing is looser than a stricter claim of the same or a higher rank, and there is
always a result. Several claims of one rank: bounds before setpoints, the strictest bound wins whatever its place, of
setpoints the one that is claimed first.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

Aspect = Literal["feed_in", "battery", "current", "load"]
"""What of a device is claimed, and its unit.

feed_in  W   AC power that a generator or hybrid may feed, 0 to its rating
battery  W   power of a battery, positive when discharging
current  A   current a phase that a charging point offers, 0 is a pause
load     W   power of a load that follows a setpoint: heating rod, heat pump, electrolyser
"""

Bound = Literal["at most", "at least", "setpoint"]


class Rank(IntEnum):
    """Who comes first. Lower goes first: what it leaves is all that the next may choose from."""

    SAFETY = 0  # fuse, plausibility, the device's own limits
    GRID = 1  # grid operator: ripple control, section 14a, LPC and LPP
    CONNECTION = 2  # rules of the connection point and contracts: 60 %, zero export, unbalance, marketer
    USER = 3
    OPTIMISATION = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """One wish. `value` in the aspect's unit. `until`: monotonic s from which it counts no more, None: without end."""

    device: str
    aspect: Aspect
    bound: Bound
    value: float
    rank: Rank
    source: str  # the rule: "ripple control", "fuse garage", "surplus"
    reason: str  # why now: "K3 closed: 30 %"
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a device can do in one aspect: `low` to `high`, and nothing between 0 and `least` (6 A of a car)."""

    low: float
    high: float
    least: float = 0.0


@dataclass(frozen=True, slots=True)
class Resolution:
    """What comes of the claims: `value` to be given, None when the device is left to itself, between `low` and `high`.

    `chain`: the claims that shaped it, first the one that came first.
    """

    device: str
    aspect: Aspect
    value: float | None
    low: float
    high: float
    chain: tuple[Claim, ...] = ()

    @property
    def bound_by(self) -> Claim | None:
        """The claim that had the last word."""
        return self.chain[-1] if self.chain else None


Key = tuple[str, Aspect]


def resolve(claims: Iterable[Claim], envelopes: Mapping[Key, Envelope], now: float) -> dict[Key, Resolution]:
    """One resolution for each aspect that has an envelope and a valid claim. Claims on other aspects do not count."""
    by_key: dict[Key, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.until is None or now < claim.until:
            by_key[claim.device, claim.aspect].append(claim)
    return {key: _one(key, found, envelopes[key]) for key, found in by_key.items() if key in envelopes}


def _one(key: Key, claims: list[Claim], envelope: Envelope) -> Resolution:
    low, high = envelope.low, envelope.high
    value: float | None = None
    chain: list[Claim] = []
    for claim in sorted(claims, key=_order):
        if claim.value != claim.value:  # not a number: the strictest that the device can do
            claim = Claim(*key, claim.bound, 0.0, claim.rank, claim.source, f"{claim.reason} (no number)", claim.until)
        wanted = min(max(claim.value, low), high)
        match claim.bound:
            case "at most" if wanted < high:
                high = wanted
            case "at least" if wanted > low:
                low = wanted
            case "setpoint" if value is None:
                low = high = value = wanted
            case _:
                continue
        chain.append(claim)
    if value is not None and 0 < value < envelope.least:
        value = 0.0
    return Resolution(*key, value, low, high, tuple(chain))


def _order(claim: Claim) -> tuple[int, bool, float]:
    """By rank; bounds before setpoints; the strictest bound first, so that the chain names it alone."""
    bound = claim.bound
    strict = claim.value if bound == "at most" else -claim.value if bound == "at least" else 0.0
    return claim.rank, bound == "setpoint", strict
