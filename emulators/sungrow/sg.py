"""Sungrow SG: what its settings do. The power limit has no watchdog and is lost at power-off.

Source: Communication Protocol of Residential and Commercial PV Grid-Connected Inverters V1.1.80, holding registers and
section 3.1.3 for what becomes of the limit. Assumed, as the document is silent: that a unit on "local only" refuses
other settings with exception 4, and how long it stands by after power-on.
"""

import math

from emulators.faces.gridmeter import GridMeter
from emulators.faces.settings import kept, one_of, switch, within
from emulators.faces.terminals import DcInputs
from emulators.family.profile import Facts
from emulators.sungrow.calendar_clock import SettableClock, register
from emulators.sungrow.sg_measured import Measured
from emulators.table.answers import DeviceFailure, IllegalValue
from emulators.wires.device import Device
from twin.pv import PvInverter

ON, OFF = 0xAA, 0x55
START, STOP = 0xCF, 0xCE
FULL = 1000  # 0.1 %
Q_OFF, Q_FACTOR, Q_PERCENT = 0x55, 0xA1, 0xA2
Q_MODES = (Q_OFF, Q_FACTOR, Q_PERCENT, 0xA3, 0xA4)
WORK_STATES = {
    "off": 0x8000, "standby": 0x1400, "starting": 0x1600, "running": 0x0000, "limited": 0x8200, "fault": 0x5500,
}  # fmt: skip
INITIAL_STANDBY = 0x1200
STATE_BITS = {
    0x0000: 1 << 0 | 1 << 17, 0x8000: 1 << 1, 0x1200: 1 << 2, 0x1400: 1 << 4, 0x1600: 1 << 6, 0x5500: 1 << 9 | 1 << 18,
    0x8200: 1 << 12 | 1 << 17,
}  # fmt: skip


