"""Fronius inverters: SunSpec controls with the maker's own re-arming, storage rates, site totals.

A limit that is written while the enable is 1 waits until the enable is written again; with option rearm = "rising",
which one client found on a GEN24, until it goes from 0 to 1. Without the permission "control via Modbus" every write
is refused.
Source: Fronius Modbus TCP & RTU 42,0410,2049 as quoted by clients; callifo/fronius_modbus:froniusmodbusclient.py;
victronenergy/dbus-fronius:software/src/sunspec_updater.cpp.
"""

from typing import Any

from emulators.faces.controls import ImmediateControls, Shown
from emulators.faces.daily import SinceMidnight, today
from emulators.faces.settings import Stored
from emulators.faces.storage_controls import StorageControls
from emulators.faces.yearly import SinceYear
from emulators.family.profile import Facts
from emulators.table.answers import DeviceFailure
from emulators.wires.device import Device
from twin.battery import BatteryInverter
from twin.pv import PvInverter

NOT_HERE = {  # reactive power: kept as written
    "pf_set": 1.0, "pf_window": 0, "pf_reversion": 0, "pf_ramp": 0, "pf_enabled": 0,
    "var_percent": 0.0, "var_window": 0, "var_reversion": 0, "var_ramp": 0, "var_enabled": 0, "acknowledgement": 0,
}  # fmt: skip
YEAR_2000 = 946_684_800.0  # seconds from 1970 to 2000, where model 122 counts from


class Fronius:
    """`rearm`, `longest_reversion`, `strings`, `storage_reversion` and `control` come from the family file."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        self.maximum_power = twin.power_limit = float(facts.more["wmax"]) * twin.rated_power
        self._twin, self._clock = twin, device.clock
        self._allowed = facts.more["control"] == "allowed"
        battery: Any = device.beside.get("battery")
        shown = Shown(twin, int(facts.more["strings"]))
        self._controls = ImmediateControls(
            twin, device.clock, self._act, acts_on=str(facts.more["rearm"]),
            longest=int(facts.more["longest_reversion"]),
        )  # fmt: skip
        self._storage = (
            StorageControls(
                battery, device.clock, largest=battery.rated_power, reversion=int(facts.more["storage_reversion"]),
                grid_charge=0, solar=lambda: float(twin.dc_power),
            ) if isinstance(battery, BatteryInverter) else None
        )  # fmt: skip
        self._battery = battery
        self._limited = False
        self._daily = SinceMidnight(lambda: float(twin.energy), device.clock, 24 * twin.rated_power)
        self._yearly = SinceYear(lambda: float(twin.energy), device.clock)
        self.parts = (self._controls, shown, Stored(NOT_HERE), *((self._storage,) if self._storage else ()))
        self.operator = {"allow_control": self._allow, "deny_control": self._deny}

    def asked(self, function: int, address: int, count: int) -> None:
        if function in (6, 16) and not self._allowed:
            raise DeviceFailure("control via Modbus is not allowed")

    def reboot(self) -> None:
        """The limit and the rates are lost; the storage's reversion time stays."""
        self._controls.restart()
        if self._storage:
            self._storage.restart()

    @property
    def connection_bits(self) -> int:
        """122 PVConn: connected, available, operating."""
        return 0 if not self._controls.connected else 0b111 if self._twin.power > 0 else 0b011

    @property
    def seconds_2000(self) -> int:
        return int(self._clock() - YEAR_2000)

    @property
    def battery_charging(self) -> float:
        """W into the battery, as a DC module of its own."""
        return max(-float(self._battery.battery_power), 0.0)

    @property
    def battery_discharging(self) -> float:
        return max(float(self._battery.battery_power), 0.0)

    @property
    def storage_bits(self) -> int:
        """122 StorConn: connected, available, operating; 0 without a battery."""
        return 0 if self._battery is None else 0b111 if self._battery.battery_power else 0b011

    @property
    def active_controls(self) -> int:
        """122 StActCtl: bit 0 while the power is limited."""
        return int(self._limited)

    @property
    def insulation(self) -> float | None:
        """Ohm, while there is sun on the strings."""
        return 5_000_000.0 if float(self._twin.available) > 0 or float(self._twin.power) > 0 else None

    daily_energy = today("_daily")

    @property
    def yearly_energy(self) -> float:
        return self._yearly.look()

    def _allow(self) -> None:
        self._allowed = True

    def _deny(self) -> None:
        """The installer forbids it: the next source in the list of priorities takes over, here none."""
        self._allowed = False
        self._controls.restart()

    def _act(self, percent: float | None) -> None:
        self._limited = percent is not None
        self._twin.power_limit = self.maximum_power * (100.0 if percent is None else percent) / 100
