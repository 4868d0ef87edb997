"""ABL eM4: two plugs in one map, states with a digit, limits in tenths of an ampere."""

from typing import Any

import pytest


def test_values_are_in_tenths_watts_and_hundredths_of_a_kilowatt_hour(modbus_bench: Any) -> None:
    box = modbus_bench(90)
    box.set(vehicle="C", power=21_345.6, current_l1=13.44, current_l3=31.5, voltage_l2=229.7, energy=9_876_543.2)
    assert [box.u32(address) for address in (0x3001, 0x3005, 0x3009, 0x300D)] == [134, 315, 2297, 21_346]
    assert box.u32(0x300F) == 987_654


def test_the_second_plug_lies_100h_higher_and_has_a_truth_of_its_own(modbus_bench: Any) -> None:
    box = modbus_bench(90)
    first, second = box.installation.devices
    assert (first.id, second.id) == ("90-255", "90-255-2")
    second.twin.set("power", 7321.4)
    second.twin.set("energy", 71_230.0)
    assert (box.u32(0x300D), box.u32(0x310D), box.u32(0x310F)) == (0, 7321, 7123)
    assert (box.u16(0x3031), box.u16(0x3131)) == (0xA1, 0xC2)
    assert box.refusal(box.block, 0x3231, 1) == 2


def test_each_plug_has_its_limit_and_its_writes(modbus_bench: Any) -> None:
    box = modbus_bench(90)
    first, second = box.installation.devices
    for each in (first, second):
        each.twin.set("plugged", True)
    box.write(0x3032, 0, function=16)
    box.write(0x3132, 137, function=16)
    assert (first.twin.power, second.twin.power) == (0, pytest.approx(13.7 * 690))
    assert (box.u16(0x3031), box.u16(0x3131), box.u16(0x3132)) == (0xB3, 0xC2, 137)
    assert [(each.target, each.raw) for each in second.writes] == [(0x3132, 137)]
    assert [each.target for each in first.writes] == [0x3032]


def test_between_0_and_6_amperes_there_is_no_limit_and_function_6_is_not_known(modbus_bench: Any) -> None:
    box = modbus_bench(90)
    assert box.refusal(box.write, 0x3132, 59, function=16) == 3
    assert not box.installation.devices[1].writes[0].accepted
    assert box.refusal(box.write, 0x3032, 100, function=6) == 1


def test_all_fifty_registers_are_read_in_one_piece(modbus_bench: Any) -> None:
    box = modbus_bench(90)
    box.set(power=1234.0)
    block = box.block(0x3001, 50)
    assert (block[24:28].hex(), block[-4:].hex()) == ("000004d2", "00c20140")


def test_with_authorization_a_card_starts_each_session(modbus_bench: Any) -> None:
    box = modbus_bench(90, authorization=True)
    second = box.installation.devices[1]
    second.operator["plug"](phases=1)
    assert (box.u16(0x3131), second.twin.power) == (0xB1, 0)
    second.operator["rfid"]()
    assert (box.u16(0x3131), second.twin.power) == (0xC2, 7360)
    second.operator["unplug"]()
    second.operator["plug"]()
    assert box.u16(0x3131) == 0xB1


def test_faults_of_the_vehicle_show_and_a_full_car_is_ready(modbus_bench: Any) -> None:
    box = modbus_bench(90)
    for vehicle, code in (("E", 0xF1), ("F", 0xF0), ("B", 0xB2)):
        box.set(vehicle=vehicle)
        assert box.u16(0x3031) == code


def test_a_restart_takes_both_plugs_and_forgets_the_limits(modbus_bench: Any) -> None:
    box = modbus_bench(90)
    box.write(0x3132, 61, function=16)
    box.device.restart()
    assert (box.u16(0x3131), box.u16(0x3132)) == (0xE2, 320)
    box.wait(6)
    assert box.u16(0x3131) == 0xA1


def test_what_is_broken_about_the_line_is_broken_for_all_and_a_lie_is_about_one_plug(modbus_bench: Any) -> None:
    box = modbus_bench(90)
    first, second = box.installation.devices
    second.twin.set("power", 7321.4)
    second.faults.on("not-available", quantity="power")
    first.twin.set("power", 1234.0)
    assert (box.u32(0x300D), box.u32(0x310D)) == (1234, 0)
    second.faults.off("not-available")
    second.faults.on("exception", code=6)
    assert box.refusal(box.u32, 0x300D) == 6
