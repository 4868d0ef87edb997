"""What SunSpec devices share in behaviour: the immediate controls (models 123 and 704) and the inverter states.

Source: SunSpec Information Model Reference, models 101 to 103, 123, 160; Device Information Model 701, 704.
"""

from collections.abc import Callable
from math import sqrt
from typing import Any

from emulators.family.profile import Facts
from emulators.table.answers import IllegalValue
from emulators.wires.device import Device
from twin.model import Model
from twin.pv import PvInverter

STATES = {"off": 1, "sleeping": 2, "starting": 3, "running": 4, "limited": 5, "fault": 7, "standby": 8}
DER_STATES = {"off": 0, "sleeping": 1, "starting": 2, "running": 3, "limited": 4, "fault": 6, "standby": 7}


class ImmediateControls:
    """The power limit in percent with enable and reversion time, and the connection.

    `act` gets the percentage in force, None for none. `acts_on`: a new percentage acts as soon as it is written
    ("value"), when the enable is written 1 ("enable"), or only when the enable goes from 0 to 1 ("rising").
    `enabled` is the enable's state after a start. A write of percentage, enable or reversion time starts the time anew.
    """

    def __init__(
        self, twin: Model, clock: Callable[[], float], act: Callable[[float | None], None], *,
        acts_on: str = "value", enabled: int = 0, lowest: float = 0.0, longest: int = 65_534,
    ) -> None:  # fmt: skip
        self._twin, self._clock, self._act = twin, clock, act
        self._acts_on, self._start, self._lowest, self._longest = acts_on, enabled, lowest, longest
        self._percent, self._enabled, self._connected = 100.0, enabled, 1
        self._in_force: float | None = None
        self._reversion = self._connect_reversion = 0
        self.limit_window = self.limit_ramp = self.connect_window = 0

    @property
    def limit_percent(self) -> float:
        return self._percent

    @limit_percent.setter
    def limit_percent(self, percent: float) -> None:
        if not self._lowest <= percent <= 100:
            raise IllegalValue(f"limit {percent} %")
        self._percent = percent
        if self._enabled and self._acts_on == "value":
            self._in_force = percent
        self._feed()
        self._obey()

    @property
    def limit_enabled(self) -> int:
        return self._enabled

    @limit_enabled.setter
    def limit_enabled(self, choice: int) -> None:
        if choice not in (0, 1):
            raise IllegalValue(f"enable {choice}")
        if not choice:
            self._in_force = None
        elif not self._enabled or self._acts_on != "rising":
            self._in_force = self._percent
        self._enabled = choice
        self._feed()
        self._obey()

    @property
    def limit_reversion(self) -> int:
        """Seconds after which the limit is given up, 0 = never."""
        return self._reversion

    @limit_reversion.setter
    def limit_reversion(self, seconds: int) -> None:
        if not 0 <= seconds <= self._longest:
            raise IllegalValue(f"reversion time {seconds} s")
        self._reversion = seconds
        self._feed()

    @property
    def connected(self) -> int:
        return self._connected

    @connected.setter
    def connected(self, choice: int) -> None:
        if choice not in (0, 1):
            raise IllegalValue(f"connection {choice}")
        self._connected = choice
        if not choice and self._connect_reversion:
            self._twin.at("connection reversion", self._clock() + self._connect_reversion, self._reconnect)
        else:
            self._twin.cancel("connection reversion")
        self._obey()

    @property
    def connect_reversion(self) -> int:
        return self._connect_reversion

    @connect_reversion.setter
    def connect_reversion(self, seconds: int) -> None:
        self._connect_reversion = seconds

    def restart(self) -> None:
        """Power-up: no limit, connected."""
        self._percent, self._enabled, self._connected, self._in_force = 100.0, self._start, 1, None
        self._reversion = self._connect_reversion = 0
        self._feed()
        self._twin.cancel("connection reversion")
        self._obey()

    def _reconnect(self) -> None:
        self._connected = 1
        self._obey()

    def _revert(self) -> None:
        self._percent = 100.0 if self._start else self._percent
        self._enabled, self._in_force = self._start, None
        self._obey()

    def _feed(self) -> None:
        """The reversion time runs anew."""
        if self._in_force is not None and self._reversion:
            self._twin.at("limit reversion", self._clock() + self._reversion, self._revert)
        else:
            self._twin.cancel("limit reversion")

    def _obey(self) -> None:
        self._act(self._in_force if self._connected else 0.0)


class Limited:
    """A PV inverter with nothing but the immediate controls; a limit is lost at a restart.

    The face of AE REFUsol, AE 3TL and SMA CORE2, of which nobody has shown in public how they are controlled.
    """

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        self.maximum_power = most = float(facts.more.get("wmax", 1.0)) * twin.rated_power

        def act(percent: float | None) -> None:
            twin.power_limit = most * (100.0 if percent is None else percent) / 100

        act(None)
        self._controls = ImmediateControls(twin, device.clock, act)
        self.parts = (self._controls, Shown(twin))

    def reboot(self) -> None:
        self._controls.restart()


class Shown:
    """Values of an inverter as SunSpec words them, from a twin's quantities. `strings` share the DC power evenly."""

    def __init__(
        self, twin: Any, strings: int = 2, power: Callable[[], float] | None = None,
        dc: Callable[[], float] | None = None,
    ) -> None:  # fmt: skip
        self._twin, self._strings = twin, strings
        self._dc = dc or (lambda: float(twin.dc_power))
        self._power = power or (lambda: float(twin.power))

    @property
    def power(self) -> float:
        return self._power()

    @property
    def state(self) -> int:
        return STATES[self._word()]

    @property
    def der_state(self) -> int:
        return DER_STATES[self._word()]

    @property
    def voltage_l12(self) -> float | None:
        return _between(self._twin.voltage_l1, self._twin.voltage_l2)

    @property
    def voltage_l23(self) -> float | None:
        return _between(self._twin.voltage_l2, self._twin.voltage_l3)

    @property
    def voltage_l31(self) -> float | None:
        return _between(self._twin.voltage_l3, self._twin.voltage_l1)

    @property
    def current(self) -> float:
        """Sum of the phase currents in A."""
        twin = self._twin
        return sum(float(each or 0) for each in (twin.current_l1, twin.current_l2, twin.current_l3))

    @property
    def dc_current(self) -> float:
        return self._dc() / self.string_voltage if self.string_voltage else 0.0

    @property
    def string_voltage(self) -> float:
        """V of a string: 600 V while it is lit, which is a usual MPP voltage."""
        return 600.0 if self._dc() > 0 else 0.0

    @property
    def string_energy(self) -> float:
        """Wh from each string since commissioning."""
        own = getattr(self._twin, "pv_energy", None)  # of a hybrid, whose terminal counts the battery too
        return (float(self._twin.energy) / PvInverter.efficiency if own is None else own) / self._strings

    @property
    def string_power(self) -> float:
        return self._dc() / self._strings

    @property
    def string_current(self) -> float:
        return self.dc_current / self._strings

    def _word(self) -> str:
        word = str(self._twin.status)
        return "sleeping" if word == "standby" else word


def _between(a: float | None, b: float | None) -> float | None:
    """Line-to-line voltage of two phases 120 degrees apart."""
    return None if a is None or b is None else sqrt(a * a + b * b + a * b)
