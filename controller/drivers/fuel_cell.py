"""Drives fuel cells, BlueGEN BG-15 and those of makers that the list does not name, by a profile that is ASSUMED.

No register map of them is public. Profile fuelcell-assumed-v1: measurements from 0, control from 100. A fuel cell is
slow: it takes a day to heat up, some 10 W a minute to change its power, and each cooling down wears it. So it is never
switched off here, only modulated between its smallest and its greatest power, and told another power every quarter of
an hour at most; a wish that comes sooner waits. Whoever commands changes a counter at least once a minute, or the cell
goes back to its own power.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting
from controller.drivers.shared.pacing import Steps
from controller.drivers.shared.values import number, worded
from controller.errors import NotControllable, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

MODELS = {139: ("SolydEra", "BlueGEN BG-15"), 140: ("unknown", "Brennstoffzelle")}
STATES = {0: "off", 1: "starting", 2: "running", 3: "stopping", 4: "fault", 5: "service"}
CANNOT = {0: "is off", 3: "cools down", 4: "has a fault", 5: "is in service"}  # and is not brought back from here
WATCHDOG = 60.0  # s
STEP = 900.0  # s between two changes of the power: our own rule, for the cell's sake
RAMP = 10.0 / 60.0  # W/s
SPAN = 1000.0  # W between the smallest and the greatest power of a BG-15


class FuelCell(ModbusDevice):
    """A fuel cell with an external set-point. Its power is negative while it heats up."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = dict.fromkeys(MODELS, ("modbus-tcp",))
    kind: ClassVar[Kind] = "fuel-cell"
    max_gap: ClassVar[int] = 2
    slow: ClassVar[frozenset[str]] = frozenset({"gas_volume", "fault_code"})
    refresh: float | None = WATCHDOG / 3
    when_silent: ClassVar[WhenSilent] = WhenSilent("released", WATCHDOG)
    reaction: ClassVar[float] = SPAN / RAMP + STEP  # of one with a span of its own: see `identify`

    state = Measure(0, "u16")
    fault_code = Measure(1, "u16")
    power = Measure(2, "s16", unit="W")
    heat_power = Measure(3, "u16", unit="W")
    water_temperature = Measure(4, "s16", 0.1, "°C")
    return_temperature = Measure(5, "s16", 0.1, "°C")
    energy = Measure(6, "u32", unit="Wh")
    heat_energy = Measure(8, "u32", unit="Wh")
    gas_volume = Measure(10, "u32", 0.001, "m³")
    least = Point(14, "u16", unit="W")
    most = Point(15, "u16", unit="W")
    external_now = Measure(100, "u16")
    setpoint_now = Measure(101, "u16", unit="W")

    external = Setting(100, "u16")
    setpoint = Setting(101, "u16", unit="W")
    watchdog = Setting(102, "u16")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._steps = Steps(STEP)
        self._beats = 0

    @property
    def problem(self) -> str:
        """What waits, and until when."""
        return self._steps.waiting

    async def identify(self) -> Identity:
        own = type(self)
        maker, model = MODELS.get(self.row, MODELS[140])
        await self.expect((own.state, own.least, own.most, own.external), model, "the registers of the profile")
        seen = await self.fetch((own.state, own.least, own.most))
        least, most = number(seen["least"]) or 0.0, number(seen["most"]) or 0.0
        if worded(STATES, seen["state"]) is None or not 0 < least < most:
            raise WrongDevice(f"a device in state {seen['state']} with {least:g} to {most:g} W", [model])
        self.reaction = (most - least) / RAMP + STEP  # type: ignore[misc]  # this one's own
        return Identity(maker, model, rated_power=most)

    async def read(self) -> Reading:
        seen = await self.sample()
        external, setpoint, state = seen.pop("external_now"), seen.pop("setpoint_now"), seen.pop("state")
        return seen | {
            "power_setpoint": setpoint if external else None,
            "status": worded(STATES, state, "fault"),
        }

    async def set_power(self, watts: float) -> None:
        """Give so much, within what it can give without going out; another power than before waits for its time."""
        own = type(self)
        seen = await self.fetch((own.state, own.least, own.most))
        state = int(number(seen["state"]) or 0)
        if state in CANNOT:
            raise NotControllable(f"the fuel cell {CANNOT[state]}: somebody has to look after it", unit=self.unit)
        least, most = number(seen["least"]) or 0.0, number(seen["most"]) or 0.0
        told = self._steps.told(min(max(watts, least), most), self.clock.monotonic())
        self._beats = self._beats % 0xFFFF + 1
        await self.write_together((self.external, 1), (self.setpoint, told), (self.watchdog, self._beats))
        self._steps.took(told, self.clock.monotonic())
        if await self.watchdog.number() != self._beats:
            raise Refused("taken and not followed: the counter does not change", unit=self.unit)

    async def release(self) -> None:
        """Back to the power that its own controller gives it."""
        await self.external.write(0)
        self._steps.forget()
