"""SolarEdge power control: the enable chain, the simple limiter and the dynamic limit with its time-out.

Two chains that fail without a word: nothing acts before AdvancedPwrControlEn is 1 and ReactivePwrConfig is 4, and
both are static settings that count only after a commit; yet every write before that is taken and read back.
Source: Power Control Open Protocol for SolarEdge Inverters; WillCodeForCats/solaredge-modbus-multi:hub.py.
"""

from collections.abc import Callable
from math import inf
from typing import TypeVar

from emulators.family.profile import Facts
from emulators.table.answers import DeviceFailure
from emulators.wires.device import Device
from twin.pv import PvInverter

STATIC: dict[str, float] = {  # as the factory leaves them
    "advanced_power_control": 0, "reactive_power_config": 0, "power_reduce": 100.0,
}  # fmt: skip
Number = TypeVar("Number", int, float)
DYNAMIC_MODE = 4  # ReactivePwrConfig: RRCR, the mode in which the limits act


class PowerControl:
    """Registers 0xF000 to 0xF3FF. `dynamic_timeout` s, `fallback_limit` %, `ramp` %/min come from the family file."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device, disturbed: Callable[[], None]) -> None:
        self._twin, self._clock, self._disturbed = twin, device.clock, disturbed
        self._defaults = {
            "timeout": int(facts.more["dynamic_timeout"]), "fallback": float(facts.more["fallback_limit"]),
            "ramp": float(facts.more["ramp"]),
        }  # fmt: skip
        self._commit_restarts = bool(facts.more["commit_restarts"])
        self._written = dict(STATIC)
        self._static = dict(STATIC)
        self.ripple_state = 0
        self._bound = inf
        self._volatile()

    def _volatile(self) -> None:
        """What a restart loses."""
        self._simple = 100
        self._cos_phi = 1.0
        self._enabled, self._dynamic, self._target = 0, 100.0, 100.0
        self._timeout, self._fallback = int(self._defaults["timeout"]), float(self._defaults["fallback"])
        self._ramp_up = self._ramp_down = float(self._defaults["ramp"])
        self._reached = 100.0
        self._twin.cancel("dynamic time-out")
        self._twin.cancel("ramp")

    @property
    def armed(self) -> bool:
        static = self._static
        return static["advanced_power_control"] == 1 and static["reactive_power_config"] == DYNAMIC_MODE

    # static settings

    @property
    def advanced_power_control(self) -> int:
        return int(self._written["advanced_power_control"])

    @advanced_power_control.setter
    def advanced_power_control(self, choice: int) -> None:
        self._written["advanced_power_control"] = _within(choice, 0, 1)

    @property
    def reactive_power_config(self) -> int:
        return int(self._written["reactive_power_config"])

    @reactive_power_config.setter
    def reactive_power_config(self, mode: int) -> None:
        self._written["reactive_power_config"] = _within(mode, 0, 4)

    @property
    def power_reduce(self) -> float:
        """Percent of the rated power that is kept over a restart, WillCodeForCats/solaredge-modbus-multi PR 524."""
        return self._written["power_reduce"]

    @power_reduce.setter
    def power_reduce(self, percent: float) -> None:
        self._written["power_reduce"] = _within(percent, 0.0, 100.0)

    @property
    def commit(self) -> int:
        return 0

    @commit.setter
    def commit(self, word: int) -> None:
        _within(word, 1, 1)
        self._static = dict(self._written)
        if self._commit_restarts:
            self._disturbed()
        self._obey()

    @property
    def restore_defaults(self) -> int:
        return 0

    @restore_defaults.setter
    def restore_defaults(self, word: int) -> None:
        _within(word, 1, 1)
        self._written = dict(STATIC)

    # the simple limiter

    @property
    def active_power_limit(self) -> int:
        return self._simple

    @active_power_limit.setter
    def active_power_limit(self, percent: int) -> None:
        self._simple = _within(percent, 0, 100)
        self._obey()

    @property
    def cos_phi(self) -> float:
        return self._cos_phi

    @cos_phi.setter
    def cos_phi(self, value: float) -> None:
        self._cos_phi = _within(value, -1.0, 1.0)

    # the dynamic limit

    @property
    def dynamic_enabled(self) -> int:
        return self._enabled

    @dynamic_enabled.setter
    def dynamic_enabled(self, choice: int) -> None:
        before, self._enabled = self._enabled, _within(choice, 0, 1)
        if choice and not before:
            self._target = self._dynamic
        self._feed()
        self._obey()

    @property
    def dynamic_limit(self) -> float:
        return self._dynamic

    @dynamic_limit.setter
    def dynamic_limit(self, percent: float) -> None:
        self._dynamic = self._target = _within(percent, 0.0, 100.0)
        self._feed()
        self._obey()

    @property
    def command_timeout(self) -> int:
        return self._timeout

    @command_timeout.setter
    def command_timeout(self, seconds: int) -> None:
        self._timeout = _within(seconds, 1, 86_400)
        self._feed()

    @property
    def fallback_limit(self) -> float:
        return self._fallback

    @fallback_limit.setter
    def fallback_limit(self, percent: float) -> None:
        self._fallback = _within(percent, 0.0, 100.0)

    @property
    def ramp_up(self) -> float:
        return self._ramp_up

    @ramp_up.setter
    def ramp_up(self, rate: float) -> None:
        self._ramp_up = _rate(rate)

    @property
    def ramp_down(self) -> float:
        return self._ramp_down

    @ramp_down.setter
    def ramp_down(self, rate: float) -> None:
        self._ramp_down = _rate(rate)

    @property
    def max_active_power(self) -> float:
        return self._twin.rated_power

    # what acts

    def restart(self) -> None:
        """The inverter restarts: dynamic registers are lost, committed settings stay."""
        self._written = dict(self._static)
        self._volatile()
        self._obey()

    def bound(self, watts: float | None) -> None:
        """No more than `watts` from now on, whatever else allows; None for no bound."""
        self._bound = inf if watts is None else watts
        self._obey()

    def _feed(self) -> None:
        """A dynamic command arrived: the time runs anew."""
        if self._enabled:
            due = self._clock() + self._timeout
            self._twin.at("dynamic time-out", due, lambda: self._fall_back(due))
        else:
            self._twin.cancel("dynamic time-out")

    def _fall_back(self, now: float) -> None:
        self._target = self._fallback
        self._move(now)

    def _obey(self) -> None:
        self._move(self._clock())

    def _move(self, now: float) -> None:
        """Go towards the dynamic limit from `now` on, a percent at a time when a ramp is set."""
        dynamic = bool(self._enabled) and self.armed
        target = self._target if dynamic else 100.0
        rate = self._ramp_up if target > self._reached else self._ramp_down
        if not dynamic or rate < 0 or target == self._reached:
            self._reached = target
            self._twin.cancel("ramp")
        else:
            due = now + 60.0 / rate
            self._twin.at("ramp", due, lambda: self._step(due))
        simple = min(float(self._simple), self._static["power_reduce"]) if self.armed else 100.0
        self._twin.power_limit = min(min(simple, self._reached) / 100 * self._twin.rated_power, self._bound)

    def _step(self, now: float) -> None:
        self._reached += max(min(self._target - self._reached, 1.0), -1.0)
        self._move(now)


def _within(value: Number, low: Number, high: Number) -> Number:
    if not low <= value <= high:
        raise DeviceFailure(f"{value} is not from {low} to {high}")
    return value


def _rate(rate: float) -> float:
    if rate != -1.0 and not 0.0 < rate <= 100.0:
        raise DeviceFailure(f"ramp {rate} %/min")
    return rate
