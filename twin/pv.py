"""A PV inverter: what the sun offers, what the limit lets through."""

from typing import Any, ClassVar

from twin.ac import AcDevice
from twin.quantity import command, follows


class PvInverter(AcDevice):
    """PV inverter. Power in W, positive when feeding, negative when drawing at night.

    `available` is what the sun offers at the AC terminal, `power_limit` the limit in force in W. A limit given on
    the wire moves the power at once.
    """

    quantities: ClassVar[tuple[str, ...]] = (*AcDevice.quantities, "dc_power", "rated_power", "power_limit")
    efficiency = 0.97  # from DC to AC, typical European efficiency of a string inverter

    available = command[float]("dc_power")
    power_limit = command[float]("dc_power")

    def __init__(self, rated_power: float, phases: int = 3) -> None:
        super().__init__(phases)
        self.rated_power = rated_power
        self.most = float(rated_power)  # W that it can feed, with some a tenth more than they are rated
        self.power_limit = float(rated_power)
        self.available = 0.0

    def flow(self) -> float:
        return min(self.available, self.power_limit, self.most)

    def set(self, name: str, value: Any) -> None:
        if name == "power":  # the sun offers this much; a limit above it changes nothing
            self.catch_up()
            self.__dict__["_available"] = value
        super().set(name, value)

    @follows
    def dc_power(self) -> float:
        return max(float(self.power), 0.0) / self.efficiency

    @property
    def sun_power(self) -> float:
        """W of the sun at the AC terminal."""
        return float(self.power)

    @property
    def heat(self) -> float:
        """W that the inverter loses."""
        return float(self.dc_power) - max(self.sun_power, 0.0)

    @follows
    def status(self) -> str:
        if self.power <= 0:
            return "standby"
        return "limited" if self.available > self.power_limit else "running"
