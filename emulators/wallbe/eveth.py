"""wallbe on Phoenix Contact's EV-ETH controller: release as a coil, current as a register, both lost at power-off.

Source: evcc-io/evcc:charger/phoenix-ev-eth.go; #3081 for a box that charged with all it has after a power cut. Nothing
is known of a watchdog: what was written stands.
"""

from emulators.faces.charging import People, obey
from emulators.faces.settings import within
from emulators.faces.texts import swapped
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.charger import ChargingPoint

PILOT, CONTACTOR = 4, 12  # error codes
LOWEST, HIGHEST = 6.0, 80.0  # A that can be written
DIP7, DIP10 = 1 << 6, 1 << 9  # bits of the switches (assumed: switch n is bit n - 1)


class EvEth:
    """Registers and coils of the controller. Currents in A, energies in Wh."""

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self._twin, self._facts, self._device = twin, facts.more, device
        self._metered = bool(self._facts["metered"])
        self._enabled, self._paused = True, False
        self._people = People(twin, facts, device, reboot=device.restart, key=self._apply)
        self._people.unlocked = not self._facts["dip7"]
        self.operator = self._people.operator
        self.reboot()

    def reboot(self) -> None:
        """Power returns: released, with all that the box has."""
        self._enabled, self._paused = True, False
        self._twin.current_limit = self._twin.max_current
        self._people.restart()
        self._apply()

    def asked(self, function: int, address: int, count: int) -> None:
        self._people.look()

    @property
    def _hears(self) -> bool:
        """DIP 10; without it writes are acknowledged and have no effect."""
        return bool(self._facts["dip10"])

    def _apply(self) -> None:
        obey(self._twin, enabled=self._enabled and not self._paused and self._people.unlocked)

    # commands

    @property
    def limit(self) -> float:
        return self._twin.current_limit

    @limit.setter
    def limit(self, amperes: float) -> None:
        within(amperes, LOWEST, HIGHEST)
        if self._hears:
            self._twin.current_limit = amperes

    @property
    def charging_enabled(self) -> int:
        return int(self._enabled)

    @charging_enabled.setter
    def charging_enabled(self, on: int) -> None:
        if self._hears:
            self._enabled = bool(on)
            self._apply()

    @property
    def charging_paused(self) -> int:
        return int(self._paused)

    @charging_paused.setter
    def charging_paused(self, on: int) -> None:
        if self._hears:
            self._paused = bool(on)
            self._apply()

    # what it tells

    @property
    def status_letter(self) -> int:
        """The state of IEC 61851 as an ASCII letter in the low byte."""
        return ord(self._twin.vehicle)

    @property
    def error(self) -> int:
        return {"E": PILOT, "F": CONTACTOR}.get(self._twin.vehicle, 0)

    @property
    def dip_switches(self) -> int:
        return DIP7 * bool(self._facts["dip7"]) + DIP10 * self._hears

    @property
    def current_in_force(self) -> float:
        return self._twin.offered_current

    @property
    def charging_allowed(self) -> int:
        return int(self._twin.authorized and self._people.unlocked)

    @property
    def card_needed(self) -> int:
        return int(self._people.needs_card)

    @property
    def card(self) -> str:
        return str(self._twin.rfid)

    @property
    def energy_count(self) -> float:
        return self._twin.energy / float(self._facts["energy_step"]) if self._metered else 0.0

    @property
    def meter_session(self) -> float:
        return self._twin.session_energy if self._metered else 0.0

    def __getattr__(self, name: str) -> float:
        """`meter_power` and its like: the twin's, 0 where no meter is fitted."""
        if not name.startswith("meter_"):
            raise AttributeError(name)
        return float(getattr(self._twin, name.removeprefix("meter_")) or 0.0) if self._metered else 0.0

    # texts, the low byte of each word first

    @property
    def firmware_phoenix(self) -> str:
        return swapped(str(self._facts["versions"]["phoenix"]))

    @property
    def firmware_wallbe(self) -> str:
        return swapped(str(self._facts["versions"]["wallbe"])) if self._facts["firmware"] == "wallbe" else ""

    @property
    def serial_text(self) -> str:
        return swapped(str(self._facts["serial"]))

    @property
    def name_text(self) -> str:
        return swapped(str(self._facts["device_name"]))
