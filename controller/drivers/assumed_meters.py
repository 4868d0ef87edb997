"""Reads the meters eMeter and Count 3 on RS485, by a profile that is ASSUMED: no maker and no map of them is public.

The profile is what most three-phase meters of unknown make have: the float32 input registers of Eastron's, high word
first, without a type code. What stands there has to look like the grid.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.points import Measure, ModbusDevice
from controller.drivers.shared.meters import on_the_grid, phases_there, unsigned
from controller.errors import WrongDevice

MODELS = {126: "eMeter", 130: "Count 3"}


class AssumedFloatMeter(ModbusDevice):
    """Meter with the registers of an SDM630 that those of an SDM72D-M V2 are a part of."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = dict.fromkeys(MODELS, ("modbus-rtu",))
    kind: ClassVar[Kind] = "electricity-meter"
    function: ClassVar[int] = 4
    max_block: ClassVar[int] = 60

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
    import_energy = Measure(0x48, "f32", 1000, "Wh")  # kWh on the wire
    export_energy = Measure(0x4A, "f32", 1000, "Wh")

    async def identify(self) -> Identity:
        own, model = type(self), MODELS.get(self.row, "meter")
        points = (own.voltage_l1, own.voltage_l2, own.voltage_l3, own.frequency)
        await self.expect(points, model, "voltages and a frequency")
        if not on_the_grid(await self.fetch(points)):
            raise WrongDevice("a device without voltages of the grid", [model])
        return Identity("unknown", model)

    async def read(self) -> Reading:
        return phases_there(unsigned(await self.sample(), "power_factor"))
