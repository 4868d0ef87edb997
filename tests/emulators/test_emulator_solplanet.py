"""Solplanet ASW..H over raw Modbus."""

import csv
from pathlib import Path

import pytest

from emulators.family.profile import profile_for

VARIANTS = Path(__file__).parents[2] / "controller/compatibility/variants.csv"


@pytest.fixture
def asw(modbus_bench):
    return lambda model="ASW10kH-T2", **how: modbus_bench(63, model=model, **how)


def test_asw_models_are_the_printed_ones():
    with VARIANTS.open(encoding="utf-8") as file:
        names = [line["name"] for line in csv.DictReader(file) if line["row"] == "63"]
    assert [each.name for each in profile_for(63, "modbus-tcp").models_of(63)] == names


def test_asw_says_its_name_in_two_places_one_of_them_too_short(asw):
    bench = asw("ASW08kH-T3-O")
    assert bench.text(1018, 8, function=4) == "ASW08kH-T3-O"
    assert bench.text(1198, 5) == "ASW08kH-T3"
    assert bench.u32(1027, function=4) == 8_000
    assert bench.u16(1072, function=4) == 13


def test_asw_marks_trackers_and_batteries_that_it_does_not_have(asw):
    bench = asw()
    bench.set(pv_power=5_500.0)
    assert [bench.u16(1318 + 2 * k, function=4) for k in range(3)] == [5_500, 5_500, 0xFFFF]
    assert bench.u16(1319, function=4) == 500
    assert bench.s32(1751, function=4) == -0x80000000


def test_asw_battery_is_positive_when_discharging_and_the_meter_when_importing(asw):
    bench = asw()
    bench.set(battery_power=-4_321.0, grid_power=70_003.0, soc=61.0)
    assert bench.s32(1618, function=4) == -4_321
    assert bench.u16(1607, function=4) == 2
    assert bench.s32(6433) == 70_003
    assert bench.u16(1621, function=4) == 61


def test_asw_without_meter_has_no_grid_power(asw):
    assert asw(meter=False).s32(6433) == -0x80000000


def test_asw_counts_energy_in_tenths(asw):
    bench = asw()
    bench.set(energy=123_456_789.0)
    assert bench.u32(1304, function=4) == 1_234_568


def test_asw_refuses_blocks_over_holes(asw):
    bench = asw()
    assert len(bench.block(1358, 17, function=4)) == 34
    assert bench.refusal(bench.block, 1290, 30, function=4) == 2
    assert bench.refusal(bench.block, 1151, 20) == 2


def test_asw_takes_a_power_in_self_consumption_and_obeys_it_in_custom_mode(asw):
    bench = asw()
    bench.write(1152, -3_333)
    assert (bench.s16(1152), bench.truth()["battery_power"]) == (-3_333, 0)
    bench.write(1103, 4)
    assert (bench.u16(1151), bench.truth()["battery_power"]) == (2, -3_333)
    bench.write(1152, 2_007)
    assert (bench.u16(1151), bench.truth()["battery_power"]) == (3, 2_007)


def test_asw_custom_mode_has_no_watchdog_and_is_released_by_mode(asw):
    bench = asw(capacity=1e9)
    bench.write(1103, 4)
    bench.write(1152, -1_500)
    bench.wait(86_400)
    assert bench.truth()["battery_power"] == -1_500
    bench.write(1103, 2)
    assert bench.device.twin.battery_setpoint is None


def test_asw_limit_echoes_and_does_nothing_until_it_is_enabled(asw):
    bench = asw()
    bench.set(pv_power=9_000.0)
    bench.write(5402, 3_333)
    assert (bench.u16(5402), bench.truth()["power"]) == (3_333, 9_000)
    bench.write(4000, 1)
    assert bench.truth()["power_limit"] == pytest.approx(3_333)
    bench.write(4000, 0)
    assert bench.truth()["power_limit"] == 10_000


@pytest.mark.parametrize(("address", "word"), [(1103, 6), (1152, 10_001), (1153, 10_001), (4000, 2), (5402, 10_001)])
def test_asw_refuses_what_is_out_of_range(asw, address, word):
    bench = asw()
    assert bench.refusal(bench.write, address, word) == 3
    assert not bench.device.writes[0].accepted


def test_asw_refuses_writes_to_measurements(asw):
    bench = asw()
    assert bench.refusal(bench.write, 6433, 0, 0) == 2


def test_asw_battery_keeps_within_its_states_of_charge(asw):
    bench = asw()
    bench.set(soc=60.0)
    bench.write(1154, 6_050)
    bench.write(1103, 4)
    bench.write(1152, 2_000)
    assert bench.truth()["battery_power"] == 0


def test_asw_mode_outlives_a_restart_unless_the_firmware_forgets_it(asw):
    for survives, mode in ((True, 4), (False, 2)):
        bench = asw(mode_survives=survives)
        bench.write(1103, 4)
        bench.device.face.reboot()
        assert bench.u16(1103) == mode


def test_asw_mode_and_limit_wear(asw):
    bench = asw()
    bench.write(1103, 4)
    bench.write(1152, 100)
    assert [write.wear for write in bench.device.writes] == ["flash", ""]


def test_asw_answers_the_blocks_of_home_assistant_and_fails_over_a_hole(asw):
    """Modbus TCP Implementation Guide of an ASW010K-SH: blocks that it answers, and 1290 to 1299 that it does not."""
    bench = asw()
    for function, address, count in ((4, 1300, 80), (4, 1606, 2), (4, 1616, 13), (3, 1100, 55)):
        assert len(bench.block(address, count, function=function)) == 2 * count
    assert bench.u16(1328, function=4) == 0xFFFF
    assert bench.refusal(bench.block, 1290, 20, function=4) == 2


def test_asw_flag_is_a_status_that_ignores_writes(asw):
    bench = asw()
    bench.write(1151, 2)
    assert (bench.u16(1151), bench.truth()["battery_power"]) == (1, 0)
    bench.write(1103, 4)
    bench.write(1152, -3_000)
    assert (bench.u16(1152), bench.u16(1151), bench.truth()["battery_power"]) == (0xF448, 2, -3_000)
