"""GRIDCON PCS of Maschinenfabrik Reinhausen, as it stands before TESVOLT batteries.

Source: OpenEMS/openems at ebcf2445b1~1: io.openems.edge.ess.mr.gridcon, a retired driver and the only public trace of
the map; signs and scaling are marked as doubtful there. Wire address as there, 32-bit values low word first, floats.

The state of charge is told by the battery's own controller at unit 25, as openWB/core:packages/modules/devices/sma/
sma_sunny_boy/bat_tesvolt.py reads it; where nobody answers there, it is not known.

A command is one block of 16 registers with date and time in it: the time is the life sign. Powers are parts of the
nominal power with the opposite sign of ours. One power stack (IPU) of 42 kW is used.
"""

from datetime import UTC, datetime
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.setpoint import SignedSetpoint
from controller.drivers.shared.values import worded
from controller.errors import LineTimeout, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

NOMINAL = 42_000.0  # W of one IPU
STOP, PLAY, ACKNOWLEDGE = 1 << 0, 1 << 1, 1 << 3
CURRENT_CONTROL = 1 << 7  # grid-parallel: follow the power, not the voltage
FIRST_IPU = 1 << 15
ERROR = 8
STATUS = {
    1: "starting", 2: "standby", 3: "starting", 4: "standby", 5: "starting", 6: "standby", 7: "running", 8: "fault",
    9: "standby", 10: "starting", 11: "starting", 12: "running", 13: "running",
}  # fmt: skip


class TesvoltBattery(ModbusDevice):
    """The battery's own controller, with the high word first."""

    default_unit: ClassVar[int] = 25
    function: ClassVar[int] = 4

    soc = Measure(1056, "s32", 0.1, "%")


class Gridcon(SignedSetpoint, ModbusDevice):
    """Battery inverter of one power stack, and the state of charge of the battery behind it."""

    serves: ClassVar = {51: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "battery-inverter"
    default_unit: ClassVar[int] = 0
    word_order = "low first"
    refresh = 5.0
    when_silent: ClassVar = WhenSilent("stops", 60.0)
    reaction: ClassVar[float] = 8.0

    state = Measure(32528, "u16")
    current_l1 = Measure(32538, "f32", unit="A")
    current_l2 = Measure(32540, "f32", unit="A")
    current_l3 = Measure(32542, "f32", unit="A")
    frequency = Measure(32548, "f32", unit="Hz")
    battery_power = Measure(33178, "f32", -1, "W")  # DC link of the first IPU
    temperature = Measure(33186, "f32", unit="°C")  # of its power transistors

    error_code = Setting(32530, "u32")
    control = Setting(32560, "u16")
    enabled = Setting(32561, "u16")
    feedback = Setting(32562, "u32")
    voltage_share = Setting(32564, "f32")
    frequency_share = Setting(32566, "f32")
    reactive_share = Setting(32568, "f32")
    power_share = Setting(32570, "f32", -1)  # negative = discharging
    date = Setting(32572, "u32")
    time = Setting(32574, "u32")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._battery: TesvoltBattery | None = TesvoltBattery(line, clock)

    def lost(self) -> None:
        super().lost()
        self._battery = self._battery or TesvoltBattery(self.line, self.clock)

    async def identify(self) -> Identity:
        kind = type(self)
        await self.expect([kind.state, kind.control, kind.enabled], "Gridcon PCS", "the GRIDCON's command block")
        state = await self.state.number()
        if state not in STATUS:
            raise WrongDevice(f"a device with {state} where the GRIDCON has its state", ["Gridcon PCS"])
        return Identity("Maschinenfabrik Reinhausen", "Gridcon PCS", rated_power=NOMINAL)

    async def read(self) -> Reading:
        values = await self.sample()
        values["status"] = worded(STATUS, values.pop("state"))
        values["power"] = values["battery_power"]
        if self._battery is not None:
            try:
                values.update(await self._battery.sample())
            except (Refused, LineTimeout):
                self._battery = None  # nobody there, until the line was lost
        return values

    async def _command(self, watts: float) -> None:
        if await self.state.number() == ERROR:  # it is left first, then started
            error = await self.error_code.number() or 0.0
            await self._give(ACKNOWLEDGE | CURRENT_CONTROL, FIRST_IPU, error, 0.0)
            await self.clock.sleep(1.0)
        await self._give(PLAY | CURRENT_CONTROL, FIRST_IPU, 0.0, min(max(watts / NOMINAL, -1.0), 1.0))

    async def release(self) -> None:
        """Stop: the GRIDCON has no regulation of its own."""
        await self._give(STOP, 0, 0.0, 0.0)

    async def _give(self, bits: int, enabled: int, error: float, share: float) -> None:
        day, second = calendar(self.clock.now())
        await self.write_together(
            (self.control, bits), (self.enabled, enabled), (self.feedback, error), (self.voltage_share, 1.0),
            (self.frequency_share, 1.0), (self.reactive_share, 0.0), (self.power_share, share), (self.date, day),
            (self.time, second),
        )  # fmt: skip


def calendar(now: float) -> tuple[int, int]:
    """Date and time as the GRIDCON counts them: bytes of day, weekday (Monday 0), year, month and second, hour, minute.

    The low word holds day and weekday, or seconds; the high word year and month, or hours and minutes.
    """
    utc = datetime.fromtimestamp(now, UTC)
    date = (utc.day + (utc.weekday() << 8)) | ((utc.year - 2000 + (utc.month << 8)) << 16)
    return date, utc.second | ((utc.hour + (utc.minute << 8)) << 16)
