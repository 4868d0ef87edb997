"""An electricity meter: what flows through it, counted in both directions."""

from typing import ClassVar

from twin.ac import AcDevice
from twin.quantity import counted


class ElectricityMeter(AcDevice):
    """Bidirectional meter. Power in W, positive when importing; `energy` is the import register.

    In a site it shows what passes through it; what was set on it stays until that changes.
    """

    quantities: ClassVar[tuple[str, ...]] = (
        *AcDevice.quantities, "import_energy", "export_energy", "reactive_power", "power_factor",
    )  # fmt: skip
    direction: ClassVar[int] = 0

    import_energy = counted()  # Wh
    export_energy = counted()  # Wh
    energy = counted(same_as="import_energy")

    def __init__(self, phases: int = 3) -> None:
        super().__init__(phases)
        self.export_energy = 0.0
        self.reactive_power = 0.0  # var
        self.power_factor = 1.0
        self._through: tuple[float, float, float] | None = None
        self._total = 0.0

    def pass_through(self, watts: float, phases: tuple[float, float, float]) -> None:
        """What the site sends through from now on, in W, in sum and a phase."""
        if watts != self._total or phases != self._through:
            self.let_go(*self.shown)
            self._total, self._through = watts, phases

    def flow(self) -> float:
        return self._total

    def _phase_power(self, phase: int) -> float | None:
        if self._through is None or self.phases != 3 or "power" in self.held or f"power_l{phase}" in self.held:
            return super()._phase_power(phase)
        return self._through[phase - 1]

    def integrate(self, hours: float) -> None:
        energy = float(self.power) * hours
        if energy > 0:
            self.grow("import_energy", energy)
        else:
            self.grow("export_energy", -energy)
