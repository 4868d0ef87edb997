"""An electricity meter: what flows through it, counted in both directions."""

from typing import ClassVar

from twin.ac import AcDevice


class ElectricityMeter(AcDevice):
    """Bidirectional meter. Power in W, positive when importing; `energy` is the import register."""

    quantities: ClassVar[tuple[str, ...]] = (
        *AcDevice.quantities, "import_energy", "export_energy", "reactive_power", "power_factor",
    )  # fmt: skip
    counters: ClassVar[dict[str, tuple[str, int]]] = {"import_energy": ("power", 1), "export_energy": ("power", -1)}

    def __init__(self, phases: int = 3) -> None:
        super().__init__(phases)
        self.import_energy = 0.0  # Wh
        self.export_energy = 0.0  # Wh
        self.reactive_power = 0.0  # var
        self.power_factor = 1.0

    @property
    def energy(self) -> float:
        """Wh imported since commissioning."""
        return self.import_energy

    @energy.setter
    def energy(self, value: float) -> None:
        self.import_energy = value
