"""Phoenix Contact EEM: commands that are written only. Source: Gugulao/modbus-templates, holding registers."""

from emulators.faces.metering import Metering
from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.meter import ElectricityMeter

STORE, LOAD = 161, 178  # 57856: to the EEPROM and from it


class Eem:
    """Settings are kept whether or not they are stored."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        self._metering = Metering(twin, facts, device)
        self.parts = (*self._metering.parts, self._metering)

    def reboot(self) -> None:
        self._metering.reboot()

    @property
    def save(self) -> int:
        """161 stores the settings, 178 loads those that are stored."""
        return 0

    @save.setter
    def save(self, code: float) -> None:
        if code not in (STORE, LOAD):
            raise IllegalValue(f"command {code:g}")

    @property
    def synchronize(self) -> int:
        """1 begins a period of means."""
        return 0

    @synchronize.setter
    def synchronize(self, code: float) -> None:
        if code != 1:
            raise IllegalValue(f"command {code:g}")
        self._metering.reboot()
