"""SolarEdge inverters: AC values, power control, and what is lost at a restart."""

from typing import Any

from emulators.faces.controls import Shown
from emulators.faces.settings import Stored
from emulators.family.profile import Facts
from emulators.solaredge.export_control import ExportControl
from emulators.solaredge.power_control import PowerControl
from emulators.solaredge.storedge import StorEdge
from emulators.wires.device import Device
from twin.hybrid import HybridInverter
from twin.pv import PvInverter


class SolarEdge:
    """An inverter with or without battery; its registers are those of its parts."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        battery: Any = device.beside.get("battery")
        self._twin, self._battery = twin, battery
        self._control = PowerControl(twin, facts, device, self.reboot)
        self._storage = StorEdge(battery, twin, facts, device) if isinstance(twin, HybridInverter) else None
        shown = Shown(twin)
        stored = Stored(facts.more["static_settings"])
        export = ExportControl(twin, device.beside.get("meter"), self._control, device)
        self.parts = (self._control, shown, stored, export, *((self._storage,) if self._storage else ()))

    @property
    def dc_power(self) -> float:
        """W that the inverter takes from its DC side, where the battery stands beside the strings.

        Clients find the strings by adding the battery's charging power, evcc template solaredge-hybrid.
        """
        return float(self._twin.dc_power) + (float(self._battery.battery_power) if self._battery else 0.0)

    def reboot(self) -> None:
        """Everything dynamic is lost: limits, the dynamic enable, its time-out and ramps."""
        self._control.restart()
        if self._storage:
            self._storage.restart()
