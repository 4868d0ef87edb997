"""Fuel cells on an assumed profile: a counter that has to change, bounds that are refused, ten watts a minute."""

from typing import Any

import pytest

MINUTE = 60


def controlled(modbus_bench: Any, row: int = 139) -> Any:
    cell = modbus_bench(row)
    cell.write(100, 1)
    return cell


def hold(cell: Any, minutes: int) -> None:
    """A controller that changes the counter every half minute."""
    for count in range(2 * minutes):
        cell.write(102, count + 1)
        cell.wait(30)


def test_it_runs_at_its_rating_by_itself_and_says_what_it_makes(modbus_bench: Any):
    cell = modbus_bench(139)
    cell.set(energy=71_234_567.0, gas_volume=7123.456, water_temperature=52.3)
    assert (cell.u16(0), cell.s16(2), cell.u16(3), cell.s16(4)) == (2, 1500, 723, 523)
    assert (cell.u32(6), cell.u32(10), cell.u16(14), cell.u16(15)) == (71_234_567, 7_123_456, 500, 1500)
    assert cell.u16(100) == 0


def test_a_cell_that_heats_up_takes_power(modbus_bench: Any):
    cell = modbus_bench(139)
    cell.set(power=-217.0, status="starting")
    assert (cell.s16(2), cell.u16(0)) == (-217, 1)
    cell.set(status="fault")
    assert (cell.u16(0), cell.u16(1)) == (4, 17)


def test_setpoints_beyond_its_bounds_are_refused(modbus_bench: Any):
    cell = controlled(modbus_bench)
    assert [cell.refusal(cell.write, 101, watts) for watts in (0, 499, 1501, 1100)] == [3, 3, 3, None]
    assert [cell.refusal(cell.write, address, 1) for address in (2, 103)] == [2, 2]
    assert cell.refusal(cell.write, 100, 2) == 3


def test_a_setpoint_is_reached_ten_watts_a_minute(modbus_bench: Any):
    cell = controlled(modbus_bench)
    cell.write(101, 1000)
    hold(cell, 24)
    assert (cell.s16(2), cell.u16(103), cell.u16(101)) == (1260, 1260, 1000)
    hold(cell, 28)
    assert cell.truth()["power"] == 1000


def test_a_counter_that_stands_for_a_minute_ends_external_control(modbus_bench: Any):
    cell = controlled(modbus_bench, 140)
    cell.write(101, 2000)
    hold(cell, 3)
    assert cell.truth()["power"] == 2000
    cell.write(102, 6)  # no change
    cell.wait(35)
    assert (cell.u16(100), cell.u16(101)) == (0, 5000)
    cell.wait(3 * MINUTE)
    assert cell.truth()["power"] == 5000


def test_a_restart_of_the_control_board_ends_external_control(modbus_bench: Any):
    cell = controlled(modbus_bench, 140)
    cell.write(101, 1500)
    hold(cell, 3)
    cell.device.face.reboot()
    assert (cell.u16(100), cell.truth()["power"]) == (0, 1500)
    cell.wait(30)
    assert cell.truth()["power"] > 2000


def test_a_repaired_cell_takes_a_day_to_start(modbus_bench: Any):
    cell = modbus_bench(139)
    cell.device.operator["break"]()
    assert (cell.u16(0), cell.s16(2)) == (4, 0)
    cell.device.operator["repair"]()
    cell.wait(86_000)
    assert (cell.u16(0), cell.s16(2)) == (1, -500)
    cell.wait(1_000)
    assert (cell.u16(0), cell.s16(2) >= 500) == (2, True)
    cell.device.operator["service"]()
    assert cell.u16(0) == 5


def test_gas_and_heat_are_counted(modbus_bench: Any):
    cell = modbus_bench(139)
    cell.wait(10 * 3600)
    assert (cell.u32(6), cell.u32(8), cell.u32(12)) == (15_000, 7232, 10)
    assert cell.u32(10) == pytest.approx(2679, abs=1)
