"""fuelcell-assumed-v1: external control that lives as long as a counter changes, over a cell that is never in haste."""

from collections.abc import Callable

from emulators.faces.settings import one_of, within
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.plants import FuelCell

OFF, HEAT_UP, RUNNING, COOLING, FAULT, SERVICE = range(6)
CODES = {"off": OFF, "standby": OFF, "starting": HEAT_UP, "running": RUNNING, "limited": RUNNING, "fault": FAULT}
TRIPPED = 17  # fault code
SPREAD = 10.0  # K between supply and return at full heat


class FuelCellPanel:
    """The registers of one cell."""

    def __init__(self, twin: FuelCell, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self._service = False
        self._forget()
        self.operator: dict[str, Callable[..., None]] = {
            "break": self.fail, "repair": self.repair, "service": self.service,
        }  # fmt: skip

    def _forget(self) -> None:
        self._enabled, self._setpoint, self._counter = 0, self._twin.rated_power, 0

    def reboot(self) -> None:
        """The control board restarts; the cell goes on at what it decides itself."""
        self._twin.cancel("fuel cell watchdog")
        self._forget()
        self._apply()

    # control

    @property
    def control_enable(self) -> int:
        return self._enabled

    @control_enable.setter
    def control_enable(self, on: int) -> None:
        self._enabled = one_of(on, 0, 1)
        self._feed()
        self._apply()

    @property
    def setpoint(self) -> float:
        return self._setpoint

    @setpoint.setter
    def setpoint(self, watts: float) -> None:
        self._setpoint = within(watts, self._twin.minimum_power, self._twin.rated_power)
        self._apply()

    @property
    def watchdog(self) -> int:
        return self._counter

    @watchdog.setter
    def watchdog(self, count: int) -> None:
        if count != self._counter:
            self._counter = count
            self._feed()

    def _feed(self) -> None:
        if self._enabled:
            self._twin.at("fuel cell watchdog", self._device.clock() + float(self._facts["watchdog"]), self._silent)
        else:
            self._twin.cancel("fuel cell watchdog")

    def _silent(self) -> None:
        """Nobody has changed the counter for too long."""
        self._enabled, self._setpoint = 0, self._twin.rated_power
        self._apply()

    def _apply(self) -> None:
        self._twin.power_setpoint = self._setpoint if self._enabled else None

    @property
    def effective_setpoint(self) -> float:
        """W after the ramp."""
        return self._twin.level

    # what it tells

    @property
    def state_code(self) -> int:
        if self._service:
            return SERVICE
        if self._twin.stops:
            return COOLING
        return CODES[str(self._twin.status)]

    @property
    def fault_code(self) -> int:
        return TRIPPED if self._twin.status == "fault" else 0

    @property
    def return_temperature(self) -> float:
        full = self._twin.rated_power * self._twin.heat_share() or 1.0
        return self._twin.water_temperature - SPREAD * float(self._twin.heat_power) / full

    # what only a person at the cell can do

    def fail(self) -> None:
        """Something in it fails: it stands, cools down, and will take its time to start."""
        self._twin.trip()

    def repair(self) -> None:
        self._twin.trip(False)

    def service(self, on: bool = True) -> None:
        """A technician is at work; it goes on as it is."""
        self._service = bool(on)
