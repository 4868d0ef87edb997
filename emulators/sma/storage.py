"""SMA storage systems: three ways to command the battery, and what they do when the commands stop.

The set-point in watts (40149, 40151), the window of the battery management (40236, 40793 to 40801), the band in
percent (44039, 44041). The band and the window bound what the set-point asks for.
Source: register lists SI 1.04, 3.20 and 3.40, SBS2.5, SBS3.7-6.0, STPxx-3SE 30109R; SI-Modbus-BA-en-12;
OpenEMS/openems:io.openems.edge.sma; evcc-io/evcc:templates/definition/meter/sma-sbs-modbus.yaml.
"""

from emulators.faces.controls import Shown
from emulators.faces.settings import kept, one_of, up_to_rating, within
from emulators.family.profile import Facts
from emulators.sma import tags
from emulators.sma.external import DailyYield, GridGuard, SameSetpoints, Silence
from emulators.sma.storage_shown import StorageShown
from emulators.table.answers import DeviceFailure
from emulators.table.words import Words
from emulators.wires.device import Device
from twin.battery import BatteryInverter


class Storage:
    """`silence` of the facts: "keep" obeys 41193, "charge" also fills the battery after the time-out (Sunny Island)."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._facts, self._now = twin, facts, device.clock
        self._guard = GridGuard(facts)
        self._silence = Silence(twin, facts, device, self._obey)
        shown = StorageShown(twin, facts, device, lambda: self._stopped)
        dc_side = Shown(twin, dc=lambda: float(twin.pv_power))
        self.parts = (
            self._guard,
            self._silence,
            SameSetpoints(self),
            shown,
            dc_side,
            DailyYield(twin, device),
            Words(),
        )
        rating = twin.rated_power
        self._mode, self._max_power = tags.EXTERNAL, rating
        self.fallback_percent = float(facts.more.get("fallback_percent", 100.0))
        self.fallback_maximum = float(facts.more.get("fallback_maximum", rating))
        self.fallback_minimum = float(facts.more.get("fallback_minimum", -rating))
        self._self_consumption = int(facts.more.get("self_consumption", tags.YES))
        self.ramp_up, self.ramp_down, self.reactive_setpoint = 20.0, 20.0, 0.0
        self.soc_window_low, self.soc_window_high = 0.0, 100.0
        self._operating_mode = tags.START
        self._forget()
        self._obey()

    def _forget(self) -> None:
        rating = self._twin.rated_power
        self._percent, self._watts, self._lowest, self._highest = 100.0, rating, -100.0, 100.0
        self._setpoint, self._active = 0.0, tags.INACTIVE
        self._charge_min, self._charge_max, self._discharge_min, self._discharge_max = 0.0, rating, 0.0, rating
        self._bms_mode, self._grid_setpoint, self._fast_stop = tags.BMS_DEFAULT, 0.0, tags.START
        self._storctl, self._rate = 0, 100.0

    def reboot(self) -> None:
        """Set-points and the Grid Guard login are lost, parameters stay."""
        self._guard.open = False
        self._silence.expired = False
        self._twin.cancel("set-points missing")
        self._twin.cancel("charging for want of set-points")
        self._forget()
        self._obey()

    def asked(self, function: int, address: int, count: int) -> None:
        """The Sunny Island shows and takes some parameters only after the Grid Guard login."""
        hidden = self._facts.more.get("hidden", ())
        if not self._guard.open and any(address <= each < address + count for each in hidden):
            raise DeviceFailure("locked by Grid Guard")

    # set-points

    setpoint = kept("_setpoint", then="_fed")
    setpoint_active = kept("_active", one_of, tags.ACTIVE, tags.INACTIVE, then="_fed")
    bms_mode = kept(
        "_bms_mode", one_of, tags.BMS_DEFAULT, tags.BMS_CHARGE, tags.BMS_DISCHARGE, tags.OFF, tags.BMS_ON,
        tags.BMS_AUTO, then="_fed",
    )  # fmt: skip
    bms_charge_min = kept("_charge_min", then="_fed")
    bms_charge_max = kept("_charge_max", then="_fed")
    bms_discharge_min = kept("_discharge_min", then="_fed")
    bms_discharge_max = kept("_discharge_max", then="_fed")
    bms_grid_setpoint = kept("_grid_setpoint", then="_fed")
    limit_max_percent = kept("_highest", within, -100, 100, then="_fed")
    limit_min_percent = kept("_lowest", within, -100, 100, then="_fed")
    limit_percent = kept("_percent", within, 0, 100, then="_fed")
    limit_watts = kept("_watts", then="_fed")
    fast_stop = kept("_fast_stop", one_of, tags.STOP, tags.START, tags.FULL_STOP, then="_fed")

    # parameters

    operating_mode = kept("_operating_mode", one_of, tags.START, tags.STOP, then="_obey")

    @property
    def power_mode(self) -> int:
        return self._mode

    @power_mode.setter
    def power_mode(self, tag: int) -> None:
        if self._facts.more.get("guarded", "yes") == "yes":
            self._guard.check()
        self._mode = one_of(tag, tags.OFF, tags.MANUAL_WATTS, tags.MANUAL_PERCENT, tags.EXTERNAL)
        self._obey()

    max_power = up_to_rating("_max_power", then="_obey")

    # the SunSpec side

    # 124 StorCtl_Mod: bit 0 makes the charge rate act
    storage_control_mode = kept("_storctl", one_of, 0, 1, 2, 3, then="_fed")
    charge_rate = kept("_rate", within, -100, 100, then="_fed")  # 124 InWRte: percent of the largest charge power

    @property
    def self_consumption(self) -> int:
        return self._self_consumption

    @self_consumption.setter
    def self_consumption(self, tag: int) -> None:
        self._self_consumption = one_of(tag, tags.YES, tags.NO)

    # what holds

    @property
    def _stopped(self) -> bool:
        return self._fast_stop != tags.START or self._operating_mode == tags.STOP

    def _fed(self) -> None:
        self._silence.fed()
        if self._facts.more["silence"] == "charge":
            due = self._now() + self._silence.missing_timeout
            self._twin.at("charging for want of set-points", due, self._charge)
        self._obey()

    def _charge(self) -> None:
        """Set-points stopped: without its own self-consumption the device fills its battery."""
        if self._active == tags.ACTIVE and self.self_consumption != tags.YES:
            self._twin.battery_setpoint = -self._twin.rated_power

    def _forced(self, direction: int, least: float, most: float) -> float:
        """W in the forced direction: what its own regulation would give, within the window."""
        own = direction * ((self._twin.demand or 0.0) - float(self._twin.pv_power))
        return max(min(own, most), least, 0.0)

    def _obey(self) -> None:
        twin = self._twin
        low, high = -self._charge_max, self._discharge_max
        wanted: float | None = None
        if self._mode == tags.EXTERNAL and not self._silence.expired:
            low = max(low, self._lowest / 100 * self._max_power)
            high = min(high, self._highest / 100 * self._max_power)
            if self._storctl & 1:
                low = max(low, -self._rate / 100 * twin.rated_power)
            if self._bms_mode == tags.BMS_CHARGE:
                wanted = -self._forced(-1, self._charge_min, self._charge_max)
            elif self._bms_mode == tags.BMS_DISCHARGE:
                wanted = self._forced(1, self._discharge_min, self._discharge_max)
            if self._active == tags.ACTIVE:
                wanted = self._setpoint
        elif self._silence.expired:
            low, high = max(low, self.fallback_minimum), min(high, self.fallback_maximum)
        if self._bms_mode == tags.OFF or self._stopped:
            wanted, low, high = 0.0, 0.0, 0.0
        cells = float(self._facts.more["charge_share"]) * twin.rated_power
        low, high = max(low, -cells), min(high, cells)
        if wanted is not None or high < 0 or low > 0:  # a band that lies on one side of zero forces
            wanted = min(max(wanted or 0.0, low), high)
        twin.max_charge, twin.max_discharge = max(-low, 0.0), max(high, 0.0)
        share = self._percent / 100 if self._mode == tags.EXTERNAL and not self._silence.expired else 1.0
        twin.power_limit = 0.0 if self._stopped else min(share * self._max_power, self._watts)
        twin.battery_setpoint = wanted
