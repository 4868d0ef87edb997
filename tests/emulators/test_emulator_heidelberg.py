"""Heidelberg Energy Control on RS-485: watchdog, standby, the deaf ten seconds and what each version forgets."""

from typing import Any

import pytest

from controller.errors import LineTimeout


def charging(box: Any, amperes: float = 16.0) -> None:
    """A car on the cable and a current commanded; standby off."""
    box.set(plugged=True)
    box.write(258, 4)
    box.write(261, round(amperes * 10))


def test_the_line_is_19200_baud_with_even_parity(modbus_bench: Any) -> None:
    serial = modbus_bench(75, "modbus-rtu").installation.serial
    assert (serial.baud, serial.parity, serial.stop) == (19200, "E", 1)


def test_the_box_tells_version_and_logistic_string(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    assert box.u16(4, function=4) == 0x108
    assert box.text(102, 32, function=4).startswith("LP-HDM-EC")
    assert (box.u16(100, function=4), box.u16(101, function=4)) == (16, 6)


def test_nothing_is_charged_until_a_current_is_written(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    box.set(plugged=True)
    assert (box.u16(5, function=4), box.u16(261), box.truth()["power"]) == (4, 0, 0)
    box.write(261, 77)
    assert (box.u16(5, function=4), box.truth()["power"]) == (7, pytest.approx(7.7 * 690))
    box.write(261, 0)
    assert (box.u16(5, function=4), box.truth()["power"]) == (4, 0)


def test_values_are_in_tenths_of_an_ampere_volts_and_volt_ampere_hours(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    box.set(vehicle="C", power=9123.4, current_l1=13.44, voltage_l2=231.7, temperature=-4.6, energy=9_876_543.2)
    assert [box.u16(address, function=4) for address in (6, 11, 14)] == [134, 232, 9123]
    assert box.s16(9, function=4) == -46
    assert box.u32(17, function=4) == pytest.approx(9_876_543, abs=2)
    assert box.u32(15, function=4) == pytest.approx(box.u32(17, function=4), abs=1)


def test_energy_since_power_on_begins_at_zero_after_a_restart(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    box.set(energy=9_876_543.2)
    box.device.face.reboot()
    box.wait(11)
    assert (box.u32(15, function=4), box.u32(17, function=4)) == (0, 9_876_543)


def test_a_vehicle_without_permission_is_b1_and_without_vehicle_it_is_a(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    assert box.u16(5, function=4) == 2
    box.write(261, 100)
    assert box.u16(5, function=4) == 3
    box.set(vehicle="E")
    assert box.u16(5, function=4) == 9


def test_currents_below_6_amperes_are_none_and_above_16_are_refused(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    box.write(261, 59)
    assert box.u16(261) == 0
    assert box.refusal(box.write, 261, 161) == 3
    assert box.refusal(box.write, 258, 1) == 3
    assert box.refusal(box.block, 261, 1, function=4) == 2
    assert box.refusal(box.block, 5, 1, function=3) == 2
    assert [each.accepted for each in box.device.writes] == [True, False, False]


def test_silence_of_15_seconds_leads_to_status_f(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    charging(box)
    box.wait(14.9)
    assert box.truth()["power"] == pytest.approx(11_040)
    box.wait(0.2)
    assert box.truth()["power"] == 0
    assert box.u16(5, function=4) == 10


def test_status_f_ends_9_to_10_seconds_after_traffic_resumed(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    charging(box)
    box.wait(20)
    assert box.u16(5, function=4) == 10
    box.wait(8.9)
    assert box.u16(5, function=4) == 10
    box.wait(1.2)
    assert (box.u16(5, function=4), box.truth()["power"]) == (7, pytest.approx(11_040))


def test_any_telegram_feeds_the_watchdog(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    charging(box)
    for _ in range(5):
        box.wait(10)
        assert box.u16(5, function=4) == 7


def test_a_failsafe_current_keeps_the_box_charging_through_silence(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    charging(box)
    box.write(262, 80)
    box.wait(3600)
    assert box.truth()["power"] == pytest.approx(8 * 690)
    assert (box.u16(5, function=4), box.u16(261)) == (7, 160)
    assert box.truth()["power"] == pytest.approx(11_040)


def test_with_the_watchdog_off_the_last_command_stands_for_ever(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    box.write(257, 0)
    charging(box)
    box.wait(86_400)
    assert box.truth()["power"] == pytest.approx(11_040)


def test_the_box_is_deaf_for_10_seconds_after_power_on(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    charging(box)
    box.device.face.reboot()
    with pytest.raises(LineTimeout):
        box.u16(4, function=4)
    box.wait(11)
    assert (box.u16(261), box.u16(258), box.truth()["power"]) == (0, 4, 0)


def test_older_layouts_forget_all_settings_at_power_on(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu", layout="1.0.7")
    box.write(262, 80)
    box.write(257, 60_000)
    box.device.face.reboot()
    box.wait(11)
    assert (box.u16(262), box.u16(257)) == (0, 15_000)
    assert box.refusal(box.u16, 258) == 2
    kept = modbus_bench(75, "modbus-rtu")
    kept.write(262, 80)
    kept.device.face.reboot()
    kept.wait(11)
    assert kept.u16(262) == 80


def test_the_oldest_layouts_take_no_current(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu", layout="1.0.4")
    assert box.refusal(box.write, 261, 100) == 2
    assert box.u16(14, function=4) == 0


def test_standby_without_a_vehicle_makes_the_bus_silent_and_forgets_the_current(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    box.write(261, 100)
    box.wait(601)
    with pytest.raises(LineTimeout):
        box.u16(5, function=4)
    box.device.operator["plug"]()
    box.wait(12)
    assert (box.u16(5, function=4), box.u16(261)) == (4, 0)


def test_with_standby_off_the_box_keeps_answering(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    box.write(258, 4)
    box.wait(5000)
    assert box.u16(4, function=4) == 0x108


def test_locked_remotely_it_shows_f_and_then_waits(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    charging(box)
    box.write(259, 0)
    assert (box.u16(5, function=4), box.truth()["power"]) == (10, 0)
    box.wait(10)
    assert box.u16(5, function=4) == 4
    box.write(259, 1)
    assert box.u16(5, function=4) == 7


def test_the_key_at_the_box_outranks_the_bus(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    charging(box)
    box.device.operator["lock"]()
    box.write(259, 1)
    assert (box.u16(13, function=4), box.truth()["power"]) == (0, 0)
    box.device.operator["unlock"]()
    box.wait(10)
    assert box.truth()["power"] == pytest.approx(11_040)


def test_settings_wear_and_the_current_does_not(modbus_bench: Any) -> None:
    box = modbus_bench(75, "modbus-rtu")
    box.write(261, 100)
    box.write(262, 60)
    assert [each.wear for each in box.device.writes] == ["volatile", "flash"]
