"""Eastron SDM meters: derived values and the settings block. A changed line setting counts from the next power-up."""

from collections.abc import Mapping
from math import hypot

from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.meter import ElectricityMeter

RANGES: Mapping[str, range] = {"parity_stop": range(4), "node": range(1, 248), "baud_code": range(6)}


class Sdm630:
    """Settings as written, refused with exception 3 when out of range; what the twin does not count per phase."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        self._twin = twin
        self._settings = {
            "parity_stop": 0.0, "node": float(device.unit), "baud_code": float(facts.more.get("baud_code", 2)),
        }  # fmt: skip

    @property
    def apparent_power(self) -> float:
        """VA of the whole, unsigned."""
        return hypot(float(self._twin.power), float(self._twin.reactive_power))

    @property
    def apparent_l1(self) -> float | None:
        return self._apparent(1)

    @property
    def apparent_l2(self) -> float | None:
        return self._apparent(2)

    @property
    def apparent_l3(self) -> float | None:
        return self._apparent(3)

    def _apparent(self, phase: int) -> float | None:
        power = getattr(self._twin, f"power_l{phase}")
        return None if power is None else hypot(float(power), self.reactive_phase)

    @property
    def reactive_phase(self) -> float:
        """var of each phase; the twin knows the sum only."""
        return float(self._twin.reactive_power) / 3

    @property
    def total_energy(self) -> float:
        """Wh in both directions together."""
        return self._twin.import_energy + self._twin.export_energy

    @property
    def import_power(self) -> float:
        """W from the grid, 0 while feeding in."""
        return max(float(self._twin.power), 0.0)

    @property
    def export_power(self) -> float:
        return max(-float(self._twin.power), 0.0)

    @property
    def import_phase(self) -> float:
        return self._twin.import_energy / 3

    @property
    def export_phase(self) -> float:
        return self._twin.export_energy / 3

    @property
    def parity_stop(self) -> float:
        return self._settings["parity_stop"]

    @parity_stop.setter
    def parity_stop(self, code: float) -> None:
        self._choose("parity_stop", code)

    @property
    def node(self) -> float:
        return self._settings["node"]

    @node.setter
    def node(self, number: float) -> None:
        self._choose("node", number)

    @property
    def baud_code(self) -> float:
        return self._settings["baud_code"]

    @baud_code.setter
    def baud_code(self, code: float) -> None:
        self._choose("baud_code", code)

    def _choose(self, name: str, value: float) -> None:
        if value not in RANGES[name]:
            raise IllegalValue(f"{name} {value}")
        self._settings[name] = value
