"""An Enapter EL 2.1, assumed for an electrolyser without a name: start, rate, configuration, heartbeat."""

import struct
from math import isnan
from typing import Any

import pytest


def rate(percent: float) -> tuple[int, int]:
    return struct.unpack(">HH", struct.pack(">f", percent))


def configure(stack: Any, address: int, *words: int) -> None:
    stack.write(4000, 1)
    stack.write(address, *words)
    stack.write(4001, 1)


def test_it_says_who_it_is_in_input_registers(modbus_bench: Any):
    stack = modbus_bench(142)
    assert stack.text(0, 2, function=4) == "EL21"
    assert stack.block(6, 8, function=4).hex() == "002100433036470e3932373800000001"
    assert (stack.u16(18, function=4), stack.u16(1200, function=4)) == (1, 2)
    assert stack.refusal(stack.u16, 0) == 2  # holding registers are another space


def test_it_starts_when_it_is_warm_and_follows_its_rate(modbus_bench: Any):
    stack = modbus_bench(142)
    stack.write(1002, *rate(75))
    stack.write(1000, 1)
    stack.wait(500)
    assert (stack.truth()["power"], stack.u16(1200, function=4)) == (300, 2)
    assert isnan(stack.f32(1008, function=4))
    stack.wait(60)
    assert (stack.truth()["power"], stack.u16(1200, function=4)) == (pytest.approx(1775), 3)
    assert stack.f32(1008, function=4) == pytest.approx(369.8, abs=0.1)
    assert stack.f32(7508, function=4) * stack.f32(7510, function=4) == pytest.approx(1775)
    assert stack.f32(7518, function=4) == pytest.approx(55)


def test_rates_below_sixty_percent_are_refused(modbus_bench: Any):
    stack = modbus_bench(142)
    assert [stack.refusal(stack.write, 1002, *rate(each)) for each in (59.5, 100.5, 60)] == [3, 3, None]


def test_it_runs_for_a_quarter_of_an_hour_before_it_stops(modbus_bench: Any):
    stack = modbus_bench(142)
    stack.set(water_temperature=55.0)
    stack.write(1000, 1)
    stack.wait(90)
    assert stack.truth()["power"] == 2400
    stack.write(1000, 0)
    stack.wait(700)
    assert stack.truth()["power"] == 1400
    stack.wait(250)
    assert (stack.u16(1200, function=4), stack.truth()["power"]) == (6, 60)
    stack.wait(120)
    assert stack.u16(1200, function=4) == 2
    assert stack.f32(1006, function=4) == pytest.approx(74.7, abs=0.2)


def test_a_configuration_is_begun_written_and_committed(modbus_bench: Any):
    stack = modbus_bench(142)
    assert stack.refusal(stack.write, 4601, 30) == 3
    stack.write(4000, 1)
    assert (stack.u16(4000, function=4), stack.refusal(stack.write, 4000, 1)) == (1, 6)
    stack.write(4601, 30)
    stack.write(4001, 0)
    assert stack.u32(4600) == 0
    configure(stack, 4601, 30)
    assert (stack.u32(4600), stack.s32(4002, function=4)) == (30, 0)
    stack.write(4001, 1)
    assert stack.s32(4002, function=4) == 2
    assert {each.wear for each in stack.device.writes if each.target == 4600} == {"flash"}


def test_without_a_request_for_its_heartbeat_it_stops(modbus_bench: Any):
    stack = modbus_bench(142, heartbeat=30)
    stack.set(water_temperature=55.0)
    stack.write(1000, 1)
    for _ in range(50):
        stack.wait(25)
        stack.u16(18, function=4)
    assert stack.truth()["power"] == 2400
    stack.wait(31)
    assert (stack.u16(1000), stack.truth()["power"]) == (0, 60)


def test_maintenance_is_for_one_that_stands_and_a_reboot_takes_a_while(modbus_bench: Any):
    stack = modbus_bench(142)
    stack.write(1000, 1)
    assert stack.refusal(stack.write, 1013, 1) == 3
    stack.write(1000, 0)
    stack.write(1013, 1)
    assert stack.u16(1200, function=4) == 1
    stack.write(4, 1)
    stack.wait(1)
    assert stack.device.face.closed()
    stack.wait(21)
    assert (stack.u16(1013), stack.u32(22, function=4)) == (0, 21)


def test_an_error_has_a_code_and_stops_it(modbus_bench: Any):
    stack = modbus_bench(142)
    stack.write(1000, 1)
    stack.device.operator["break"]()
    assert (stack.u16(18, function=4), stack.block(832, 3, function=4).hex()) == (2, "00011f810000")
    stack.device.operator["repair"]()
    assert (stack.u16(18, function=4), stack.u16(832, function=4), stack.u16(1000)) == (1, 0, 0)
