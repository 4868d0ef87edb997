"""What every device on an AC terminal has: power, phases, voltage, current, frequency, energy, temperature."""

from typing import ClassVar

from twin.model import Model
from twin.quantity import counted, follows

PHASES = (1, 2, 3)


class AcDevice(Model):
    """One AC terminal with 1 or 3 phases. Power in W in the sign of its kind (generation or load positive)."""

    quantities: ClassVar[tuple[str, ...]] = (
        "power", "power_l1", "power_l2", "power_l3", "voltage_l1", "voltage_l2", "voltage_l3",
        "current_l1", "current_l2", "current_l3", "frequency", "energy", "temperature", "status",
    )  # fmt: skip
    counters: ClassVar[dict[str, tuple[str, int]]] = {"energy": ("power", 1)}
    shown: ClassVar[tuple[str, ...]] = (
        "power", "power_l1", "power_l2", "power_l3", "current_l1", "current_l2", "current_l3", "status",
    )  # fmt: skip
    direction: ClassVar[int] = 1  # +1 positive power is generation, -1 positive power is consumption, 0 only measured

    energy = counted()  # Wh since commissioning

    def __init__(self, phases: int = 3) -> None:
        super().__init__()
        self.phases = phases
        self.energy = 0.0
        self.frequency = 50.0
        self.voltage_l1: float = 230.0
        self.voltage_l2: float | None = 230.0 if phases == 3 else None
        self.voltage_l3: float | None = 230.0 if phases == 3 else None
        self.temperature = 25.0

    def flow(self) -> float:
        """Power in W as physics has it, whatever was set."""
        return 0.0

    def shares(self) -> tuple[float, float, float]:
        """How the power spreads over the three phases of the device; they add up to 1."""
        return (1 / 3, 1 / 3, 1 / 3) if self.phases == 3 else (1.0, 0.0, 0.0)

    @follows
    def power(self) -> float:
        held = self.held
        if held and ("power_l1" in held or "power_l2" in held or "power_l3" in held):
            return sum(float(self._phase_power(phase) or 0.0) for phase in PHASES)
        return self.flow()

    @follows
    def power_l1(self) -> float | None:
        return self._phase_power(1)

    @follows
    def power_l2(self) -> float | None:
        return self._phase_power(2)

    @follows
    def power_l3(self) -> float | None:
        return self._phase_power(3)

    @follows
    def current_l1(self) -> float | None:
        return self._phase_current(1)

    @follows
    def current_l2(self) -> float | None:
        return self._phase_current(2)

    @follows
    def current_l3(self) -> float | None:
        return self._phase_current(3)

    @follows
    def status(self) -> str:
        """off, standby, starting, running, limited or fault."""
        return "running" if self.power else "standby"

    def _phase_power(self, phase: int) -> float | None:
        if (self.voltage_l1, self.voltage_l2, self.voltage_l3)[phase - 1] is None:
            return None
        held = self.held
        if held and (name := f"power_l{phase}") in held:
            return float(held[name])
        return float(held["power"] if "power" in held else self.flow()) * self.shares()[phase - 1]

    def _phase_current(self, phase: int) -> float | None:
        """RMS current, never negative, at power factor 1."""
        power, voltage = getattr(self, f"power_l{phase}"), getattr(self, f"voltage_l{phase}")
        if power is None or not voltage:
            return None
        return abs(float(power) / float(voltage))