class StringInverter:
    """Limit and switches as written; whatever they allow goes to the twin as one limit in W."""

    year, month, day = register("year"), register("month"), register("day")
    hour, minute, second = register("hour"), register("minute"), register("second")

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self.type_code: int | None = facts.more.get("code")
        self._meter = GridMeter(twin, device)
        voltage = float(facts.more["mppt_voltage"])
        inputs = DcInputs(lambda: float(twin.dc_power), int(facts.more["mppts"]), voltage)
        strings = DcInputs(lambda: float(twin.dc_power), int(facts.more["strings"]), voltage, "string")
        self.parts = (Measured(twin, self._meter, facts, device), self._meter, inputs, strings)
        self.serial_number = f"A{facts.row}{self.type_code or 0:04X}0017"
        self.calendar = SettableClock(device.clock)
        self._stopped = self._waiting = False
        self._limit_on, self._limit = True, float(twin.rated_power)
        self._overload = False
        self._kept: tuple[bool, float] | None = None
        self._persistent = bool(facts.more["persistent_limit"])
        self._feed_in_on, self._feed_in_limit = False, float(twin.rated_power)
        self._place = 3  # local and remote
        self._factor = 1.0
        self._q_mode, self._q_permille = Q_OFF, 0.0
        self._night_svg, self._night_permille, self._pid = False, 0.0, False
        self.fault_code: int | None = None
        self.operator = {
            "power-cycle": self.reboot,
            "persist-limit": self.persist_limit,
            "fit-meter": self.fit_meter,
            "remote-allowed": self.remote_allowed,
        }

    # what only a person does

    def persist_limit(self, on: bool = True) -> None:
        """Switch "Active Power Setting Persistence" in the app."""
        self._persistent = bool(on)
        self._keep()

    def fit_meter(self, grid_power: float = 0.0) -> None:
        """Wire a Sungrow meter at the grid connection, where `grid_power` W (+ import) flow now.

        Three clients read + as import, the document gives no sign. Most models have no registers for a meter.
        """
        if self._facts["meter"]:
            self._meter.fit(grid_power)
            self._apply()

    def remote_allowed(self, on: bool = True) -> None:
        """Choose local or both at the display."""
        self._place = 3 if on else 2

    def reboot(self) -> None:
        """Power off and on: the limits are gone, that of the active power unless the app made it persistent."""
        self._stopped = False
        self.reactive_mode = Q_OFF
        self._limit_on, self._limit = self._kept if self._persistent and self._kept else (True, self._rated)
        self._waiting = True
        self._twin.at("restarted", self._device.clock() + float(self._facts["restart"]), self._started)
        self._apply()

    def _started(self) -> None:
        self._waiting = False
        self._apply()

    def asked(self, function: int, address: int, count: int) -> None:
        """Bring the meter up to date before an answer."""
        self._meter.look()
        if self._place == 2 and function in (6, 16) and address != 5033:
            raise DeviceFailure("local control only")

    # settings

    start_stop = switch("_stopped", STOP, START)

    @property
    def limit_switch(self) -> int:
        return ON if self._limit_on else OFF

    @limit_switch.setter
    def limit_switch(self, code: int) -> None:
        self._limit_on = one_of(code, ON, OFF) == ON
        self._keep()
        self._apply()

    @property
    def limit_permille(self) -> float:
        return 1000 * self._limit / self._reference

    @limit_permille.setter
    def limit_permille(self, permille: float) -> None:
        most = self._facts["overload_max"] if self._overload else self._facts["limit_max"]
        self._take_limit(permille / 1000 * self._reference, permille <= most)

    @property
    def limit_power(self) -> float:
        return self._limit

    @limit_power.setter
    def limit_power(self, watts: float) -> None:
        self._take_limit(watts, watts <= self._most)

    @property
    def overload_switch(self) -> int:
        return ON if self._overload else OFF

    @overload_switch.setter
    def overload_switch(self, code: int) -> None:
        permille = self.limit_permille  # the setting stays, what it refers to changes
        self._overload = one_of(code, ON, OFF) == ON
        self._limit = permille / 1000 * self._reference
        self._apply()

    feed_in_switch = switch("_feed_in_on", ON, OFF)
    feed_in_limit = kept("_feed_in_limit")

    @property
    def feed_in_permille(self) -> float:
        return 1000 * self._feed_in_limit / self._rated

    @feed_in_permille.setter
    def feed_in_permille(self, permille: float) -> None:
        if permille > FULL:
            raise IllegalValue(f"feed-in {permille} permille")
        self.feed_in_limit = permille / 1000 * self._rated

    @property
    def control_place(self) -> int:
        """1 remote only, 2 local only, 3 both."""
        return self._place

    @control_place.setter
    def control_place(self, place: int) -> None:
        self._place = one_of(place, 1, 2, 3)

    @property
    def reactive_mode(self) -> int:
        return self._q_mode

    @reactive_mode.setter
    def reactive_mode(self, mode: int) -> None:
        self._q_mode = one_of(mode, *Q_MODES)
        if mode in (Q_OFF, Q_PERCENT):
            self._factor = 1.0
        if mode in (Q_OFF, Q_FACTOR):
            self._q_permille = 0.0

    @property
    def power_factor_setting(self) -> float:
        """Positive leading, negative lagging, from 0.8 to 1."""
        return self._factor

    @power_factor_setting.setter
    def power_factor_setting(self, factor: float) -> None:
        within(abs(factor), 0.8, 1.0)
        self._factor = factor

    night_switch = switch("_night_svg", ON, OFF)
    night_permille = kept("_night_permille", within, -FULL, FULL)
    pid_switch = switch("_pid", ON, OFF)

    @property
    def reactive_permille(self) -> float:
        return self._q_permille

    @reactive_permille.setter
    def reactive_permille(self, permille: float) -> None:
        if abs(permille) > FULL:
            raise IllegalValue(f"reactive power {permille} permille")
        self._q_permille = permille

    @property
    def reactive_setting(self) -> float:
        return self._q_permille / 1000 * self._rated

    @reactive_setting.setter
    def reactive_setting(self, reactive: float) -> None:
        self.reactive_permille = 1000 * reactive / self._rated

    # what follows from the settings

    @property
    def reactive_power(self) -> float:
        if self._q_mode == Q_PERCENT:
            return self.reactive_setting
        if self._q_mode == Q_FACTOR:
            tangent = math.tan(math.acos(min(abs(self._factor), 1.0)))
            return math.copysign(tangent, self._factor) * float(self._twin.power)
        return 0.0

    @property
    def apparent_power(self) -> float:
        return math.hypot(float(self._twin.power), self.reactive_power)

    @property
    def power_factor(self) -> float:
        apparent = self.apparent_power
        return abs(float(self._twin.power)) / apparent if apparent else 1.0

    @property
    def work_state(self) -> int:
        if self._waiting:
            return INITIAL_STANDBY
        return 0x8000 if self._stopped else WORK_STATES[self._twin.status]

    @property
    def work_bits(self) -> int:
        """Work state 2: the same state as a bit, and bits for running and for a fault at all."""
        return STATE_BITS[self.work_state]

    @property
    def nominal_reactive_power(self) -> float:
        """var, half the rating as the appendix has it for RT and KTL."""
        return self._rated / 2

    # the sum of it all

    @property
    def _rated(self) -> float:
        return float(self._twin.rated_power)

    @property
    def _most(self) -> float:
        """W that the hardware can feed."""
        return float(self._facts["most_power"]) or self._rated * float(self._facts["limit_max"]) / 1000

    @property
    def _reference(self) -> float:
        """W that 100 % stand for."""
        return self._most if self._overload else self._rated

    def _take_limit(self, watts: float, allowed: bool) -> None:
        if not allowed:
            raise IllegalValue(f"limit {watts:g} W")
        self._limit = min(watts, self._most)
        self._keep()
        self._apply()

    def _keep(self) -> None:
        if self._persistent:
            self._kept = self._limit_on, self._limit

    def _apply(self) -> None:
        watts = self._limit if self._limit_on else self._rated
        load = self._meter.load_power
        if self._feed_in_on and load is not None:  # without the meter the limit has nothing to act on
            watts = min(watts, max(load + self._feed_in_limit, 0.0))
        self._twin.power_limit = 0.0 if self._stopped or self._waiting else watts
