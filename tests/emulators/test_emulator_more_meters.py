"""Meters of one row each: Schneider PM5300, EMU Professional II, Socomec DIRIS A-40, and two whose maker is unknown."""

import math
import struct
from typing import Any

import pytest


def test_pm5300_counts_in_kilowatts_one_below_the_printed_number(modbus_bench: Any) -> None:
    pm = modbus_bench(121)
    pm.set(power=-4321.5, voltage_l2=228.375, import_energy=123_456_789.0, export_energy=3_000_000_001.0)
    assert pm.f32(3059) == pytest.approx(-4.3215)
    assert pm.f32(3029) == 228.375
    assert int.from_bytes(pm.block(3203, 4), "big", signed=True) == 123_456_789
    assert int.from_bytes(pm.block(3207, 4), "big", signed=True) == 3_000_000_001
    assert (pm.text(49, 20), pm.u32(129)) == ("PM5340", 190417563)


def test_pm5300_says_nan_for_what_it_does_not_have(modbus_bench: Any) -> None:
    pm = modbus_bench(121)
    pm.device.faults.on("not-available", quantity="power")
    assert math.isnan(pm.f32(3059))
    assert pm.refusal(pm.block, 3011, 2) == 2
    assert pm.refusal(pm.block, 3059, 2, function=4) == 1


@pytest.mark.parametrize(
    ("power", "reactive", "coded"), [(5000, 800, 0.93), (-5000, 800, -0.93), (5000, -800, 1.07), (-5000, -800, -1.07)]
)
def test_pm5300_codes_the_quadrant_into_the_power_factor(
    modbus_bench: Any, power: float, reactive: float, coded: float
) -> None:
    pm = modbus_bench(121)
    pm.set(power=power, reactive_power=reactive, power_factor=0.93)
    assert pm.f32(3083) == pytest.approx(coded)


def test_emu_has_floats_in_watts_and_counters_of_64_bits(modbus_bench: Any) -> None:
    emu = modbus_bench(128)
    emu.set(power=-4321.5, power_l3=-1555.75, current_l1=5.25, frequency=49.75, import_energy=71_234_500.0)
    assert (emu.f32(8999), emu.f32(9005), emu.f32(9101), emu.f32(9309)) == (-4321.5, -1555.75, 5.25, 49.75)
    assert emu.block(5999, 4) == emu.block(6999, 4) == (71_234_500).to_bytes(8, "big")
    assert emu.refusal(emu.block, 8999, 2, function=4) == 1
    assert emu.refusal(emu.block, 9007, 2) == 2


def test_emu_may_count_in_kilowatt_hours(modbus_bench: Any) -> None:
    emu = modbus_bench(128, unit_of_7000="kWh")
    emu.set(export_energy=71_234_500.0)
    assert emu.block(7019, 4) == (71_234).to_bytes(8, "big")


def test_a_new_diris_is_read_in_watts(modbus_bench: Any) -> None:
    diris = modbus_bench(129)
    diris.set(power=-70_123.4, power_l2=-23_000.1, voltage_l3=234.87, frequency=49.8, import_energy=71_234_500.0)
    assert (diris.s32(0x482C), diris.s32(0x483A), diris.u32(0x4810), diris.u32(0x480A)) == (
        -70_123, -23_000, 23_487, 49_800,
    )  # fmt: skip
    assert (diris.u32(0x4D83), diris.refusal(diris.u32, 0xC568)) == (71_234, 2)
    assert len(diris.block(0x480C, 0x38)) == 112


def test_an_older_diris_is_read_in_tens_of_watts(modbus_bench: Any) -> None:
    diris = modbus_bench(129, table="c550")
    diris.set(power=-70_123.4, current_l2=105.432, export_energy=5_400_700.0)
    assert (diris.s32(0xC568), diris.u32(0xC562)) == (-7012, 105_432)
    assert (diris.u32(0xC658), diris.u32(0xC708), diris.u32(0xC662)) == (5401, 540_070, 2160)
    assert diris.refusal(diris.u32, 0x482C) == 2


@pytest.mark.parametrize(("table", "name"), [("4800", "DIRIS A-40"), ("c550", "DIRIS A40")])
def test_every_diris_says_who_it_is(modbus_bench: Any, table: str, name: str) -> None:
    diris = modbus_bench(129, table=table)
    assert diris.block(0xC350, 4) == b"\0S\0O\0C\0O"
    assert (diris.u16(0xC354), diris.text(0xC38A, 8), diris.text(0xC37A, 8)) == (400, name, "SOCOMEC")


@pytest.mark.parametrize("row", [126, 130])
def test_meters_of_unknown_makers_are_assumed_to_be_like_eastrons(modbus_bench: Any, row: int) -> None:
    meter = modbus_bench(row, "modbus-rtu")
    meter.set(power=-4321.5, voltage_l2=228.375, import_energy=71_234_500.0)
    assert (meter.f32(0x34, function=4), meter.f32(0x02, function=4)) == (-4321.5, 228.375)
    assert struct.unpack(">f", meter.block(0x48, 2, function=4))[0] == pytest.approx(71_234.5)
    assert meter.f32(0x15A, function=4) == pytest.approx(23_744.8 if row == 126 else 0, rel=1e-4)
