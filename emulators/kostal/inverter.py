"""KOSTAL PLENTICORE plus and PIKO IQ: volatile limits, and the battery under external control while commands come.

The battery obeys only where the installer has chosen control via Modbus (1080 reads 2); elsewhere commands are taken
and ignored. Without a command for the web page's time-out the inverter regulates itself again. Writing 0 is a command
too: the battery rests. Several registers take function 6 only.
Source: KOSTAL Interface description MODBUS (TCP) & SunSpec, DOC02308910-0016; evcc issues 16300, 31487, 31827.
"""

from typing import Any

from emulators.faces.controls import ImmediateControls, Shown
from emulators.faces.settings import kept, within
from emulators.family.profile import Facts
from emulators.kostal.battery import BATTERY_VOLTS, BatteryControl
from emulators.kostal.counted import Counted
from emulators.table.answers import IllegalAddress
from emulators.wires.device import Device
from twin.battery import BatteryInverter
from twin.pv import PvInverter

STATES = {"off": 0, "starting": 4, "running": 6, "limited": 7, "standby": 10, "fault": 16}
SINGLE = frozenset({533, 583, 585, 832, 1024, 40217})  # function 6 only


class Plenticore:
    """Limits in percent (533, volatile), in watts (832) and through SunSpec 123 (kept); the least holds."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        self._twin = twin
        battery: Any = device.beside.get("battery")
        self._battery = battery
        self._meter: Any = device.beside.get("meter")
        shown = Shown(twin, 2)
        self._sunspec: float | None = None
        self._controls = ImmediateControls(twin, device.clock, self._sunspec_limit, enabled=1)
        self._control = BatteryControl(battery, facts, device) if isinstance(battery, BatteryInverter) else None
        self.parts = (
            self._controls,
            shown,
            Counted(twin, battery, self._meter, device),
            *((self._control,) if self._control else ()),
        )
        self.operator = self._control.operator if self._control else {}
        self._reset()

    def _reset(self) -> None:
        self._percent, self._watts = 100, self._twin.rated_power
        self.reactive_percent = self.delta_cos_phi = 0
        self.output_1 = self.output_2 = self.output_3 = self.output_4 = 0

    def asked(self, function: int, address: int, count: int) -> None:
        if function == 16 and SINGLE.intersection(range(address, address + count)):
            raise IllegalAddress("function 6 only")

    def reboot(self) -> None:
        """533 and 832 are discarded, the battery is the inverter's own again; the SunSpec limit stays."""
        self._reset()
        if self._control:
            self._control.restart()
        self._obey()

    @property
    def inverter_state(self) -> int:
        return STATES[str(self._twin.status)]

    active_power_percent = kept("_percent", within, 1, 100, then="_obey")
    active_power_watts = kept("_watts", then="_obey")

    @property
    def house_from_battery(self) -> float:
        return max(float(self._battery.battery_power), 0.0) if self._battery else 0.0

    @property
    def house_from_grid(self) -> float:
        return max(float(self._meter.power), 0.0) if self._meter else 0.0

    @property
    def house_from_pv(self) -> float:
        export = max(-float(self._meter.power), 0.0) if self._meter else 0.0
        return max(self._twin.sun_power - export, 0.0)

    @property
    def battery_management(self) -> int:
        """1080: 0 none, 1 digital, 2 Modbus; only the installer changes it."""
        return self._control.management_mode if self._control else 0

    @property
    def battery_type(self) -> int:
        """588: 0 none, 4 BYD."""
        return 4 if self._battery else 0

    @property
    def battery_maker(self) -> str | None:
        return "BYD" if self._battery else None

    @property
    def battery_ready(self) -> float:
        return 1.0 if self._battery else 0.0

    @property
    def battery_volts(self) -> float | None:
        return BATTERY_VOLTS if self._battery else None

    @property
    def battery_capacity_ah(self) -> float | None:
        return float(self._battery.capacity) / BATTERY_VOLTS if self._battery else None

    @property
    def battery_current(self) -> float | None:
        """A, discharging positive."""
        return float(self._battery.battery_power) / BATTERY_VOLTS if self._battery else None

    @property
    def battery_charge_current(self) -> float | None:
        """A into the battery, 0 while it discharges."""
        current = self.battery_current
        return None if current is None else max(-current, 0.0)

    @property
    def sensor_type(self) -> int:
        """1082: 3 is the KOSTAL Smart Energy Meter, 255 none."""
        return 3 if self._meter else 255

    def _sunspec_limit(self, percent: float | None) -> None:
        self._sunspec = percent
        self._obey()

    def _obey(self) -> None:
        rating = self._twin.rated_power
        shares = (self._percent, 100.0 if self._sunspec is None else self._sunspec)
        self._twin.power_limit = min(self._watts, *(share / 100 * rating for share in shares))
