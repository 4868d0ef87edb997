"""What an inverter shows at its terminals beyond the physics of its twin: DC inputs, battery, currents with a sign."""

import math
from collections.abc import Callable

from twin.battery import BatteryInverter


class DcInputs:
    """`count` inputs share the DC power evenly; each has `voltage` V while the sun shines.

    Besides the `pv_` values, which are those of any one input, `mppt_<k>_voltage` and `mppt_<k>_current` (or another
    `word`) are None for an input that the model does not have.
    """

    def __init__(self, power: Callable[[], float], count: int, voltage: float, word: str = "mppt") -> None:
        self._power, self._count, self._voltage, self._word = power, count, voltage, word + "_"

    @property
    def pv_input(self) -> float:
        """W at each of the inputs that there are."""
        return self._power() / self._count if self._count else 0.0

    @property
    def pv_voltage(self) -> float:
        return self._voltage if self._count and self._power() > 0 else 0.0

    @property
    def pv_current(self) -> float:
        voltage = self.pv_voltage
        return self.pv_input / voltage if voltage else 0.0

    def __getattr__(self, name: str) -> float | None:
        start, _, what = name.rpartition("_")
        if name.startswith("_") or not start.startswith(self._word) or what not in ("voltage", "current"):
            raise AttributeError(name)
        if int(start.removeprefix(self._word)) > self._count:
            return None
        return self.pv_voltage if what == "voltage" else self.pv_current


class BatteryTerminals:
    """A battery of constant `voltage` V; currents in A, positive when discharging."""

    def __init__(self, twin: BatteryInverter, voltage: float) -> None:
        self._twin, self.battery_voltage = twin, voltage

    @property
    def battery_current(self) -> float:
        return float(self._twin.battery_power) / self.battery_voltage

    @property
    def current_limit(self) -> float:
        return self._twin.rated_power / self.battery_voltage


class BatteryOffers:
    """W that a battery would take or give now: nothing more at the ends of its state of charge."""

    def __init__(self, twin: BatteryInverter) -> None:
        self._twin = twin

    @property
    def charge_offer(self) -> float:
        return self._twin.max_charge if self._twin.soc < self._twin.soc_max else 0.0

    @property
    def discharge_offer(self) -> float:
        return self._twin.max_discharge if self._twin.soc > self._twin.soc_min else 0.0


class SignedCurrents:
    """`signed_current_l<k>`: A at the AC terminals, with the sign of the power."""

    def __init__(self, twin: BatteryInverter) -> None:
        self._twin = twin

    @property
    def signed_current_l1(self) -> float | None:
        return self._signed(self._twin.current_l1)

    @property
    def signed_current_l2(self) -> float | None:
        return self._signed(self._twin.current_l2)

    @property
    def signed_current_l3(self) -> float | None:
        return self._signed(self._twin.current_l3)

    def _signed(self, current: float | None) -> float | None:
        return None if current is None else math.copysign(current, float(self._twin.power))
