"""The machines of the list that follow a power: fuel cell, CHP and electrolyser."""

from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from math import exp
from typing import Any, ClassVar

from twin.plant import Phase, Plant
from twin.quantity import counted, follows

# of a solid oxide cell: share of the rating, electric and thermal efficiency (LHV). Full load: 0.55 to 0.60 electric
# (CORDIS 278804 SOFT-PACT); part load assumed, monotone.
CELL = ((1 / 3, 0.40, 0.40), (2 / 3, 0.52, 0.31), (1.0, 0.56, 0.27))
GAS = 10_000.0  # Wh/m3, lower heating value of natural gas H


class FuelCell(Plant):
    """Generation positive. `gas_volume` in m3."""

    quantities: ClassVar[tuple[str, ...]] = (*Plant.quantities, "gas_volume")
    counters: ClassVar[dict[str, tuple[str, int]]] = {**Plant.counters, "gas_volume": ("gas_flow", 1)}
    direction: ClassVar[int] = 1

    gas_volume = counted()

    def __init__(
        self, rated_power: float, phases: int = 3, minimum_power: float = 0.0, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(rated_power, phases, minimum_power, facts)
        self.gas_volume = 0.0

    def efficiencies(self) -> tuple[float, float]:
        """Electric and thermal, at the present load."""
        share = max(float(self.power), 0.0) / self.rated_power
        shares = [each for each, _, _ in CELL]
        if not shares[0] < share < shares[-1]:
            return CELL[0][1:] if share <= shares[0] else CELL[-1][1:]
        (low, *before), (high, *behind) = list(pairwise(CELL))[bisect_right(shares, share) - 1]
        part = (share - low) / (high - low)
        electric, thermal = (a + (b - a) * part for a, b in zip(before, behind, strict=True))
        return electric, thermal

    def heat_share(self) -> float:
        electric, thermal = self.efficiencies()
        return thermal / electric

    @property
    def gas_flow(self) -> float:
        """m3/h."""
        return max(float(self.power), 0.0) / self.efficiencies()[0] / GAS


class Chp(Plant):
    """Generation positive; electric efficiency 0.35, thermal 0.65, as gas engines of 50 kW with condensing have."""

    direction: ClassVar[int] = 1

    def heat_share(self) -> float:
        return 0.65 / 0.35


class Electrolyser(Plant):
    """Load positive; hydrogen at 4.8 kWh per standard cubic metre (Enapter, technical integration).

    Its electrolyte has to be at 55 degrees before it makes hydrogen: it warms by `warm_rate` K a second while it starts
    and runs (0: it always is warm) and cools with a time constant of two hours.
    """

    quantities: ClassVar[tuple[str, ...]] = (*Plant.quantities, "hydrogen_flow", "hydrogen_volume")
    counters: ClassVar[dict[str, tuple[str, int]]] = {**Plant.counters, "hydrogen_volume": ("hydrogen_flow", 1)}
    warm, room, cooling = 55.0, 20.0, 2.0  # degrees C, h

    hydrogen_volume = counted()  # standard m3
    water_temperature = counted()

    def __init__(
        self, rated_power: float, phases: int = 3, minimum_power: float = 0.0, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(rated_power, phases, minimum_power, facts)
        self.hydrogen_volume = 0.0
        self.warm_rate = float((facts or {}).get("warm_rate", 0.0))
        self.least_start = self.start_time
        self.water_temperature = self.room if self.warm_rate else self.warm

    def _enter(self, phase: Phase) -> None:
        if phase == "starting" and self.warm_rate:
            missing = max(self.warm - self.water_temperature, 0.0)
            self.start_time = max(self.least_start, missing / self.warm_rate)
        super()._enter(phase)

    def integrate(self, hours: float) -> None:
        before = self.water_temperature
        super().integrate(hours)
        if not self.warm_rate:
            return
        if self.phase in ("starting", "running"):
            now = max(before, min(before + self.warm_rate * hours * 3600, self.warm))
        else:
            now = self.room + (before - self.room) * exp(-hours / self.cooling)
        self.grow("water_temperature", now - before)

    def heat_share(self) -> float:
        return 0.2

    @follows
    def hydrogen_flow(self) -> float:
        """Standard m3/h."""
        return max(float(self.power), 0.0) / 4800 if self.phase == "running" else 0.0
