"""Machines that follow a power setpoint: heat pump, fuel cell, CHP, electrolyser."""

from typing import Any, ClassVar

from twin.ac import AcDevice
from twin.model import command, follows


class Plant(AcDevice):
    """A machine between `minimum_power` and `rated_power`. Command: `power_setpoint` (W, None: it decides itself).

    Generators (fuel cell, CHP) and consumers (heat pump, electrolyser) count power positive in their own direction.
    `heat_ratio` is heat per electric power.
    """

    quantities: ClassVar[tuple[str, ...]] = (
        *AcDevice.quantities, "power_setpoint", "water_temperature", "mode", "heat_power", "rated_power",
    )  # fmt: skip
    heat_ratio: ClassVar[float] = 0.0
    direction: ClassVar[int] = -1

    power_setpoint = command[float | None]("mode", "heat_power")

    def __init__(self, rated_power: float, phases: int = 3, minimum_power: float = 0.0) -> None:
        super().__init__(phases)
        self.rated_power, self.minimum_power = float(rated_power), float(minimum_power)
        self.water_temperature = 45.0
        self.own_power = 0.0  # W it takes or gives while nobody commands it
        self.power_setpoint = None

    def set(self, name: str, value: Any) -> None:
        if name == "power":
            self.own_power = value
        super().set(name, value)

    def flow(self) -> float:
        wanted = self.own_power if self.power_setpoint is None else self.power_setpoint
        if wanted <= 0 or wanted < self.minimum_power:
            return 0.0
        return min(wanted, self.rated_power)

    @follows
    def mode(self) -> str:
        """off, own (it decides itself) or external (it follows the setpoint)."""
        return "own" if self.power_setpoint is None else "external"

    @follows
    def heat_power(self) -> float:
        return max(float(self.power), 0.0) * self.heat_ratio


class HeatPump(Plant):
    """Load positive; a coefficient of performance of 3.5."""

    heat_ratio: ClassVar[float] = 3.5


class FuelCell(Plant):
    """Generation positive; electric efficiency 0.38, thermal 0.52."""

    heat_ratio: ClassVar[float] = 0.52 / 0.38
    direction: ClassVar[int] = 1


class Chp(Plant):
    """Generation positive; electric efficiency 0.38, thermal 0.48, as gas engines of 50 kW have."""

    heat_ratio: ClassVar[float] = 0.48 / 0.38
    direction: ClassVar[int] = 1


class Electrolyser(Plant):
    """Load positive; hydrogen at 4.8 kWh per standard cubic metre."""

    quantities: ClassVar[tuple[str, ...]] = (*Plant.quantities, "hydrogen_flow")
    heat_ratio: ClassVar[float] = 0.2

    @follows
    def hydrogen_flow(self) -> float:
        """Standard m3/h."""
        return max(float(self.power), 0.0) / 4800
