"""PQ Plus MMB 700: the lowest means, and a clock in s since the year 2000. Source: paper 3.0, 2.2 and 3.7.3."""

from typing import Any

from emulators.faces.metering import Metering
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.meter import ElectricityMeter

YEAR_2000 = 946_684_800  # s, UTC


class Mmb700:
    """`low_<quantity>`: the lowest mean since the start."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        self._clock, self._start = device.clock, device.clock()
        self._metering = Metering(twin, facts, device)
        self._lows: dict[str, float] = {}
        self.parts = (*self._metering.parts, self._metering)

    def reboot(self) -> None:
        self._metering.reboot()
        self._start = self._clock()

    @property
    def run_time(self) -> int:
        """s since the start."""
        return int(self._clock() - self._start)

    @property
    def kmb_time(self) -> int:
        return int(self._clock()) - YEAR_2000

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("low_"):
            raise AttributeError(name)
        mean = self._metering.mean(name.removeprefix("low_"))
        if mean is None:
            return None
        self._lows[name] = min(mean, self._lows.get(name, mean))
        return self._lows[name]
