"""Reads TQ-Systems (B-control) Energy Manager EM 300 over Modbus/TCP.

Source: TQ Energy Manager, Modbus Slave.0013 (copy in OpenEMS/openems:io.openems.edge.meter.bcontrol.em300/doc), 4.1 to
4.3. High word first. Power drawn and power fed in are two registers, both never negative; what belongs together has to
come in one request, p. 6. The registers for plug and play from 8192 on name the maker, also under other labels.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.meters import on_the_grid, unsigned
from controller.drivers.shared.values import difference
from controller.errors import WrongDevice

TQ_SYSTEMS = 0x5233


class TqEm300(ModbusDevice):
    """EM 300 and what is built like it; per phase 40 registers further."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {115: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "electricity-meter"
    windows: ClassVar[Sequence[tuple[int, int]]] = ((40, 24), (80, 24), (120, 24))
    slow: ClassVar[frozenset[str]] = frozenset({"drawn", "fed", "inductive", "capacitive"})

    maker = Setting(8192, "u16")
    serial = Setting(8228, "str16", optional=True)

    import_power = Measure(0, "u32", 0.1, "W")
    export_power = Measure(2, "u32", 0.1, "W")
    inductive = Measure(4, "u32", 0.1, "var")
    capacitive = Measure(6, "u32", 0.1, "var")
    power_factor = Measure(24, "s32", 0.001)
    frequency = Measure(26, "u32", 0.001, "Hz")
    drawn_l1 = Measure(40, "u32", 0.1, "W")
    fed_l1 = Measure(42, "u32", 0.1, "W")
    current_l1 = Measure(60, "u32", 0.001, "A")
    voltage_l1 = Measure(62, "u32", 0.001, "V")
    drawn_l2 = Measure(80, "u32", 0.1, "W")
    fed_l2 = Measure(82, "u32", 0.1, "W")
    current_l2 = Measure(100, "u32", 0.001, "A")
    voltage_l2 = Measure(102, "u32", 0.001, "V")
    drawn_l3 = Measure(120, "u32", 0.1, "W")
    fed_l3 = Measure(122, "u32", 0.1, "W")
    current_l3 = Measure(140, "u32", 0.001, "A")
    voltage_l3 = Measure(142, "u32", 0.001, "V")
    import_energy = Measure(512, "u64", 0.1, "Wh")
    export_energy = Measure(516, "u64", 0.1, "Wh")

    async def identify(self) -> Identity:
        await self.expect([type(self).maker], "EM 300", "TQ's registers for plug and play")
        maker = await self.maker.number()
        if maker != TQ_SYSTEMS:
            raise WrongDevice(f"a device of maker {maker:g}", ["EM 300"])
        if not on_the_grid(await self.sample()):
            raise WrongDevice("a device without voltages of the grid", ["EM 300"])
        return Identity("TQ-Systems", "EM 300", str(await self.serial.read() or ""))

    async def read(self) -> Reading:
        values = await self.sample()
        powers = {f"power_l{at}": difference(values[f"drawn_l{at}"], values[f"fed_l{at}"]) for at in (1, 2, 3)}
        return unsigned(values, "power_factor") | powers | {
            "power": difference(values["import_power"], values["export_power"]),
            "reactive_power": difference(values["inductive"], values["capacitive"]),
        }  # fmt: skip
