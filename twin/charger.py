"""A charging point and the vehicle on its cable: IEC 61851 states, current limit, session."""

from typing import Any, ClassVar

from twin.ac import AcDevice
from twin.model import INFINITY
from twin.quantity import command, counted, follows

MINIMUM = 6.0  # A, IEC 61851-1: below this a station signals no charging current
STEP = 1.0  # s between two steps of a car that ramps up


class ChargingPoint(AcDevice):
    """One charging point. Commands are assignments: `current_limit` (A per phase), `enabled`, `phases`, `authorized`.

    The car on the cable takes `vehicle_current` A at most on `vehicle_phases`, `vehicle_shortfall` A less than it is
    offered, until it has got `vehicle_demand` Wh. It wakes `vehicle_delay` s after an offer and then rises by
    `vehicle_ramp` A/s in steps of a second (0: at once); it goes down at once. All of that stays when it is unplugged.
    `station_current` is what the station's own load management leaves to this point in A.
    """

    quantities: ClassVar[tuple[str, ...]] = (
        *AcDevice.quantities, "current_limit", "vehicle", "plugged", "enabled", "session_energy", "rfid", "phases",
    )  # fmt: skip
    counters: ClassVar[dict[str, tuple[str, int]]] = {"energy": ("power", 1), "session_energy": ("power", 1)}

    direction: ClassVar[int] = -1

    session_energy = counted()  # Wh since the cable was plugged
    charging_time = counted()  # s with a current since then
    vehicle_demand = counted()

    station_current = command[float]("vehicle")
    current_limit = command[float]("vehicle")  # below `min_current` no current is offered and the car pauses
    enabled = command[bool]("vehicle")
    authorized = command[bool]("vehicle")  # by RFID, or because the station asks for none
    phases = command[int]("vehicle")
    vehicle_current = command[float]("vehicle")
    vehicle_phases = command[int]("vehicle")
    vehicle_shortfall = command[float]("vehicle")
    vehicle_delay = command[float]("vehicle")
    vehicle_ramp = command[float]("vehicle")

    def __init__(self, max_current: float = 16.0, phases: int = 3) -> None:
        self._told: set[str] = set()  # what was set since the last command
        self._cable = self._awake = False
        self._risen = 0.0  # A per phase that a car on its ramp has reached
        self.__dict__.update(_vehicle_shortfall=0.0, _vehicle_delay=0.0, _vehicle_ramp=0.0, _station_current=INFINITY)
        super().__init__(phases)
        self.max_current, self.min_current = float(max_current), MINIMUM
        self.rfid = ""
        self.session_energy = self.charging_time = 0.0
        self.plugged_since = 0.0  # s, UTC
        self.vehicle_demand = INFINITY
        self.current_limit = float(max_current)
        self.enabled = self.authorized = True
        self.vehicle_current = float(max_current)
        self.vehicle_phases = 3

    # the vehicle

    @property
    def plugged(self) -> bool:
        return self._cable

    @plugged.setter
    def plugged(self, there: bool) -> None:
        """The cable is put in or pulled out; a new one begins a session."""
        if there != self._cable:
            self.catch_up()
            self._cable = there
            if there:
                self._begin(0.0)
            self.free("vehicle")

    def _begin(self, watt_hours: float) -> None:
        """A new session, of which so much is told already."""
        self.session_energy, self.charging_time = watt_hours, 0.0
        self.plugged_since = max((self.around or self).now, self.time)

    @follows
    def vehicle(self) -> str:
        """IEC 61851: A no vehicle, B connected, C charging, D with ventilation, E no pilot, F station fault."""
        if not self._cable:
            return "A"
        return "C" if self.power > 0 else "B"

    def free(self, *names: str) -> None:
        """A command ends what was set, except a fault of the pilot."""
        faulty = self.held.get("vehicle") in ("E", "F")
        self._told.clear()
        super().free(*(name for name in names if not (faulty and name == "vehicle")))

    def set(self, name: str, value: Any) -> None:
        self._told.add(name)
        match name:
            case "plugged":
                self.catch_up()
                if value and not self._cable:
                    self._begin(self.session_energy if "session_energy" in self._told else 0.0)
                self._cable = bool(value)
                self.changed()
                return
            case "vehicle" if "plugged" not in self._told:
                self._cable = value != "A"
            case "power" if value > 0:  # a car is there and takes this much
                self.catch_up()
                if "plugged" not in self._told:
                    self._cable = True
                self.accepts(value)
        super().set(name, value)

    def accepts(self, watts: float) -> None:
        """The car takes this much at most from now on."""
        if volts := self._volts():
            self.__dict__["_vehicle_current"] = watts / volts

    # flows

    def _active(self) -> int:
        return max(min(self.phases, 1 if self.voltage_l3 is None else 3, self.vehicle_phases), 1)

    def _volts(self) -> float:
        """Sum of the voltages of the phases that are used."""
        return sum(float(getattr(self, f"voltage_l{phase}") or 0.0) for phase in range(1, self._active() + 1))

    @property
    def offered_current(self) -> float:
        """A per phase that the pilot signal offers."""
        offered = min(self.current_limit, self.max_current, self.station_current)
        return offered if self.enabled and self.authorized and offered >= self.min_current else 0.0

    def flow(self) -> float:
        if self.held.get("vehicle") in ("A", "B", "E", "F"):
            return 0.0
        return self.taken_current * self._volts()

    @property
    def wanted_current(self) -> float:
        """A per phase that the car takes of the offer once it is awake and has ramped up."""
        if not self._cable or self.vehicle_demand <= 0:
            return 0.0
        return max(min(self.offered_current - self.vehicle_shortfall, self.vehicle_current), 0.0)

    @property
    def taken_current(self) -> float:
        """A per phase that the car takes now."""
        if self.vehicle_delay and not self._awake:
            return 0.0
        return min(self.wanted_current, self._risen) if self.vehicle_ramp else self.wanted_current

    # a car that takes its time

    def changed(self) -> None:
        if self.vehicle_delay or self.vehicle_ramp:
            self._notice()
        super().changed()

    @property
    def next_timer(self) -> float:
        if self.vehicle_delay or self.vehicle_ramp:  # what it wants may have been assigned since
            self._notice()
        return super().next_timer

    def _notice(self) -> None:
        """The car hears what it is offered."""
        wanted, now = self.wanted_current, max((self.around or self).now, self.time)
        if not wanted:
            self._awake, self._risen = False, 0.0
            self.cancel("vehicle wakes")
            self.cancel("vehicle rises")
        elif not self._awake and self.vehicle_delay:
            if "vehicle wakes" not in self._timers:
                self.at("vehicle wakes", now + self.vehicle_delay, self._wake)
        elif self._risen > wanted:
            self._risen = wanted
        elif self.vehicle_ramp and self._risen < wanted and "vehicle rises" not in self._timers:
            self.at("vehicle rises", now + STEP, self._rise)

    def _wake(self) -> None:
        self._awake = True

    def _rise(self) -> None:
        self._risen = min(self._risen + self.vehicle_ramp * STEP, self.wanted_current)

    def shares(self) -> tuple[float, float, float]:
        active = self._active()
        return (1 / active, 1 / active if active > 1 else 0.0, 1 / active if active > 2 else 0.0)

    @follows
    def status(self) -> str:
        if self.held.get("vehicle") in ("E", "F"):
            return "fault"
        return "running" if self.power > 0 else "standby"

    # energy

    def horizon(self) -> float:
        power = float(self.power)
        if self.vehicle_demand == INFINITY or self.vehicle_demand <= 0 or power <= 0:
            return INFINITY
        return self.time + self.vehicle_demand / power * 3600

    def reached(self) -> None:
        self.vehicle_demand = 0.0
        self.free("vehicle")

    def integrate(self, hours: float) -> None:
        super().integrate(hours)
        if float(self.power) > 0:
            self.grow("charging_time", hours * 3600)
        self.grow("vehicle_demand", -min(max(float(self.power), 0.0) * hours, self.vehicle_demand))
