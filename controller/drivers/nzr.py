"""Reads NZR EcoCount S on RS485, by a profile that is ASSUMED: no map of this meter is public.

The profile is that of Algodue's meters, whose identification at 0500h is described in a manual that NZR's host carries
(path manual/tip/20): serial number, model, type. Function 4 for what is measured.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.algodue_floats import AlgodueFloats
from controller.drivers.modbus.points import ModbusDevice, Setting, known_by
from controller.drivers.shared.meters import on_the_grid, phases_there, unsigned
from controller.errors import WrongDevice

# Built for 6 A and transformers or 80 A, 4 wires, 3 wires or one phase.
BUILDS = (0x03, 0x06, 0x08, 0x0A, 0x0C)
MODEL = "EcoCount S"


class NzrEcoCount(AlgodueFloats, ModbusDevice):
    """EcoCount S, direct or with current transformers."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {122: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "electricity-meter"
    function: ClassVar[int] = 4

    serial = Setting(0x0500, "str5")
    build = Setting(0x0505, "u16")

    async def identify(self) -> Identity:
        own = type(self)
        with known_by("a device without identification at 0500h", [MODEL]):
            told = await self.fetch((own.serial, own.build))
        if told["build"] not in BUILDS:
            raise WrongDevice(f"a device with {told['build']} where the model stands", [MODEL])
        if not on_the_grid(await self.sample()):
            raise WrongDevice("a device without voltages of the grid", [MODEL])
        return Identity("NZR", MODEL, str(told["serial"]))

    async def read(self) -> Reading:
        return phases_there(unsigned(await self.sample(), "power_factor"))
