"""What a decision may look at: the devices of one installation with what they said, how old it is, and both times.

Durations are measured with `monotonic` alone; `time` (s since 1970, UTC) names slots of a tariff and quarter-hours.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from controller.devices import Value

Function = Literal["pv", "battery", "charger", "grid-meter", "meter", "heater", "ripple", "tariff", "marketer", "other"]


@dataclass(frozen=True, slots=True)
class Seen:
    """One device at one instant. `reading` holds only what is fresh and plausible; what is missing is unknown, never 0.

    `rating`: W that it can do at most, None when nobody knows it. `phases` and `phase`: how it is connected.
    `can`: commands that it takes and that the list allows here. `absent`: why a quantity is missing.
    """

    name: str
    function: Function
    reading: Mapping[str, Value]
    rating: float | None = None
    phases: int = 3
    phase: int = 1
    can: frozenset[str] = frozenset()
    reaction: float = 2.0  # s until a command shows in its power
    state: str = "online"
    absent: Mapping[str, str] = field(default_factory=dict)

    def number(self, quantity: str) -> float | None:
        """A number that is known, None when there is none."""
        found = self.reading.get(quantity)
        if type(found) is float:  # as nearly all are
            return found
        return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None

    def by_phase(self, quantity: str) -> tuple[float, float, float] | None:
        """`quantity_l1..l3` where all that the device is connected to are known."""
        found = [self.number(f"{quantity}_l{phase}") for phase in (1, 2, 3)]
        if None in found:
            return None
        return (found[0] or 0.0, found[1] or 0.0, found[2] or 0.0)


@dataclass(frozen=True, slots=True)
class View:
    """The whole installation at one instant."""

    time: float
    monotonic: float
    devices: Mapping[str, Seen]

    def of(self, *functions: Function) -> Sequence[Seen]:
        """The devices of these functions, in the order of the site file."""
        return [each for each in self.devices.values() if each.function in functions]

    @property
    def grid_meter(self) -> Seen | None:
        return next(iter(self.of("grid-meter")), None)

    @property
    def grid_power(self) -> float | None:
        """W at the grid connection, import positive; None when it is not known now."""
        meter = self.grid_meter
        return meter.number("power") if meter else None

    def __iter__(self) -> Iterator[Seen]:
        return iter(self.devices.values())
