"""A gas meter on an assumed profile: whole pulses, a counter that rolls over, and an input that breaks."""

from math import isnan
from typing import Any

import pytest


@pytest.mark.parametrize("protocol", ["modbus-tcp", "modbus-rtu"])
def test_volumes_are_hundredths_of_a_cubic_metre_on_both_wires(modbus_bench: Any, protocol: str):
    meter = modbus_bench(134, protocol)
    meter.set(volume=71_234.567, flow=4.25)
    assert (meter.u32(2), meter.u32(4)) == (7_123_456, 6_767_283)
    assert (meter.f32(6), meter.f32(8, function=4)) == (4.25, pytest.approx(4.0375))
    assert (meter.s16(10), meter.u16(11), meter.u16(12), meter.u16(13)) == (127, 1034, 11_200, 9500)
    assert meter.u32(14) == int(meter.env.now)


def test_the_counter_rolls_over(modbus_bench: Any):
    meter = modbus_bench(134)
    meter.set(volume=42_949_672.95)
    assert meter.u32(2) == 0xFFFF_FFFF
    meter.set(volume=42_949_673.01)
    assert meter.u32(2) == 5


def test_without_conversion_there_are_no_normal_conditions(modbus_bench: Any):
    meter = modbus_bench(134, conversion=False)
    meter.set(volume=12.0, flow=1.0)
    assert (meter.u32(4), meter.f32(8), meter.block(10, 2)) == (0, 0, bytes.fromhex("8000ffff"))


def test_compressed_air_has_no_calorific_value(modbus_bench: Any):
    meter = modbus_bench(134, medium="compressed air")
    meter.set(volume=100.0)
    assert (meter.u16(1), meter.u16(12), meter.truth()["heat_energy"]) == (2, 0, 0)


def test_what_flows_while_the_pulse_input_is_broken_is_lost(modbus_bench: Any):
    meter = modbus_bench(134)
    meter.set(volume=1000.0, flow=6.0)
    meter.device.operator["break_pulse_input"]()
    meter.wait(3600)
    assert (meter.u32(2), meter.f32(6), meter.u16(0)) == (100_000, 0, 0b0101)
    meter.device.operator["mend_pulse_input"]()
    meter.wait(3600)
    assert (meter.u32(2), meter.u16(0)) == (100_600, 0)
    assert meter.truth()["volume"] == pytest.approx(1012)


def test_a_new_battery_wants_its_clock_set_and_the_counter_can_step_back(modbus_bench: Any):
    meter = modbus_bench(134)
    meter.set(volume=500.0)
    meter.device.operator["battery_low"]()
    assert meter.u16(0) == 2
    meter.device.operator["change_battery"]()
    meter.device.operator["set_counter"](123.45)
    assert (meter.u16(0), meter.u32(2)) == (8, 12_345)
    assert meter.refusal(meter.write, 2, 0) == 1 and not isnan(meter.f32(6))
