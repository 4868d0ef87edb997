"""A value that falls at once and rises slowly, so that readings of different moments do not make it jump up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Settling:
    """`value` now; more than that has been possible since `since`, and at least `low`."""

    value: float
    low: float = 0.0
    since: float | None = None

    def toward(self, possible: float, now: float, after: float) -> "Settling":
        """Down to `possible` at once; up to the least that has been possible for `after` s."""
        if possible <= self.value:
            return self if possible == self.value and self.since is None else Settling(possible)
        if self.since is None:
            return Settling(self.value, possible, now)
        low = min(self.low, possible)
        return Settling(low) if now - self.since >= after else Settling(self.value, low, self.since)


NOTHING = Settling(0.0)
