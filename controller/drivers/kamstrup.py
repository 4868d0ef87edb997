"""Reads heat meters MULTICAL 603 through their Modbus/TCP module, also where another maker's name is on them.

The module (HC-003-82) answers with the datagram it is configured for; this is 300, the default, whose floats tell flow,
power and temperatures. Where energies, volumes and the serial number lie no document says that we have seen: those
addresses are ASSUMED, asked for apart, and absent where a module does not know them. A register that this meter has no
value for says that it is none. Register numbers of the document are one higher than addresses.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.points import Measure, ModbusDevice, Point
from controller.drivers.shared.heat_meters import flows
from controller.errors import WrongDevice

MODELS = {131: ("Kamstrup", "MULTICAL 603"), 132: ("WDV Molliné", "Ultramess 603")}


class Multical603(ModbusDevice):
    """MULTICAL 603 and Ultramess 603: one meter, as Molliné's manual with both names on it shows.

    Source: Kamstrup data sheet 58101758, register mapping of datagram 300; which units the floats are in is assumed
    (l/h, kW).
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {131: ("modbus-tcp",), 132: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "heat-meter"
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"u32": (0xFFFFFFFF, 0x80000000)}
    slow: ClassVar[frozenset[str]] = frozenset(
        {"heat_energy", "cooling_energy", "volume", "pulse_a", "pulse_b", "info_code"}
    )

    flow = Measure(0x0000, "f32", 0.001, "m³/h")
    heat_power = Measure(0x0004, "f32", 1000, "W")
    flow_temperature = Measure(0x0006, "f32", unit="°C")
    return_temperature = Measure(0x0008, "f32", unit="°C")

    heat_energy = Measure(0x0100, "f32", 1000, "Wh")
    cooling_energy = Measure(0x0102, "f32", 1000, "Wh")
    volume = Measure(0x0104, "f32", unit="m³")
    pulse_a = Measure(0x0106, "f32")
    pulse_b = Measure(0x0108, "f32")
    info_code = Measure(0x010A, "u32")
    serial_number = Point(0x010C, "u32", optional=True)

    async def identify(self) -> Identity:
        own = type(self)
        maker, model = MODELS.get(self.row, MODELS[131])
        points = (own.flow, own.heat_power, own.flow_temperature, own.return_temperature)
        await self.expect(points, model, "the floats of datagram 300")
        if not flows(await self.fetch(points)):
            raise WrongDevice("a device without temperatures of a heating circuit", [model])
        serial = await self.serial_number.read()
        return Identity(maker, model, serial="" if serial is None else str(serial))

    async def read(self) -> Reading:
        return await self.sample()
