"""Reads Carlo Gavazzi meters of the 100 and 300 series on RS485.

Sources: Carlo Gavazzi, EM100 and ET100 series and EM300 and ET300 series, communication protocol, version 2 revision 6
(copies in victronenergy/dbus-cgwacs:documents/AcSensors). Functions 3 and 4 read the same registers, low word first.
The text allows 50 registers a request, the table of the same document 20. The identification code is read alone: in a
longer request 000Bh is a part of the value before it.

In measuring mode A, "easy connection", powers are never negative and all energy counts as import. A meter that stands
so is set to mode B, once, as victronenergy/dbus-cgwacs:software/src/ac_sensor_updater.cpp does it.
"""

from collections.abc import Collection, Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.points import UNKNOWN, Bound, Measure, ModbusDevice, Point, Setting, known_by
from controller.drivers.shared.meters import CURRENTS, unsigned
from controller.errors import DeviceError, Refused, WrongDevice

OVER_RANGE = 0x7FFF_FFFF  # "EEE" on the display
BOTH_WAYS = 1  # measuring mode B
BOTH_SIGNS = (*CURRENTS, "power_factor", "export_energy")  # some have a minus where power is fed in


async def told_code(code: Bound, family: Collection[int], expected: str) -> int:
    """The identification code; WrongDevice when there is none, or one of another family."""
    with known_by("a device without an identification code", [expected]):
        told = await code.number()
    if told is None or int(told) not in family:
        raise WrongDevice(f"a meter with identification code {told:g}" if told else "a device of zeros", [expected])
    return int(told)


async def told_serial(device: ModbusDevice, serial: Point) -> str:
    """Its letters, two a register; ET112 and ET340 have a zero before each one (dbus-cgwacs, as above)."""
    try:
        data = await device.line.read(device.unit, device.function, serial.address, serial.words)
    except Refused as no:
        if no.code not in UNKNOWN:
            raise
        return ""
    return bytes(letter for letter in data if letter).decode("ascii", "replace").strip()


async def measure_both_ways(setting: Bound, wanted: int, remedy: str) -> None:
    """Have powers signed and exports counted; DeviceError with what a person has to do where the meter will not."""
    if await setting.number() == wanted:
        return
    try:
        await setting.write(wanted)
    except Refused as no:
        raise DeviceError(f"measures in one direction only: {remedy}", unit=no.unit, address=no.address) from no
    if await setting.number() != wanted:
        raise DeviceError(f"measures in one direction only: {remedy}")


class GavazziEm100(ModbusDevice):
    """EM110, EM111, EM112 and ET112: one phase. 111 and 112 are engineering samples with the high word first."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {106: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "electricity-meter"
    word_order = "low first"
    max_block: ClassVar[int] = 20
    max_gap: ClassVar[int] = 2
    single_write: ClassVar[bool] = True
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"s32": (OVER_RANGE,), "s16": (0x7FFF,)}

    code = Setting(0x0B, "u16")
    mode = Setting(0x1103, "u16")
    serial = Setting(0x5000, "str7")

    voltage_l1 = Measure(0x00, "s32", 0.1, "V")
    current_l1 = Measure(0x02, "s32", 0.001, "A")
    power = Measure(0x04, "s32", 0.1, "W")
    reactive_power = Measure(0x08, "s32", 0.1, "var")
    power_factor = Measure(0x0E, "s16", 0.001)
    frequency = Measure(0x0F, "s16", 0.1, "Hz")
    import_energy = Measure(0x10, "s32", 100, "Wh")  # kWh * 10 on the wire; 14h is what the user can reset
    export_energy = Measure(0x20, "s32", 100, "Wh")

    async def identify(self) -> Identity:
        family = {*range(100, 130)} - {111, 112}
        code = await told_code(self.code, family, "EM/ET 100")
        await measure_both_ways(self.mode, BOTH_WAYS, "set measuring mode B at the meter")
        model = "ET 100 Serie" if code >= 120 else "EM 100 Serie"
        return Identity("Carlo Gavazzi", model, await told_serial(self, type(self).serial))

    async def read(self) -> Reading:
        values = unsigned(await self.sample(), *BOTH_SIGNS)
        return values | {"power_l1": values["power"]}


class GavazziEm300(ModbusDevice):
    """EM330, EM340, EM341, ET330 and ET340: three phases.

    330 and 340 are engineering samples with the high word first; 338 and 348 have the energies of the EM24
    (victronenergy/dbus-cgwacs:software/src/ac_sensor.cpp).
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {107: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "electricity-meter"
    word_order = "low first"
    max_block: ClassVar[int] = 20
    max_gap: ClassVar[int] = 3
    single_write: ClassVar[bool] = True
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"s32": (OVER_RANGE,), "s16": (0x7FFF,)}

    code = Setting(0x0B, "u16")
    mode = Setting(0x1103, "u16")
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
        family = {*range(331, 350)} - {338, 340, 348}
        code = await told_code(self.code, family, "EM/ET 300")
        await measure_both_ways(self.mode, BOTH_WAYS, "set measuring mode B at the meter")
        model = "ET 300 Serie" if code in (335, 336, 345) else "EM 300 Serie"
        return Identity("Carlo Gavazzi", model, await told_serial(self, type(self).serial))

    async def read(self) -> Reading:
        return unsigned(await self.sample(), *BOTH_SIGNS)
