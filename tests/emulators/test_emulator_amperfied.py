"""Amperfied connect.home over TCP: watchdog, failsafe current, status F, cards, and what only a connect.solar has."""

from typing import Any

import pytest


@pytest.fixture
def box(modbus_bench: Any) -> Any:
    return modbus_bench(76)


def charging(box: Any, amperes: float = 16.0) -> None:
    box.set(plugged=True)
    box.write(261, round(amperes * 10), function=16)


def test_it_answers_to_any_unit_id_and_functions_6_and_16(box: Any) -> None:
    assert box.u16(4, function=4, unit=1) == 0x108
    box.write(261, 77, unit=1)
    assert box.u16(261) == 77
    box.write(261, 91, function=16)
    assert box.u16(261) == 91


def test_values_are_in_tenths_watts_and_watt_hours(box: Any) -> None:
    box.write(261, 160)
    box.set(power=9123.4, current_l1=13.44, temperature=-4.6, energy=9_876_543.2, session_energy=71_234.2)
    assert [box.u16(address, function=4) for address in (5, 6, 14, 3506)] == [7, 134, 9123, 9123]
    assert box.s16(9, function=4) == -46
    assert [box.u32(address, function=4) for address in (17, 19)] == [9_876_543, pytest.approx(71_234, abs=1)]


def test_nothing_is_charged_until_a_current_is_written(box: Any) -> None:
    box.set(plugged=True)
    assert (box.u16(5, function=4), box.truth()["power"]) == (4, 0)
    charging(box, 7.7)
    assert (box.u16(5, function=4), box.truth()["power"]) == (7, pytest.approx(7.7 * 690))
    box.write(261, 59)
    assert (box.u16(261), box.truth()["power"]) == (0, 0)
    assert box.refusal(box.write, 261, 161) == 3


def test_silence_of_15_seconds_stops_and_traffic_brings_it_back_after_10(box: Any) -> None:
    charging(box)
    box.wait(14.5)
    assert box.truth()["power"] == pytest.approx(11_040)
    box.wait(1)
    assert box.truth()["power"] == 0
    assert box.u16(5, function=4) == 10
    box.wait(10)
    assert (box.u16(5, function=4), box.truth()["power"]) == (7, pytest.approx(11_040))


def test_any_exchange_feeds_the_watchdog_and_a_failsafe_current_charges_on(box: Any) -> None:
    charging(box)
    for _ in range(3):
        box.wait(10)
        box.u16(100, function=4)
    assert box.truth()["power"] == pytest.approx(11_040)
    box.write(262, 80)
    box.wait(3600)
    assert box.truth()["power"] == pytest.approx(8 * 690)
    assert (box.u16(261), box.device.writes[-1].wear) == (160, "flash")


def test_the_watchdog_counts_milliseconds_or_seconds(modbus_bench: Any) -> None:
    assert modbus_bench(76).u16(257) == 15_000
    other = modbus_bench(76, watchdog_step=1.0)
    assert other.u16(257) == 15
    charging(other)
    other.write(257, 60)
    other.wait(59)
    assert other.truth()["power"] == pytest.approx(11_040)


def test_locked_remotely_it_shows_f_and_then_waits(box: Any) -> None:
    charging(box)
    box.write(259, 0)
    assert (box.u16(5, function=4), box.truth()["power"]) == (10, 0)
    box.wait(10)
    assert box.u16(5, function=4) == 4


def test_a_card_is_told_and_a_permission_may_stand_for_it(modbus_bench: Any) -> None:
    box = modbus_bench(76, authorization=True)
    charging(box)
    assert (box.truth()["power"], box.u16(2019, function=4)) == (0, 0)
    box.write(302, 1)
    assert (box.truth()["power"], box.u16(2020, function=4)) == (pytest.approx(11_040), 1)
    box.device.operator["rfid"]("e4a3c7d2")
    assert [box.u16(address, function=4) for address in (2000, 2001)] == [1, 4]
    assert box.block(2002, 6, function=4).hex() == "e4a3c7d2" + "00" * 8


def test_phases_and_standby_are_unknown_numbers(box: Any) -> None:
    assert box.refusal(box.u16, 501) == 2
    assert box.refusal(box.write, 258, 4) == 2
    assert box.refusal(box.block, 5001, 1, function=4) == 2


def test_after_a_restart_the_current_is_gone_and_the_settings_stay(box: Any) -> None:
    charging(box)
    box.write(262, 80)
    box.device.restart()
    assert (box.u16(261), box.u16(262), box.truth()["power"]) == (0, 80, 0)
