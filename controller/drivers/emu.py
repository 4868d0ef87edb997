"""Reads EMU Electronic EMU Professional II over Modbus/TCP.

Source: one client of the meter, a script that its author calls "Kirmeskiste Sync"; register numbers, one more than on
the wire. float32, high word first; energies are u64 in Wh, as in the meter's own log and on its M-Bus. The serial
number stands beside what is measured; no register names the meter.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.meters import on_the_grid
from controller.errors import WrongDevice

MODEL = "Professional II"


class EmuProfessional(ModbusDevice):
    """Professional II 3/100 and 3/5."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {128: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "electricity-meter"

    serial_number = Setting(4999, "u32")

    import_energy = Measure(6999, "u64", 1, "Wh")
    export_energy = Measure(7019, "u64", 1, "Wh")
    power = Measure(8999, "f32", unit="W")
    power_l1 = Measure(9001, "f32", unit="W")
    power_l2 = Measure(9003, "f32", unit="W")
    power_l3 = Measure(9005, "f32", unit="W")
    reactive_power = Measure(9009, "f32", unit="var")
    current_l1 = Measure(9101, "f32", unit="A")
    current_l2 = Measure(9103, "f32", unit="A")
    current_l3 = Measure(9105, "f32", unit="A")
    voltage_l1 = Measure(9199, "f32", unit="V")
    voltage_l2 = Measure(9201, "f32", unit="V")
    voltage_l3 = Measure(9203, "f32", unit="V")
    frequency = Measure(9309, "f32", unit="Hz")

    async def identify(self) -> Identity:
        own = type(self)
        await self.expect((own.serial_number, own.import_energy, own.power), MODEL, "registers of a Professional II")
        serial = await self.serial_number.number()
        if not serial or not on_the_grid(await self.sample()):
            raise WrongDevice("a device without a serial number or voltages of the grid", [MODEL])
        return Identity("EMU Electronic", MODEL, f"{serial:.0f}")

    async def read(self) -> Reading:
        return await self.sample()
