"""Reads Eastron SDM220 on RS485.

Sources: Eastron, SDM120 Modbus protocol (copy in OpenEMS/openems:io.openems.edge.meter.eastron/doc), which single-phase
types share; volkszaehler/mbmd:meters/rs485/sdm220.go. Function 4, float32 with the high word first; a request that
starts or ends within a value is refused. The maker delivers single-phase types at 2400 baud.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.eastron import OTHERS, TYPES
from controller.drivers.modbus.points import Measure, ModbusDevice, Point
from controller.drivers.shared.meters import on_the_grid, unsigned
from controller.errors import WrongDevice
from controller.ports import SerialSettings

MODEL = "SDM220"


class Sdm220(ModbusDevice):
    """SDM220, one phase. No document tells its type code: other types' are refused."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {111: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "electricity-meter"
    function: ClassVar[int] = 4
    max_block: ClassVar[int] = 60
    serial_settings: ClassVar[SerialSettings] = SerialSettings(2400)

    type_code = Point(0xFC02, "u32", function=3, optional=True)  # in the high word
    serial_number = Point(0xFC00, "u32", function=3, optional=True)
    voltage_l2 = Point(0x02, "f32", unit="V", optional=True)  # only in meters of three phases

    voltage_l1 = Measure(0x00, "f32", unit="V")
    current_l1 = Measure(0x06, "f32", unit="A")
    power = Measure(0x0C, "f32", unit="W")
    reactive_power = Measure(0x18, "f32", unit="var")
    power_factor = Measure(0x1E, "f32")
    frequency = Measure(0x46, "f32", unit="Hz")
    import_energy = Measure(0x48, "f32", 1000, "Wh")  # kWh on the wire
    export_energy = Measure(0x4A, "f32", 1000, "Wh")

    async def identify(self) -> Identity:
        own = type(self)
        await self.expect([own.voltage_l1, own.power, own.frequency], MODEL, "registers of an SDM220")
        code = int(await self.type_code.number() or 0) >> 16
        if code in OTHERS or code in TYPES:
            raise WrongDevice(f"an {OTHERS.get(code, 'SDM630')}", [MODEL])
        if not on_the_grid(await self.fetch([own.voltage_l1, own.frequency])):
            raise WrongDevice("a device without a voltage of the grid", [MODEL])
        if await self.voltage_l2.number():
            raise WrongDevice("a meter of more than one phase", [MODEL])
        serial = await self.serial_number.number()
        return Identity("Eastron", MODEL, "" if serial is None else f"{serial:.0f}")

    async def read(self) -> Reading:
        values = unsigned(await self.sample(), "power_factor")
        return values | {"power_l1": values["power"]}
