"""Janitza meters: one block of floats in all of them, longer lists in some, ABB's integers in the B series."""

import struct
from typing import Any

import pytest

UMG = ["UMG 512", "UMG 604", "UMG 801", "UMG 806", "UMG 20 CM", "UMG 96 RM-EL"]


@pytest.mark.parametrize("model", UMG)
def test_every_umg_has_the_block_in_one_read(modbus_bench: Any, model: str) -> None:
    umg = modbus_bench(110, "modbus-rtu", model=model)
    umg.set(power=-4321.5, power_l2=-1426.1, voltage_l3=234.9, import_energy=71_234_560.0, export_energy=79_876_544.0)
    values = struct.unpack(">61f", umg.block(19000, 122))
    assert (values[13], values[11], values[2]) == pytest.approx((-4321.5, -1426.1, 234.9), rel=1e-6)
    assert (values[34], values[38]) == (71_234_560.0, 79_876_544.0)
    assert umg.block(19000, 122) == umg.block(19000, 122, function=4)


def test_sums_stand_after_the_phases(modbus_bench: Any) -> None:
    umg = modbus_bench(110, "modbus-rtu")
    umg.set(import_energy=100_000.0, export_energy=30_000.0)
    assert umg.f32(19062) == pytest.approx(31_000.0)
    assert (umg.f32(19068), umg.f32(19076), umg.f32(19060)) == (100_000.0, 30_000.0, 70_000.0)


def test_feeding_in_has_a_negative_cosine_and_currents_without_sign(modbus_bench: Any) -> None:
    umg = modbus_bench(110, "modbus-rtu")
    umg.set(power=-3000.0, power_factor=0.93, reactive_power=1234.0)
    assert umg.f32(19044) == pytest.approx(-0.93)
    assert umg.f32(19012) > 0
    assert umg.f32(19036) == pytest.approx(411.333, rel=1e-4)


def test_the_604_has_a_list_of_its_own_that_says_the_same(modbus_bench: Any) -> None:
    umg = modbus_bench(110, "modbus-rtu", model="UMG 604")
    umg.set(power=70_123.5, voltage_l1=231.75, import_energy=71_234_560.0, export_energy=1_000_000.0)
    assert (umg.f32(1369), umg.f32(1317)) == (70_123.5, 231.75)
    assert (umg.f32(9851), umg.f32(9863), umg.f32(1439)) == (71_234_560.0, 1_000_000.0, 50.0)
    assert (umg.u32(10176), umg.text(13437, 8)) == (60410256, "5.017")
    assert umg.f32(13) == 0  # a harmonic
    assert umg.refusal(umg.block, 19122, 1) == 2


def test_a_mean_follows_later(modbus_bench: Any) -> None:
    umg = modbus_bench(110, "modbus-rtu", model="UMG 604")
    assert umg.f32(2819) == 0
    umg.set(power=1000.0)
    assert (umg.f32(1369), umg.f32(2819)) == (1000, pytest.approx(0, abs=1))
    umg.wait(480)
    assert umg.f32(2819) == pytest.approx(632, abs=3)


def test_transformers_are_set_as_floats_within_their_range(modbus_bench: Any) -> None:
    umg = modbus_bench(110, "modbus-rtu", model="UMG 604", ct=[250, 5])
    umg.set(power=10_000.0)
    assert umg.f32(10032) == 250
    umg.write(10032, *struct.unpack(">HH", struct.pack(">f", 125.0)))
    assert (umg.f32(19026), umg.device.writes[-1].wear) == (5000, "flash")
    assert umg.refusal(umg.write, 10180, 0, 300) == 3
    assert umg.refusal(umg.write, 10040, 0, 0) == 3  # a secondary current of 0 A


def test_the_b_series_has_abbs_integers_and_janitzas_floats(modbus_bench: Any) -> None:
    b23 = modbus_bench(109, "modbus-rtu", model="B23")
    b23.set(power=-4321.5, voltage_l2=228.4, current_l3=105.42, import_energy=71_234_500.0, export_energy=5_000_000.0)
    assert (b23.s32(0x5B14), b23.u32(0x5B02), b23.u32(0x5B10)) == (-432_150, 2284, 10_542)
    assert int.from_bytes(b23.block(0x5000, 4), "big") == 7_123_450
    assert int.from_bytes(b23.block(0x5008, 4), "big", signed=True) == 6_623_450
    assert (b23.f32(19026), b23.text(0x8960, 6), b23.u32(0x8900)) == (-4321.5, "B23 112-100", 23017762)
    assert b23.refusal(b23.block, 0x5B14, 2, function=4) == 1


def test_a_b21_resolves_nothing_by_phase(modbus_bench: Any) -> None:
    b21 = modbus_bench(109, "modbus-rtu", model="B21")
    b21.set(power=-812.3, voltage_l1=231.7)
    assert (b21.s32(0x5B14), b21.u32(0x5B00), b21.u32(0x5B02)) == (-81_230, 2317, 0xFFFFFFFF)
    assert (b21.s32(0x5B16), b21.s16(0x5B3B), b21.block(0x5460, 4)) == (0x7FFFFFFF, 0x7FFF, b"\xff" * 8)


def test_with_abbs_label_the_floats_are_missing(modbus_bench: Any) -> None:
    b23 = modbus_bench(109, "modbus-rtu", model="B23", label="ABB")
    assert b23.refusal(b23.f32, 19026) == 2
    assert b23.u16(0x5B2C) == 5000
