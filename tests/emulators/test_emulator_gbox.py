"""A CHP behind a gateway: it follows while a counter changes, and after that only when somebody has been there."""

from typing import Any

import pytest

REQUEST, START = 1, 2


def external(modbus_bench: Any, **options: Any) -> Any:
    box = modbus_bench(141, **options)
    box.write(1024, REQUEST | START)
    return box


def hold(box: Any, seconds: int) -> None:
    """A controller whose life counter changes every five seconds."""
    for count in range(seconds // 5):
        box.write(1026, count + 1)
        box.wait(5)


def test_values_are_tenths_of_a_kilowatt_and_whole_kilowatt_hours(modbus_bench: Any):
    box = modbus_bench(141)
    box.set(power=71_300.0, energy=71_234_000.0, heat_energy=155_123_000.0, water_temperature=82.3)
    assert (box.u16(0), box.s16(2), box.u32(8), box.u32(10), box.s16(4)) == (4, 713, 71_234, 155_123, 823)
    box.set(power=-400.0, status="standby")
    assert (box.u16(0), box.s16(2)) == (1, -4)
    assert box.u16(900) == 0


def test_it_follows_setpoints_in_tenths_of_a_percent_while_it_is_in_external_control(modbus_bench: Any):
    box = external(modbus_bench)
    box.write(1025, 613)
    hold(box, 30)
    assert (box.truth()["power"], box.u16(1) & 3) == (pytest.approx(30_650), 3)
    assert [box.refusal(box.write, 1025, each) for each in (499, 1001, 500)] == [3, 3, None]


def test_without_a_request_setpoints_have_no_effect(modbus_bench: Any):
    box = modbus_bench(141)
    box.write(1025, 1000)
    box.wait(60)
    assert (box.truth()["power"], box.u16(1) & 1) == (37_500, 0)


def test_a_life_counter_that_stands_for_ten_seconds_loses_external_control_for_good(modbus_bench: Any):
    box = external(modbus_bench)
    box.write(1025, 1000)
    hold(box, 40)
    assert box.truth()["power"] == 50_000
    box.wait(5.5)
    assert (box.u16(1), box.u16(1024), box.u16(1025)) == (0b11000, 0, 0)
    box.write(1024, REQUEST | START)
    box.write(1025, 1000)
    hold(box, 60)
    assert (box.u16(1) & 1, box.truth()["power"], box.device.writes[-1].accepted) == (0, 37_500, True)


def test_only_a_person_at_the_unit_brings_it_back(modbus_bench: Any):
    box = modbus_bench(141, latched=True)
    assert (box.u16(0), box.u16(1), box.s16(2)) == (4, 0b11000, 375)
    box.device.operator["reset"]()
    assert box.u16(1) == 0b01010
    box.write(1024, REQUEST | START)
    box.write(1025, 500)
    hold(box, 60)
    assert box.truth()["power"] == 25_000


def test_stop_and_start_keep_their_times(modbus_bench: Any):
    box = external(modbus_bench)
    box.write(1025, 0)
    hold(box, 30)
    assert (box.u16(0), box.s16(2)) == (5, -2)
    box.write(1025, 800)
    hold(box, 60)
    assert box.u16(0) == 7  # it rests for half an hour
    hold(box, 1800)
    assert box.u16(0) == 2
    hold(box, 40)
    assert box.u16(0) == 3
    hold(box, 60)
    assert (box.u16(0), box.truth()["power"], box.u32(14)) == (4, 40_000, 1)


def test_a_fault_is_reset_over_the_wire(modbus_bench: Any):
    box = modbus_bench(141)
    box.device.operator["break"]()
    assert (box.u16(0), box.u16(16), box.u16(1) & 4) == (6, 41, 4)
    box.write(1024, 4)
    assert (box.u16(16), box.u16(1) & 4) == (0, 0)


def test_it_can_be_taken_out_of_external_control(modbus_bench: Any):
    box = external(modbus_bench)
    box.write(1025, 1000)
    box.device.operator["forbid_external"]()
    hold(box, 60)
    assert (box.u16(1) & 3, box.truth()["power"]) == (0, 37_500)
    box.device.operator["reset"]()
    hold(box, 60)
    assert (box.u16(1) & 3, box.truth()["power"]) == (3, 50_000)
