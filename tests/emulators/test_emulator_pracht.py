"""PRACHT Alpha XT on RS-485: two points, one current in common, no measured values."""

from typing import Any

import pytest


@pytest.fixture
def box(modbus_bench: Any) -> Any:
    return modbus_bench(82, "modbus-rtu")


def test_the_line_has_9600_baud_and_no_parity(box: Any) -> None:
    serial = box.installation.serial
    assert (serial.baud, serial.parity, serial.stop) == (9600, "N", 1)


def test_states_and_limits_of_both_points_lie_side_by_side(box: Any) -> None:
    first, second = box.installation.devices
    second.twin.set("plugged", True)
    box.write(3, 0)
    box.write(4, 13)
    assert (box.block(106, 2).hex(), box.block(2, 3).hex()) == ("00000002", "00200000000d")
    assert (first.twin.power, second.twin.power) == (0, pytest.approx(13 * 690))
    assert ([each.target for each in second.writes], [each.target for each in first.writes]) == ([4], [3])


def test_both_points_share_the_total_current(box: Any) -> None:
    first, second = box.installation.devices
    first.operator["plug"]()
    box.wait(3)
    second.operator["plug"]()
    box.write(2, 20)
    assert ([box.u16(at) for at in (11, 12)], box.u16(114)) == ([10, 10], 20)
    box.write(2, 6)
    assert [box.u16(at) for at in (11, 12)] == [6, 0]
    box.write(2, 0)
    assert (first.twin.power, box.u16(106)) == (0, 1)


def test_a_newer_board_moves_only_with_more_than_16_amperes_in_all(modbus_bench: Any) -> None:
    box = modbus_bench(82, "modbus-rtu", total_needed=16)
    box.set(plugged=True)
    box.write(3, 6)
    box.write(2, 16)
    assert box.truth()["power"] == 0
    box.write(2, 17)
    assert box.truth()["power"] == pytest.approx(4140)


def test_points_are_locked_and_released_together_or_alone(box: Any) -> None:
    first, second = box.installation.devices
    seen = []
    for code in (2, 11, 21, 22, 255):
        box.write(102, code)
        seen.append((first.twin.enabled, second.twin.enabled))
    assert seen == [(False, False), (True, False), (True, True), (True, False), (True, True)]
    assert (box.u16(102), box.refusal(box.write, 102, 3)) == (255, 3)


def test_function_4_reads_the_3xxxx_group_where_it_is_served(modbus_bench: Any) -> None:
    box = modbus_bench(82, "modbus-rtu")
    box.set(temperature=-4.4)
    assert (box.s16(103), box.s16(103, function=4), box.u16(74, function=4)) == (-4, -4, 3)
    assert box.refusal(box.block, 2, 1, function=4) == 2
    network = modbus_bench(82, "modbus-rtu", input_functions=False)
    assert network.refusal(network.block, 106, 1, function=4) == 2


def test_there_is_no_power_and_below_6_amperes_nothing_flows(box: Any) -> None:
    box.set(plugged=True)
    box.write(3, 5)
    assert (box.truth()["power"], box.u16(11), box.u16(3)) == (0, 0, 5)
    assert box.refusal(box.block, 120, 2) == 2


def test_after_a_restart_the_limits_are_as_delivered(box: Any) -> None:
    box.write(4, 7)
    box.write(2, 20)
    box.device.restart()
    assert box.block(2, 3).hex() == "002000100010"
