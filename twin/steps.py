"""Values over time as steps, and a car's stays: what a site walks through."""

from dataclasses import dataclass, field

from twin.model import INFINITY


@dataclass(frozen=True, slots=True)
class Series:
    """Values in W, each constant for `step` seconds from `start` (s, UTC). Past its end it begins again."""

    start: float
    step: float
    values: tuple[float, ...] = field(repr=False)

    def at(self, now: float) -> float:
        return self.values[int((now - self.start) // self.step) % len(self.values)]

    def following(self, now: float) -> float:
        """When the next value begins, infinity for a constant."""
        if len(self.values) == 1:
            return INFINITY
        return self.start + (int((now - self.start) // self.step) + 1) * self.step


def constant(watts: float) -> Series:
    return Series(0.0, 3600.0, (float(watts),))


@dataclass(frozen=True, slots=True)
class Trip:
    """The car is plugged in from `arrives` to `leaves` (s, UTC) and wants `energy` Wh."""

    arrives: float
    leaves: float
    energy: float


@dataclass(frozen=True, slots=True)
class Departure:
    """A car has left its charging point at `time` (s, UTC) with `missing` Wh less than it wanted."""

    charger: str
    time: float
    missing: float
