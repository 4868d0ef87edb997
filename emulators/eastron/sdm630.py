"""Eastron SDM630: the settings block. A changed line setting counts from the next power-up, as V1.7 says."""

from emulators.answers import IllegalValue
from emulators.device import Device
from emulators.profile import Facts
from twin.meter import ElectricityMeter


class Sdm630:
    """Settings as written; out of range is refused with exception 3."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        self._settings = {"parity_stop": 0.0, "node": float(device.unit), "baud_code": 2.0}

    @property
    def parity_stop(self) -> float:
        return self._settings["parity_stop"]

    @parity_stop.setter
    def parity_stop(self, code: float) -> None:
        self._choose("parity_stop", code, range(4))

    @property
    def node(self) -> float:
        return self._settings["node"]

    @node.setter
    def node(self, number: float) -> None:
        self._choose("node", number, range(1, 248))

    @property
    def baud_code(self) -> float:
        return self._settings["baud_code"]

    @baud_code.setter
    def baud_code(self, code: float) -> None:
        self._choose("baud_code", code, range(5))

    def _choose(self, name: str, value: float, allowed: range) -> None:
        if value not in allowed:
            raise IllegalValue(f"{name} {value}")
        self._settings[name] = value
