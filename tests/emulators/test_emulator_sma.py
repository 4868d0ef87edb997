"""SMA inverters on the wire: two profiles, a gateway, doors that must be open, set-points that stop."""

import struct
from typing import Any

import pytest

NAN_TAG = 0x00FFFFFD


@pytest.fixture
def stp(modbus_bench: Any) -> Any:
    return modbus_bench(1, model="STP 10.0")


@pytest.fixture
def old(modbus_bench: Any) -> Any:
    return modbus_bench(1, model="20000TL-30")


def unlock(bench: Any) -> Any:
    bench.write(43090, *bench.long(12345678))
    return bench


def test_it_identifies_itself_in_both_profiles_and_at_the_gateway(stp: Any) -> None:
    assert stp.u32(30051) == 8001 and stp.u32(30053) == 9348
    assert stp.block(42109, 4, unit=1) == struct.pack(">IHH", 3005123467, 349, 3)
    assert stp.block(40000, 2, unit=126) == b"SunS" and stp.text(40020, 16, unit=126) == "Solar Inverter"
    assert stp.text(40036, 8, unit=126) == "9348"


def test_values_are_wide_and_high_word_first(stp: Any) -> None:
    stp.set(power=-37.0, frequency=49.987, energy=70_123.4)
    assert stp.s32(30775) == -37 and stp.u32(30803) == 4999
    assert stp.block(30513, 4) == struct.pack(">Q", 70_123) and stp.u32(30531) == 70


def test_functions_3_and_4_answer_alike(stp: Any) -> None:
    stp.set(power=9_876.0)
    assert stp.block(30775, 2, function=4) == stp.block(30775, 2, function=3) == struct.pack(">i", 9_876)


def test_without_sun_powers_are_not_available(stp: Any) -> None:
    assert stp.block(30775, 2) == b"\x80\0\0\0" and stp.u32(30783) == 23_000


def test_a_single_phase_device_has_no_other_phases(modbus_bench: Any) -> None:
    bench = modbus_bench(3)
    bench.set(power=2_300.0)
    assert bench.s32(30777) == 2_300 and bench.block(30779, 2) == b"\x80\0\0\0"
    assert bench.u16(40185, unit=126) == 101


def test_undefined_words_in_a_block_are_filled_and_a_block_of_them_is_refused(stp: Any) -> None:
    assert stp.block(30231, 6)[-4:] == b"\xff\xff\xff\xff"  # 30235 is not defined
    assert stp.refusal(stp.block, 30235, 2) == 2 and stp.refusal(stp.block, 30101, 10) == 2


def test_a_limit_in_hundredths_of_a_percent_acts_and_is_released(stp: Any) -> None:
    stp.set(power=9_000.0)
    stp.write(40023, 4_250)
    assert stp.truth()["power"] == 4_250.0 and stp.s16(41255) == 4_250
    stp.write(40016, 100)
    assert stp.truth()["power"] == 9_000.0


def test_set_points_can_be_written_and_not_read(stp: Any) -> None:
    assert stp.refusal(stp.u16, 40016) == 2 and stp.refusal(stp.u16, 40023) == 2
    assert stp.refusal(stp.write, 30775, 0, 5) == 2


def test_the_tl_generation_has_no_set_point_to_read_back(old: Any) -> None:
    old.set(power=18_000.0)
    old.write(40023, 2_500)
    assert old.truth()["power_limit"] == 5_000.0 and old.refusal(old.u16, 41255) == 2


def test_grid_guard_protects_the_mode_and_a_restart_locks_it_again(stp: Any) -> None:
    assert stp.refusal(stp.write, 40210, 0, 303) == 4
    unlock(stp).write(40210, 0, 303)
    assert stp.u32(40210) == 303
    stp.device.face.reboot()
    assert stp.refusal(stp.write, 40210, 0, 1079) == 4


def test_in_another_mode_a_limit_is_taken_and_ignored(stp: Any) -> None:
    stp.set(power=9_000.0)
    unlock(stp).write(40210, 0, 303)
    stp.write(40023, 1_000)
    assert stp.truth()["power"] == 9_000.0 and stp.device.writes[-1].accepted


def test_the_least_of_all_limits_holds(stp: Any) -> None:
    stp.set(power=9_000.0)
    stp.write(40915, *stp.long(6_000))
    stp.write(40023, 5_000)  # 50 % of what WMax is now
    assert stp.truth()["power"] == 3_000.0
    stp.write(44493, *stp.long(2_222))
    assert stp.truth()["power"] == 2_222.0


def test_as_delivered_a_limit_stays_when_the_controller_falls_silent(stp: Any) -> None:
    stp.set(power=9_000.0)
    stp.write(40023, 3_000)
    stp.wait(7_200)
    assert stp.truth()["power"] == 3_000.0 and stp.u32(41193) == 2506 and stp.u32(41195) == 600


