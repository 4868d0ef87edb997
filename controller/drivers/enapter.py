"""Drives Enapter electrolysers EL 2.1 and EL 4 over Modbus/TCP.

The production rate is a share of 0.5 Nm³ of hydrogen an hour, from 60 to 100 %; 0 W is a stop. The device has no
register for the power that it takes: it needs a meter, and what is asked for in W becomes a rate by the maker's 4.8 kWh
a Nm³. It stops by itself when nobody speaks to it for its heartbeat time-out, which is a setting in its memory: it is
written once, and only where the device has another one. It runs for 15 min and stands for 5 at least.

Sources: Enapter/modbus-scripts:electrolyser and Enapter/el21-scripts:src (addresses, functions 3, 4, 6 and 16, states,
heartbeat); handbook.enapter.com, EL 2.1 knowledge base (rate, consumption). The start register 1000, the range of the
rate and the times are ASSUMED: the handbook's page of them was not in reach.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting
from controller.drivers.shared.pacing import Runs
from controller.drivers.shared.values import number, worded
from controller.errors import NotControllable, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

MODELS = ("EL21", "EL40", "ES40", "ES41")
SYSTEM = {0: "is starting up", 2: "has an error", 3: "has a fatal error", 4: "is in expert mode"}
ERRORS = (2, 3)
MAINTENANCE, STEADY = 1, 3
STATES = {
    0: "halted", MAINTENANCE: "maintenance", 2: "idle", STEADY: "steady", 4: "standby", 5: "curve", 6: "blow-down",
    7: "recombiner",
}  # fmt: skip
STATUS = {"steady": "running", "halted": "off"}  # of any other state: standby
LEAST, FULL = 60.0, 100.0  # % of the production rate
LEAST_POWER, FULL_POWER = 1400.0, 2400.0  # W at these rates, and evenly between
CLOSE = 0.1  # % that a rate may be off
SHOWS = 2.0  # s until a written rate is read again, as the maker's script waits
HEARTBEAT = 60.0  # s
RUN, STAND = 900.0, 300.0  # s


class EnapterElectrolyser(ModbusDevice):
    """EL 2.1 and EL 4. Input and holding registers are spaces of their own."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {142: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "electrolyser"
    function: ClassVar[int] = 4
    single_write: ClassVar[bool] = True
    slow: ClassVar[frozenset[str]] = frozenset({"hydrogen_volume", "water_pressure"})
    refresh: float | None = 30.0
    when_silent: ClassVar[WhenSilent] = WhenSilent("stops", HEARTBEAT)
    reaction: ClassVar[float] = RUN + 300.0  # a stop waits for its time in the device too, and blows down for minutes

    name = Point(0, "str2")
    serial_high = Point(6, "u64")
    serial_low = Point(10, "u64")
    system = Measure(18, "u16")
    hydrogen_volume = Measure(1006, "f32", 0.001, "m³")
    state = Measure(1200, "u16")
    water_pressure = Measure(7516, "f32", 100_000, "Pa", optional=True)

    running = Setting(1000, "u16", function=3)
    rate = Setting(1002, "f32", unit="%", function=3)
    settings = Setting(4000, "u16", function=3)  # 1 opens them
    settings_done = Setting(4001, "u16", function=3)
    heartbeat = Setting(4600, "u32", unit="s", function=3)

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._runs = Runs(RUN, STAND)

    @property
    def problem(self) -> str:
        """What waits."""
        return self._runs.waiting

    async def identify(self) -> Identity:
        own = type(self)
        await self.expect((own.name, own.system, own.state), "EL21", "an Enapter's input registers")
        told = await self.fetch((own.name, own.serial_high, own.serial_low))
        if told["name"] not in MODELS:
            raise WrongDevice(f"a device that calls itself {told['name']!r}", MODELS)
        high, low = told["serial_high"], told["serial_low"]
        serial = f"{high:016X}{low:016X}" if isinstance(high, int) and isinstance(low, int) else ""
        return Identity("Enapter", str(told["name"]), serial=serial, rated_power=FULL_POWER)

    async def read(self) -> Reading:
        seen = await self.sample()
        system, state = seen.pop("system"), number(seen.pop("state"))
        self._look(state)
        words = worded(STATES, state)
        return seen | {"status": "fault" if system in ERRORS else STATUS.get(words or "", "standby")}

    async def set_power(self, watts: float) -> None:
        """Take so much, by the rate that takes it; less than half of the least power stops it."""
        await self._be_ready()
        if not self.armed:
            await self._arm()
            self.armed = True
        if not self._runs.may_run(watts >= LEAST_POWER / 2, self.clock.monotonic()):
            await self.running.write(0)
            return
        share = (min(max(watts, LEAST_POWER), FULL_POWER) - LEAST_POWER) / (FULL_POWER - LEAST_POWER)
        rate = LEAST + share * (FULL - LEAST)
        new = abs((await self.rate.number() or 0.0) - rate) > CLOSE
        await self.rate.write(rate)
        await self.running.write(1)
        if new:
            await self._followed(rate)

    async def release(self) -> None:
        """It makes nothing: by itself it has nothing to do."""
        await self.running.write(0)
        self._runs.forget()

    async def _followed(self, rate: float) -> None:
        """Refused when a new rate does not stand there soon: somebody else commands, or the device ignores it."""
        await self.clock.sleep(SHOWS)
        if abs((await self.rate.number() or 0.0) - rate) > CLOSE:
            raise Refused(f"taken and not followed: a rate of {rate:.1f} % does not stand", unit=self.unit)

    async def _be_ready(self) -> None:
        """NotControllable, with the reason, where it would not follow."""
        own = type(self)
        seen = await self.fetch((own.system, own.state))
        system, state = number(seen["system"]), number(seen["state"])
        self._look(state)
        why = worded(SYSTEM, system) or ("is in maintenance" if state == MAINTENANCE else "")
        if why:
            raise NotControllable(f"the electrolyser {why}", unit=self.unit)

    async def _arm(self) -> None:
        """See to it that it stops when nobody speaks to it any more."""
        timeout = await self.heartbeat.number()
        if timeout != HEARTBEAT:
            await self.settings.write(1)
            await self.heartbeat.write(HEARTBEAT)
            await self.settings_done.write(1)

    def _look(self, state: float | None) -> None:
        if state is not None:
            self._runs.saw(state == STEADY, self.clock.monotonic())
