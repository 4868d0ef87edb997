"""A battery inverter, with or without PV on its DC side: setpoints, limits and the state of charge in closed form."""

from typing import Any, ClassVar

from twin.ac import AcDevice
from twin.model import INFINITY
from twin.quantity import command, counted, follows

EFFICIENCY = 0.96  # one way, inverter and cells together: 0.92 there and back, typical of the listed systems


class BatteryInverter(AcDevice):
    """Hybrid or battery-only inverter. `power` at the AC terminal is `pv_power + battery_power`, discharging positive.

    Commands are assignments: `battery_setpoint` (W, None: own self-consumption regulation), `max_charge`,
    `max_discharge` (W), `soc_min`, `soc_max` (%), `power_limit` (W AC), `grid_charge`, `pv_available` (W).
    `demand` is what the site would import without this inverter, None where nothing measures it.
    """

    quantities: ClassVar[tuple[str, ...]] = (
        *AcDevice.quantities, "battery_power", "soc", "capacity", "charge_energy", "discharge_energy",
        "pv_power", "pv_energy", "grid_power", "rated_power", "power_limit",
    )  # fmt: skip

    soc = counted()  # %
    charge_energy = counted()  # Wh into the battery
    discharge_energy = counted()  # Wh out of the battery
    lost_energy = counted()  # Wh that became heat
    pv_energy = counted()  # Wh from the sun
    # What was set from outside against physics, so that the energy balance can name it:
    forced_energy = counted()  # Wh pushed into full cells (positive) or drawn from empty ones
    imposed_energy = counted()  # Wh at the AC terminal beyond PV and battery power
    given_energy = counted()  # Wh by which the stored energy was set higher

    battery_setpoint = command[float | None]("battery_power", "pv_power")
    max_charge = command[float]("battery_power", "pv_power")
    max_discharge = command[float]("battery_power", "pv_power")
    soc_min = command[float]("battery_power", "pv_power")
    soc_max = command[float]("battery_power", "pv_power")
    power_limit = command[float]("battery_power", "pv_power")
    grid_charge = command[bool]("battery_power", "pv_power")
    metered = command[bool]("battery_power", "pv_power")  # whether its own regulation sees a grid meter
    pv_available = command[float]("pv_power")  # as it would arrive at the AC terminal

    def __init__(self, rated_power: float, phases: int = 3, capacity: float = 10_000.0) -> None:
        super().__init__(phases)
        self.rated_power = float(rated_power)
        self.capacity = float(capacity)  # Wh usable
        self.soc = 50.0
        self.charge_energy = self.discharge_energy = self.lost_energy = self.pv_energy = 0.0
        self.forced_energy = self.imposed_energy = self.given_energy = 0.0
        self.charge_efficiency = self.discharge_efficiency = EFFICIENCY
        self.demand: float | None = None
        self.battery_setpoint = None
        self.max_charge = self.max_discharge = self.power_limit = self.rated_power
        self.soc_min, self.soc_max = 0.0, 100.0
        self.grid_charge = self.metered = True
        self.pv_available = 0.0
        self._node = 0.0

    def set(self, name: str, value: Any) -> None:
        if name == "pv_power":  # the sun offers this much
            self.catch_up()
            self.__dict__["_pv_available"] = value
        before = self.stored
        super().set(name, value)
        self.given_energy += self.stored - before

    # flows

    @property
    def regulates(self) -> bool:
        """Whether it follows what is measured at the grid, not a command and not what was set."""
        held = self.held
        return self.battery_setpoint is None and "battery_power" not in held and "power" not in held

    @property
    def ceiling(self) -> float:
        """Highest AC power in W."""
        return max(min(self.rated_power, self.power_limit), 0.0)

    @follows
    def battery_power(self) -> float:
        """W, positive when discharging."""
        sun = float(self.held.get("pv_power", self.pv_available))
        wanted = self.battery_setpoint
        if "power" in self.held:  # told the sum, the cells make up for what the sun does not give
            wanted = float(self.held["power"]) - sun
        elif wanted is None:
            if self.demand is None or not self.metered:
                return 0.0
            wanted = min(self.demand, self.ceiling) - sun
        lowest = -min(self.max_charge, self.rated_power)
        if not self.grid_charge:
            lowest = max(lowest, -sun)
        if self.soc >= self.soc_max:
            lowest = 0.0
        highest = min(self.max_discharge, self.ceiling) if self.soc > self.soc_min else 0.0
        return max(min(wanted, highest), lowest)

    @follows
    def pv_power(self) -> float:
        return self._sun(float(self.battery_power))

    def flow(self) -> float:
        cells = float(self.battery_power)
        return float(self.held["pv_power"] if "pv_power" in self.held else self._sun(cells)) + cells

    def _sun(self, cells: float) -> float:
        """W of the sun that find room beside the battery's power."""
        return max(min(self.pv_available, self.ceiling - cells), 0.0)

    @property
    def node(self) -> float:
        """Power through the grid connection in W, import positive, as the site has it."""
        return self._node

    @node.setter
    def node(self, watts: float) -> None:
        if watts != self._node:
            self._node = watts
            self.let_go("grid_power")

    @follows
    def grid_power(self) -> float:
        """What the meter that hangs on the inverter shows in W, import positive."""
        return self._node

    @follows
    def status(self) -> str:
        if not self.power and not self.battery_power:
            return "standby"
        return "limited" if self.pv_power < self.pv_available else "running"

    # state of charge

    def _cell_power(self) -> float:
        """W that the cells lose, negative while they fill."""
        watts = float(self.battery_power)
        return watts / self.discharge_efficiency if watts > 0 else watts * self.charge_efficiency

    def horizon(self) -> float:
        watts = self._cell_power()
        if watts < 0 and self.soc < self.soc_max:
            missing = self.soc_max - self.soc
        elif watts > 0 and self.soc > self.soc_min:
            missing = self.soc - self.soc_min
        else:
            return INFINITY
        return self.time + missing / 100 * self.capacity / abs(watts) * 3600

    def reached(self) -> None:
        full, soc = self.soc_max, self.soc  # rounding may have carried it beyond
        self.soc = full if full - soc < soc - self.soc_min else self.soc_min
        self.free("battery_power", "pv_power")

    @property
    def stored(self) -> float:
        """Wh in the cells."""
        return self.soc / 100 * self.capacity

    def integrate(self, hours: float) -> None:
        facts = self.__dict__  # see Model.grow
        power, sun, watts = float(self.power), float(self.pv_power), float(self.battery_power)
        if power > 0:
            facts["_energy"] += power * hours
        facts["_pv_energy"] += sun * hours
        facts["_imposed_energy"] += (power - sun - watts) * hours
        if not watts:
            return
        facts["_charge_energy" if watts < 0 else "_discharge_energy"] += abs(watts) * hours
        taken = self._cell_power() * hours
        facts["_lost_energy"] += taken - watts * hours
        soc = before = facts["_soc"]
        if self.capacity > 0:
            soc = facts["_soc"] = min(max(before - taken / self.capacity * 100, 0.0), 100.0)
        facts["_forced_energy"] += (before - soc) / 100 * self.capacity - taken
