"""Reads Socomec DIRIS A-40 over Modbus/TCP: the newer with the tables of the Digiware family, and the older A40/A41.

Sources: Socomec, Modbus tables of DIRIS B30 (4800h, 4D80h) and of DIRIS A10 and A14 (C550h, C650h), copies in
OpenEMS/openems:io.openems.edge.meter.socomec/doc; DIRIS A40/A41 RS485, ref. 536 103 B. Function 3, high word first.
"SOCO" stands at C350h, one letter a register. Which of the two tables a meter has shows when it is asked for its power.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.points import UNKNOWN, Measure, ModbusDevice, Setting
from controller.drivers.shared.meters import unsigned
from controller.errors import Refused, WrongDevice
from controller.ports import Clock, ModbusLine

SOCO = 0x0053_004F_0043_004F
MODEL = "Diris A-40"
FFFF: Mapping[str, tuple[int, ...]] = {"u32": (0xFFFF_FFFF,), "s32": (-1,), "s16": (-1,)}  # "not available"


class DirisC550(ModbusDevice):
    """The tables of the DIRIS A40 and A41: powers in units of 10 W. C65Ch and C662h can be reset by the user."""

    absent: ClassVar[Mapping[str, tuple[int, ...]]] = FFFF
    windows: ClassVar[Sequence[tuple[int, int]]] = ((0xC558, 14),)

    voltage_l1 = Measure(0xC558, "u32", 0.01, "V")
    voltage_l2 = Measure(0xC55A, "u32", 0.01, "V")
    voltage_l3 = Measure(0xC55C, "u32", 0.01, "V")
    frequency = Measure(0xC55E, "u32", 0.01, "Hz")
    current_l1 = Measure(0xC560, "u32", 0.001, "A")
    current_l2 = Measure(0xC562, "u32", 0.001, "A")
    current_l3 = Measure(0xC564, "u32", 0.001, "A")
    power = Measure(0xC568, "s32", 10, "W")
    reactive_power = Measure(0xC56A, "s32", 10, "var")
    power_factor = Measure(0xC56E, "s32", 0.001)
    power_l1 = Measure(0xC570, "s32", 10, "W")
    power_l2 = Measure(0xC572, "s32", 10, "W")
    power_l3 = Measure(0xC574, "s32", 10, "W")
    import_energy = Measure(0xC652, "u32", 1000, "Wh")
    export_energy = Measure(0xC658, "u32", 1000, "Wh")


class SocomecDiris(ModbusDevice):
    """The tables of the newer DIRIS A-40; the older ones are `DirisC550`."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {129: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "electricity-meter"
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = FFFF
    windows: ClassVar[Sequence[tuple[int, int]]] = ((0x480A, 22), (0x482C, 18))

    soco = Setting(0xC350, "u64")
    name = Setting(0xC38A, "str8")

    frequency = Measure(0x480A, "u32", 0.001, "Hz")
    voltage_l1 = Measure(0x480C, "u32", 0.01, "V")
    voltage_l2 = Measure(0x480E, "u32", 0.01, "V")
    voltage_l3 = Measure(0x4810, "u32", 0.01, "V")
    current_l1 = Measure(0x481A, "u32", 0.001, "A")
    current_l2 = Measure(0x481C, "u32", 0.001, "A")
    current_l3 = Measure(0x481E, "u32", 0.001, "A")
    power = Measure(0x482C, "s32", 1, "W")
    reactive_power = Measure(0x482E, "s32", 1, "var")
    power_factor = Measure(0x4836, "s16", 0.001)
    power_l1 = Measure(0x4838, "s32", 1, "W")
    power_l2 = Measure(0x483A, "s32", 1, "W")
    power_l3 = Measure(0x483C, "s32", 1, "W")
    import_energy = Measure(0x4D83, "u32", 1000, "Wh")
    export_energy = Measure(0x4D86, "u32", 1000, "Wh")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._older = DirisC550(line, clock, self.unit)
        self._newer: bool | None = None  # whether it has the newer tables

    def lost(self) -> None:
        super().lost()
        self._older.lost()
        self._newer = None

    async def identify(self) -> Identity:
        await self.expect([type(self).soco], MODEL, "SOCO at C350h")
        soco = await self.soco.read()
        if soco != SOCO:
            raise WrongDevice(f"a device with {soco} where Socomec's have SOCO", [MODEL])
        name = str(await self.name.read())
        if not "".join(filter(str.isalnum, name)).upper().startswith(("DIRISA40", "DIRISA41")):
            raise WrongDevice(f"a Socomec {name}", [MODEL])
        return Identity("Socomec", MODEL)

    async def read(self) -> Reading:
        if self._newer is None:
            self._newer = await self._has_newer()
        if self._newer:
            return unsigned(await self.sample(), "power_factor")
        self._older.pace, self._older.by_phase = self.pace, self.by_phase
        try:
            return unsigned(await self._older.sample(), "power_factor")
        except Refused:
            self._newer = None  # neither answers: perhaps it was busy when it was looked for
            raise

    async def _has_newer(self) -> bool:
        """Whether the newer table answers with a power."""
        try:
            return await self.power.read() is not None
        except Refused as no:
            if no.code not in UNKNOWN:
                raise
            return False
