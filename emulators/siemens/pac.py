"""SENTRON PAC: counters of two tariffs, periods of a quarter of an hour, an I&M block that is read as a whole.

Sources: PAC3200 manual 3.9.3, PAC4200 manual A.3.5 and A.3.6, PAC RS485 manual table 5-22.
"""

from typing import Any

from emulators.faces.metering import Metering
from emulators.family.meter_shown import MeterShown
from emulators.family.profile import Facts
from emulators.table.answers import IllegalAddress
from emulators.wires.device import Device
from twin.meter import ElectricityMeter

IDENTITY, WORDS = 64001, 27
PERIOD = 900  # s


class Pac:
    """`by_tariff1_<counter>` and `by_tariff2_<counter>`: all of it in the first tariff, or shared with the second."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        self._clock = device.clock
        self._both = int(facts.more["tariffs"]) == 2
        self._metering = Metering(twin, facts, device)
        self._sources = (*self._metering.parts, MeterShown(twin))
        self.parts = (*self._metering.parts, self._metering)

    def asked(self, function: int, address: int, count: int) -> None:
        """I&M 0 is given from its first register to its last one only."""
        inside = address < IDENTITY + WORDS and address + count > IDENTITY
        if function in (3, 4) and inside and (address, count) != (IDENTITY, WORDS):
            raise IllegalAddress(f"{count} registers from {address}")

    def reboot(self) -> None:
        self._metering.reboot()

    @property
    def firmware_bytes(self) -> str:
        """V 2.1.0: a letter and three numbers."""
        return "V\2\1\0"

    @property
    def since_quarter(self) -> int:
        """s of the period that is running."""
        return int(self._clock() % PERIOD)

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("by_tariff"):
            raise AttributeError(name)
        tariff, _, counter = name.removeprefix("by_").partition("_")
        if self._both:
            return self._shown(f"{tariff}_{counter}")
        return self._shown(counter) if tariff == "tariff1" else 0.0

    def _shown(self, quantity: str) -> Any:
        owner = next((each for each in self._sources if hasattr(each, quantity)), None)
        if owner is None:
            raise AttributeError(quantity)
        return getattr(owner, quantity)
