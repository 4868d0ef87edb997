"""A charging point and the vehicle on its cable: IEC 61851 states, current limit, session."""

from typing import Any, ClassVar

from twin.ac import AcDevice
from twin.model import INFINITY, follows

MINIMUM = 6.0  # A, IEC 61851-1: below this a station signals no charging current


class ChargingPoint(AcDevice):
    """One charging point. Commands are assignments: `current_limit` (A per phase), `enabled`, `phases`, `authorized`.

    `vehicle_current` is what the car takes at most in A, `vehicle_demand` what it still wants in Wh.
    """

    quantities: ClassVar[tuple[str, ...]] = (
        *AcDevice.quantities, "current_limit", "vehicle", "plugged", "enabled", "session_energy", "rfid", "phases",
    )  # fmt: skip
    counters: ClassVar[dict[str, tuple[str, int]]] = {"energy": ("power", 1), "session_energy": ("power", 1)}

    def __init__(self, max_current: float = 16.0, phases: int = 3) -> None:
        super().__init__(phases)
        self.wired = phases
        self.max_current, self.min_current = float(max_current), MINIMUM
        self.session_energy = 0.0  # Wh since the cable was plugged
        self.rfid = ""
        self._vehicle_current = 16.0
        self._vehicle_phases = 3
        self._vehicle_demand = INFINITY
        self._limit = float(max_current)
        self._plugged, self._enabled, self._authorized = False, True, True

    # commands

    @property
    def current_limit(self) -> float:
        """A per phase. Below `min_current` the station signals no current and the car pauses."""
        return self._limit

    @current_limit.setter
    def current_limit(self, amperes: float) -> None:
        self._limit = amperes
        self._obey()

    @property
    def enabled(self) -> bool:
        return self._enabled

    @enabled.setter
    def enabled(self, on: bool) -> None:
        self._enabled = on
        self._obey()

    @property
    def authorized(self) -> bool:
        """Whether the station lets this session charge, by RFID or because it asks for none."""
        return self._authorized

    @authorized.setter
    def authorized(self, on: bool) -> None:
        self._authorized = on
        self._obey()

    @property
    def phases(self) -> int:
        """Phases the station switches through to the car."""
        return self._phases

    @phases.setter
    def phases(self, count: int) -> None:
        self._phases = int(count)
        if hasattr(self, "_limit"):
            self._obey()

    # the vehicle

    @property
    def plugged(self) -> bool:
        return self._plugged

    @plugged.setter
    def plugged(self, there: bool) -> None:
        if there and not self._plugged:
            self.session_energy = 0.0
        self._plugged = there
        self.free("vehicle")

    @property
    def vehicle_current(self) -> float:
        """A per phase that the car takes at most."""
        return self._vehicle_current

    @vehicle_current.setter
    def vehicle_current(self, amperes: float) -> None:
        self._vehicle_current = amperes
        self._obey()

    @property
    def vehicle_phases(self) -> int:
        """Phases the car's charger uses."""
        return self._vehicle_phases

    @vehicle_phases.setter
    def vehicle_phases(self, count: int) -> None:
        self._vehicle_phases = count
        self._obey()

    @property
    def vehicle_demand(self) -> float:
        """Wh the car still wants before it is full."""
        return self._vehicle_demand

    @vehicle_demand.setter
    def vehicle_demand(self, energy: float) -> None:
        self._vehicle_demand = energy
        self._obey()

    @follows
    def vehicle(self) -> str:
        """IEC 61851: A no vehicle, B connected, C charging, D with ventilation, E no pilot, F station fault."""
        if not self._plugged:
            return "A"
        return "C" if self.power > 0 else "B"

    def _obey(self) -> None:
        """A command ends what was set, except a fault of the pilot."""
        faulty = self.held.get("vehicle") in ("E", "F")
        self.free(*(() if faulty else ("vehicle",)))

    def set(self, name: str, value: Any) -> None:
        match name:
            case "power":
                self.let_go("power_l1", "power_l2", "power_l3", "current_l1", "current_l2", "current_l3")
                if value > 0:  # a car is there and takes this much
                    self._plugged = True
                    self._vehicle_current = value / self._volts() if self._volts() else self._vehicle_current
                    if self.held.get("vehicle") not in ("C", "D"):
                        self.let_go("vehicle")
            case "vehicle":
                if value in ("A", "B", "E", "F"):
                    self.let_go("power", "power_l1", "power_l2", "power_l3")
                if value == "A":
                    self._plugged = False
                elif value in ("B", "C", "D") and not self._plugged:
                    self._plugged, self.session_energy = True, 0.0
        super().set(name, value)

    # flows

    def _active(self) -> int:
        return min(self._phases, self.wired, self._vehicle_phases)

    def _volts(self) -> float:
        """Sum of the voltages of the phases that are used."""
        return sum(float(getattr(self, f"voltage_l{phase}") or 0.0) for phase in range(1, self._active() + 1))

    @property
    def offered_current(self) -> float:
        """A per phase that the pilot signal offers."""
        offered = min(self._limit, self.max_current)
        return offered if self._enabled and self._authorized and offered >= self.min_current else 0.0

    def flow(self) -> float:
        if not self._plugged or self._vehicle_demand <= 0 or self.held.get("vehicle") in ("A", "B", "E", "F"):
            return 0.0
        return min(self.offered_current, self._vehicle_current) * self._volts()

    def _phase_power(self, phase: int) -> float | None:
        if phase > self.wired:
            return None
        active = self._active()
        held = self.held
        if f"power_l{phase}" in held:
            return float(held[f"power_l{phase}"])
        return float(held["power"] if "power" in held else self.flow()) / active if phase <= active else 0.0

    @follows
    def status(self) -> str:
        if self.held.get("vehicle") in ("E", "F"):
            return "fault"
        return "running" if self.power > 0 else "standby"

    # energy

    def horizon(self) -> float:
        power = float(self.power)
        if self._vehicle_demand == INFINITY or self._vehicle_demand <= 0 or power <= 0:
            return INFINITY
        return self.time + self._vehicle_demand / power * 3600

    def reached(self) -> None:
        self._vehicle_demand = 0.0
        self._obey()

    def integrate(self, hours: float) -> None:
        super().integrate(hours)
        self._vehicle_demand = max(self._vehicle_demand - max(float(self.power), 0.0) * hours, 0.0)
