"""Socomec DIRIS: SOCO with a letter in each word (STRING_16), diagnostics. Source: communication tables, C350h."""

from emulators.faces.loopback import loopback
from emulators.faces.metering import Metering
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.meter import ElectricityMeter


class Diris:
    """A meter that is known by four letters."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        self._metering = Metering(twin, facts, device)
        self.parts = (*self._metering.parts, self._metering)
        self.private = {8: loopback}
        self.soco = "".join("\0" + letter for letter in "SOCO")

    def reboot(self) -> None:
        self._metering.reboot()
