"""hesotec eSat and eBox: currents in mA, a power that is mW by the sheet, pause and stop."""

from typing import Any

import pytest


@pytest.fixture
def box(modbus_bench: Any) -> Any:
    return modbus_bench(92)


def test_values_are_in_milliamperes_milliwatts_and_watt_hours(box: Any) -> None:
    box.set(power=9123.4, current_l1=15.6, voltage_l2=233.0, session_energy=71_234.2, temperature=-4.4)
    assert box.block(0x4004, 2).hex() == "00003cf0"
    assert [box.u32(at) for at in (0x400A, 0x401C)] == [9_123_400, pytest.approx(71_234, abs=1)]
    assert (box.s16(0x4000), box.u16(0x4002), box.block(0x4018, 1)) == (-4, 233, b"C\0")
    assert box.text(0x10, 3) == "1.0.27"


def test_another_box_tells_the_power_in_watts(modbus_bench: Any) -> None:
    box = modbus_bench(91, power_unit="W")
    box.set(power=9123.4)
    assert box.u32(0x400A) == 9123


def test_a_limit_is_6_amperes_or_more_and_a_pause_is_a_register_of_its_own(box: Any) -> None:
    box.set(plugged=True)
    box.write(0x1003, 13, function=16)
    assert (box.truth()["power"], box.u32(0x4016)) == (pytest.approx(13 * 690), 13_000)
    box.write(0x1002, 1, function=16)
    assert (box.truth()["power"], box.u16(0x1003), box.block(0x4018, 1)) == (0, 13, b"B\0")
    box.write(0x1002, 0, function=16)
    assert box.truth()["power"] == pytest.approx(13 * 690)
    assert [box.refusal(box.write, 0x1003, each, function=16) for each in (5, 64)] == [3, 3]
    assert box.refusal(box.write, 0x1003, 10, function=6) == 1


def test_a_stopped_session_begins_anew_with_the_next_cable(box: Any) -> None:
    box.device.operator["plug"]()
    box.wait(100.4)
    box.write(0x1001, 1, function=16)
    assert (box.truth()["power"], box.u16(0x1001), box.u32(0x401A)) == (0, 1, 100)
    box.device.operator["unplug"]()
    box.device.operator["plug"]()
    assert (box.u16(0x1001), box.truth()["power"], box.u32(0x401C)) == (0, pytest.approx(22_080), 0)


def test_the_bus_authorises_as_a_card_does(modbus_bench: Any) -> None:
    box = modbus_bench(91, authorization=True)
    box.set(plugged=True)
    assert (box.u16(0x1000), box.truth()["power"]) == (0, 0)
    box.write(0x1000, 1, function=16)
    assert (box.u16(0x1000), box.truth()["power"]) == (1, pytest.approx(11_040))


def test_the_last_command_stands_for_ever_and_not_over_a_restart(box: Any) -> None:
    box.set(plugged=True)
    box.write(0x1003, 7, function=16)
    box.wait(7 * 86_400)
    assert box.truth()["power"] == pytest.approx(7 * 690)
    box.device.restart()
    assert box.u16(0x1003) == 32
