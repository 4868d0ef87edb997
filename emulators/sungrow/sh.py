"""Sungrow SH: EMS modes, forced charging and its heartbeat, SoC and export limits.

Source: Communication Protocol of Residential and Small Industrial Hybrid Inverter V1.1.16. A charge command counts only
in the modes 2 (forced), 3 (external EMS) and 4 (VPP); 3 and 4 fall back to self-consumption when the heartbeat is not
rewritten in time, 2 stays for ever. Assumed, as the document is silent: heartbeat 0 switches the watch off.
"""

from emulators.faces.settings import kept, one_of, switch, up_to_rating, within
from emulators.faces.terminals import DcInputs, SignedCurrents
from emulators.family.profile import Facts
from emulators.sungrow.calendar_clock import SettableClock, register
from emulators.sungrow.sh_beyond import Beyond
from emulators.sungrow.sh_measured import Measured
from emulators.table.answers import IllegalAddress
from emulators.wires.device import Device
from twin.battery import BatteryInverter

ON, OFF = 0xAA, 0x55
START, STOP = 0xCF, 0xCE
CHARGE, DISCHARGE, HALT = 0xAA, 0xBB, 0xCC
SELF_CONSUMPTION, FORCED, EXTERNAL_EMS, VPP = 0, 2, 3, 4
WATCHED = (EXTERNAL_EMS, VPP)
RECOMMENDED = (5213, 5214, 5630)  # absent on old firmware
IN_MODE = {FORCED: 0x0800, EXTERNAL_EMS: 0x4000, VPP: 0x8200}
RUNNING_STATES = {
    "off": 0x0001, "standby": 0x0008, "starting": 0x0020, "running": 0x0040, "limited": 0x0080, "fault": 0x0100,
}  # fmt: skip
INITIAL_STANDBY = 0x0010


class Hybrid:
    """Settings as written; what they add up to goes to the twin as its commands."""

    year, month, day = register("year"), register("month"), register("day")
    hour, minute, second = register("hour"), register("minute"), register("second")

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self._measured = Measured(twin, facts, device)
        inputs = DcInputs(lambda: float(twin.pv_power), int(facts.more["mppts"]), float(facts.more["mppt_voltage"]))
        self.parts = (self._measured, inputs, SignedCurrents(twin), Beyond(device, facts))
        self.type_code = int(facts.more["code"])
        self.serial_number = f"B{facts.row}{self.type_code:04X}0017"
        self.calendar = SettableClock(device.clock)
        self._stopped = self._waiting = False
        self._mode, self._command, self._command_power = SELF_CONSUMPTION, HALT, 0.0
        self._heartbeat = float(facts.more["heartbeat"])
        self._highest, self._lowest = 100.0, 5.0
        self._backup, self._backup_soc = True, 0.0  # 3.3.1: enabled by default
        self._export_on, self._export_limit = False, twin.rated_power
        self._active_on, self._active_permille = False, 1000.0
        self._charge_cap = self._discharge_cap = twin.rated_power
        self.operator = {"power-cycle": self.reboot, "remove-meter": self.remove_meter}
        self._apply()

    def reboot(self) -> None:
        """A restart: commands are gone unless this firmware keeps them, limits stay."""
        if not self._facts["mode_survives"]:
            self._mode, self._command, self._command_power = SELF_CONSUMPTION, HALT, 0.0
        self._heartbeat = float(self._facts["heartbeat"])
        self._watch()
        self._stopped, self._waiting = False, True
        self._twin.at("restarted", self._device.clock() + float(self._facts["restart"]), self._started)
        self._apply()

    def _started(self) -> None:
        self._waiting = False
        self._apply()

    def remove_meter(self) -> None:
        """Take the meter away; limits then act at the AC terminals."""
        self._measured.metered = False
        self._twin.demand = None
        self._apply()

    def asked(self, function: int, address: int, count: int) -> None:
        """Old firmware may refuse the recommended battery registers; export follows the load."""
        self._measured.look()
        if function == 4 and self._facts["battery_registers"] == "exception":
            hit = [each for each in RECOMMENDED if address <= each < address + count]
            if hit:
                raise IllegalAddress(hit[0])
        if self._export_on:
            self._limit_power()

    # settings

    start_stop = switch("_stopped", STOP, START)

    @property
    def ems_mode(self) -> int:
        return self._mode

    @ems_mode.setter
    def ems_mode(self, mode: int) -> None:
        self._mode = one_of(mode, SELF_CONSUMPTION, FORCED, EXTERNAL_EMS, VPP)
        self._watch()
        self._apply()

    command = kept("_command", one_of, CHARGE, DISCHARGE, HALT)
    command_power = up_to_rating("_command_power")
    heartbeat = kept("_heartbeat", within, 0.0, 1000.0, then="_watch")
    highest_soc = kept("_highest", within, 50.0, 100.0)
    lowest_soc = kept("_lowest", within, 0.0, 50.0)
    off_grid_switch = switch("_backup", ON, OFF)
    backup_soc = kept("_backup_soc", within, 0.0, 100.0)  # % kept for a grid failure while the off-grid option is on
    export_switch = switch("_export_on", ON, OFF)
    export_limit = up_to_rating("_export_limit")

    @property
    def export_permille(self) -> float:
        """The ratio and the limit in W are two words for one limit; the ratio takes precedence in the document."""
        return 1000 * self._export_limit / self._twin.rated_power

    @export_permille.setter
    def export_permille(self, permille: float) -> None:
        self.export_limit = within(permille, 0.0, 1000.0) / 1000 * self._twin.rated_power

    active_switch = switch("_active_on", ON, OFF)
    active_permille = kept("_active_permille", within, 0.0, 1000.0)
    charge_cap = up_to_rating("_charge_cap", 10.0)  # 10 W is the document's minimum
    discharge_cap = up_to_rating("_discharge_cap", 10.0)

    @property
    def running_state(self) -> int:
        if self._waiting:
            return INITIAL_STANDBY
        if self._stopped:
            return RUNNING_STATES["off"]
        return IN_MODE.get(self._mode, RUNNING_STATES[self._twin.status])

    # the sum of it all

    def _watch(self) -> None:
        """Start the heartbeat anew in the modes that have one."""
        if self._mode in WATCHED and self._heartbeat:
            self._twin.at("heartbeat", self._device.clock() + self._heartbeat, self._fall_back)
        else:
            self._twin.cancel("heartbeat")

    def _fall_back(self) -> None:
        self._mode = SELF_CONSUMPTION
        self._apply()

    def _apply(self) -> None:
        twin = self._twin
        twin.soc_max = self._highest
        twin.soc_min = max(self._lowest, self._backup_soc) if self._backup else self._lowest
        twin.max_charge, twin.max_discharge = self._charge_cap, self._discharge_cap
        if self._mode == SELF_CONSUMPTION:
            twin.battery_setpoint = None
        else:
            direction = {CHARGE: -1, DISCHARGE: 1, HALT: 0}[self._command]
            twin.battery_setpoint = direction * self._command_power
        if self._stopped or self._waiting:
            twin.battery_setpoint = 0.0
        self._limit_power()

    def _limit_power(self) -> None:
        twin = self._twin
        watts = twin.rated_power
        if self._active_on:
            watts *= self._active_permille / 1000
        if self._export_on:
            load = self._measured.load_power or 0.0
            watts = min(watts, max(load, 0.0) + self._export_limit)
        watts = 0.0 if self._stopped or self._waiting else watts
        if watts != twin.power_limit:
            twin.power_limit = watts
