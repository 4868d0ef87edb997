"""SolaX X3-Hybrid G4: unlock code, user modes in EEPROM, remote control in memory with times the client chooses.

Source: solax-modbus, evcc and openWB. Writes while locked are acknowledged and ignored. Mode 1 sets the power at the AC
terminal, positive when importing, and lasts `duration` seconds; modes 4 to 7 last `timeout` seconds, 0 for ever.
Assumed: a duration of 0 ends mode 1 at once; set type 2 changes power and times of what runs, as 1 does; a mode that
is not emulated is refused with 3.
"""

from emulators.faces.daily import SinceMidnight, today
from emulators.faces.gridmeter import HybridMeter
from emulators.faces.settings import kept, one_of, within
from emulators.faces.terminals import BatteryTerminals, DcInputs, SignedCurrents
from emulators.family.profile import Facts
from emulators.wires.device import Device
from twin.battery import BatteryInverter

LOCKED, UNLOCKED, ADVANCED = 0, 1, 2
PASSWORDS = {2014: UNLOCKED, 6868: ADVANCED}
OFF, POWER, PUSH_POWER, PUSH_ZERO, SELF_USE, CHARGE_ONLY = 0, 1, 4, 5, 6, 7
REMOTE = (OFF, POWER, PUSH_POWER, PUSH_ZERO, SELF_USE, CHARGE_ONLY)
SELF_CONSUMPTION, FEED_IN, BACKUP, MANUAL, PEAK_SHAVING, SMART = range(6)
RUN_MODES = {"off": 0, "standby": 10, "starting": 1, "running": 2, "limited": 2, "fault": 3}


class X3Hybrid:
    """Settings as written, as long as it is unlocked."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self.serial_number = str(facts.more["string"])
        self.firmware_number = 134
        self._meter = HybridMeter(twin, device)
        inputs = DcInputs(lambda: float(twin.pv_power), 2, float(facts.more["pv_voltage"]))
        self._battery = BatteryTerminals(twin, float(facts.more["battery_voltage"]))
        self.parts = (self._meter, inputs, self._battery, SignedCurrents(twin))
        self._lock = UNLOCKED if facts.more["unlocked"] else LOCKED
        self._user_mode, self._manual, self._awaken = SELF_CONSUMPTION, 0, 0
        self._charge_current = self._discharge_current = self._battery.current_limit
        self._export_limit, self._lowest = twin.rated_power, 10.0
        self._mode = OFF
        self._active = self._push = 0.0
        self._duration = self._timeout = 0
        self.remote_type = self.remote_soc = self.remote_energy = 0
        self.remote_reactive = self.remote_rate = 0.0
        self._yield = SinceMidnight(lambda: twin.energy, device.clock)
        self._pv_yield = SinceMidnight(lambda: twin.pv_energy, device.clock)
        self._charge = SinceMidnight(lambda: twin.charge_energy, device.clock)
        self._discharge = SinceMidnight(lambda: twin.discharge_energy, device.clock)
        self._export = SinceMidnight(lambda: self._meter.export_energy, device.clock)
        self._import = SinceMidnight(lambda: self._meter.import_energy, device.clock)
        self.operator = {"power-cycle": self.reboot}
        self._apply()

    def reboot(self) -> None:
        """Locked again, remote control gone; what lies in EEPROM stays."""
        self._lock = LOCKED
        self._end()

    def asked(self, function: int, address: int, count: int) -> None:
        self._meter.look()

    # lock and settings

    @property
    def lock_state(self) -> int:
        return self._lock

    @property
    def password(self) -> int:
        return 0

    @password.setter
    def password(self, code: int) -> None:
        self._lock = PASSWORDS.get(code, LOCKED)

    user_mode = kept("_user_mode", within, SELF_CONSUMPTION, SMART, when="_lock")
    manual_mode = kept("_manual", one_of, 0, 1, 2, when="_lock")  # stop, charge, discharge
    awaken = kept("_awaken", one_of, 1, when="_lock")  # a battery that sleeps; this one never does
    charge_current = kept("_charge_current", when="_lock")
    discharge_current = kept("_discharge_current", when="_lock")
    export_limit = kept("_export_limit", when="_lock")
    lowest_soc = kept("_lowest", within, 10, 100, when="_lock")

    # remote control

    remote_mode = kept("_mode", one_of, *REMOTE, when="_lock", then="_watch")
    remote_active = kept("_active", when="_lock", then="_watch")
    remote_duration = kept("_duration", when="_lock", then="_watch")
    remote_timeout = kept("_timeout", when="_lock", then="_watch")
    push_power = kept("_push", when="_lock", then="_watch")  # W, positive when discharging

    # measurements

    @property
    def shown_serial(self) -> str:
        serial = self.serial_number
        if not self._facts["swapped_serial"]:
            return serial
        return "".join(serial[i + 1] + serial[i] for i in range(0, len(serial) - 1, 2))

    @property
    def run_mode(self) -> int:
        return RUN_MODES[self._twin.status]

    @property
    def grid_phase(self) -> float:
        return float(self._twin.grid_power) / 3

    @property
    def active_target(self) -> float:
        return self._active if self._mode == POWER else 0.0

    @property
    def active_actual(self) -> float:
        return -float(self._twin.power)

    daily_energy = today("_yield")
    daily_pv = today("_pv_yield")
    daily_charge = today("_charge")
    daily_discharge = today("_discharge")
    daily_export = today("_export")
    daily_import = today("_import")

    @property
    def bdc_status(self) -> int:
        """0 discharging, 1 charging, 2 stopped."""
        watts = float(self._twin.battery_power)
        return 0 if watts > 0 else 1 if watts < 0 else 2

    @property
    def selfuse_words(self) -> int:
        return int(self._lowest) << 8

    @property
    def room(self) -> float:
        """Wh that still go in."""
        return self._twin.capacity - self._twin.stored

    # what it comes to

    def _watch(self) -> None:
        """Every word of the block starts the time anew; the last one of a request counts."""
        seconds = self._duration if self._mode == POWER else self._timeout
        if self._mode == POWER or (self._mode != OFF and seconds):
            self._twin.at("remote", self._device.clock() + seconds, self._end)
        else:
            self._twin.cancel("remote")
        self._apply()

    def _end(self) -> None:
        self._mode = OFF
        self._twin.cancel("remote")
        self._apply()

    def _apply(self) -> None:
        twin = self._twin
        twin.soc_min = self._lowest if self._mode == OFF else 10.0
        twin.max_charge = min(self._charge_current * self._battery.battery_voltage, twin.rated_power)
        discharge = min(self._discharge_current * self._battery.battery_voltage, twin.rated_power)
        twin.max_discharge = 0.0 if self._mode == CHARGE_ONLY else discharge
        twin.power_limit = min(twin.rated_power, self._export_limit + (twin.demand or 0.0))
        twin.battery_setpoint = self._wanted()

    def _wanted(self) -> float | None:
        twin = self._twin
        if self._mode == POWER:
            return -self._active - float(twin.pv_power)
        if self._mode == PUSH_POWER:
            return self._push
        if self._mode == PUSH_ZERO:
            return 0.0
        if self._mode == OFF and self._user_mode == MANUAL:
            return (0.0, -twin.max_charge, twin.max_discharge)[self._manual]
        return None
