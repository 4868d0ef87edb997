"""Reads Siemens SENTRON PAC1665 (7KT1665) over Modbus/TCP.

Sources: Siemens, 7KT PAC1600 equipment manual 09/2020 (energies; one more than on the wire);
OpenEMS/openems:io.openems.edge.meter.siemens/pac1600, evcc-io/evcc:templates/definition/meter/siemens-7kt1665.yaml.
Integers, high word first, in the layout that Lovato meters have too. It names itself nowhere: what it measures has to
look like the grid. Requests stay within the runs that other clients ask for; one across 55 failed there.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value
from controller.drivers.modbus.points import Measure, ModbusDevice
from controller.drivers.shared.meters import hertz, on_the_grid
from controller.errors import WrongDevice


class SiemensPac1600(ModbusDevice):
    """PAC1665. Its frequency is 0.01 Hz to some clients and 0.001 Hz to others."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {116: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "electricity-meter"
    windows: ClassVar[Sequence[tuple[int, int]]] = ((1, 24),)

    voltage_l1 = Measure(1, "u32", 0.01, "V")
    voltage_l2 = Measure(3, "u32", 0.01, "V")
    voltage_l3 = Measure(5, "u32", 0.01, "V")
    current_l1 = Measure(7, "u32", 0.0001, "A")
    current_l2 = Measure(9, "u32", 0.0001, "A")
    current_l3 = Measure(11, "u32", 0.0001, "A")
    power_l1 = Measure(19, "s32", 0.01, "W")
    power_l2 = Measure(21, "s32", 0.01, "W")
    power_l3 = Measure(23, "s32", 0.01, "W")
    frequency = Measure(49, "u32", 0.01, "Hz")
    power = Measure(57, "s32", 0.01, "W")
    reactive_power = Measure(59, "s32", 0.01, "var")
    import_energy = Measure(6687, "u32", 1, "Wh")
    export_energy = Measure(6689, "u32", 1, "Wh")

    async def identify(self) -> Identity:
        model = "Sentron PAC1665"
        await self.expect([type(self).power, type(self).import_energy], model, "power and energy of a PAC1665")
        if not on_the_grid(await self._measured()):
            raise WrongDevice("a device without voltages of the grid", [model])
        return Identity("Siemens", model)

    async def read(self) -> Reading:
        return await self._measured()

    async def _measured(self) -> dict[str, Value]:
        values = await self.sample()
        return values | {"frequency": hertz(values["frequency"])}
