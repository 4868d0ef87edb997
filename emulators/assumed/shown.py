"""What HEM-BESS-1 shows of its state: the enumerations of the SunSpec models 103, 701 and 802."""

from typing import Protocol

from twin.battery import BatteryInverter


class Switch(Protocol):
    """What disconnects the battery."""

    connected: bool
    tripped: bool


class Shown:
    """Read-only values."""

    def __init__(self, twin: BatteryInverter, switch: Switch) -> None:
        self._twin, self._switch = twin, switch

    @property
    def charge_state(self) -> int:
        """1 off, 2 empty, 3 discharging, 4 charging, 5 full, 6 holding."""
        twin, power = self._twin, float(self._twin.battery_power)
        if not self._switch.connected or self._switch.tripped:
            return 1
        if power:
            return 3 if power > 0 else 4
        return 5 if twin.soc >= twin.soc_max else 2 if twin.soc <= twin.soc_min else 6

    @property
    def battery_state(self) -> int:
        """1 disconnected, 3 connected, 4 standby, 5 SoC protection, 99 fault."""
        if self._switch.tripped or self._twin.status == "fault":
            return 99
        if not self._switch.connected:
            return 1
        if self._twin.battery_power:
            return 3
        return 5 if self._twin.soc <= self._twin.soc_min else 4

    @property
    def current_sum(self) -> float:
        return sum(float(getattr(self._twin, f"current_l{phase}") or 0.0) for phase in (1, 2, 3))

    @property
    def inverter_state(self) -> int:
        """1 off, 3 starting, 4 running, 5 throttled, 7 fault, 8 standby."""
        if self._switch.tripped:
            return 7
        known = {"off": 1, "standby": 8, "starting": 3, "running": 4, "limited": 5, "fault": 7}
        return known[self._twin.status] if self._switch.connected else 1

    @property
    def der_state(self) -> int:
        """The same in the numbers of model 701."""
        return {1: 0, 3: 2, 4: 3, 5: 4, 7: 6, 8: 7}[self.inverter_state]

    @property
    def switched_on(self) -> int:
        return int(self._switch.connected)
