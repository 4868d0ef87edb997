"""Heat: a heating rod in a hot-water tank, and the meters for heat and gas."""

from math import exp, log
from typing import Any, ClassVar

from twin.ac import AcDevice
from twin.model import INFINITY, Model, command, counted, follows

WATER = 1.163  # Wh per litre and kelvin


class HeatingRod(AcDevice):
    """A rod that heats a tank. Commands are assignments: `power_setpoint` (W), `maximum_temperature` (degrees C).

    The tank is one well mixed volume that loses heat in proportion to its temperature, so that it follows an
    exponential between two events. `draw` is the heat in W that hot water takes out.
    """

    quantities: ClassVar[tuple[str, ...]] = (*AcDevice.quantities, "power_setpoint", "water_temperature", "mode")
    direction: ClassVar[int] = -1
    hysteresis = 3.0  # K below the maximum before it heats again

    water_temperature = counted()  # degrees C
    lost_energy = counted()  # Wh to the room
    drawn_energy = counted()  # Wh to the tap
    power_setpoint = command[float]("mode")
    maximum_temperature = command[float]("mode")
    draw = command[float]()

    def __init__(self, rated_power: float, phases: int = 3, volume: float = 300.0) -> None:
        super().__init__(phases)
        self.rated_power = float(rated_power)
        self.room_temperature = 20.0
        self.capacity = volume * WATER  # Wh/K
        self.loss = 2.0  # W/K, a tank of class B of 300 l
        self.lost_energy = self.drawn_energy = 0.0
        self._hot = False
        self.water_temperature = 45.0
        self.maximum_temperature = 60.0
        self.power_setpoint = self.draw = 0.0

    def free(self, *names: str) -> None:
        self._look()
        super().free(*names)

    def set(self, name: str, value: Any) -> None:
        super().set(name, value)
        if name == "water_temperature":
            self._look()
            self.changed()

    def _look(self) -> None:
        """The thermostat."""
        if self.water_temperature >= self.maximum_temperature:
            self._hot = True
        elif self.water_temperature <= self.maximum_temperature - self.hysteresis:
            self._hot = False

    def flow(self) -> float:
        return 0.0 if self._hot else max(min(self.power_setpoint, self.rated_power), 0.0)

    @follows
    def mode(self) -> str:
        """standby, heating or hot (the maximum temperature is reached)."""
        if self._hot:
            return "hot"
        return "heating" if self.power > 0 else "standby"

    # the tank

    def _rest(self) -> float:
        """Where the temperature goes if nothing changes, in degrees C."""
        return self.room_temperature + (float(self.power) - self.draw) / self.loss

    def _after_hours(self, hours: float) -> float:
        rest = self._rest()
        return rest + (self.water_temperature - rest) * exp(-hours * self.loss / self.capacity)

    def horizon(self) -> float:
        target = self.maximum_temperature - self.hysteresis if self._hot else self.maximum_temperature
        rest, now = self._rest(), self.water_temperature
        if self._hot != (rest < target) or (now < target) == self._hot or rest == target or now == target:
            return INFINITY
        return self.time + self.capacity / self.loss * log((now - rest) / (target - rest)) * 3600

    def reached(self) -> None:
        self.water_temperature = self.maximum_temperature - self.hysteresis if self._hot else self.maximum_temperature
        self.free("mode")

    def integrate(self, hours: float) -> None:
        super().integrate(hours)
        warmer = self._after_hours(hours) - self.water_temperature
        drawn = self.draw * hours
        self.grow("water_temperature", warmer)
        self.grow("drawn_energy", drawn)
        self.grow("lost_energy", float(self.power) * hours - drawn - warmer * self.capacity)


class HeatMeter(Model):
    """Heat meter: energy in Wh, power in W, volume in m3, flow in m3/h, temperatures in degrees C."""

    quantities: ClassVar[tuple[str, ...]] = (
        "heat_energy", "heat_power", "volume", "flow", "flow_temperature", "return_temperature",
    )  # fmt: skip
    counters: ClassVar[dict[str, tuple[str, int]]] = {"heat_energy": ("heat_power", 1), "volume": ("flow", 1)}

    heat_energy = counted()  # Wh
    volume = counted()  # m3

    def __init__(self) -> None:
        super().__init__()
        self.heat_energy = self.volume = 0.0
        self.flow_temperature, self.return_temperature = 45.0, 35.0
        self.flow = 0.0

    @follows
    def heat_power(self) -> float:
        """W, from flow and temperatures."""
        return float(self.flow) * 1000 * WATER * (self.flow_temperature - self.return_temperature)


class GasMeter(Model):
    """Gas meter: volume in m3, flow in m3/h, and the heat in it at `calorific_value` Wh/m3."""

    quantities: ClassVar[tuple[str, ...]] = ("volume", "flow", "heat_power", "heat_energy")
    counters: ClassVar[dict[str, tuple[str, int]]] = {"volume": ("flow", 1), "heat_energy": ("heat_power", 1)}
    calorific_value = 10_300.0  # natural gas H, state number 0.96 included

    volume = counted()  # m3
    heat_energy = counted()  # Wh

    def __init__(self) -> None:
        super().__init__()
        self.volume = self.flow = self.heat_energy = 0.0

    @follows
    def heat_power(self) -> float:
        return float(self.flow) * self.calorific_value
