"""External battery control of the PLENTICORE: set-points, bounds, and the time-out that ends them.

Source: KOSTAL Interface description MODBUS (TCP) & SunSpec, chapter 4; evcc issue 16300 (0 blocks, silence releases).
"""

from math import inf

from emulators.faces.settings import kept, within
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.battery import BatteryInverter

NONE, MODBUS = 0, 2  # 1080, battery management mode
BATTERY_VOLTS = 400.0


class BatteryControl:
    """Negative charges, positive discharges. `battery_management` and `battery_timeout` come from the family file."""

    def __init__(self, battery: BatteryInverter, facts: Facts, device: Device) -> None:
        self._battery, self._clock = battery, device.clock
        self.management_mode = int(facts.more["battery_management"])
        self._timeout = float(facts.more["battery_timeout"])
        self._fallback_charge = self._fallback_discharge = battery.rated_power
        self._fallback_time = int(facts.more["g3_fallback_time"])
        self._setpoint: float | None = None
        self._charge = self._discharge = battery.rated_power
        self.operator = {"external_control": self._external, "internal_control": self._internal}

    def restart(self) -> None:
        self._release()
        self._battery.cancel("G3 limits missing")

    @property
    def setpoint_dc(self) -> float:
        return self._setpoint or 0.0

    @setpoint_dc.setter
    def setpoint_dc(self, watts: float) -> None:
        self._setpoint = watts
        self._command()

    @property
    def setpoint_dc_percent(self) -> float:
        return self.setpoint_dc / self._battery.rated_power * 100

    @setpoint_dc_percent.setter
    def setpoint_dc_percent(self, percent: float) -> None:
        self.setpoint_dc = within(percent, -100, 100) / 100 * self._battery.rated_power

    @property
    def setpoint_current(self) -> float:
        return self.setpoint_dc / BATTERY_VOLTS

    @setpoint_current.setter
    def setpoint_current(self, amperes: float) -> None:
        self.setpoint_dc = amperes * BATTERY_VOLTS

    max_charge = kept("_charge", within, 0, inf, then="_command")
    max_discharge = kept("_discharge", within, 0, inf, then="_command")

    @property
    def soc_minimum(self) -> float:
        return self._battery.soc_min

    @soc_minimum.setter
    def soc_minimum(self, percent: float) -> None:
        self._battery.soc_min = abs(within(percent, -100, 100))

    @property
    def soc_maximum(self) -> float:
        return self._battery.soc_max

    @soc_maximum.setter
    def soc_maximum(self, percent: float) -> None:
        self._battery.soc_max = abs(within(percent, -100, 100))

    # G3: limits that must be written cyclically once they were written

    @property
    def g3_max_charge(self) -> float:
        return self._battery.max_charge

    @g3_max_charge.setter
    def g3_max_charge(self, watts: float) -> None:
        self._cycle(within(watts, 0, inf), self._battery.max_discharge)

    @property
    def g3_max_discharge(self) -> float:
        return self._battery.max_discharge

    @g3_max_discharge.setter
    def g3_max_discharge(self, watts: float) -> None:
        self._cycle(self._battery.max_charge, within(watts, 0, inf))

    @property
    def g3_fallback_charge(self) -> float:
        return self._fallback_charge

    @g3_fallback_charge.setter
    def g3_fallback_charge(self, watts: float) -> None:
        self._fallback_charge = within(watts, 0, inf)

    @property
    def g3_fallback_discharge(self) -> float:
        return self._fallback_discharge

    @g3_fallback_discharge.setter
    def g3_fallback_discharge(self, watts: float) -> None:
        self._fallback_discharge = within(watts, 0, inf)

    @property
    def g3_fallback_time(self) -> int:
        return self._fallback_time

    @g3_fallback_time.setter
    def g3_fallback_time(self, seconds: int) -> None:
        self._fallback_time = within(seconds, 30, 10_800)

    def _cycle(self, charge: float, discharge: float) -> None:
        self._battery.max_charge, self._battery.max_discharge = charge, discharge
        self._battery.at("G3 limits missing", self._clock() + self._fallback_time, self._fall_back)

    def _fall_back(self) -> None:
        self._battery.max_charge, self._battery.max_discharge = self._fallback_charge, self._fallback_discharge

    # what holds

    def _external(self) -> None:
        """The installer chooses "external via protocol (Modbus TCP)"."""
        self.management_mode = MODBUS

    def _internal(self) -> None:
        self.management_mode = NONE
        self._release()

    def _command(self) -> None:
        """A command arrived: it acts until the time-out, if the battery is under external control at all."""
        if self.management_mode != MODBUS:
            return
        battery = self._battery
        battery.at("external control", self._clock() + self._timeout, self._release)
        battery.max_charge, battery.max_discharge = self._charge, self._discharge
        battery.battery_setpoint = self._setpoint

    def _release(self) -> None:
        """Internal control again."""
        battery = self._battery
        battery.cancel("external control")
        self._setpoint = None
        self._charge = self._discharge = battery.rated_power
        battery.max_charge = battery.max_discharge = battery.rated_power
        battery.battery_setpoint = None
