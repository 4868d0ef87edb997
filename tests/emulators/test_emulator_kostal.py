"""KOSTAL on the wire: a word order to choose, function 6 only, a battery that obeys while commands come."""

import struct
from typing import Any

import pytest

from controller.errors import LineTimeout


@pytest.fixture
def bench(modbus_bench: Any) -> Any:
    return modbus_bench(11, model="Plenticore Plus 8.5", low_first=True, battery="yes")


def swapped(bench: Any, value: float) -> tuple[int, ...]:
    high, low = struct.unpack(">2H", struct.pack(">f", value))
    return (low, high) if bench.low_first else (high, low)


def battery(bench: Any) -> Any:
    return next(each.twin for each in bench.installation.devices if each.id.endswith("battery"))


def test_it_identifies_itself_in_registers_and_in_sunspec(bench: Any) -> None:
    assert bench.unit == 71 and bench.text(768, 32) == "PLENTICORE plus" and bench.text(800, 32) == "8.5"
    assert bench.text(40004, 16) == "KOSTAL" and bench.text(40020, 16) == "PLENTICORE plus8.5"


def test_as_delivered_the_low_word_comes_first_and_sunspec_does_not_follow(bench: Any) -> None:
    bench.set(power=7_777.5, energy=98_765.0)
    assert bench.u16(5) == 0 and bench.f32(172) == 7_777.5
    assert bench.block(40122 + 22, 2).hex() == "45f30c00"
    bench.low_first = False
    assert bench.u32(40094) == 98_765


def test_the_word_order_is_the_installers_choice(modbus_bench: Any) -> None:
    bench = modbus_bench(13, word_order="big")
    bench.set(power=-37.5)
    assert bench.u16(5) == 1 and bench.f32(172) == -37.5


def test_the_meter_counts_import_positive_in_both_maps(bench: Any) -> None:
    bench.installation.devices[1].twin.set("power", -1_234.5)
    assert bench.f32(252) == -1_234.5 and bench.u16(40308) == 203 and bench.s16(40326) == -1_234
    assert bench.u16(1082) == 3


def test_without_a_meter_its_values_are_not_a_number(modbus_bench: Any) -> None:
    bench = modbus_bench(11, meter="no", low_first=True)
    assert bench.f32(252) != bench.f32(252) and bench.u16(1082) == 255


def test_older_firmware_has_no_meter_in_its_chain(modbus_bench: Any) -> None:
    bench = modbus_bench(11, chain="without meter")
    assert bench.u16(40308) == 802 and bench.u16(40372) == 0xFFFF


def test_the_percentage_takes_function_6_only_and_is_lost_at_a_restart(bench: Any) -> None:
    bench.set(power=8_000.0)
    assert bench.refusal(bench.write, 533, 40, function=16) == 2
    bench.write(533, 40)
    assert bench.truth()["power"] == 3_400.0
    bench.device.face.reboot()
    assert bench.truth()["power"] == 8_000.0 and bench.u16(533) == 100


def test_zero_percent_is_out_of_range(bench: Any) -> None:
    assert bench.refusal(bench.write, 533, 0) == 3 and not bench.device.writes[-1].accepted


def test_the_sunspec_limit_is_enabled_already_and_stays(bench: Any) -> None:
    bench.set(power=8_000.0)
    assert bench.u16(40221) == 1 and bench.refusal(bench.write, 40217, 5_000, function=16) == 2
    bench.write(40217, 5_000)
    bench.wait(86_400)
    assert bench.truth()["power"] == 4_250.0
    bench.write(40217, 10_000)
    assert bench.truth()["power"] == 8_000.0


def test_the_least_of_the_limits_holds(bench: Any) -> None:
    bench.set(power=8_000.0)
    bench.write(40217, 5_000)
    bench.write(832, 1_111)
    assert bench.truth()["power"] == 1_111.0


def test_a_battery_command_acts_until_the_time_out(bench: Any) -> None:
    bench.write(1034, *swapped(bench, -2_500.5))
    assert battery(bench).battery_power == -2_500.5 and bench.f32(1034) == -2_500.5
    bench.wait(29)
    assert battery(bench).battery_power == -2_500.5 and bench.s16(582) == -2_500
    bench.wait(2)
    assert battery(bench).battery_setpoint is None


def test_writing_0_rests_the_battery_and_does_not_release_it(bench: Any) -> None:
    bench.write(1034, *swapped(bench, 0.0))
    assert battery(bench).battery_setpoint == 0.0


def test_under_internal_control_commands_are_taken_and_ignored(bench: Any) -> None:
    bench.device.operator["internal_control"]()
    bench.write(1034, *swapped(bench, -2_500.0))
    assert bench.u16(1080) == 0 and battery(bench).battery_power == 0.0 and bench.device.writes[-1].accepted
    bench.device.operator["external_control"]()
    bench.write(1034, *swapped(bench, -2_500.0))
    assert bench.u16(1080) == 2 and battery(bench).battery_power == -2_500.0


