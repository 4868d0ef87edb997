"""Reads Eastron SDM meters on RS485.

Input registers, function 4, float32 with the high word first. The maker allows 60 registers a request and only even
counts. A meter tells its type in a holding register; where it does not, what it measures has to do: three phases, and
energies of each, which the SDM72 does not count.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, known_by
from controller.drivers.shared.values import number
from controller.errors import WrongDevice

# victronenergy/dbus-modbus-client:eastron.py; the second and the third are the SDM630MCT, with current transformers
TYPES = (112, 121, 136)
OTHERS = {32: "SDM120", 43: "SDM230", 132: "SDM72DM", 137: "SDM72DM V2"}


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

    import_energy_l1 = Point(0x15A, "f32", 1000, "Wh", optional=True)  # not in the SDM72; it may say 0
    serial_number = Point(0xFC00, "u32", function=3, optional=True)
    type_code = Point(0xFC02, "u32", function=3, optional=True)  # in the high word; the low one is the firmware

    async def identify(self) -> Identity:
        own = type(self)
        with known_by("a meter that refuses the SDM630's registers", ["SDM630"]):
            seen = await self.fetch_known((
                own.voltage_l1, own.voltage_l2, own.voltage_l3, own.frequency, own.import_energy, own.import_energy_l1,
            ))  # fmt: skip
        code = int(await self.type_code.number() or 0) >> 16
        if code in OTHERS:
            raise WrongDevice(f"an {OTHERS[code]}", ("SDM630",))
        voltages = [number(seen[f"voltage_l{phase}"]) or 0.0 for phase in (1, 2, 3)]
        frequency = number(seen["frequency"]) or 0.0
        if not (40 < frequency < 70 or (frequency < 1 and all(80 < each < 500 for each in voltages))):
            raise WrongDevice(f"a device with {frequency:g} where the SDM630 has its frequency", ("SDM630",))
        if not any(voltages[1:]):
            raise WrongDevice("a meter of one phase", ("SDM630",))
        if code not in TYPES and seen["import_energy"] and not seen["import_energy_l1"]:
            raise WrongDevice("an Eastron meter without per-phase energies", ("SDM630",))
        serial = await self.serial_number.read()
        new = (f"type code {code:04X}h is new; it measures what an SDM630 does",) if code and code not in TYPES else ()
        return Identity("Eastron", "SDM630", serial="" if serial is None else str(serial), notes=new)

    async def read(self) -> Reading:
        return await self.sample()
