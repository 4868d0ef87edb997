"""RCT Power Storage: strategies, external battery power, settings that are lost unless the flash is written.

Source: evcc-io/evcc:meter/rct.go, svalouch/python-rctclient:docs/cli_write_support.rst. The inverter checks no values.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from emulators.faces.daily import SinceMidnight
from emulators.family.profile import Facts
from emulators.faults.possible import WRITTEN
from emulators.wires.device import Device
from twin.battery import BatteryInverter
from twin.meter import ElectricityMeter

EXTERNAL, INTERNAL = 2, 4  # strategies
STANDBY, POWER_CHECK, FEED_IN = 0, 6, 13  # machine states
GRID_FAULT = 1 << 4  # any bit; their meaning is not public
CALIBRATION = 8  # of status2, any value but 0, 1032 and 2048
SAVE, SAVED = 5, 0  # written to com_service, one after the other
DAY = 86_400
A_SHARE = 0.6  # of the PV power that comes from string A
COUNTED = ("energy", "import_energy", "export_energy", "load_energy", "string_a_energy", "string_b_energy")


class PowerStorage:
    """The objects of one inverter, with the grid meter that hangs on it."""

    faults = WRITTEN

    def __init__(self, twin: BatteryInverter, meter: ElectricityMeter, facts: Facts, device: Device) -> None:
        self.twin, self.meter, self.facts, self.device = twin, meter, facts.more, device
        lowest, highest = self.facts["soc_limits"]
        self._values: dict[str, float] = {
            **self.facts["defaults"], "battery_power_extern": 0.0, "use_grid_power": 0, "soc_min": lowest,
            "soc_max": highest, "power_reduction": 1.0, "pv_peak": float(self.facts["pv_peak"]), "period": 1000,
        }  # fmt: skip
        self._saved = dict(self._values)
        self.com_service = 0
        self._asked_to_save = False
        self.write_cycles, self.erase_cycles = 143, 12
        self.battery_status2 = 0
        self._today = {name: SinceMidnight(partial(getattr, self, name), device.clock) for name in COUNTED}
        twin.metered = bool(self.facts["external_meter"])
        twin.at("rct midnight", (twin.time // DAY + 1) * DAY, self._midnight)
        self.operator: dict[str, Callable[..., None]] = {
            "calibrate": self.calibrate, "calibrated": self.calibrated, "reboot": self.reboot,
        }  # fmt: skip
        self._apply()

    def reboot(self) -> None:
        """What was not written to flash is lost."""
        self._values = dict(self._saved)
        self.com_service, self._asked_to_save = 0, False
        self._apply()

    def settle(self, now: float) -> None:
        """Bring inverter and meter to `now`."""
        if not self.facts["external_meter"]:
            self.twin.advance(now)
            return
        self.meter.power = float(self.twin.grid_power)
        self.meter.advance(now)
        self.twin.advance(now)
        self.meter.power = float(self.twin.grid_power)

    def _midnight(self) -> None:
        for each in self._today.values():
            each.look()
        self.twin.at("rct midnight", self.twin.time + DAY, self._midnight)

    # commands

    def write(self, name: str, value: float) -> None:
        """A value for an object, in force at once and checked by nobody."""
        if name == "com_service":
            self._service(int(value))
            return
        self._values[name] = value
        self._apply()

    def _service(self, code: int) -> None:
        """5 and then 0 write the settings to flash."""
        if code == SAVED and self._asked_to_save:
            self._saved = dict(self._values)
            self.write_cycles += 1
            self.erase_cycles += self.write_cycles % 16 == 0
        self._asked_to_save = code == SAVE
        self.com_service = code

    def _apply(self) -> None:
        """What the settings make the battery do."""
        twin, values = self.twin, self._values
        twin.soc_min, twin.soc_max = 100 * values["soc_min"], 100 * values["soc_max"]
        external = values["soc_strategy"] == EXTERNAL and not self.battery_status2
        twin.grid_charge = bool(values["use_grid_power"]) or not external
        twin.battery_setpoint = values["battery_power_extern"] if external else None
        throttled = self.facts["strings"] and self.facts["external_meter"]
        limit = values["power_reduction"] * values["pv_peak"] if throttled else twin.rated_power
        twin.power_limit = min(max(limit, 0.0), twin.rated_power)

    def calibrate(self) -> None:
        """The battery management calibrates: no external power."""
        self.battery_status2 = CALIBRATION
        self._apply()

    def calibrated(self) -> None:
        self.battery_status2 = 0
        self._apply()

    # what it tells beyond the twin

    def __getattr__(self, name: str) -> Any:
        """A setting, or what a counter has grown since midnight: <counter>_today."""
        today: dict[str, SinceMidnight] = self.__dict__.get("_today", {})
        if name.endswith("_today") and name[:-6] in today:
            return today[name[:-6]].look()
        values: dict[str, float] = self.__dict__.get("_values", {})
        if name not in values:
            raise AttributeError(name)
        return values[name]

    serial = property(lambda self: str(self.facts["serial"]))
    device_name = property(lambda self: str(self.facts["device_name"]))
    software = property(lambda self: str(self.facts["software"]))
    battery_serial = property(lambda self: str(self.facts["battery_serial"]))
    module_serial = property(lambda self: str(self.facts["module_serial"]))
    no_fault = s0_power = bat_status = battery_status = 0
    health, cycles, insulation = 0.98, 137, 2.4e6  # a fraction; full ones; ohms

    @property
    def soc_target(self) -> float:
        return self._values["soc_target_set"]

    @property
    def external_power(self) -> float:
        """W that the external sensor sees, import positive; 0 without one."""
        return float(self.twin.grid_power) if self.facts["external_meter"] else 0.0

    @property
    def external_power_phase(self) -> float:
        return self.external_power / 3

    @property
    def household_power(self) -> float:
        return float(self.twin.power) + float(self.twin.grid_power)

    @property
    def import_energy(self) -> float:
        return self.meter.import_energy

    @property
    def export_energy(self) -> float:
        return self.meter.export_energy

    @property
    def battery_voltage(self) -> float:
        return float(self.facts["nominal_voltage"])

    @property
    def battery_current(self) -> float:
        return float(self.twin.battery_power) / self.battery_voltage

    @property
    def amp_hours(self) -> float:
        return float(self.twin.capacity) / self.battery_voltage

    @property
    def charged_amp_hours(self) -> float:
        return self.twin.charge_energy / self.battery_voltage

    @property
    def discharged_amp_hours(self) -> float:
        return self.twin.discharge_energy / self.battery_voltage

    @property
    def current_limit(self) -> float:
        return self.twin.rated_power / self.battery_voltage

    @property
    def highest_voltage(self) -> float:
        return 1.15 * self.battery_voltage

    @property
    def lowest_voltage(self) -> float:
        return 0.85 * self.battery_voltage

    @property
    def energy(self) -> float:
        return self.twin.energy

    @property
    def load_energy(self) -> float:
        """Wh into the house; what the battery took from the grid before counts as well."""
        return max(self.energy + self.import_energy - self.export_energy, 0.0)

    @property
    def household_phase(self) -> float:
        return self.household_power / 3

    @property
    def unix_time(self) -> float:
        return self.device.clock()

    @property
    def fault_bits(self) -> int:
        """The first word of faults; the others stay empty."""
        return GRID_FAULT if self.twin.status == "fault" else 0

    @property
    def machine_state(self) -> int:
        return {"running": FEED_IN, "limited": FEED_IN, "starting": POWER_CHECK}.get(str(self.twin.status), STANDBY)

    @property
    def with_strings(self) -> int:
        return int(self.facts["strings"])

    @property
    def string_a_power(self) -> float:
        return A_SHARE * float(self.twin.pv_power) * self.with_strings

    @property
    def string_b_power(self) -> float:
        return (1 - A_SHARE) * float(self.twin.pv_power) * self.with_strings

    @property
    def string_a_energy(self) -> float:
        return A_SHARE * self.twin.pv_energy * self.with_strings

    @property
    def string_b_energy(self) -> float:
        return (1 - A_SHARE) * self.twin.pv_energy * self.with_strings

    @property
    def string_voltage(self) -> float:
        return float(self.facts["string_voltage"]) if self.string_a_power else 0.0
