"""Compleo: one connector, limited in steps of 100 W, on one phase or three.

Source: evcc-io/evcc:charger/compleo.go; MovingLlama/Compleo-Wallbox. How the station makes amperes of watts is not
said: 230 V a phase here, and a power within one step of 6 A counts as 6 A, because a client commands 6 A as 4100 W.
"""

from emulators.faces.charging import People
from emulators.faces.settings import one_of
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.charger import ChargingPoint
from twin.dc_charger import DcChargingPoint

FIXED, AUTOMATIC, ONE, THREE = 0, 1, 2, 3  # phase modes
NOMINAL, STEP = 230.0, 100.0  # V, W
AVAILABLE, PREPARING, CHARGING, BY_CAR, BY_STATION, FINISHING = range(6)
FAULTED = 8
NO_ERROR, VEHICLE, INTERNAL = 0, 2, 5
PLUGGED, CHARGES = 1, 2  # bits


class Connector:
    """Registers of one connector."""

    def __init__(self, twin: ChargingPoint, facts: Facts, device: Device) -> None:
        self.twin, self.facts, self._device = twin, facts.more, device
        self._dc = isinstance(twin, DcChargingPoint)
        self._mode = FIXED if self._dc else int(self.facts["phase_mode"])
        self.switch_count = 0
        self.people = People(twin, facts, device, reboot=device.restart)
        self.operator = self.people.operator
        self.most = twin.max_current * 3 * NOMINAL  # W
        self._written = (self.most, twin.max_current)
        twin.current_limit = twin.max_current
        self._obey(self.most)
        self.switch_count = 0

    def reboot(self) -> None:
        """Power returns: no limit (assumed); the phase mode is a setting."""
        self._obey(self.most)
        self.people.restart()

    @property
    def limit(self) -> float:
        """W as written, or what stands for a limit that came in another way."""
        watts, amperes = self._written
        return watts if self.twin.current_limit == amperes else self.twin.current_limit * self._volts

    @limit.setter
    def limit(self, watts: float) -> None:
        self._obey(watts)

    @property
    def _volts(self) -> float:
        return NOMINAL * (1 if self.twin.phases == 1 else 3)

    def _obey(self, watts: float) -> None:
        lowest = self.twin.min_current
        if self._mode in (AUTOMATIC, ONE, THREE):
            three = self._mode == THREE or (self._mode == AUTOMATIC and watts > lowest * 3 * NOMINAL - STEP)
            self._switch(3 if three else 1)
        amperes = watts / self._volts
        if 0 < lowest - amperes < STEP / self._volts:
            amperes = lowest
        self._written = (watts, amperes)
        self.twin.current_limit = amperes

    def _switch(self, phases: int) -> None:
        if self.twin.phases != phases:
            self.twin.phases = phases
            self.switch_count += 1

    @property
    def phase_mode(self) -> int:
        return self._mode

    @phase_mode.setter
    def phase_mode(self, code: int) -> None:
        one_of(code, *((FIXED,) if self._mode == FIXED else (AUTOMATIC, ONE, THREE)))
        self._mode = code
        self._obey(self.limit)

    @property
    def status_word(self) -> int:
        return PLUGGED * self.twin.plugged + CHARGES * int(self.twin.vehicle in ("C", "D"))

    @property
    def status_code(self) -> int:
        twin = self.twin
        if twin.vehicle in ("E", "F"):
            return FAULTED
        if not twin.plugged:
            return AVAILABLE
        if not twin.authorized:
            return FINISHING if twin.session_energy > 0 else PREPARING
        if twin.vehicle in ("C", "D"):
            return CHARGING
        return BY_CAR if twin.offered_current else BY_STATION

    @property
    def error(self) -> int:
        return {"E": VEHICLE, "F": INTERNAL}.get(self.twin.vehicle, NO_ERROR)

    @property
    def charging_time_reversed(self) -> int:
        """s with the lowest byte first of all."""
        return int.from_bytes(int(self.twin.charging_time).to_bytes(4, "little"), "big")
