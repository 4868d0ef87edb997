"""ABL eM4: one plug. Its state is a letter of IEC 61851 and a digit, 0 A switches it off.

Nothing is known of a watchdog: the last limit stands.
"""

from emulators.faces.charging import People
from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.charger import ChargingPoint

WAITING, AUTHENTICATING, READY, STOPPED, CHARGING = 0xA1, 0xB1, 0xB2, 0xB3, 0xC2
BOOTING, PILOT_ERROR, FAULT = 0xE2, 0xF1, 0xF0
HIGHEST = 80.0  # A, what the register takes; the plug offers what it can


class Plug:
    """Registers of one plug. Currents in A."""

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._booting = twin, device, float(facts.more["booting"])
        self._ready_at = 0.0
        self._people = People(twin, facts, device, reboot=device.restart)
        self.operator = self._people.operator

    def asked(self, function: int, address: int, count: int) -> None:
        self._people.look()

    def reboot(self) -> None:
        """Power returns: the limit is the installation's again (assumed)."""
        self._ready_at = self._device.clock() + self._booting
        self._twin.current_limit = self._twin.max_current
        self._people.restart()

    @property
    def state(self) -> int:
        twin = self._twin
        if self._device.clock() < self._ready_at:
            return BOOTING
        if twin.vehicle in ("E", "F"):
            return PILOT_ERROR if twin.vehicle == "E" else FAULT
        if not twin.plugged:
            return WAITING
        if not twin.authorized:
            return AUTHENTICATING
        if twin.vehicle in ("C", "D"):
            return CHARGING
        return READY if twin.offered_current else STOPPED

    @property
    def limit(self) -> float:
        return self._twin.current_limit

    @limit.setter
    def limit(self, amperes: float) -> None:
        if amperes and not self._twin.min_current - 1e-9 <= amperes <= HIGHEST:
            raise IllegalValue(f"{amperes:g} A is neither 0 nor 6 to 80")
        self._twin.current_limit = amperes
