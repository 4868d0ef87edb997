"""Reads Janitza meters on RS485: the UMG series, and the B series, which ABB makes.

The UMG tell their type in no register that all of them have: what stands from 19000 on has to look like the grid. The
B series has that block under Janitza's label (volkszaehler/mbmd:meters/rs485/janitza.go, from Janitza's manual of the
B series) and ABB's own map under ABB's (volkszaehler/mbmd:meters/rs485/abb.go,
openWB/core:packages/modules/common/b23.py, victronenergy/dbus-modbus-client:abb.py); whichever answers is read.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.block_19000 import Block19000
from controller.drivers.modbus.points import UNKNOWN, Measure, ModbusDevice, Setting
from controller.drivers.shared.meters import on_the_grid, phases_there, unsigned
from controller.errors import Refused, WrongDevice
from controller.ports import Clock, ModbusLine, SerialSettings

B_SERIES = ("B21", "B23", "B24")


class JanitzaUmg(Block19000, ModbusDevice):
    """UMG 512, 604, 801, 806, 20 CM and 96 RM-EL. Source: Janitza, Modbus address lists."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {110: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "electricity-meter"
    serial_settings: ClassVar[SerialSettings] = SerialSettings(115_200)  # UMG 96RM manual, RS485 interface

    async def identify(self) -> Identity:
        own = type(self)
        points = (own.voltage_l1, own.voltage_l2, own.voltage_l3, own.frequency)
        await self.expect(points, "UMG", "readings from 19000 on")
        label = await AbbLabel(self.line, self.clock, self.unit).told()
        if label.startswith(B_SERIES):
            raise WrongDevice(f"a {label}", ["UMG"])
        if not on_the_grid(await self.fetch(points)):
            raise WrongDevice("a device without voltages of the grid from 19000 on", ["UMG"])
        return Identity("Janitza", self.model or "UMG")

    async def read(self) -> Reading:
        return await self.sample()


class AbbLabel(ModbusDevice):
    """What only the B series has: its type, as "B23 112-100"."""

    type_name = Setting(0x8960, "str6", optional=True)

    async def told(self) -> str:
        """Nothing where the meter has no such register."""
        return str(await self.type_name.read() or "")


class AbbMap(ModbusDevice):
    """The map of ABB's B series. All bits one, without the sign, is "not available"."""

    max_gap: ClassVar[int] = 2
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {
        "u16": (0xFFFF,), "u32": (0xFFFF_FFFF,), "u64": ((1 << 64) - 1,), "s16": (0x7FFF,), "s32": (0x7FFF_FFFF,),
    }  # fmt: skip

    serial = Setting(0x8900, "u32", optional=True)

    import_energy = Measure(0x5000, "u64", 10, "Wh")  # kWh * 100 on the wire
    export_energy = Measure(0x5004, "u64", 10, "Wh")
    voltage_l1 = Measure(0x5B00, "u32", 0.1, "V")
    voltage_l2 = Measure(0x5B02, "u32", 0.1, "V")
    voltage_l3 = Measure(0x5B04, "u32", 0.1, "V")
    current_l1 = Measure(0x5B0C, "u32", 0.01, "A")
    current_l2 = Measure(0x5B0E, "u32", 0.01, "A")
    current_l3 = Measure(0x5B10, "u32", 0.01, "A")
    power = Measure(0x5B14, "s32", 0.01, "W")
    power_l1 = Measure(0x5B16, "s32", 0.01, "W")
    power_l2 = Measure(0x5B18, "s32", 0.01, "W")
    power_l3 = Measure(0x5B1A, "s32", 0.01, "W")
    reactive_power = Measure(0x5B1C, "s32", 0.01, "var")
    frequency = Measure(0x5B2C, "u16", 0.01, "Hz")
    power_factor = Measure(0x5B3A, "s16", 0.001)


class JanitzaB2x(Block19000, ModbusDevice):
    """B21 of one phase, B23 and B24 of three."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {109: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "electricity-meter"

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._abb = AbbMap(line, clock, self.unit)
        self._block: bool | None = None  # whether it has the block from 19000 on

    def lost(self) -> None:
        super().lost()
        self._abb.lost()
        self._block = None

    async def identify(self) -> Identity:
        label = await AbbLabel(self.line, self.clock, self.unit).told()
        if label and not label.startswith(B_SERIES):
            raise WrongDevice(f"a {label}", B_SERIES)
        seen = await self.read()
        if not on_the_grid(seen):
            raise WrongDevice("a device without voltages of the grid", B_SERIES)
        serial = await self._abb.serial.read()
        if label:
            self.model = label[:3]
        one_phase = "B21" if seen["voltage_l2"] is None else "B23"
        return Identity("Janitza", self.model or one_phase, "" if serial is None else f"{serial:.0f}")

    async def read(self) -> Reading:
        if self._block is None:
            self._block = await self._has_block()
        if self._block:
            return phases_there(await self.sample())
        self._abb.pace = self.pace
        try:
            values = phases_there(unsigned(await self._abb.sample(), "power_factor"))
        except Refused:
            self._block = None  # neither map answers: perhaps it was busy when it was looked for
            raise
        if values["voltage_l2"] is None:  # one phase: only the total is told
            values["power_l1"] = values["power"]
        return values

    async def _has_block(self) -> bool:
        try:
            await self.fetch([type(self).power])
        except Refused as no:
            if no.code not in UNKNOWN:
                raise
            return False
        return True
