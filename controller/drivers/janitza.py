"""Reads Janitza meters on RS485: the UMG series, and the B series, which ABB makes.

The UMG tell their type in no register that all of them have: what stands from 19000 on has to look like the grid. The
B series has that block under Janitza's label and ABB's own map under ABB's. The latter tells more and is read where it
answers; its type register is in both.

Sources: Janitza, Modbus address lists of UMG 604, 511 and 96RM (copies in OpenEMS/openems:
io.openems.edge.meter.janitza/doc); volkszaehler/mbmd:meters/rs485/janitza.go, from Janitza's manual of the B series;
for ABB's map volkszaehler/mbmd:meters/rs485/abb.go, openWB/core:packages/modules/common/b23.py and
victronenergy/dbus-modbus-client:abb.py.
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
    serial_settings: ClassVar[SerialSettings] = SerialSettings(115_200, stop=2)  # manual of UMG 96RM, RS485

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


class B2xBlock(Block19000, ModbusDevice):
    """The block from 19000 on in a meter of the B series."""


class JanitzaB2x(ModbusDevice):
    """B21 of one phase, B23 and B24 of three. All bits one, without the sign, is "not available" in ABB's map."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {109: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "electricity-meter"
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

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._block: B2xBlock | None = None  # where the meter has no map of ABB's
        self._looked = False

    def lost(self) -> None:
        super().lost()
        self._looked = False

    async def identify(self) -> Identity:
        label = await AbbLabel(self.line, self.clock, self.unit).told()
        if not label.startswith(B_SERIES):
            raise WrongDevice(f"a {label}" if label else "a meter that tells no type", B_SERIES)
        serial = await self.serial.number()
        return Identity("Janitza", label[:3], "" if serial is None else f"{serial:.0f}")

    async def read(self) -> Reading:
        if not self._looked:
            self._block = None if await self._has_abb() else B2xBlock(self.line, self.clock, self.unit)
            self._looked = True
        if self._block is None:
            values = phases_there(unsigned(await self.sample(), "power_factor"))
        else:
            self._block.pace, self._block.by_phase = self.pace, self.by_phase
            values = phases_there(await self._block.sample())
        if values["voltage_l2"] is None:  # one phase: ABB's map tells its power in total only
            values["power_l1"] = values["power"]
        return values

    async def _has_abb(self) -> bool:
        try:
            await self.fetch([type(self).power])
        except Refused as no:
            if no.code not in UNKNOWN:
                raise
            return False
        return True
