"""Schneider PM5300: the power factor of four quadrants in one number (4Q_FP_PF of the PM5000 family).

Lagging it is the power factor with the sign of the power; leading it is 2 less that while importing, -2 less that while
exporting.
"""

import math
from typing import Any

from emulators.faces.metering import Metering
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.meter import ElectricityMeter


class Pm5300:
    """`coded_power_factor`, also by phase."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        self._twin = twin
        self._metering = Metering(twin, facts, device)
        self.parts = (*self._metering.parts, self._metering)

    def reboot(self) -> None:
        self._metering.reboot()

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("coded_power_factor"):
            raise AttributeError(name)
        watts = getattr(self._twin, "power" + name.removeprefix("coded_power_factor"))
        if watts is None:
            return None
        factor = math.copysign(float(self._twin.power_factor), float(watts))
        return factor if float(self._twin.reactive_power) >= 0 else math.copysign(2.0, factor) - factor
