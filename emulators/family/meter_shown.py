"""What meters work out from what flows through them: sums, means, line voltages, apparent power."""

from math import hypot, sqrt
from typing import Any


class MeterShown:
    """A meter's twin with the values that follow from its own. A phase that the meter lacks is None."""

    def __init__(self, twin: Any) -> None:
        self._twin = twin

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["_twin"], name)

    @property
    def current(self) -> float:
        """Sum of the phases in A."""
        twin = self._twin
        return sum(float(each or 0.0) for each in (twin.current_l1, twin.current_l2, twin.current_l3))

    @property
    def voltage(self) -> float:
        """Mean of the phases in V."""
        known = [each for each in self._voltages() if each is not None]
        return sum(known) / len(known) if known else 0.0

    @property
    def voltage_l12(self) -> float | None:
        return self._between(0, 1)

    @property
    def voltage_l23(self) -> float | None:
        return self._between(1, 2)

    @property
    def voltage_l31(self) -> float | None:
        return self._between(2, 0)

    @property
    def line_voltage(self) -> float | None:
        """Mean of the line voltages in V."""
        known = [each for each in (self.voltage_l12, self.voltage_l23, self.voltage_l31) if each is not None]
        return sum(known) / len(known) if known else None

    @property
    def apparent_power(self) -> float:
        """VA."""
        return hypot(float(self._twin.power), float(self._twin.reactive_power))

    @property
    def apparent_l1(self) -> float | None:
        return self._apparent(self._twin.power_l1)

    @property
    def apparent_l2(self) -> float | None:
        return self._apparent(self._twin.power_l2)

    @property
    def apparent_l3(self) -> float | None:
        return self._apparent(self._twin.power_l3)

    @property
    def reactive_l1(self) -> float:
        """var; the phases share evenly."""
        return float(self._twin.reactive_power) / int(self._twin.phases)

    @property
    def reactive_l2(self) -> float | None:
        return self.reactive_l1 if self._twin.phases == 3 else None

    @property
    def reactive_l3(self) -> float | None:
        return self.reactive_l2

    def _voltages(self) -> tuple[float | None, float | None, float | None]:
        return self._twin.voltage_l1, self._twin.voltage_l2, self._twin.voltage_l3

    def _apparent(self, watts: float | None) -> float | None:
        return None if watts is None else hypot(watts, self.reactive_l1)

    def _between(self, one: int, other: int) -> float | None:
        """Voltage between two phases 120 degrees apart."""
        a, b = self._voltages()[one], self._voltages()[other]
        return None if a is None or b is None else sqrt(a * a + b * b + a * b)
