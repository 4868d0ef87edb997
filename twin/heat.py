"""Heat: a heating rod in a hot-water tank, and the meters for heat and gas."""

from typing import Any, ClassVar

from twin import tank
from twin.ac import AcDevice
from twin.model import INFINITY, Model
from twin.quantity import command, counted, follows
from twin.tank import WATER

NOMINAL = 230.0  # V


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
        """A resistance: what it takes grows with the square of the voltage."""
        if self._hot:
            return 0.0
        return max(min(self.power_setpoint, self.rated_power), 0.0) * (float(self.voltage_l1) / NOMINAL) ** 2

    @follows
    def mode(self) -> str:
        """standby, heating or hot (the maximum temperature is reached)."""
        if self._hot:
            return "hot"
        return "heating" if self.power > 0 else "standby"

    # the tank

    def _rest(self) -> float:
        """Where the temperature goes if nothing changes, in degrees C."""
        return tank.rest(self.room_temperature, float(self.power) - self.draw, self.loss)

    def horizon(self) -> float:
        target = self.maximum_temperature - self.hysteresis if self._hot else self.maximum_temperature
        rest, now = self._rest(), self.water_temperature
        if self._hot != (rest < target) or (now < target) == self._hot or rest == target or now == target:
            return INFINITY
        return self.time + tank.hours_until(target, now, rest, self.loss, self.capacity) * 3600

    def reached(self) -> None:
        self.water_temperature = self.maximum_temperature - self.hysteresis if self._hot else self.maximum_temperature
        self.free("mode")

    def integrate(self, hours: float) -> None:
        super().integrate(hours)
        warmer = tank.after(self.water_temperature, self._rest(), hours, self.loss, self.capacity)
        warmer -= self.water_temperature
        drawn = self.draw * hours
        self.grow("water_temperature", warmer)
        self.grow("drawn_energy", drawn)
        self.grow("lost_energy", float(self.power) * hours - drawn - warmer * self.capacity)


class HeatMeter(Model):
    """Heat meter: energies in Wh, power in W, volume in m3, flow in m3/h, temperatures in degrees C.

    Heat and cold are counted apart, by the sign of the difference of the temperatures. Pulses of other meters at its
    inputs, bits of what it finds wrong, and energies of the tariffs that somebody has set up stay as they are told.
    """

    quantities: ClassVar[tuple[str, ...]] = (
        "heat_energy", "cooling_energy", "heat_power", "volume", "flow", "flow_temperature", "return_temperature",
        "energy_tariff_1", "energy_tariff_2", "pulse_a", "pulse_b", "info_code",
    )  # fmt: skip
    counters: ClassVar[dict[str, tuple[str, int]]] = {
        "heat_energy": ("heat_power", 1), "cooling_energy": ("heat_power", -1), "volume": ("flow", 1),
    }  # fmt: skip

    heat_energy = counted()
    cooling_energy = counted()
    volume = counted()
    operating_hours = counted()

    def __init__(self) -> None:
        super().__init__()
        self.heat_energy = self.cooling_energy = self.volume = self.operating_hours = 0.0
        self.flow_temperature, self.return_temperature = 45.0, 35.0
        self.flow = 0.0
        self.energy_tariff_1 = self.energy_tariff_2 = self.pulse_a = self.pulse_b = 0.0
        self.info_code = 0

    @follows
    def heat_power(self) -> float:
        """W, from flow and temperatures; the flow is measured in the return, whose water is the lighter the warmer."""
        heavy = 1 - 2.0e-4 * (float(self.return_temperature) - 4)  # 1.15 Wh/(l K) at 60 degrees
        return float(self.flow) * 1000 * WATER * heavy * (self.flow_temperature - self.return_temperature)

    def integrate(self, hours: float) -> None:
        super().integrate(hours)
        self.grow("operating_hours", hours)


class GasMeter(Model):
    """Gas meter: volume in m3 as it flows, flow in m3/h, at `temperature` (degrees C) and `pressure` (Pa, absolute).

    A cubic metre holds `calorific_value` Wh at normal conditions, of which it has `state_number` as it flows (typical
    values of natural gas H). What does not burn has no heat in it. `converts`: it knows the state of the gas, and tells
    the volume at normal conditions too.
    """

    quantities: ClassVar[tuple[str, ...]] = (
        "volume", "flow", "standard_volume", "standard_flow", "temperature", "pressure", "calorific_value",
        "state_number", "heat_power", "heat_energy", "status",
    )  # fmt: skip
    counters: ClassVar[dict[str, tuple[str, int]]] = {"volume": ("flow", 1)}

    volume = counted()

    def __init__(self) -> None:
        super().__init__()
        self.burns = self.converts = True
        self.calorific_value, self.state_number = 11_200.0, 0.95
        self._temperature: float = 12.7
        self._pressure: float = 103_400.0
        self.volume = self.flow = 0.0
        self.status = "running"

    @follows
    def heat_power(self) -> float:
        """W."""
        return float(self.flow) * self._content

    @property
    def heat_energy(self) -> float:
        """Wh that have flowed."""
        return self.volume * self._content

    @heat_energy.setter
    def heat_energy(self, watt_hours: float) -> None:
        if self._content:
            self.volume = watt_hours / self._content

    @property
    def _content(self) -> float:
        """Wh in a cubic metre as it flows."""
        return self.calorific_value * self.state_number if self.burns else 0.0

    # what only a meter that converts knows

    @property
    def standard_volume(self) -> float | None:
        """m3 at normal conditions."""
        return self.volume * self.state_number if self.converts else None

    @standard_volume.setter
    def standard_volume(self, volume: float) -> None:
        self.volume = volume / self.state_number

    @property
    def standard_flow(self) -> float | None:
        return float(self.flow) * self.state_number if self.converts else None

    @standard_flow.setter
    def standard_flow(self, flow: float) -> None:
        self.flow = flow / self.state_number

    @property
    def temperature(self) -> float | None:
        return self._temperature if self.converts else None

    @temperature.setter
    def temperature(self, degrees: float) -> None:
        self._temperature = degrees

    @property
    def pressure(self) -> float | None:
        return self._pressure if self.converts else None

    @pressure.setter
    def pressure(self, pascals: float) -> None:
        self._pressure = pascals
