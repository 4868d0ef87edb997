"""KOSTAL PIKO CI and older PIKO: SunSpec and a few registers; the CI's communication board sleeps with the sun.

Source: evcc issue 5919 (the board is off at night); lluispla/kostal-dashboard:dashboard/config.py (states of the CI, by
the maker's interface description); the control side is assumed.
"""

from emulators.faces.controls import ImmediateControls, Shown
from emulators.faces.settings import kept, within
from emulators.family.profile import Facts
from emulators.table.answers import IllegalAddress, Silence
from emulators.wires.device import Device
from twin.pv import PvInverter

STATES = {"off": 15, "starting": 1, "running": 6, "limited": 6, "standby": 10, "fault": 15}  # it has no others


class Piko:
    """`night_off`: after a day with sun the interface goes dark with it. A fresh start is reachable."""

    def __init__(self, twin: PvInverter, facts: Facts, device: Device) -> None:
        self._twin = twin
        self._night_off = facts.more.get("night_off") == "yes"
        self._sun_seen = False
        self._sunspec: float | None = None
        self._controls = ImmediateControls(twin, device.clock, self._limit)
        self.parts = (self._controls, Shown(twin, int(facts.more.get("strings", 2))))
        self._percent = 100

    def closed(self) -> bool:
        """Whether the communication board is off."""
        lit = self._twin.available > 0 or self._twin.power > 0
        self._sun_seen = self._sun_seen or lit
        return self._night_off and self._sun_seen and not lit

    def asked(self, function: int, address: int, count: int) -> None:
        if self.closed():
            raise Silence
        if function == 16 and address <= 533 < address + count:
            raise IllegalAddress("function 6 only")

    def reboot(self) -> None:
        self._sun_seen, self._percent = False, 100
        self._controls.restart()

    @property
    def inverter_state(self) -> int:
        return STATES[str(self._twin.status)]

    active_power_percent = kept("_percent", within, 1, 100, then="_obey")

    def _limit(self, percent: float | None) -> None:
        self._sunspec = percent
        self._obey()

    def _obey(self) -> None:
        shares = (float(self._percent), 100.0 if self._sunspec is None else self._sunspec)
        self._twin.power_limit = min(shares) / 100 * self._twin.rated_power
