"""A battery inverter, with or without PV on its DC side: setpoints, limits and the state of charge in closed form."""

from typing import Any, ClassVar

from twin.ac import AcDevice
from twin.model import INFINITY, follows

EFFICIENCY = 0.96  # one way, inverter and cells together: 0.92 there and back, typical of the listed systems


class BatteryInverter(AcDevice):
    """Hybrid or battery-only inverter. `power` at the AC terminal is `pv_power + battery_power`, discharging positive.

    Commands are assignments: `battery_setpoint` (W, None: own self-consumption regulation), `max_charge`,
    `max_discharge` (W), `soc_min`, `soc_max` (%), `power_limit` (W AC), `grid_charge`, `pv_available` (W).
    `demand` is what the site would import without this inverter, None where nothing measures it.
    """

    quantities: ClassVar[tuple[str, ...]] = (
        *AcDevice.quantities, "battery_power", "soc", "capacity", "charge_energy", "discharge_energy",
        "pv_power", "grid_power", "rated_power", "power_limit",
    )  # fmt: skip
    counters: ClassVar[dict[str, tuple[str, int]]] = {
        "energy": ("power", 1), "charge_energy": ("battery_power", -1), "discharge_energy": ("battery_power", 1),
    }  # fmt: skip

    def __init__(self, rated_power: float, phases: int = 3, capacity: float = 10_000.0) -> None:
        super().__init__(phases)
        self.rated_power = float(rated_power)
        self.capacity = float(capacity)  # Wh usable
        self.soc = 50.0
        self.charge_energy = 0.0  # Wh into the battery
        self.discharge_energy = 0.0  # Wh out of the battery
        self.lost_energy = 0.0  # Wh that became heat
        self.charge_efficiency = self.discharge_efficiency = EFFICIENCY
        self.demand: float | None = None
        self._setpoint: float | None = None
        self._max_charge = self._max_discharge = self._limit = self.rated_power
        self._soc_min, self._soc_max = 0.0, 100.0
        self._grid_charge = True
        self._pv_available = 0.0
        self._node = 0.0

    # commands

    @property
    def battery_setpoint(self) -> float | None:
        return self._setpoint

    @battery_setpoint.setter
    def battery_setpoint(self, watts: float | None) -> None:
        self._setpoint = watts
        self._obey()

    @property
    def max_charge(self) -> float:
        return self._max_charge

    @max_charge.setter
    def max_charge(self, watts: float) -> None:
        self._max_charge = watts
        self._obey()

    @property
    def max_discharge(self) -> float:
        return self._max_discharge

    @max_discharge.setter
    def max_discharge(self, watts: float) -> None:
        self._max_discharge = watts
        self._obey()

    @property
    def soc_min(self) -> float:
        return self._soc_min

    @soc_min.setter
    def soc_min(self, percent: float) -> None:
        self._soc_min = percent
        self._obey()

    @property
    def soc_max(self) -> float:
        return self._soc_max

    @soc_max.setter
    def soc_max(self, percent: float) -> None:
        self._soc_max = percent
        self._obey()

    @property
    def power_limit(self) -> float:
        """The limit in force at the AC terminal in W."""
        return self._limit

    @power_limit.setter
    def power_limit(self, watts: float) -> None:
        self._limit = watts
        self._obey()

    @property
    def grid_charge(self) -> bool:
        """Whether the battery may charge from the AC side, not only from its own PV."""
        return self._grid_charge

    @grid_charge.setter
    def grid_charge(self, allowed: bool) -> None:
        self._grid_charge = allowed
        self._obey()

    @property
    def pv_available(self) -> float:
        """What the sun offers in W, as it would arrive at the AC terminal."""
        return self._pv_available

    @pv_available.setter
    def pv_available(self, watts: float) -> None:
        self._pv_available = watts
        self._obey()

    def _obey(self) -> None:
        self.free("battery_power", "pv_power")

    def set(self, name: str, value: Any) -> None:
        if name == "pv_power":  # the sun offers this much
            self._pv_available = value
        super().set(name, value)

    # flows

    @property
    def ceiling(self) -> float:
        """Highest AC power in W."""
        return max(min(self.rated_power, self._limit), 0.0)

    @follows
    def battery_power(self) -> float:
        """W, positive when discharging."""
        sun = float(self.held.get("pv_power", self._pv_available))
        wanted = self._setpoint
        if wanted is None:
            if self.demand is None:
                return 0.0
            wanted = min(self.demand, self.ceiling) - sun
        lowest = -min(self._max_charge, self.rated_power)
        if not self._grid_charge:
            lowest = max(lowest, -sun)
        if self.soc >= self._soc_max:
            lowest = 0.0
        highest = min(self._max_discharge, self.ceiling) if self.soc > self._soc_min else 0.0
        return max(min(wanted, highest), lowest)

    @follows
    def pv_power(self) -> float:
        return max(min(self._pv_available, self.ceiling - float(self.battery_power)), 0.0)

    def flow(self) -> float:
        return float(self.pv_power) + float(self.battery_power)

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
        return "limited" if self.pv_power < self._pv_available else "running"

    # state of charge

    def _cell_power(self) -> float:
        """W that the cells lose, negative while they fill."""
        watts = float(self.battery_power)
        return watts / self.discharge_efficiency if watts > 0 else watts * self.charge_efficiency

    def horizon(self) -> float:
        watts = self._cell_power()
        if watts < 0 and self.soc < self._soc_max:
            missing = self._soc_max - self.soc
        elif watts > 0 and self.soc > self._soc_min:
            missing = self.soc - self._soc_min
        else:
            return INFINITY
        return self.time + missing / 100 * self.capacity / abs(watts) * 3600

    def reached(self) -> None:
        self.soc = self._soc_max if self.battery_power < 0 else self._soc_min
        self._obey()

    def integrate(self, hours: float) -> None:
        super().integrate(hours)
        watts = float(self.battery_power)
        if not watts:
            return
        before = self.soc
        if self.capacity > 0:
            self.soc = min(max(before - self._cell_power() * hours / self.capacity * 100, 0.0), 100.0)
        # What is forced into full cells, or out of empty ones, is heat too.
        self.lost_energy += -watts * hours - (self.soc - before) / 100 * self.capacity