def test_with_2507_the_fallback_in_percent_comes_after_the_time_out(old: Any) -> None:
    old.set(power=18_000.0)
    old.write(41193, *old.long(2507))
    old.write(41197, *old.long(4_000))
    old.write(41195, *old.long(60))
    old.write(40023, 10_000)
    old.wait(59)
    assert old.truth()["power"] == 18_000.0
    old.wait(2)
    assert old.truth()["power"] == 8_000.0
    old.write(40023, 10_000)
    assert old.truth()["power"] == 18_000.0


def test_the_newer_generation_falls_back_to_watts(stp: Any) -> None:
    stp.set(power=9_000.0)
    stp.write(44037, *stp.long(123_450))  # hundredths of a watt
    stp.write(41193, *stp.long(2507))
    stp.wait(601)
    assert stp.truth()["power"] == 1_234.5 and stp.refusal(stp.u32, 41197) == 2


def test_fast_stop_stops_it(stp: Any) -> None:
    stp.set(power=9_000.0)
    stp.write(40018, *stp.long(381))
    assert stp.truth()["power"] == 0.0 and stp.u32(40029) == 303
    stp.write(41253, *stp.long(1467))
    assert stp.truth()["power"] == 9_000.0


def test_tags_of_the_two_generations_differ(stp: Any, old: Any) -> None:
    for bench, running in ((stp, 569), (old, 295)):
        bench.set(power=3_000.0)
        assert bench.u32(40029) == running and bench.u32(30201) == 307


def test_parameters_wear_and_set_points_do_not(stp: Any) -> None:
    stp.write(40023, 9_000)
    stp.write(41195, *stp.long(300))
    assert [each.wear for each in stp.device.writes] == ["volatile", "flash"]


def test_out_of_range_is_refused_and_logged(stp: Any) -> None:
    assert stp.refusal(stp.write, 40023, 10_001) == 3
    assert not stp.device.writes[-1].accepted


def test_a_restart_forgets_the_limit(stp: Any) -> None:
    stp.set(power=9_000.0)
    stp.write(40016, 20)
    stp.device.face.reboot()
    assert stp.truth()["power"] == 9_000.0 and stp.s16(41255) == 10_000


def test_the_sunspec_limit_is_the_same_limit(stp: Any) -> None:
    stp.set(power=9_000.0)
    stp.write(40348, 5_000, unit=126)
    assert stp.truth()["power"] == 5_000.0 and stp.u16(40352, unit=126) == 1
    assert stp.refusal(stp.write, 40352, 0, unit=126) == 4  # the enable is locked by Grid Guard


def test_on_the_tl_generation_the_sunspec_limit_wears(old: Any) -> None:
    old.write(40348, 5_000, unit=126)
    assert old.device.writes[-1].wear == "flash" and old.u16(40185, unit=126) == 101


def test_the_sunspec_chain_ends_in_an_exception(stp: Any) -> None:
    assert stp.u16(40813, unit=126) == 130 and stp.refusal(stp.block, 40875, 2, unit=126) == 2


def test_profile_2_has_other_addresses(modbus_bench: Any) -> None:
    bench = modbus_bench(1, model="STP 8.0", sunspec="2.0")
    bench.set(power=7_001.0)
    assert [bench.u16(address, unit=126) for address in (40070, 40096, 40322, 41161)] == [123, 701, 704, 714]
    assert bench.s16(40106, unit=126) == 7_001
    bench.write(40337, 2_500, unit=126)
    assert bench.truth()["power"] == 2_000.0


def test_the_tripower_x_tells_total_yield_though_its_list_does_not(modbus_bench: Any) -> None:
    bench = modbus_bench(4)
    bench.set(energy=70_123.4)
    assert bench.u32(30529) == 70_123 and bench.refusal(bench.u32, 30535) == 2 and bench.u32(30053) == 9492
    listed = modbus_bench(4, **{"yield": "no"})
    assert listed.refusal(listed.block, 30513, 4) == 2 and listed.refusal(listed.block, 30769, 6) == 2


def test_50_kilowatts_fit_the_sunspec_register_by_their_scale_factor(modbus_bench: Any) -> None:
    bench = modbus_bench(5)
    bench.set(power=48_770.0)
    assert bench.s32(30775) == 48_770
    assert (bench.s16(40199, unit=126), bench.s16(40200, unit=126)) == (4_877, 1)


def test_core2_speaks_sunspec_and_tells_its_currents_under_the_old_numbers(modbus_bench: Any) -> None:
    bench = modbus_bench(6)
    bench.set(power=105_430.0, energy=9_876_500.0)
    assert bench.s16(40084) == 10_543 and bench.s16(40085) == 1 and bench.u32(40094) == 98_765
    assert bench.s32(30977) == pytest.approx(105_430.0 / 690 * 1000, abs=1)
    bench.write(40233, 5_000)
    bench.write(40237, 1)
    assert bench.truth()["power"] == 55_000.0 and bench.refusal(bench.u32, 30775) == 2


def test_the_network_models_of_the_sunspec_profile_say_text_in_text(stp: Any) -> None:
    assert stp.u16(40072, unit=126) == 100 and stp.text(40096, 8, unit=126) == "192.168.0.172"
    assert stp.block(40160, 12, unit=126) == bytes(24)  # no domain name
