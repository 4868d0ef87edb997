"""Eastron SDM meters on RS-485: floats in even numbers of registers, and how the types differ."""

import struct
from typing import Any

import pytest


def test_values_are_floats_with_import_positive(modbus_bench: Any) -> None:
    meter = modbus_bench(112, "modbus-rtu")
    meter.set(power=-4321.5, import_energy=71_234_500.0, frequency=49.8, voltage_l2=228.4, power_l3=-1234.25)
    assert meter.f32(0x34, function=4) == pytest.approx(-4321.5)
    assert meter.f32(0x48, function=4) == pytest.approx(71_234.5)
    assert meter.f32(0x46, function=4) == pytest.approx(49.8)
    assert (meter.f32(0x02, function=4), meter.f32(0x10, function=4)) == (pytest.approx(228.4), -1234.25)


def test_a_block_of_30_values_is_read_at_once_and_not_one_more(modbus_bench: Any) -> None:
    meter = modbus_bench(112, "modbus-rtu")
    meter.set(power=70_123.4)
    values = struct.unpack(">30f", meter.block(0, 60, function=4))
    assert values[0x34 // 2] == pytest.approx(70_123.4)
    assert meter.refusal(meter.block, 0, 62, function=4) == 3
    assert meter.refusal(meter.block, 0, 3, function=4) == 3
    assert meter.refusal(meter.write, 0x14, 0, function=6) == 1


def test_derived_values_fit_the_measured_ones(modbus_bench: Any) -> None:
    meter = modbus_bench(112, "modbus-rtu")
    meter.set(power=-3000.0, reactive_power=4000.0, import_energy=6000.0, export_energy=3000.0)
    assert meter.f32(0x38, function=4) == pytest.approx(5000)
    assert meter.f32(0x156, function=4) == pytest.approx(9.0, abs=0.001)
    assert meter.f32(0x15A, function=4) == pytest.approx(2.0, abs=0.001)


def test_the_single_phase_type_has_its_power_elsewhere(modbus_bench: Any) -> None:
    meter = modbus_bench(111, "modbus-rtu")
    meter.set(power=-812.3)
    assert meter.f32(0x0C, function=4) == pytest.approx(-812.3)
    assert meter.f32(0x34, function=4) == 0
    assert meter.installation.serial.baud == 2400


def test_the_first_sdm72_has_four_values_and_zeros_or_refusals_around_them(modbus_bench: Any) -> None:
    meter = modbus_bench(113, "modbus-rtu")
    meter.set(power=70_123.4)
    assert (meter.f32(0x34, function=4), meter.f32(0x00, function=4)) == (pytest.approx(70_123.4), 0)
    strict = modbus_bench(113, "modbus-rtu", outside="exception")
    assert strict.refusal(strict.f32, 0x00, function=4) == 2
    assert modbus_bench(114, "modbus-rtu").f32(0x00, function=4) == 230


def test_some_sdm72_refuse_long_reads(modbus_bench: Any) -> None:
    meter = modbus_bench(114, "modbus-rtu", long_reads=False)
    assert meter.refusal(meter.block, 0, 60, function=4) == 3
    assert len(meter.block(0, 10, function=4)) == 20


def test_settings_are_floats_that_wear_and_have_a_range(modbus_bench: Any) -> None:
    meter = modbus_bench(112, "modbus-rtu")
    high, low = struct.unpack(">HH", struct.pack(">f", 7.0))
    meter.write(0x14, high, low)
    assert meter.f32(0x14) == 7
    high, low = struct.unpack(">HH", struct.pack(">f", 248.0))
    assert meter.refusal(meter.write, 0x14, high, low) == 3
    assert [(each.wear, each.accepted) for each in meter.device.writes] == [("flash", True), ("flash", False)]
    assert meter.u32(0xFC00) == 21047815
