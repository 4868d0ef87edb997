"""Signals: what somebody outside asks of the house, for the record: who, what, since when, and how sure it is.

Rules tell them beside their claims (`signals(memory)`); whoever keeps evidence writes down when one begins and ends. A
limit that the house sets itself because nobody can be heard (`fail-safe`, `not read yet`) is no order of the operator,
so the two can be told apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["feed-in", "consumption"]
Unit = Literal["%", "W"]
State = Literal["valid", "held", "fail-safe", "not read yet", "expired"]
"""valid: heard. held: the last one, its sender is silent or unclear. fail-safe: the house's own limit after that.
not read yet: the house's own limit since the start. expired: no longer counts."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One source's limit. `value` in % of the installed power or W, None when there is no limit.

    `since` and `time`: when it began, monotonic s and s since 1970 (UTC).
    """

    source: str
    kind: Kind
    value: float | None
    unit: Unit
    since: float
    time: float
    reason: str
    state: State = "valid"

    @property
    def limits(self) -> bool:
        """Whether it asks for less than everything."""
        return self.value is not None and not (self.unit == "%" and self.value >= 100)

    def watts(self, installed: float | None) -> float:
        """W that it leaves, infinity without a limit; a percentage of a power that nobody knows leaves nothing."""
        if self.value is None or not self.limits:
            return float("inf")
        if self.unit == "W":
            return self.value
        return 0.0 if installed is None else self.value / 100 * installed


def continued(before: Signal | None, now: Signal) -> Signal:
    """`before` when `now` says the same, so that a signal keeps its beginning."""
    if before is None or _said(before) != _said(now):
        return now
    return before


def strictest(signals: Iterable[Signal], kind: Kind, installed: float | None) -> Signal | None:
    """Of several sources the one that leaves least, None when none of them limits."""
    limiting = [signal for signal in signals if signal.kind == kind and signal.limits]
    return min(limiting, key=lambda signal: signal.watts(installed), default=None)


def _said(signal: Signal) -> tuple[object, ...]:
    reason = signal.reason if signal.state == "valid" else ""  # how an input fails may flutter
    return signal.source, signal.kind, signal.value, signal.unit, signal.state, reason
