"""Reads Carlo Gavazzi EM24: the older one on RS485 and the EM24_E1 with Ethernet, which have different maps.

Sources: Carlo Gavazzi, EM24-DIN PFA, PFB and X models, communication protocol, version 4 revision 0 (copy in
victronenergy/dbus-cgwacs:documents/AcSensors); for the E1 victronenergy/dbus-modbus-client:carlo_gavazzi.py and
volkszaehler/mbmd:meters/rs485/carlogavazzi-em24_e1.go, which agree.

Low word first, 11 registers a request at most. Only application H has signed powers and counts exports. A meter with
another one is set to it, once, as Victron's clients do it; the selector at the front may have locked that. Over range,
"EEEE" on the display, the high word is 7FFFh whatever the low one is (p. 7): `controller.drivers.shared.possible` knows
those.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.carlo_gavazzi import BOTH_SIGNS, OVER_RANGE, measure_both_ways, told_code, told_serial
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.meters import unsigned

APPLICATION_H = 7
REMEDY = "unlock the selector at its front; models PFA cannot do otherwise"


class GavazziEm24(ModbusDevice):
    """EM24-DIN AV2, AV5, AV6 and AV9 on RS485. 3Eh is the import; 42h can be reset by the user."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {108: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "electricity-meter"
    word_order = "low first"
    max_block: ClassVar[int] = 11
    max_gap: ClassVar[int] = 2
    single_write: ClassVar[bool] = True
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"s32": (OVER_RANGE,), "s16": (0x7FFF,)}

    code = Setting(0x0B, "u16")
    application = Setting(0x1101, "u16")
    serial = Setting(0x1300, "str7")

    voltage_l1 = Measure(0x00, "s32", 0.1, "V")
    voltage_l2 = Measure(0x02, "s32", 0.1, "V")
    voltage_l3 = Measure(0x04, "s32", 0.1, "V")
    current_l1 = Measure(0x0C, "s32", 0.001, "A")
    current_l2 = Measure(0x0E, "s32", 0.001, "A")
    current_l3 = Measure(0x10, "s32", 0.001, "A")
    power_l1 = Measure(0x12, "s32", 0.1, "W")
    power_l2 = Measure(0x14, "s32", 0.1, "W")
    power_l3 = Measure(0x16, "s32", 0.1, "W")
    power = Measure(0x28, "s32", 0.1, "W")
    reactive_power = Measure(0x2C, "s32", 0.1, "var")
    power_factor = Measure(0x35, "s16", 0.001)
    frequency = Measure(0x37, "s16", 0.1, "Hz")
    import_energy = Measure(0x3E, "s32", 100, "Wh")
    export_energy = Measure(0x5C, "s32", 100, "Wh")  # some do not answer there, says evcc

    async def identify(self) -> Identity:
        await told_code(self.code, range(71, 74), "EM24")
        await measure_both_ways(self.application, APPLICATION_H, REMEDY)
        return Identity("Carlo Gavazzi", "EM 24 Serie", await told_serial(self, type(self).serial))

    async def read(self) -> Reading:
        return unsigned(await self.sample(), *BOTH_SIGNS)


class GavazziEm24E1(ModbusDevice):
    """EM24_E1 on Ethernet, with the map of the 300 series."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {108: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "electricity-meter"
    word_order = "low first"
    max_block: ClassVar[int] = 11
    max_gap: ClassVar[int] = 2
    single_write: ClassVar[bool] = True
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"s32": (OVER_RANGE,), "s16": (0x7FFF,)}

    code = Setting(0x0B, "u16")
    application = Setting(0xA000, "u16")
    serial = Setting(0x5000, "str7")

    voltage_l1 = Measure(0x00, "s32", 0.1, "V")
    voltage_l2 = Measure(0x02, "s32", 0.1, "V")
    voltage_l3 = Measure(0x04, "s32", 0.1, "V")
    current_l1 = Measure(0x0C, "s32", 0.001, "A")
    current_l2 = Measure(0x0E, "s32", 0.001, "A")
    current_l3 = Measure(0x10, "s32", 0.001, "A")
    power_l1 = Measure(0x12, "s32", 0.1, "W")
    power_l2 = Measure(0x14, "s32", 0.1, "W")
    power_l3 = Measure(0x16, "s32", 0.1, "W")
    power = Measure(0x28, "s32", 0.1, "W")
    reactive_power = Measure(0x2C, "s32", 0.1, "var")
    power_factor = Measure(0x31, "s16", 0.001)
    frequency = Measure(0x33, "s16", 0.1, "Hz")
    import_energy = Measure(0x34, "s32", 100, "Wh")
    export_energy = Measure(0x4E, "s32", 100, "Wh")

    async def identify(self) -> Identity:
        await told_code(self.code, range(1648, 1664), "EM24_E1")
        await measure_both_ways(self.application, APPLICATION_H, REMEDY)
        return Identity("Carlo Gavazzi", "EM 24 Serie", await told_serial(self, type(self).serial))

    async def read(self) -> Reading:
        return unsigned(await self.sample(), *BOTH_SIGNS)
