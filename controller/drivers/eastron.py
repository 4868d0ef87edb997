"""Reads Eastron SDM meters on RS485.

Input registers, function 4, float32 with the high word first. The maker allows 60 registers a request and only even
counts. A meter cannot be told from its answers to the sum registers alone: per-phase energies exist in the SDM630 only.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.points import Measure, ModbusDevice, Point
from controller.errors import Refused, WrongDevice


class Sdm630(ModbusDevice):
    """SDM630, three-phase. Source: Eastron, SDM630 Modbus protocol V1.7, input and holding parameters."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {112: ("modbus-rtu",)}
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

    import_energy_l1 = Point(0x15A, "f32", 1000, "Wh", optional=True)
    import_energy_l2 = Point(0x15C, "f32", 1000, "Wh", optional=True)
    import_energy_l3 = Point(0x15E, "f32", 1000, "Wh", optional=True)
    serial_number = Point(0xFC00, "u32", function=3, optional=True)

    async def identify(self) -> Identity:
        own = type(self)
        try:
            seen = await self.fetch((
                own.voltage_l2, own.voltage_l3, own.frequency, own.import_energy, own.import_energy_l1,
                own.import_energy_l2, own.import_energy_l3,
            ))  # fmt: skip
        except Refused as no:
            raise WrongDevice(f"a meter that refuses the SDM630's registers ({no})", ("SDM630",)) from no
        frequency = seen["frequency"]
        if not isinstance(frequency, float) or not 40 < frequency < 70:
            raise WrongDevice(f"a device with {frequency} where the SDM630 has its frequency", ("SDM630",))
        phases = [seen[f"import_energy_l{phase}"] for phase in (1, 2, 3)]
        if None in phases or (seen["import_energy"] and not any(phases)):  # some say 0 wherever they have nothing
            raise WrongDevice("an Eastron meter without per-phase energies", ("SDM630",))
        if not seen["voltage_l2"] and not seen["voltage_l3"]:
            raise WrongDevice("a meter of one phase", ("SDM630",))
        serial = await self.serial_number.read()
        return Identity("Eastron", "SDM630", serial="" if serial is None else str(serial))

    async def read(self) -> Reading:
        return await self.sample()
