"""Reads Eastron SDM72D-M of the first and the second version on RS485.

Sources: Eastron, SDM72D-M user manual V1.1; volkszaehler/mbmd:meters/rs485/sdm72.go and sdm72v2.go. Function 4, float32
with the high word first, even counts. The first version has a power and energies, and refuses what else a meter has or
says 0 there. Some of the second do not answer to more than ten registers
(openWB/core:packages/modules/common/sdm.py).
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.eastron import OTHERS, TYPES
from controller.drivers.modbus.points import Measure, ModbusDevice, Point
from controller.drivers.shared.meters import on_the_grid, unsigned
from controller.drivers.shared.values import number
from controller.errors import WrongDevice

V1, V2 = 132, 137


async def refuse_others(device: ModbusDevice, type_code: Point, own: int, model: str) -> int:
    """The type code, 0 where the meter does not tell one; WrongDevice for that of another Eastron meter."""
    told = await device.fetch([type_code])
    code = int(number(told[type_code.name]) or 0) >> 16
    if code != own and (code in OTHERS or code in TYPES):
        raise WrongDevice(f"an {OTHERS.get(code, 'SDM630')}", [model])
    return code


class Sdm72V1(ModbusDevice):
    """SDM72D-M: energies and the power of all phases together."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {113: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "electricity-meter"
    function: ClassVar[int] = 4
    max_block: ClassVar[int] = 10

    type_code = Point(0xFC02, "u32", function=3, optional=True)  # in the high word
    serial_number = Point(0xFC00, "u32", function=3, optional=True)
    voltage_l1 = Point(0x00, "f32", unit="V", optional=True)  # not in this version
    total = Point(0x156, "f32", 1000, "Wh")

    power = Measure(0x34, "f32", unit="W")
    import_energy = Measure(0x48, "f32", 1000, "Wh")
    export_energy = Measure(0x4A, "f32", 1000, "Wh")

    async def identify(self) -> Identity:
        own, model = type(self), "SDM72DM V1"
        await self.expect([own.power, own.import_energy, own.export_energy, own.total], model, "powers and energies")
        code = await refuse_others(self, own.type_code, V1, model)
        if await self.voltage_l1.number():
            raise WrongDevice("a meter that measures voltages", [model])
        seen = await self.fetch((own.import_energy, own.export_energy, own.total))
        energies = [number(seen[name]) or 0.0 for name in ("import_energy", "export_energy", "total")]
        both = energies[0] + energies[1]
        if not (both or code == V1) or abs(energies[2] - both) > 100 + 0.001 * both:
            raise WrongDevice("a device whose total energy is not the sum of both directions", [model])
        serial = await self.serial_number.number()
        return Identity("Eastron", model, "" if serial is None else f"{serial:.0f}")

    async def read(self) -> Reading:
        return await self.sample()


class Sdm72V2(ModbusDevice):
    """SDM72D-M V2: three phases, as the SDM630, without their energies."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {114: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "electricity-meter"
    function: ClassVar[int] = 4
    max_block: ClassVar[int] = 10

    type_code = Point(0xFC02, "u32", function=3, optional=True)  # in the high word
    serial_number = Point(0xFC00, "u32", function=3, optional=True)
    import_energy_l1 = Point(0x15A, "f32", 1000, "Wh", optional=True)  # only in the SDM630

    voltage_l1 = Measure(0x00, "f32", unit="V")
    voltage_l2 = Measure(0x02, "f32", unit="V")
    voltage_l3 = Measure(0x04, "f32", unit="V")
    current_l1 = Measure(0x06, "f32", unit="A")
    current_l2 = Measure(0x08, "f32", unit="A")
    current_l3 = Measure(0x0A, "f32", unit="A")
    power_l1 = Measure(0x0C, "f32", unit="W")
    power_l2 = Measure(0x0E, "f32", unit="W")
    power_l3 = Measure(0x10, "f32", unit="W")
    power = Measure(0x34, "f32", unit="W")
    reactive_power = Measure(0x3C, "f32", unit="var")
    power_factor = Measure(0x3E, "f32")
    frequency = Measure(0x46, "f32", unit="Hz")
    import_energy = Measure(0x48, "f32", 1000, "Wh")
    export_energy = Measure(0x4A, "f32", 1000, "Wh")

    async def identify(self) -> Identity:
        own, model = type(self), "SDM72DM V2"
        points = (own.voltage_l1, own.voltage_l2, own.voltage_l3, own.frequency)
        await self.expect(points, model, "voltages and a frequency")
        code = await refuse_others(self, own.type_code, V2, model)
        seen = await self.fetch(points)
        if not on_the_grid(seen) or not seen["voltage_l2"]:
            raise WrongDevice("a device without voltages of three phases", [model])
        if code != V2 and await self.import_energy_l1.number():
            raise WrongDevice("a meter that counts energies by phase", [model])
        serial = await self.serial_number.number()
        return Identity("Eastron", model, "" if serial is None else f"{serial:.0f}")

    async def read(self) -> Reading:
        return unsigned(await self.sample(), "power_factor")
