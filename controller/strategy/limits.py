"""Limits from outside: ripple control, network operator, marketer. Several at once: the lowest wins.

Source of the steps and of the fail-safe: section 9 EEG practice with 100, 60, 30 and 0 % contacts; a pattern that
nobody configured and an input that cannot be read hold the last limit for a minute and then mean the most
restrictive one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Pattern = tuple[bool, bool, bool, bool]
HOLD = 60.0  # s for which the last limit stands when the pattern is unknown
SETTLE = 1.0  # s for which a pattern must stand: relays of a receiver do not switch at once

# K1..K4 closed alone: 100, 60, 30, 0 % of the installed power; no contact closed: no limit.
CLASSIC: Mapping[Pattern, float] = {
    (False, False, False, False): 100.0,
    (True, False, False, False): 100.0,
    (False, True, False, False): 60.0,
    (False, False, True, False): 30.0,
    (False, False, False, True): 0.0,
}


@dataclass(frozen=True, slots=True)
class Limit:
    """Share of the installed power in percent that may be fed, and why."""

    percent: float
    reason: str


@dataclass(frozen=True, slots=True)
class RippleMemory:
    """What was closed, since when, and the limit in force."""

    pattern: Pattern | None = None
    since: float = 0.0
    limit: Limit = Limit(100.0, "no ripple signal yet")
    known_at: float | None = None


@dataclass(frozen=True, slots=True)
class RippleTable:
    """Limit in percent by contact pattern. A pattern without entry: the strictest entry that its contacts name."""

    percent: Mapping[Pattern, float] = field(default_factory=lambda: CLASSIC)

    def of(self, pattern: Pattern) -> float | None:
        return self.percent.get(pattern)

    def strictest(self, pattern: Pattern | None) -> float:
        """The lowest limit that any closed contact of the pattern asks for by itself; 0 when there is none."""
        if pattern is None:
            return 0.0
        single = [tuple(i == j for j in range(4)) for i, closed in enumerate(pattern) if closed]
        known = [self.percent[each] for each in single if each in self.percent]  # type: ignore[index]
        return min(known, default=0.0)


def ripple(table: RippleTable, contacts: Pattern | None, now: float, memory: RippleMemory) -> RippleMemory:
    """The limit that follows from the contacts (None: unreadable) at `now`."""
    if contacts != memory.pattern or not memory.since:
        memory = RippleMemory(contacts, now, memory.limit, memory.known_at)
    if now - memory.since < SETTLE and memory.known_at is not None:
        return memory
    percent = table.of(contacts) if contacts is not None else None
    if percent is not None:
        if percent == memory.limit.percent and memory.known_at is not None and memory.known_at >= memory.since:
            return memory  # as before
        return RippleMemory(contacts, memory.since, Limit(percent, f"ripple control {_shown(contacts)}"), now)
    if now - memory.since < HOLD:
        return memory
    limit = Limit(table.strictest(contacts), f"ripple control {_shown(contacts)}, fail-safe")
    return RippleMemory(contacts, memory.since, limit, memory.known_at or now)


def lowest(limits: list[Limit]) -> Limit | None:
    """The limit that counts."""
    return min(limits, key=lambda limit: limit.percent, default=None)


def _shown(pattern: Pattern | None) -> str:
    if pattern is None:
        return "unreadable"
    closed = [f"K{i}" for i, each in enumerate(pattern, 1) if each]
    return "+".join(closed) or "none closed"
