"""GRIDCON PCS: start by enable and play bits, a reference as a fraction of the nominal power, time of day as life sign.

Source: the OpenEMS driver named in the family file. P ref is -P / Pmax: negative discharges. The state word enumerates.
Assumed: it runs some seconds after play, the time of day counts as a sign of life when it has changed, and without one
it stops; an error is left by acknowledging it with its code fed back.
"""

import math

from emulators.family.profile import Facts
from emulators.table.words import Words
from emulators.wires.device import Device
from twin.battery import BatteryInverter

INIT, IDLE, PRECHARGE, ERROR, COMPENSATOR = 1, 2, 3, 8, 12
STOP, PLAY, ACKNOWLEDGE = 1 << 0, 1 << 1, 1 << 3
IPU_1 = 1 << 15
DISABLED, ACTIVE_POWER = 0, 1


class Gridcon:
    """One CCU with one IPU. It regulates nothing by itself."""

    def __init__(self, twin: BatteryInverter, facts: Facts, device: Device) -> None:
        self._twin, self._device, self._facts = twin, device, facts.more
        self._machine, self.error_code, self._errors = IDLE, 0, 0
        self.control_bits = self.enables = 0
        self.error_feedback = self.date = self._time = 0
        self.voltage_reference = self.frequency_reference = 1.0
        self.reactive_reference = self._reference = 0.0
        self._mode = ACTIVE_POWER
        self.parts = (Words(0),)
        # neither PV nor a meter hangs on it
        vars(twin)["quantities"] = tuple(name for name in twin.quantities if name not in ("pv_power", "grid_power"))
        self.operator = {"power-cycle": self.reboot, "trip": self.trip}
        self._apply()

    def reboot(self) -> None:
        """Everything that was commanded is gone."""
        for timer in ("start", "life"):
            self._twin.cancel(timer)
        self.control_bits = self.enables = self.error_feedback = self.error_code = 0
        self._reference, self._mode = 0.0, ACTIVE_POWER
        self._machine = INIT
        self._twin.at("boot", self._device.clock() + float(self._facts["boot_seconds"]), self._idle)
        self._apply()

    def trip(self, code: int = 0x201200) -> None:
        """A fault of the installation, left by a restart: as delivered, the first IPU is too hot."""
        self._machine, self.error_code = ERROR, code
        self._errors += 1
        self._twin.cancel("start")
        self._apply()

    # commands

    @property
    def first_word(self) -> int:
        return self.control_bits if self._facts["control_first"] else self.enables

    @first_word.setter
    def first_word(self, bits: int) -> None:
        if self._facts["control_first"]:
            self.control_bits = bits
        else:
            self.enables = bits
        self._steer()

    @property
    def second_word(self) -> int:
        return self.enables if self._facts["control_first"] else self.control_bits

    @second_word.setter
    def second_word(self, bits: int) -> None:
        if self._facts["control_first"]:
            self.enables = bits
        else:
            self.control_bits = bits
        self._steer()

    @property
    def power_reference(self) -> float:
        return self._reference

    @power_reference.setter
    def power_reference(self, fraction: float) -> None:
        self._reference = max(-1.0, min(1.0, fraction)) if math.isfinite(fraction) else 0.0
        self._apply()

    @property
    def control_mode(self) -> int:
        return self._mode

    @control_mode.setter
    def control_mode(self, mode: int) -> None:
        self._mode = mode
        self._apply()

    @property
    def time(self) -> int:
        """Seconds in the low word, hours + 256 * minutes in the high word."""
        return self._time

    @time.setter
    def time(self, code: int) -> None:
        if code != self._time:
            self._time = code
            self._live()
        self._steer()

    # measurements

    @property
    def error_count(self) -> int:
        return (self._errors & 0xFF) << 8 | self._errors >> 8

    @property
    def line_voltage(self) -> float:
        return math.sqrt(3) * self._twin.voltage_l1

    @property
    def power_fraction(self) -> float:
        return -float(self._twin.power) / self._twin.rated_power

    @property
    def state(self) -> int:
        """The state of the machine; power that flows anyhow, or a fault, shows as well."""
        if self._machine == IDLE:
            return {"running": COMPENSATOR, "limited": COMPENSATOR, "fault": ERROR}.get(self._twin.status, IDLE)
        return ERROR if self._twin.status == "fault" else self._machine

    @property
    def dc_current(self) -> float:
        return -float(self._twin.battery_power) / 800

    @property
    def string_voltage(self) -> float:
        return float(self._facts["string_voltage"])

    @property
    def string_current(self) -> float:
        return float(self._twin.battery_power) / self.string_voltage

    # states

    def _steer(self) -> None:
        if self._machine == ERROR:
            if self.control_bits & ACKNOWLEDGE and self.error_feedback == self.error_code:
                self.error_code = 0
                self._idle()
        elif self.control_bits & STOP or not self.enables & IPU_1:
            if self._machine in (PRECHARGE, COMPENSATOR):
                self._twin.cancel("start")
                self._idle()
        elif self.control_bits & PLAY and self._machine == IDLE and self._sane:
            self._machine = PRECHARGE
            self._live()
            self._twin.at("start", self._device.clock() + float(self._facts["start_seconds"]), self._run)
        self._apply()

    @property
    def _sane(self) -> bool:
        """Voltage and frequency references within a tenth of the grid's; what it does otherwise nobody has written."""
        return all(0.9 <= each <= 1.1 for each in (self.voltage_reference, self.frequency_reference))

    def _run(self) -> None:
        self._machine = COMPENSATOR
        self._apply()

    def _idle(self) -> None:
        self._machine = IDLE
        self._apply()

    def _live(self) -> None:
        self._twin.at("life", self._device.clock() + float(self._facts["life_seconds"]), self._die)

    def _die(self) -> None:
        """Nobody speaks any more: it stops and wants to be started anew."""
        self.control_bits &= ~PLAY
        self._reference = 0.0
        self._twin.cancel("start")
        if self._machine != ERROR:
            self._machine = IDLE
        self._apply()

    def _apply(self) -> None:
        twin = self._twin
        running = self._machine == COMPENSATOR
        twin.max_charge = twin.max_discharge = twin.rated_power if running else 0.0
        reference = self._reference if self._mode != DISABLED else 0.0
        twin.battery_setpoint = -reference * twin.rated_power if running else None
