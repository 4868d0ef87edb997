"""Carlo Gavazzi meters: a meter that is not set to count both ways shows no sign, and nothing exported.

EM100 and EM300 are told by 1103h (0 = A easy connection, 1 = B bidirectional), EM24 by the application (7 = H). Models
PFA and PFB have one of the two for good, X models take either. A locked front selector keeps an EM24 as it is.
Sources: EM100 and EM300 communication protocol, sign convention; EM24-DIN V4R0, 2.9.2; victronenergy/dbus-cgwacs.
"""

from collections.abc import Callable
from typing import Any

from emulators.faces.loopback import loopback
from emulators.faces.metering import Metering
from emulators.family.profile import Facts
from emulators.table.answers import IllegalAddress
from emulators.wires.device import Device
from twin.meter import ElectricityMeter

POWERS = ("power", "power_l1", "power_l2", "power_l3")
LOCKED = 3  # front selector, table 2.7-1
H, B = 7, 1


class OneWay:
    """The twin as a meter sees it that counts in one direction while `blind`."""

    def __init__(self, twin: ElectricityMeter, blind: Callable[[], bool]) -> None:
        vars(self).update(_twin=twin, _blind=blind)

    def __getattr__(self, name: str) -> Any:
        twin, blind = vars(self)["_twin"], vars(self)["_blind"]
        value = getattr(twin, name)
        if name in POWERS and blind():
            return None if value is None else abs(float(value))
        if name == "import_energy" and blind():
            return value + twin.export_energy
        return 0.0 if name == "export_energy" and blind() else value

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(vars(self)["_twin"], name, value)


class CarloGavazzi:
    """Facts: `direction` = "mode" or "application", `version` X, PFA or PFB, `selector`, `serial`, `too_long`."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device) -> None:
        more = self._more = facts.more
        self._direction = H if more["direction"] == "application" else B
        self._choice = int(more[str(more["direction"])])
        view: Any = OneWay(twin, lambda: self._choice != self._direction)
        self._metering = Metering(view, facts, device)
        self.parts = (*self._metering.parts, view, self._metering)
        self.private = {8: loopback}

    def asked(self, function: int, address: int, count: int) -> None:
        """More registers than a request may have: 3 by the rules of the family, or what `too_long` says."""
        if function in (3, 4) and self._more.get("too_long") == 2 and count > int(self._more.get("longest", 125)):
            raise IllegalAddress(f"{count} registers")

    def reboot(self) -> None:
        self._metering.reboot()

    @property
    def mode(self) -> int:
        """1103h: 0 = A, 1 = B; anything else is A."""
        return self._choice

    @mode.setter
    def mode(self, code: float) -> None:
        self._choose(B if code == B else 0)

    @property
    def application(self) -> int:
        """1101h of an EM24 on RS-485, A000h on Ethernet: 0 to 7 for A to H."""
        return self._choice

    @application.setter
    def application(self, code: float) -> None:
        if 0 <= code <= H:
            self._choose(int(code))

    def _choose(self, code: int) -> None:
        if self._more.get("version", "X") == "X" and self._more.get("selector", 0) != LOCKED:
            self._choice = code

    @property
    def serial_letters(self) -> str:
        """A letter in the low byte of each word."""
        return "".join("\0" + letter for letter in str(self._more["serial"]))

    @property
    def version_code(self) -> int:
        """EM24: 3 for AV9, 6 for AV2, 10 for AV5, 64 more for X and 128 more for PFB models."""
        return int(self._more["input_code"]) + {"PFA": 0, "PFB": 128, "X": 64}[str(self._more["version"])]

    @property
    def reset_inputs(self) -> int:
        """The counters of the digital inputs, which count nothing here."""
        return 0

    @reset_inputs.setter
    def reset_inputs(self, code: float) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        """`whole_<counter>` and `rest_<counter>`: kWh of a counter, and what is left of it."""
        kind, _, counter = name.partition("_")
        if kind not in ("whole", "rest") or not counter.endswith("energy"):
            raise AttributeError(name)
        energy = next(float(getattr(part, counter)) for part in self.parts if hasattr(part, counter))
        kilo = energy // 1000 * 1000
        return kilo if kind == "whole" else energy - kilo
