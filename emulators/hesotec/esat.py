"""hesotec eSat and eBox: authorise, stop, pause and a current in whole amperes. Nothing is known of a watchdog.

Source: evcc-io/evcc:charger/hesotec.go, which quotes the maker's sheet.
"""

from emulators.faces.charging import People, obey
from emulators.faces.settings import one_of, within
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.charger import ChargingPoint

LOWEST, HIGHEST = 6, 63  # A that the register takes (assumed)


class ESat:
    """Registers of the box."""

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self._twin, self._facts, self._device = twin, facts.more, device
        self._paused = self._stopped = False
        self._people = People(twin, facts, device, reboot=device.restart, noticed=self._noticed)
        self.operator = self._people.operator
        twin.current_limit = twin.max_current

    def reboot(self) -> None:
        """Power returns: no pause, and all that the box has (assumed)."""
        self._paused = self._stopped = False
        self._twin.current_limit = self._twin.max_current
        self._people.restart()
        self._apply()

    def asked(self, function: int, address: int, count: int) -> None:
        self._people.look()

    def _noticed(self) -> None:
        if self._stopped and not self._twin.plugged:
            self._stopped = False
            self._apply()

    def _apply(self) -> None:
        obey(self._twin, enabled=not self._paused and not self._stopped)

    def __getattr__(self, name: str) -> str:
        """`version_control` and the other versions."""
        if not name.startswith("version_"):
            raise AttributeError(name)
        return str(self._facts["versions"][name.removeprefix("version_")])

    @property
    def authorized_by_bus(self) -> int:
        return int(self._twin.authorized)

    @authorized_by_bus.setter
    def authorized_by_bus(self, code: int) -> None:
        """1 opens the session, or the next one, as a card does."""
        obey(self._twin, authorized=one_of(code, 0, 1) == 1 or not self._people.needs_card)
        if code:
            self._stopped = False
            self._apply()

    @property
    def stop(self) -> int:
        return int(self._stopped)

    @stop.setter
    def stop(self, code: int) -> None:
        """1 ends the session, until the car is unplugged or authorised again."""
        self._stopped = one_of(code, 0, 1) == 1 and self._twin.plugged
        self._apply()

    @property
    def pause(self) -> int:
        return int(self._paused)

    @pause.setter
    def pause(self, code: int) -> None:
        self._paused = one_of(code, 0, 1) == 1
        self._apply()

    @property
    def limit(self) -> float:
        return self._twin.current_limit

    @limit.setter
    def limit(self, amperes: int) -> None:
        self._twin.current_limit = float(within(amperes, LOWEST, HIGHEST))

    @property
    def pilot_current(self) -> float:
        return self._twin.offered_current

    @property
    def status_letter(self) -> int:
        """The state of IEC 61851 as an ASCII letter in the high byte."""
        return ord(self._twin.vehicle) << 8

    @property
    def duration(self) -> int:
        return int(self._people.seconds)
