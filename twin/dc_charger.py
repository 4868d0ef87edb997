"""A DC charging point: its station feeds the car from three AC phases and is limited in W."""

from twin.charger import ChargingPoint
from twin.model import INFINITY
from twin.quantity import command

VOLTS = 690.0  # V that an ampere per phase stands for: three phases of 230 V, whatever they have


class DcChargingPoint(ChargingPoint):
    """One DC connector. `power_limit` (W) and `current_limit` (A per AC phase, 690 W each) are one limit.

    The car takes `vehicle_power` W at most at `vehicle_voltage` V; its battery holds `vehicle_capacity` Wh and had
    `vehicle_soc_then` percent when it was plugged in. Losses of the station are not modelled: no maker of the list
    prints them.
    """

    vehicle_power = command[float]("vehicle")

    def __init__(self, rated_power: float = 50_000.0, minimum_power: float = 0.0) -> None:
        self.rated_power = float(rated_power)
        self.__dict__["_vehicle_power"] = INFINITY
        super().__init__(self.rated_power / VOLTS, 3)
        self.min_current = minimum_power / VOLTS
        self.vehicle_voltage, self.vehicle_capacity, self.vehicle_soc_then = 781.5, 77_000.0, 37.25

    @property
    def power_limit(self) -> float:
        return self.current_limit * VOLTS

    @power_limit.setter
    def power_limit(self, watts: float) -> None:
        self.current_limit = watts / VOLTS

    @property
    def wanted_current(self) -> float:
        if not self.plugged or self.vehicle_demand <= 0:
            return 0.0
        return max(min(self.offered_current - self.vehicle_shortfall, self.vehicle_power / VOLTS), 0.0)

    def accepts(self, watts: float) -> None:
        self.__dict__["_vehicle_power"] = watts

    def _volts(self) -> float:
        return VOLTS

    def _active(self) -> int:
        return 3

    @property
    def dc_voltage(self) -> float:
        return self.vehicle_voltage if float(self.power) > 0 else 0.0

    @property
    def dc_current(self) -> float:
        return float(self.power) / self.vehicle_voltage

    @property
    def vehicle_soc(self) -> float:
        """Percent; it follows what the session has brought."""
        if not self.plugged:
            return 0.0
        return min(self.vehicle_soc_then + 100 * self.session_energy / self.vehicle_capacity, 100.0)
