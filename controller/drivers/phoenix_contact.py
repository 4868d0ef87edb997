"""Reads Phoenix Contact EEM-EM355, 357, 375 and 377 on RS485 and over Modbus/TCP.

Source: Phoenix Contact, EMpro user manual 109357, 11.2 to 11.6, as in Gugulao/modbus-templates:Energiezaehler/Phoenix
Contact EEM-EM3xx EEM-DM3xx, tested there on an EEM-EM377. The meters with Ethernet answer at unit id 255 and serve four
clients. EEM-MB370 and MA370 are another family.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.algodue_floats import AlgodueFloats
from controller.drivers.modbus.points import ModbusDevice, Setting, known_by
from controller.drivers.shared.meters import on_the_grid, phases_there, unsigned
from controller.errors import WrongDevice

WIRINGS = (2, 3, 5)  # three phases: 3 wires and 2 currents, 3 wires and 3 currents, 4 wires
MODEL = "EEM-EM3XX"


class EemEm3xx(AlgodueFloats, ModbusDevice):
    """What both wires have in common."""

    kind: ClassVar[Kind] = "electricity-meter"

    serial = Setting(1280, "str6")
    wiring = Setting(1308, "u32")

    async def identify(self) -> Identity:
        own = type(self)
        with known_by("a device without a wiring", [MODEL]):
            told = await self.fetch((own.serial, own.wiring))
        if told["wiring"] not in WIRINGS:
            raise WrongDevice(f"a device with {told['wiring']} where the EEM-EM3XX has its wiring", [MODEL])
        if not on_the_grid(await self.sample()):
            raise WrongDevice("a device without voltages of the grid", [MODEL])
        return Identity("Phoenix Contact", MODEL, str(told["serial"]))

    async def read(self) -> Reading:
        return phases_there(unsigned(await self.sample(), "power_factor"))


class PhoenixEemRtu(EemEm3xx):
    """EEM-EM355 and EM375, on RS485."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {123: ("modbus-rtu",)}


class PhoenixEemTcp(EemEm3xx):
    """EEM-EM357 and EM377, with Ethernet: their unit id cannot be changed."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {124: ("modbus-tcp",)}
    default_unit: ClassVar[int] = 255
