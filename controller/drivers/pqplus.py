"""Reads PQ Plus MMB 700 over Modbus/TCP and on RS485.

Source: PQ Plus, Modbus protocol for UMD, MMB 700 and others, version 3.0 (copy in OpenEMS/openems:
io.openems.edge.meter.pqplus/doc), 3.1 and 3.7.5. float32, high word first. Function 3 gives averages and function 4
what is measured now, of the same registers; control needs the latter.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.block_19000 import Block19000
from controller.drivers.modbus.points import ModbusDevice, Setting
from controller.drivers.shared.meters import on_the_grid
from controller.errors import WrongDevice
from controller.ports import SerialSettings

MODEL = "MMB 700"


class PqPlusMmb700(Block19000, ModbusDevice):
    """Answers within 200 ms and serves three masters; its number stands among what identifies it."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {125: ("modbus-tcp", "modbus-rtu")}
    kind: ClassVar[Kind] = "electricity-meter"
    function: ClassVar[int] = 4
    serial_settings: ClassVar[SerialSettings] = SerialSettings(19_200)  # 2.4.2: no parity, 19200 baud

    serial_number = Setting(528, "u32", optional=True)

    async def identify(self) -> Identity:
        own = type(self)
        points = (own.voltage_l1, own.voltage_l2, own.voltage_l3, own.frequency)
        await self.expect(points, MODEL, "readings from 19000 on")
        if not on_the_grid(await self.fetch(points)):
            raise WrongDevice("a device without voltages of the grid from 19000 on", [MODEL])
        serial = await self.serial_number.number()
        return Identity("PQ Plus", MODEL, "" if serial is None else f"{serial:.0f}")

    async def read(self) -> Reading:
        return await self.sample()
