"""Meters of an eCB1: values by OBIS code, import and export as two positive numbers, W and kWh.

Only D = 4 (running average) and D = 8 (counters) exist. A main meter also sends `lgwb` with the opposite sign.
"""

from dataclasses import dataclass
from typing import Any

from emulators.wires.device import Device
from emulators.wires.told import told

PHASE_BASE = {1: 20, 2: 40, 3: 60}
KWH = 1000


@dataclass(frozen=True)
class Meter:
    """One entry of the meter list, showing what a device measures."""

    id: int
    name: str
    vendor: str
    type: str
    function: str
    serial: int
    device: Device

    def entry(self) -> dict[str, Any]:
        return {
            "id": self.id, "name": self.name, "vendor": self.vendor, "type": self.type, "function": self.function,
            "serial": self.serial, "ipaddress": "127.0.0.1", "data": self.data(),
        }  # fmt: skip

    def data(self) -> dict[str, float]:
        """Values by OBIS code; what is not known is left out."""
        power = self._told("power")
        values: dict[str, float | None] = {}
        if self.function == "main":
            values["lgwb"] = None if power is None else 0.0 - power
        values |= _both(0, power)
        imported = self._told("import_energy" if "import_energy" in self.device.twin.quantities else "energy")
        exported = self._told("export_energy") if "export_energy" in self.device.twin.quantities else 0.0
        values |= _counters(0, imported, exported)
        values["1-0:13.4.0"] = self._told("power_factor") if "power_factor" in self.device.twin.quantities else 1.0
        for phase, base in PHASE_BASE.items():
            values |= _both(base, self._told(f"power_l{phase}"))
            values |= _counters(base, _third(imported), _third(exported))
            values[f"1-0:{base + 11}.4.0"] = self._told(f"current_l{phase}")
            values[f"1-0:{base + 12}.4.0"] = self._told(f"voltage_l{phase}")
        return {code: round(value, 4) for code, value in values.items() if value is not None}

    def _told(self, quantity: str) -> float | None:
        value = told(self.device, quantity)
        return None if value is None else float(value)


def _both(base: int, power: float | None) -> dict[str, float | None]:
    """Power in and out, one of them 0."""
    if power is None:
        return {}
    return {f"1-0:{base + 1}.4.0": max(power, 0.0), f"1-0:{base + 2}.4.0": max(0.0, -power)}


def _counters(base: int, imported: float | None, exported: float | None) -> dict[str, float | None]:
    return {
        f"1-0:{base + 1}.8.0": None if imported is None else imported / KWH,
        f"1-0:{base + 2}.8.0": None if exported is None else exported / KWH,
    }


def _third(energy: float | None) -> float | None:
    """The share of one phase; the twin counts the sum only."""
    return None if energy is None else energy / 3