def test_holding_the_battery_is_a_discharge_limit_of_0(bench: Any) -> None:
    bench.write(1040, *swapped(bench, 0.0))
    assert battery(bench).max_discharge == 0.0
    bench.wait(31)
    assert battery(bench).max_discharge == 8_500.0


def test_only_g3_devices_have_cyclic_limits(bench: Any, modbus_bench: Any) -> None:
    assert bench.refusal(bench.block, 1280, 2) == 2
    g3 = modbus_bench(11, battery="yes", generation="G3", low_first=True)
    g3.write(1286, *swapped(g3, 500.0))
    g3.write(1282, *swapped(g3, 0.0))
    g3.wait(31)
    assert battery(g3).max_discharge == 500.0


def test_without_a_battery_it_has_no_values_and_takes_no_commands(modbus_bench: Any) -> None:
    bench = modbus_bench(13, low_first=True)
    assert bench.refusal(bench.write, 1034, 0, 0) == 2 and bench.u16(1080) == 0 and bench.u16(588) == 0
    assert bench.u16(514) == 0xFFFF and bench.u16(40415 + 11) == 0xFFFF


def test_the_battery_model_is_read_only(bench: Any) -> None:
    battery(bench).set("soc", 63.4)
    assert bench.u16(40415 + 11) == 634 and bench.refusal(bench.write, 40415 + 10, 10) == 2


def test_unused_numbers_between_registers_read_as_all_ones_and_alone_are_refused(bench: Any) -> None:
    assert bench.block(174, 4)[4:] == b"\xff" * 4 and bench.refusal(bench.u16, 176) == 2


def test_the_piko_ci_speaks_high_word_first_at_unit_1(modbus_bench: Any) -> None:
    bench = modbus_bench(14, model="Piko CI 50")
    bench.set(power=48_123.5)
    assert bench.unit == 1 and bench.f32(172) == 48_123.5 and bench.f32(302) == pytest.approx(12_403.0, abs=0.1)
    assert (bench.s16(40084), bench.s16(40085)) == (4_812, 1)


def test_the_piko_ci_goes_dark_with_the_sun(modbus_bench: Any) -> None:
    bench = modbus_bench(14)
    bench.set(power=3_000.0)
    assert (bench.u16(56), bench.u16(57)) == (0, 6)
    bench.set(power=0.0)
    with pytest.raises(LineTimeout):
        bench.u16(57)
    bench.set(power=20.0)
    assert (bench.u16(56), bench.u16(57)) == (0, 6)


def test_an_old_piko_is_only_readable(modbus_bench: Any) -> None:
    bench = modbus_bench(12)
    bench.set(power=6_543.0)
    assert bench.s16(40084) == 6_543 and bench.refusal(bench.write, 40155, 5_000) == 1


def test_a_piko_20_takes_a_limit_that_reverts(modbus_bench: Any) -> None:
    bench = modbus_bench(15, model="Piko 20")
    bench.set(power=18_000.0)
    bench.write(40155, 5_000, 0, 60, 0, 1)
    assert bench.truth()["power"] == 10_000.0
    bench.wait(61)
    assert bench.truth()["power"] == 18_000.0


def test_sunspec_says_what_the_frames_of_real_devices_say(bench: Any, modbus_bench: Any) -> None:
    assert bench.block(40036, 8) == b" " * 16 and bench.u16(40069) == 0x5A5A
    assert bench.text(40249, 8) == "DC_STRING_1     " and bench.u16(40246) == 3
    two = modbus_bench(13)
    assert two.text(40020, 16) == "PIKO IQ4.2" and two.u16(40246) == 2 and two.block(40238, 2) == b"\0\xa0\0\x44"


def test_the_meter_in_sunspec_counts_what_it_exports_downwards(bench: Any) -> None:
    meter = bench.device.beside["meter"]
    meter.set("export_energy", 4_793_859.0)
    meter.set("import_energy", 3_018_895.0)
    assert bench.block(40346, 2).hex() == "ffb6d9fd" and bench.block(40354, 2).hex() == "002e108f"


def test_every_block_that_home_assistant_reads_is_answered_without_a_battery(bench: Any) -> None:
    for address, count in ((98, 124), (220, 38), (258, 30), (320, 8), (512, 18), (1025, 1), (1030, 53)):
        assert len(bench.block(address, count)) == 2 * count


def test_the_house_has_taken_what_was_made_and_not_fed_in(bench: Any) -> None:
    bench.set(energy=12_345_600.0, pv_energy=12_345_600.0)
    bench.device.beside["meter"].set("export_energy", 2_345_600.0)
    bench.device.beside["meter"].set("import_energy", 70_003.0)
    assert bench.f32(114) == 10_000_000.0 and bench.f32(118) == 10_070_003.0 and bench.f32(326) == 12_345_600.0
