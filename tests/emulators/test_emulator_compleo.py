"""Compleo: limits in steps of 100 W, two addressings of the second connector, phases, fallback."""

from typing import Any

import pytest


@pytest.fixture
def duo(modbus_bench: Any) -> Any:
    return modbus_bench(80, low_first=True)


def test_values_are_in_hundreds_of_watts_tenths_of_amperes_and_tenths_of_kilowatt_hours(duo: Any) -> None:
    duo.set(power=9123.4, current_l2=13.44, session_energy=71_234.5, voltage_l3=229.7)
    assert [duo.u16(0x100 + at, function=4) for at in (1, 2, 4, 8, 0xF)] == [3, 91, 134, 712, 230]
    assert [duo.u16(at, function=4) for at in (6, 7, 8, 9)] == [0x0200, 0x030E, 2, 91]
    assert duo.text(0x20, 16, function=4) == "DUO-WM-22"


def test_the_second_connector_lies_at_200h_or_at_110h(modbus_bench: Any) -> None:
    wide, narrow = modbus_bench(80), modbus_bench(80, addressing="narrow")
    for box in (wide, narrow):
        second = box.installation.devices[1]
        second.twin.set("power", 7321.0)
        second.twin.set("rfid", "04a1b2c3")
    assert (wide.u16(0x202, function=4), narrow.u16(0x112, function=4)) == (73, 73)
    assert wide.text(0x210, 10, function=4) == narrow.text(0x1010, 10, function=4) == "04a1b2c3"
    assert wide.refusal(wide.block, 0x1000, 10, function=4) == 2
    assert narrow.refusal(narrow.u16, 0x200, function=4) == 2


def test_a_limit_bounds_its_own_connector_and_zero_stops_it(duo: Any) -> None:
    first, second = duo.installation.devices
    for each in (first, second):
        each.twin.set("plugged", True)
    duo.write(0x100, 90)
    duo.write(0x200, 0)
    assert (first.twin.power, second.twin.power) == (pytest.approx(9000), 0)
    assert [duo.u16(0x20C, function=4), duo.u16(0x100), duo.u16(0x200)] == [4, 90, 0]
    assert [each.target for each in second.writes] == [0x200]


def test_6_amperes_are_4100_watts_and_less_is_a_pause(duo: Any) -> None:
    duo.set(plugged=True)
    duo.write(0x100, 41)
    assert (duo.truth()["current_l1"], duo.u16(0x100)) == (pytest.approx(6), 41)
    duo.write(0x100, 40)
    assert duo.truth()["power"] == 0


def test_phases_are_switched_by_mode_or_by_power(duo: Any) -> None:
    duo.set(plugged=True)
    duo.write(0x100, 30)
    assert duo.truth()["power"] == 0
    duo.write(0x109, 1)
    assert (duo.truth()["power"], duo.truth()["phases"]) == (pytest.approx(3000), 1)
    duo.write(0x100, 60)
    assert (duo.truth()["phases"], duo.u16(0x10A, function=4)) == (3, 2)
    duo.write(0x109, 2)
    assert duo.truth()["power"] == pytest.approx(6000)
    assert duo.refusal(duo.write, 0x109, 0) == 3


def test_function_3_reads_a_block_from_the_limit_but_begins_at_no_measured_value(duo: Any) -> None:
    duo.set(power=9123.4)
    block = duo.block(0x100, 10)
    assert (block[4:6].hex(), block[18:].hex()) == ("005b", "0003")
    assert duo.refusal(duo.block, 0x106, 2) == 2
    assert duo.refusal(duo.block, 0x100, 10, function=4) == 2


def test_the_charging_time_has_its_low_word_or_its_low_byte_first(modbus_bench: Any) -> None:
    seen = []
    for order in ("words", "bytes"):
        box = modbus_bench(80, time_order=order)
        box.set(plugged=True)
        box.wait(70_000)
        seen.append(box.block(0x106, 2, function=4).hex())
    assert seen == ["11700001", "70110100"]


def test_the_station_limit_is_shared_and_who_came_first_is_served(duo: Any) -> None:
    first, second = duo.installation.devices
    second.operator["plug"]()
    duo.wait(5)
    first.operator["plug"]()
    duo.write(0, 110)
    assert [round(each.twin.power) for each in (first, second)] == [5500, 5500]
    duo.write(0, 60)
    assert [round(each.twin.power) for each in (first, second)] == [0, 6000]
    assert duo.u16(0xD, function=4) == 0


def test_silence_brings_the_fallback_power_and_any_question_ends_it(modbus_bench: Any) -> None:
    box = modbus_bench(80, fallback_timeout=60)
    box.set(plugged=True)
    assert box.u16(5) == 60
    box.wait(59)
    assert box.truth()["power"] == pytest.approx(22_080)
    box.wait(2)
    assert box.truth()["power"] == pytest.approx(4200)
    box.u16(0x101, function=4)
    assert box.truth()["power"] == pytest.approx(22_080)


def test_a_cito_has_an_ac_and_a_dc_connector(modbus_bench: Any) -> None:
    cito = modbus_bench(81)
    ac, dc = cito.installation.devices
    for each in (ac, dc):
        each.twin.set("plugged", True)
    assert (ac.twin.power, dc.twin.power) == (pytest.approx(22_080), pytest.approx(50_000))
    cito.write(0x200, 317)
    assert (dc.twin.power, cito.u16(0x202, function=4)) == (pytest.approx(31_700), 317)
    assert cito.refusal(cito.write, 0x109, 2) == 3
    assert cito.installation.profile.evidence == "assumed"
