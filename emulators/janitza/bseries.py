"""B21, B23 and B24: a meter of one phase resolves no power, energy or power factor by phase.

Source: victronenergy/dbus-modbus-client:abb.py ("phase values show not-supported").
"""

from typing import Any

from emulators.faces.metering import Metering
from emulators.family.meter_shown import MeterShown
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.meter import ElectricityMeter

BY_PHASE = "per_phase_"


class BSeries:
    """`per_phase_<quantity>` is that quantity on three phases, and not available on one."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        self._twin = twin
        self._metering = Metering(twin, facts, device)
        self.parts = (*self._metering.parts, self._metering)
        self._sources = (*self._metering.parts, MeterShown(twin))

    def reboot(self) -> None:
        self._metering.reboot()

    @property
    def three_phase_neutral(self) -> float | None:
        """A in the neutral conductor."""
        amperes: float | None = self._shown("current_neutral")
        return amperes

    def __getattr__(self, name: str) -> Any:
        if not name.startswith(BY_PHASE):
            raise AttributeError(name)
        return self._shown(name.removeprefix(BY_PHASE))

    def _shown(self, quantity: str) -> Any:
        owner = next((each for each in self._sources if hasattr(each, quantity)), None)
        if owner is None:
            raise AttributeError(quantity)
        return getattr(owner, quantity) if self._twin.phases == 3 else None
