"""Reads and limits KOSTAL PIKO CI.

Source: KOSTAL, "PIKO CI Interface Description KOSTAL MODBUS with control information" 1.2, as clients use it. The high
word comes first. That the limit has the same register as in the sisters is assumed. At night the communication board is
off. Of its own states the document has four (lluispla/kostal-dashboard:dashboard/config.py); that it shut down because
of a fault, and its temperature, are in SunSpec beside, where that is switched on.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Reading, Value
from controller.drivers.kostal import KostalInverter
from controller.drivers.modbus.points import Measure
from controller.drivers.shared.values import worded
from controller.drivers.sunspec.models import INTEGER
from controller.drivers.sunspec.models import STATES as SUNSPEC_STATES
from controller.drivers.sunspec.scaled import SunSpecPoint
from controller.errors import WrongDevice

STATES = {1: "starting", 6: "running", 10: "standby", 15: "off"}


class KostalCi(KostalInverter):
    """PIKO CI 10 to 60."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {14: ("modbus-tcp",)}
    default_unit: ClassVar[int] = 1
    series: ClassVar[str] = "PIKO CI"

    state = Measure(56, "u32")
    temperature = SunSpecPoint(INTEGER, 33, "s16", 37, unit="°C")
    sunspec_state = SunSpecPoint(INTEGER, 38, "enum16")

    _beside = True  # whether there is SunSpec, as far as is known

    def lost(self) -> None:
        super().lost()
        self._beside = True

    async def read(self) -> Reading:
        reading = dict(await super().read())
        status, beside = worded(STATES, reading.pop("state")), await self._sunspec()
        if worded(SUNSPEC_STATES, beside.pop("sunspec_state", None)) == "fault":
            status = "fault"
        return reading | beside | {"status": status}

    async def _sunspec(self) -> dict[str, Value]:
        own = type(self)
        try:
            return await self.gather((own.temperature, own.sunspec_state)) if self._beside else {}
        except WrongDevice:
            self._beside = False
            return {}
