"""SMA's external active power setting: its mode, its silence and the installer's Grid Guard code in front of it.

Source: SMA Modbus interface, general (SMA-Modbus-general-TI-en-10); parameter lists of the devices.
"""

from collections.abc import Callable
from typing import Protocol

from emulators.faces.settings import one_of, within
from emulators.family.profile import Facts
from emulators.sma import tags
from emulators.table.answers import DeviceFailure
from emulators.wires.device import Device
from twin.ac import AcDevice
from twin.model import Model


class GridGuard:
    """The personal code at 43090: without it the protected parameters refuse. Lost at a restart."""

    def __init__(self, facts: Facts) -> None:
        self._code = int(facts.more["grid_guard"])
        self.open = False

    @property
    def grid_guard_code(self) -> int:
        """1 while somebody is logged in."""
        return int(self.open)

    @grid_guard_code.setter
    def grid_guard_code(self, code: int) -> None:
        if code not in (0, self._code):
            self.open = False
            raise DeviceFailure("wrong Grid Guard code")
        self.open = code == self._code

    def check(self) -> None:
        if not self.open:
            raise DeviceFailure("locked by Grid Guard")


class Silence:
    """Fallback when no set-point has come for `missing_timeout` s (41195), if 41193 says so."""

    def __init__(self, twin: Model, facts: Facts, device: Device, changed: Callable[[], None]) -> None:
        self._twin, self._clock, self._changed = twin, device.clock, changed
        self._behaviour, self._timeout = int(facts.more["missing"]), int(facts.more["timeout"])
        self._shortest, self._longest = int(facts.more["timeout_from"]), int(facts.more["timeout_to"])
        self.expired = False

    @property
    def missing_behaviour(self) -> int:
        return self._behaviour

    @missing_behaviour.setter
    def missing_behaviour(self, tag: int) -> None:
        self._behaviour = one_of(tag, tags.KEEP, tags.FALL_BACK)
        self.fed()

    @property
    def missing_timeout(self) -> int:
        return self._timeout

    @missing_timeout.setter
    def missing_timeout(self, seconds: int) -> None:
        self._timeout = within(seconds, self._shortest, self._longest)
        self.fed()

    def fed(self) -> None:
        """A set-point arrived."""
        self.expired = False
        if self._behaviour == tags.FALL_BACK:
            self._twin.at("set-points missing", self._clock() + self._timeout, self._expire)
        else:
            self._twin.cancel("set-points missing")

    def _expire(self) -> None:
        self.expired = True
        self._changed()


class Commanded(Protocol):
    """A face that takes set-points."""

    limit_percent: float
    fast_stop: int
    power_mode: int


class SameSetpoints:
    """The same set-points in other registers: whole percent, and the connection and the enable of SunSpec."""

    def __init__(self, face: Commanded) -> None:
        self._face = face

    @property
    def limit_whole_percent(self) -> float:
        return self._face.limit_percent

    @limit_whole_percent.setter
    def limit_whole_percent(self, percent: float) -> None:
        self._face.limit_percent = percent

    @property
    def sunspec_connected(self) -> int:
        return int(self._face.fast_stop == tags.START)

    @sunspec_connected.setter
    def sunspec_connected(self, choice: int) -> None:
        self._face.fast_stop = tags.START if one_of(choice, 0, 1) else tags.STOP

    @property
    def sunspec_enabled(self) -> int:
        return int(self._face.power_mode == tags.EXTERNAL)

    @sunspec_enabled.setter
    def sunspec_enabled(self, choice: int) -> None:
        self._face.power_mode = tags.EXTERNAL if one_of(choice, 0, 1) else tags.OFF


class DailyYield:
    """A counter that starts anew at midnight UTC."""

    def __init__(self, twin: AcDevice, device: Device) -> None:
        self._twin, self._from = twin, 0.0
        self._midnight(device.clock() // 86_400 * 86_400)

    @property
    def daily_energy(self) -> float:
        return max(self._twin.energy - self._from, 0.0)

    def _midnight(self, now: float) -> None:
        self._from = self._twin.energy
        self._twin.at("midnight", now + 86_400, lambda: self._midnight(now + 86_400))
