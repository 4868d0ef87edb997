"""The charge controller behind an eCB1: modes, manual current, start and stop. It keeps what it was told for ever."""

from collections.abc import Callable
from typing import Any

from emulators.family.profile import Facts
from emulators.faults.known import LIES
from emulators.faults.possible import WRITTEN
from emulators.wires.device import Device
from emulators.wires.http import NotServed
from emulators.wires.told import told
from twin.charger import ChargingPoint

MODES = {"eco": 1, "quick": 2, "manual": 3}  # the id of manual was seen, the others are assumed


class ChargeControl:
    """One charging point. In eco mode the box regulates by itself and, without PV surplus, offers nothing."""

    faults = WRITTEN | LIES

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self.twin, self.facts, self.device = twin, facts.more, device
        self.mode = str(self.facts["start_mode"])
        self.released = True
        self._ampere = float(self.facts["start_ampere"])
        self.operator: dict[str, Callable[..., None]] = {
            "plug": self.plug, "unplug": self.unplug, "rfid": self.show_card, "reboot": self.reboot,
        }  # fmt: skip
        self._apply()

    def reboot(self) -> None:
        """Mode and current are kept, a stop is not."""
        self.released = True
        self._apply()

    # commands

    def choose(self, mode: str) -> None:
        if mode not in MODES:
            raise NotServed(400, f"mode {mode!r}")
        self.mode = mode
        self._apply()

    def set_ampere(self, text: str) -> None:
        """Whole amperes, in force in manual mode."""
        try:
            ampere = float(text)
        except ValueError as error:
            raise NotServed(400, f"manualmodeamp {text!r}") from error
        if not 0 <= ampere <= self.twin.max_current:
            raise NotServed(400, f"manualmodeamp {text} is outside 0 to {self.twin.max_current:g}")
        self._ampere = float(int(ampere))
        self._apply()

    def release(self, on: bool) -> None:
        self.released = on
        self._apply()

    def _apply(self) -> None:
        offered = {"manual": self._ampere, "quick": self.twin.max_current, "eco": 0.0}[self.mode]
        self.twin.current_limit = offered
        self.twin.enabled = self.released

    # what it tells

    @property
    def ampere(self) -> float:
        """The manual current; what is in force when something else moved the limit."""
        return float(self.twin.current_limit) if self.mode == "manual" else self._ampere

    def entry(self) -> dict[str, Any]:
        state, number = self.facts["states"][self._state()]
        return {
            "id": 1, "busid": 1, "name": "evcc1", "vendor": "Phoenix Contact", "type": "EVCC Basic (RS485)",
            "version": "V1.3.1", "mode": self.mode, "modeid": MODES[self.mode], "manualmodeamp": self.ampere,
            "currentpwmamp": self.twin.offered_current if self.twin.plugged else 0.0,
            "evminamp": self.twin.min_current, "supplylinemaxamp": self.twin.max_current,
            "connected": bool(self.twin.plugged), "stateid": number, "state": state,
        }  # fmt: skip

    def _state(self) -> str:
        twin = self.twin
        vehicle = told(self.device, "vehicle")
        if vehicle in ("E", "F"):
            return str(vehicle)
        if twin.plugged and not twin.offered_current and vehicle not in ("C", "D"):
            return "stopped"
        return "C" if vehicle in ("C", "D") else "B" if twin.plugged else "A"

    # what only a person at the box can do

    def plug(self) -> None:
        self.twin.set("plugged", True)

    def unplug(self) -> None:
        self.twin.set("plugged", False)

    def show_card(self, tag: str = "04a1b2c3") -> None:
        self.twin.rfid, self.twin.authorized = tag, True
