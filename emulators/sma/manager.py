"""SMA Inverter Manager with Sunny Tripower Storage 60: the plant's limit, and the storage behind it.

Source: STP60-SunSpec_Modbus-TI-en-12 (excerpts); the storage side is assumed.
"""

from emulators.faces.controls import ImmediateControls, Shown
from emulators.faces.settings import kept, one_of
from emulators.faces.storage_controls import StorageControls
from emulators.family.profile import Facts
from emulators.sma import tags
from emulators.wires.device import Device
from twin.battery import BatteryInverter


class Manager:
    """Models 123 and 124 at unit 125, fast stop and operating command at unit 25."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self.maximum_power = twin.power_limit = float(facts.more["wmax"]) * twin.rated_power
        self._twin = twin
        self._share: float | None = None
        self._fast_stop = tags.START
        self._command = tags.START
        self._controls = ImmediateControls(twin, device.clock, self._act)
        self._storage = StorageControls(twin, device.clock, largest=twin.rated_power, minimum=0.0)
        self.parts = (self._controls, self._storage, Shown(twin, dc=lambda: float(twin.pv_power)))

    @property
    def operating_state(self) -> int:
        return tags.ACTIVATED if self._running else tags.OFF

    fast_stop = kept("_fast_stop", one_of, tags.STOP, tags.START, then="_obey")
    operating_command = kept("_command", one_of, tags.STOP, tags.START, then="_obey")

    def reboot(self) -> None:
        """All commands are lost."""
        self._fast_stop = self._command = tags.START
        self._controls.restart()
        self._storage.restart()

    @property
    def _running(self) -> bool:
        return self._fast_stop == tags.START and self._command == tags.START

    def _act(self, percent: float | None) -> None:
        self._share = percent
        self._obey()

    def _obey(self) -> None:
        share = 100.0 if self._share is None else self._share
        self._twin.power_limit = self.maximum_power * share / 100 if self._running else 0.0
