"""my-PV heating rods: power that has to be written again and again, boost before it, settings that wear.

Source: the maker's register lists; evcc-io/evcc#18020 (time-out), PR 33628 (range of the time-out, write budget).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from math import sqrt
from types import SimpleNamespace

from emulators.family.profile import Facts
from emulators.mypv.hygiene import Hygiene
from emulators.table.answers import IllegalAddress, IllegalValue
from emulators.table.owners import Named
from emulators.wires.device import Device
from twin.heat import HeatingRod

OFF, OPERATING, POWER_STAGE_FAULT = 0, 9, 201  # status of an AC THOR
HEATING, STANDBY, BOOST, FINISHED = 2, 3, 4, 5  # status of an AC ELWA-E
IDLE, SURPLUS, BOOSTING, HOT, NO_SIGNAL, ERROR = range(6)  # operation state
BY_MODBUS = 2  # control type
ROOM = {"maximum": 22.0, "day": 20.0, "night": 18.0}  # degrees C of a room circuit


class AcThor:
    """The registers of one device. Full scale is its rating, whatever rod is wired."""

    def __init__(self, twin: HeatingRod, facts: Facts, device: Device) -> None:
        self.twin, self.facts, self.device = twin, facts.more, device
        self.full_scale = facts.rated_power
        self.load_power = float(self.facts["rod_power"]) or self.full_scale
        twin.rated_power = self.load_power
        self.elwa = self.facts["map"] == "elwa"
        self.load_state = 1
        self._timeout = int(self.facts["timeout"])
        self._target = 0.0  # as written, relative to full scale
        self._signal, self._boost, self._faulty, self._blind = False, False, False, False
        self._offset = 0.0  # s between the device's clock and the true one
        self._written: dict[int, int] = {}  # register -> day of its last write to flash
        self.settings = SimpleNamespace(
            boost_mode=0, hot_water_minimum=40.0, boost_start=17, boost_stop=23, boost_start_2=0, boost_stop_2=0,
            number=1, max_power=round(self.full_scale), control_type=BY_MODBUS, operation_mode=1, access_level=2,
            hot_water_maximum_2=60.0, hot_water_maximum_3=60.0, hot_water_minimum_2=40.0, hot_water_minimum_3=40.0,
            control_1078=0, control_1079=0, control_1080=0, utc_correction=1, summer_time=1,
            **{f"room_{number}_{which}": celsius for number in (1, 2, 3) for which, celsius in ROOM.items()},
        )  # fmt: skip
        self.hygiene = Hygiene(twin, device.clock, self._now, self.start_boost)
        self.parts = (Named("set", self.settings), self.hygiene)
        self.operator: dict[str, Callable[..., None]] = {
            "boost": self.start_boost, "detach_load": self.detach_load, "attach_load": self.attach_load,
            "break": self.fail, "repair": self.repair, "reboot": self.reboot,
        }  # fmt: skip
        if not self.elwa:
            self.operator["break_sensor"] = self.blind

    def reboot(self) -> None:
        """Settings are kept; target and boost are lost."""
        self._target, self._signal, self._boost = 0.0, False, False
        self.twin.cancel("mypv timeout")
        self._apply()

    def asked(self, function: int, address: int, count: int) -> None:
        first, last = self.facts["block"]
        if address < first or address + count - 1 > last:
            raise IllegalAddress(address)
        self._end_boost()
        if function in (6, 16):
            self._wear(range(address, address + count))

    def _wear(self, registers: range) -> None:
        """Note a register of the flash that is written twice a day."""
        today = int(self.device.clock() // 86_400)
        for register in registers:
            if register not in self.facts["volatile"]:
                if self._written.get(register) == today:
                    self.device.log(register, None, None, wear="flash", reason="again on the same day")
                self._written[register] = today

    # power

    @property
    def power_register(self) -> float:
        """W that flow; with `readback` scaled the same relative to full scale."""
        power = float(self.twin.power)
        return power if self.facts["readback"] == "real" else power * self.full_scale / self.load_power

    @power_register.setter
    def power_register(self, watts: int) -> None:
        if self.facts["control"] != "modbus" or self.settings.control_type != BY_MODBUS:
            return  # another control type: taken and ignored
        self._target, self._signal = float(max(watts, 0)), True
        self.twin.at("mypv timeout", self.device.clock() + self._timeout, self._silent)
        self._apply()

    def _silent(self) -> None:
        """Nobody has written a power for too long."""
        self._target, self._signal = 0.0, False
        self._apply()

    def _apply(self) -> None:
        share = 1.0 if self._boost else min(self._target, self.full_scale) / self.full_scale
        works = self.load_state and not self._faulty and not self._blind
        self.twin.power_setpoint = share * self.load_power if works else 0.0

    @property
    def power_timeout(self) -> int:
        return self._timeout

    @power_timeout.setter
    def power_timeout(self, seconds: int) -> None:
        lowest, highest = self.facts["timeouts"]
        if not lowest <= seconds <= highest:
            raise IllegalValue(f"{seconds} s is outside {lowest} to {highest}")
        self._timeout = seconds
        if self._signal:
            self.twin.at("mypv timeout", self.device.clock() + seconds, self._silent)

    # boost

    @property
    def boost(self) -> int:
        return int(self._boost)

    @boost.setter
    def boost(self, on: int) -> None:
        self._boost = bool(on)
        self._apply()

    def start_boost(self) -> None:
        """The button at the device."""
        self.boost = 1

    def _end_boost(self) -> None:
        """Boost ends when the water has its minimum temperature, or what the hygiene programme wants."""
        if self.hygiene.runs:
            if self.hygiene.hot():
                self.boost = 0
        elif self._boost and self.twin.water_temperature >= self.settings.hot_water_minimum:
            self.boost = 0

    # what it tells

    @property
    def hot_water_maximum(self) -> float:
        return float(self.twin.maximum_temperature)

    @hot_water_maximum.setter
    def hot_water_maximum(self, celsius: float) -> None:
        if not 5 <= celsius <= 90:
            raise IllegalValue(f"{celsius:g} degrees")
        self.twin.maximum_temperature = celsius

    @property
    def status_code(self) -> int:
        """9 is operating on an AC THOR, and setup on an AC ELWA-E, which never shows it here."""
        power = self.twin.power
        if self._faulty:
            return POWER_STAGE_FAULT
        if not self.elwa:
            return OPERATING if power > 0 else OFF
        if self._boost:
            return BOOST
        return HEATING if power > 0 else FINISHED if self.twin.mode == "hot" else STANDBY

    @property
    def operation_state(self) -> int:
        if self._blind:
            return ERROR
        if self._boost:
            return BOOSTING
        if not self._signal:
            return NO_SIGNAL
        return HOT if self.twin.mode == "hot" else SURPLUS if self.twin.power > 0 else IDLE

    @property
    def output_voltage(self) -> float:
        """V at the rod: what of the sine is let through."""
        share = float(self.twin.power) / self.load_power
        return float(self.twin.voltage_l1) * sqrt(max(share, 0.0))

    @property
    def maximum_power(self) -> float:
        return self.load_power

    @property
    def hour(self) -> int:
        return self._now().hour

    @hour.setter
    def hour(self, value: int) -> None:
        self._set_clock(hour=value)

    @property
    def minute(self) -> int:
        return self._now().minute

    @minute.setter
    def minute(self, value: int) -> None:
        self._set_clock(minute=value)

    @property
    def second(self) -> int:
        return self._now().second

    @second.setter
    def second(self, value: int) -> None:
        self._set_clock(second=value)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.device.clock() + self._offset, UTC)

    def _set_clock(self, **part: int) -> None:
        now = self._now()
        try:
            self._offset += (now.replace(**part) - now).total_seconds()  # type: ignore[arg-type]
        except ValueError as error:
            raise IllegalValue(str(error)) from error

    # what only a person at the device can do

    def detach_load(self) -> None:
        self.load_state = 0
        self._apply()

    def attach_load(self) -> None:
        self.load_state = 1
        self._apply()

    def fail(self) -> None:
        """The safety thermostat or a fuse opens."""
        self._faulty = True
        self._apply()

    def blind(self) -> None:
        """The wire to its temperature sensor is cut. ASSUMED: an AC THOR says so by its operation state alone."""
        self._blind = True
        self._apply()

    def repair(self) -> None:
        self._faulty = self._blind = False
        self._apply()
