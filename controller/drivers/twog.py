"""Drives a combined heat and power plant g-box 50plus of 2G through its Anybus gateway, by a map that is ASSUMED.

The registers mimic an Anybus process image: what the plant tells from 0, what it is told from 1024. The rules are the
list's: when the connection breaks, the plant leaves external control, and somebody has to switch it on again at the
plant; until then values are read and set-points refused, for they would be taken and ignored. A life counter has to
change every 10 s. Start and stop are rare: it runs for an hour and stands for half of one at least.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.pacing import Runs
from controller.drivers.shared.values import number, worded
from controller.errors import NotControllable, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

STATES = {
    0: "off", 1: "standby", 2: "starting", 3: "starting", 4: "running", 5: "stopping", 6: "fault", 7: "fault",
}  # fmt: skip
TURNING = (2, 3, 4)  # states in which it runs or is about to
EXTERNAL, ALLOWED, ALARM, LOST = 0x01, 0x02, 0x04, 0x10  # of the flags at 1
REQUEST, START = 0x01, 0x02  # of the control word at 1024
RATED = 50_000.0  # W
LEAST, FULL = 50.0, 100.0  # % that it modulates between
LIFE = 10.0  # s that the life counter may stand still
ANSWERS = 5.0  # s within which a plant that is asked for external control says that it has it
RUN, STAND = 3600.0, 1800.0  # s, from memory; the plant's own controller has the last word
LOCKED = "external control is off at the plant: somebody has to switch it on there again"


class GBox50(ModbusDevice):
    """g-box 50plus: 25 to 50 kW."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {141: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "chp"
    refresh: float | None = LIFE / 3
    when_silent: ClassVar[WhenSilent] = WhenSilent("released", LIFE)
    reaction: ClassVar[float] = STAND + 180.0  # of one that has just stopped; 2 min to synchronise, 50 s of ramp

    state = Measure(0, "u16")
    flags = Measure(1, "u16")
    power = Measure(2, "s16", 100, "W")
    heat_power = Measure(3, "s16", 100, "W")
    water_temperature = Measure(4, "s16", 0.1, "°C")
    return_temperature = Measure(5, "s16", 0.1, "°C")
    exhaust_temperature = Measure(6, "s16", 0.1, "°C")
    engine_temperature = Measure(7, "s16", 0.1, "°C")
    energy = Measure(8, "u32", 1000, "Wh")
    heat_energy = Measure(10, "u32", 1000, "Wh")
    fault_code = Measure(16, "u16")

    control = Setting(1024, "u16")
    share = Setting(1025, "u16", 0.1, "%")
    life = Setting(1026, "u16")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._runs = Runs(RUN, STAND)
        self._beats = 0
        self._asked_at: float | None = None  # monotonic s since when external control is asked for

    def lost(self) -> None:
        super().lost()
        self._asked_at = None

    @property
    def problem(self) -> str:
        """What waits."""
        return self._runs.waiting

    async def identify(self) -> Identity:
        own = type(self)
        points = (own.state, own.flags, own.water_temperature, own.return_temperature, own.control)
        await self.expect(points, "g-box 50plus", "the gateway's process image")
        seen = await self.fetch(points)
        flags, hot = int(number(seen["flags"]) or 0), number(seen["water_temperature"]) or 0.0
        if worded(STATES, seen["state"]) is None or flags > 0x1F or not -40 < hot < 150:
            raise WrongDevice(f"a device in state {seen['state']} with flags {flags:#x}", ["g-box 50plus"])
        return Identity("2G", "g-box 50plus", rated_power=RATED)

    async def read(self) -> Reading:
        seen = await self.sample()
        state, flags = seen.pop("state"), seen.pop("flags")
        self._look(state)
        return seen | {
            "mode": _mode(flags),
            "status": worded(STATES, state, "fault"),
        }

    async def set_power(self, watts: float) -> None:
        """Give so much, no less than half of its rating while it runs; less than a quarter stops it."""
        own, now = type(self), self.clock.monotonic()
        seen = await self.fetch((own.state, own.flags))
        self._look(seen["state"])
        flags = int(number(seen["flags"]) or 0)
        if not flags & ALLOWED or flags & LOST or (self._waited(now) and not flags & EXTERNAL):
            self._asked_at = None
            raise NotControllable(LOCKED, unit=self.unit)
        runs = self._runs.may_run(watts >= LEAST / 100 * RATED / 2, now)
        percent = min(max(100 * watts / RATED, LEAST), FULL) if runs else 0.0
        self._beats = self._beats % 0xFFFF + 1
        word = REQUEST | START if runs else REQUEST
        await self.write_together((self.control, word), (self.share, percent), (self.life, self._beats))
        if self._asked_at is None:
            self._asked_at = now
        elif await self.life.number() != self._beats:
            raise Refused("taken and not followed: the life counter does not change", unit=self.unit)

    async def release(self) -> None:
        """Back to its own controller, which follows the heat."""
        await self.control.write(0)
        self._asked_at = None
        self._runs.forget()

    def _look(self, state: Value) -> None:
        known = number(state)
        if known is not None:
            self._runs.saw(int(known) in TURNING, self.clock.monotonic())

    def _waited(self, now: float) -> bool:
        """Whether external control has been asked for long enough to be there."""
        return self._asked_at is not None and now - self._asked_at >= ANSWERS


def _mode(flags: Value) -> str | None:
    told = number(flags)
    return None if told is None else "external" if int(told) & EXTERNAL else "own"
