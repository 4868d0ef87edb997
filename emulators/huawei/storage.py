"""The battery on a hybrid SUN2000: readable, and forced by its own registers for a number of minutes.

Source: huawei-solar-lib's register names. The list says that batteries are not controlled here; whoever writes to these
registers is in the log. What the battery does is not added to the inverter's AC power: the row is a PV inverter.
"""

from emulators.faces.daily import SinceMidnight
from emulators.faces.settings import kept
from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.battery import BatteryInverter

RUNNING = 2
LUNA2000 = 2  # product model
STOP, CHARGE, DISCHARGE = 0, 1, 2


class Storage:
    """A LUNA2000, or nothing: then every value is None."""

    def __init__(self, facts: Facts, device: Device) -> None:
        self._device = device
        self._battery: BatteryInverter | None = None
        if facts.more["battery"]:
            self._battery = BatteryInverter(
                float(facts.more["storage_rating"]), 3, float(facts.more["storage_capacity"])
            )
            self._battery.time = device.clock()
        self._minutes = 60
        self.forced_soc, self.forced_mode, self.grid_charging = 0.0, 0, 0
        self._charge_power = self._discharge_power = 0.0
        self._forced, self._mode = STOP, 2  # 2: maximise self-consumption
        known = self._battery
        self.storage_serial = "HV2210017017" if known else None
        self.storage_version = "V100R002C00SPC125" if known else None
        self._charge = self._discharge = None
        if known is not None:
            most = 24 * known.rated_power
            self._charge = SinceMidnight(lambda: known.charge_energy, device.clock, most)
            self._discharge = SinceMidnight(lambda: known.discharge_energy, device.clock, most)

    @property
    def battery(self) -> BatteryInverter | None:
        return self._battery

    def look(self) -> None:
        if self._battery is not None:
            self._battery.advance(self._device.clock())

    @property
    def storage_status(self) -> int:
        return RUNNING if self._battery else 0

    @property
    def storage_mode_shown(self) -> int:
        return self._mode if self._battery else 0

    @property
    def storage_temperature(self) -> float | None:
        return self._battery.temperature if self._battery else None

    @property
    def storage_daily_charge(self) -> float | None:
        return self._charge.look() if self._charge else None

    @property
    def storage_daily_discharge(self) -> float | None:
        return self._discharge.look() if self._discharge else None

    @property
    def storage_product(self) -> int:
        return LUNA2000 if self._battery else 0

    @property
    def storage_rating(self) -> float | None:
        return self._battery.rated_power if self._battery else None

    @property
    def storage_capacity(self) -> float | None:
        return self._battery.capacity if self._battery else None

    @property
    def battery_power(self) -> float | None:
        return float(self._battery.battery_power) if self._battery else None

    @property
    def soc(self) -> float | None:
        return self._battery.soc if self._battery else None

    @property
    def charge_energy(self) -> float | None:
        return self._battery.charge_energy if self._battery else None

    @property
    def discharge_energy(self) -> float | None:
        return self._battery.discharge_energy if self._battery else None

    @property
    def storage_mode(self) -> int:
        return self._mode

    @storage_mode.setter
    def storage_mode(self, mode: int) -> None:
        if not 0 <= mode <= 6:
            raise IllegalValue(f"working mode {mode}")
        self._mode = mode

    @property
    def storage_max_charge(self) -> float | None:
        return self._battery.max_charge if self._battery else None

    @storage_max_charge.setter
    def storage_max_charge(self, watts: float) -> None:
        battery = self._needed(watts)
        battery.max_charge = watts

    @property
    def storage_max_discharge(self) -> float | None:
        return self._battery.max_discharge if self._battery else None

    @storage_max_discharge.setter
    def storage_max_discharge(self, watts: float) -> None:
        battery = self._needed(watts)
        battery.max_discharge = watts

    @property
    def storage_soc_max(self) -> float | None:
        return self._battery.soc_max if self._battery else None

    @storage_soc_max.setter
    def storage_soc_max(self, percent: float) -> None:
        self._needed(0).soc_max = percent

    @property
    def storage_soc_min(self) -> float | None:
        return self._battery.soc_min if self._battery else None

    @storage_soc_min.setter
    def storage_soc_min(self, percent: float) -> None:
        self._needed(0).soc_min = percent

    @property
    def forced(self) -> int:
        return self._forced

    @forced.setter
    def forced(self, order: int) -> None:
        battery = self._needed(0)
        if order not in (STOP, CHARGE, DISCHARGE):
            raise IllegalValue(f"forced charge {order}")
        self._forced = order
        if order == STOP:
            self._release()
            return
        self._push()
        battery.at("forced", self._device.clock() + 60 * self._minutes, self._release)

    # clients order first and tell power and period afterwards: what is written while it is forced counts at once

    @property
    def forced_minutes(self) -> float:
        return self._minutes

    @forced_minutes.setter
    def forced_minutes(self, minutes: int) -> None:
        self._minutes = minutes
        if self._forced and self._battery is not None:
            self._battery.at("forced", self._device.clock() + 60 * minutes, self._release)

    forced_charge_power = kept("_charge_power", then="_push")
    forced_discharge_power = kept("_discharge_power", then="_push")

    def _push(self) -> None:
        if self._forced and self._battery is not None:
            charging = self._forced == CHARGE
            self._battery.battery_setpoint = -self._charge_power if charging else self._discharge_power

    def _release(self) -> None:
        self._forced = STOP
        if self._battery is not None:
            self._battery.cancel("forced")
            self._battery.battery_setpoint = None

    def _needed(self, watts: float) -> BatteryInverter:
        """The battery, which takes no more than its rating."""
        if self._battery is None:
            raise IllegalValue("no battery")
        if watts > self._battery.rated_power:
            raise IllegalValue(f"{watts:g} W, rated {self._battery.rated_power:g} W")
        return self._battery
