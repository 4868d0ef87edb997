"""TQ EM 300: apparent power with the sign of the active one, as its SunSpec registers have it (4.4)."""

import math
from typing import Any

from emulators.faces.metering import Metering
from emulators.family.meter_shown import MeterShown
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.meter import ElectricityMeter


class Em300:
    """`signed_apparent` and its phases are negative while feeding in."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        self._shown = MeterShown(twin)
        self._metering = Metering(twin, facts, device)
        self.parts = (*self._metering.parts, self._metering)

    def reboot(self) -> None:
        self._metering.reboot()

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("signed_apparent"):
            raise AttributeError(name)
        phase = name.removeprefix("signed_apparent")
        apparent = getattr(self._shown, f"apparent{phase or '_power'}")
        watts = getattr(self._shown, f"power{phase}")
        return None if apparent is None or watts is None else math.copysign(apparent, watts)
