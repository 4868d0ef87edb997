"""KEBA P30 over Modbus: registers that lead to one box, with its failsafe, its refusals and its sessions."""

from typing import Any

import pytest


def test_the_box_tells_product_firmware_and_serial(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    assert (box.u32(1016), box.u32(1018), box.u32(1014)) == (304111, 0x030A3900, 18416854)
    assert modbus_bench(67).u32(1016) == 312200


def test_only_unit_255_answers(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    box.unit = 1
    with pytest.raises(Exception, match="no answer"):
        box.u32(1000)


def test_exactly_one_value_is_read_at_a_time(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    assert box.refusal(box.block, 1008, 4) == 2
    assert box.refusal(box.block, 1008, 1) == 2
    assert box.refusal(box.block, 1009, 2) == 2
    assert box.refusal(box.block, 5004, 1) == 2
    assert box.refusal(box.block, 1008, 2, function=4) == 1
    assert box.refusal(box.write, 5004, 16000, function=16) == 1


def test_milliamperes_milliwatts_and_tenths_of_a_watt_hour(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    box.set(plugged=True, vehicle="C", power=9123.4, current_l1=13.417, voltage_l2=233.0, session_energy=12_345.6)
    box.set(energy=9_876_543.2)
    assert (box.u32(1020), box.u32(1008), box.u32(1042)) == (9_123_400, 13_417, 233)
    assert box.u32(1036) == pytest.approx(98_765_432, abs=2)
    assert box.u32(1502) == pytest.approx(123_456, abs=2)


def test_a_box_with_old_firmware_counts_whole_watt_hours(modbus_bench: Any) -> None:
    box = modbus_bench(65, energy_unit=1.0)
    box.set(energy=9_876_543.2)
    assert box.u32(1036) == 9_876_543


def test_the_deutschland_edition_charges_unmeasured_with_16_amperes(modbus_bench: Any) -> None:
    box = modbus_bench(67)
    box.set(plugged=True, energy=5_000.0)
    box.write(5004, 32000)
    assert box.truth()["power"] == pytest.approx(16 * 690)
    assert [box.u32(address) for address in (1020, 1008, 1036, 1502)] == [0, 0, 0, 0]
    assert (box.u32(1000), box.u32(1110)) == (3, 16_000)


def test_states_follow_cable_vehicle_and_enable(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    assert (box.u32(1000), box.u32(1004)) == (1, 0)
    box.set(plugged=True)
    assert (box.u32(1000), box.u32(1004)) == (3, 7)
    box.write(5014, 0)
    assert (box.u32(1000), box.truth()["power"]) == (5, 0)
    box.set(vehicle="F")
    assert (box.u32(1000), box.u32(1006)) == (4, 0x40000)


def test_a_current_moves_the_power_and_is_cut_to_the_hardware(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    box.set(plugged=True)
    box.write(5004, 10_000)
    assert box.truth()["power"] == pytest.approx(6900)
    assert (box.u32(1100), box.u32(1110)) == (10_000, 32_000)
    box.write(5004, 63_000)
    assert box.truth()["current_limit"] == 32


def test_currents_that_do_not_exist_are_refused_and_logged(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    box.write(5004, 9000)
    assert [box.refusal(box.write, 5004, bad) for bad in (0, 5999, 63_001)] == [3, 3, 3]
    assert box.refusal(box.write, 1000, 1) == 2
    assert box.truth()["current_limit"] == 9
    assert [each.accepted for each in box.device.writes] == [True, False, False, False, False]


def test_failsafe_is_off_until_it_is_switched_on(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    box.set(plugged=True)
    assert (box.u32(1600), box.u32(1602)) == (0, 0)
    box.write(5004, 16_000)
    box.wait(3600)
    assert box.truth()["current_limit"] == 16


def test_silence_leads_to_the_failsafe_current_and_reads_do_not_prevent_it(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    box.set(plugged=True)
    box.write(5016, 6000)
    box.write(5018, 30)
    box.write(5004, 16_000)
    for _ in range(3):
        box.wait(9.5)
        assert box.u32(1100) == 16_000
    box.wait(9.5)
    assert (box.u32(1100), box.u32(1000), box.truth()["power"]) == (6000, 3, pytest.approx(4140))


def test_a_failsafe_current_switches_a_disabled_box_on_again(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    box.set(plugged=True)
    box.write(5016, 6000)
    box.write(5018, 600)
    box.write(5014, 0)
    box.wait(599)
    assert box.truth()["power"] == 0
    box.wait(2)
    assert box.truth()["power"] == pytest.approx(4140)


def test_after_a_failsafe_current_and_enable_must_both_come_again(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    box.set(plugged=True)
    box.write(5018, 10)
    box.write(5004, 16_000)
    box.wait(11)
    assert (box.truth()["power"], box.u32(1000)) == (0, 5)
    box.write(5004, 13_000)
    assert box.truth()["power"] == 0
    box.write(5014, 1)
    assert box.truth()["power"] == pytest.approx(13 * 690)


def test_a_restart_loses_current_and_unsaved_failsafe(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    box.write(5018, 60)
    box.write(5004, 10_000)
    box.write(5014, 0)
    box.device.face.reboot()
    assert (box.u32(1000), box.u32(1602), box.u32(1100)) == (0, 0, 32_000)
    box.wait(6)
    assert (box.u32(1000), box.truth()["enabled"]) == (1, True)


def test_a_saved_failsafe_survives_and_wears_the_memory(modbus_bench: Any) -> None:
    box = modbus_bench(65)
    box.write(5016, 8000)
    box.write(5018, 120)
    box.write(5020, 1)
    box.device.face.reboot()
    assert (box.u32(1600), box.u32(1602)) == (8000, 120)
    assert [each.wear for each in box.device.writes] == ["volatile", "volatile", "flash"]


def test_phases_need_a_contactor_and_the_right_source(modbus_bench: Any) -> None:
    plain = modbus_bench(65)
    plain.write(5050, 3)
    assert plain.refusal(plain.write, 5052, 0) == 3
    box = modbus_bench(65, contactor=True)
    assert box.refusal(box.write, 5052, 0) == 3
    box.write(5050, 3)
    box.write(5052, 0)
    assert (box.u32(1552), box.truth()["phases"]) == (0, 1)
    box.wait(60)
    assert box.refusal(box.write, 5052, 1) == 3
    box.wait(300)
    box.write(5052, 1)
    assert box.u32(1552) == 1


def test_a_card_opens_the_session_where_one_is_needed(modbus_bench: Any) -> None:
    box = modbus_bench(65, authorization=True)
    box.device.operator["plug"]()
    assert (box.u32(1000), box.u32(1500), box.truth()["power"]) == (1, 0, 0)
    box.device.operator["rfid"]("e3f76b8d00000000")
    assert (box.u32(1000), box.u32(1500)) == (3, 0xE3F76B8D)
