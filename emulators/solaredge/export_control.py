"""SolarEdge export control at 0xE000: the inverter holds the site's feed-in, or its production, at the site limit.

Bits 0 and 1 of the mode regulate by the meter, bit 2 without one. It acts with 0xF142 on or off: tried on a real
inverter in evcc-io/evcc pull request 31982. Without a meter bits 0 and 1 do nothing.
"""

from typing import Any

from emulators.faces.settings import kept
from emulators.solaredge.power_control import PowerControl
from emulators.wires.device import Device

BY_METER, PRODUCTION = 0b011, 0b100
PERIOD = 1.0  # s between two looks at the meter


class ExportControl:
    """`twin` feeds, `meter` shows what the house takes from the grid; it may be absent."""

    def __init__(self, twin: Any, meter: Any, control: PowerControl, device: Device) -> None:
        self._twin, self._meter, self._control = twin, meter, control
        self._clock = device.clock
        self._mode, self._limit = 0, 0.0
        self.limit_control_mode, self.external_production_limit = 0, 0.0

    export_control_mode = kept("_mode", then="_obey")
    site_limit = kept("_limit", then="_obey")  # W

    def _obey(self) -> None:
        self._look(self._clock())

    def _look(self, now: float) -> None:
        by_meter = bool(self._mode & BY_METER) and self._meter is not None
        if by_meter or self._mode & PRODUCTION:
            house = max(float(self._twin.power) + float(self._meter.power), 0.0) if by_meter else 0.0
            self._control.bound(max(house + self._limit, 0.0))
            self._twin.at("export control", now + PERIOD, lambda: self._look(now + PERIOD))
        else:
            self._twin.cancel("export control")
            self._control.bound(None)
