"""Victron GX over raw Modbus: services at unit ids, setpoints in memory and in flash, external control."""

import pytest

from emulators.family.profile import profile_for

VEBUS = {43: 246, 44: 242, 45: 227, 46: 228}


@pytest.fixture
def gx(modbus_bench):
    return lambda row=45, **how: modbus_bench(row, **how)


@pytest.mark.parametrize(("row", "vebus"), VEBUS.items())
def test_gx_has_its_services_at_their_unit_ids(gx, row, vebus):
    bench = gx(row)
    assert bench.text(800, 6) == bench.text(800, 6, unit=0) == "c0619ab1a2b3"
    assert bench.u16(28, unit=vebus) == 3
    assert bench.u16(304, unit=225) == 987
    assert bench.refusal(bench.u16, 28, unit=99) == 10


def test_gx_models_are_the_printed_ones():
    names = {row: profile_for(row, "modbus-tcp").models_of(row)[0].name for row in VEBUS}
    assert names == {43: "Color Control GX", 44: "Venus GX", 45: "Cerbo GX", 46: "Multiplus II GX"}


def test_gx_answers_both_read_functions_alike(gx):
    bench = gx()
    bench.set(soc=61.0)
    assert bench.u16(843, function=3) == bench.u16(843, function=4) == 61


def test_gx_refuses_holes_and_writes_to_readings(gx):
    bench = gx()
    assert bench.refusal(bench.u16, 920) == 2
    assert bench.refusal(bench.block, 2720, 10) == 2
    assert bench.refusal(bench.write, 843, 50) == 2


def test_gx_refuses_registers_of_services_elsewhere_with_ten(gx):
    bench = gx()
    assert bench.refusal(bench.u16, 28) == 10
    assert bench.refusal(bench.write, 2700, 0, unit=227) == 10
    assert bench.refusal(bench.u16, 1026, unit=20) == 10
    assert bench.refusal(bench.u16, 148, unit=227) == 2


def test_gx_answers_whole_services_in_one_request(gx):
    bench = gx()
    bench.set(pv_power=6_100.0)
    assert len(bench.block(800, 120)) == 240
    assert len(bench.block(3, 102, unit=227)) == 204
    assert len(bench.block(256, 76, unit=225)) == 152
    assert len(bench.block(2600, 58, unit=30)) == 116
    assert bench.block(836, 4) == b"\xff" * 8
    assert bench.u16(789, unit=226) == 61_000
    assert gx(pv_at="output").u16(1026, unit=20) == 1


def test_gx_takes_half_of_a_wide_register(gx):
    bench = gx()
    bench.write(2717, 2_500, function=6)
    assert bench.s32(2716) == 2_500
    bench.write(2716, 0xFFFF, function=6)
    assert bench.s32(2716) == 2_500 - 65_536


def test_gx_counts_battery_positive_when_charging_and_grid_when_importing(gx):
    bench = gx()
    bench.set(battery_power=-4_321.0, grid_power=-7_500.0, soc=33.4)
    assert bench.s16(842) == 4_321
    assert bench.u16(844) == 1
    assert [bench.s16(address) for address in (820, 821, 822)] == [-2_500] * 3
    assert bench.u16(266, unit=225) == 334


def test_gx_wraps_what_does_not_fit_and_has_it_right_in_the_wide_twin(gx):
    bench = gx()
    bench.set(grid_power=210_003.0)
    assert bench.s32(908) == 70_001
    assert bench.s16(820) == 70_001 - 65_536


def test_gx_shows_tens_of_watts_at_the_inverter(gx):
    bench = gx()
    bench.set(battery_power=-6_006.0)
    assert bench.s16(12, unit=227) == 200
    assert bench.u16(3, unit=227) == 2_300


def test_gx_follows_a_grid_setpoint_of_the_override(gx):
    bench = gx()
    bench.write(2716, *bench.long(3_000))
    assert bench.truth()["battery_power"] == -3_000
    assert bench.s16(820) == 1_000
    bench.write(2716, *bench.long(0))
    assert bench.truth()["battery_power"] == 0


def test_gx_override_has_precedence_over_the_setting_until_a_restart(gx):
    bench = gx()
    bench.write(2700, 1_500)
    bench.write(2716, *bench.long(-2_000))
    assert bench.truth()["battery_power"] == 2_000
    bench.device.face.reboot()
    assert bench.s32(2716) == 0
    assert bench.truth()["battery_power"] == -1_500


def test_gx_setpoint_counts_what_the_house_draws(gx):
    bench = gx()
    bench.device.twin.demand = 2_500.0
    bench.write(2703, -5)  # export 500 W
    assert bench.s16(2700) == -500
    assert bench.truth()["battery_power"] == 3_000


def test_gx_wears_with_the_setting_and_not_with_the_override(gx):
    bench = gx()
    bench.write(2700, 100)
    bench.write(2716, 0, 100)
    assert [write.wear for write in bench.device.writes] == ["flash", "volatile"]


def test_gx_phase_setpoints_count_in_external_mode_only(gx):
    bench = gx()
    bench.write(37, 1_000, unit=227)
    assert bench.truth()["battery_power"] == 0
    bench.write(2902, 3)
    for register in (37, 40, 41):
        bench.write(register, -1_234, unit=227)
    assert bench.truth()["battery_power"] == 3_702


@pytest.mark.parametrize("seconds", [10.0, 60.0])
def test_gx_drops_phase_setpoints_that_are_not_renewed(gx, seconds):
    bench = gx(external_timeout=seconds)
    bench.write(2902, 3)
    bench.write(37, 2_000, unit=227)
    bench.wait(seconds - 1)
    bench.write(37, 2_000, unit=227)
    bench.wait(seconds - 1)
    assert bench.truth()["battery_power"] == -2_000
    bench.wait(2)
    assert bench.truth()["battery_power"] == 0
    assert bench.u16(2902) == 3


def test_gx_limits_charge_and_discharge_in_several_ways(gx):
    bench = gx()
    bench.write(2702, 25)
    bench.write(2716, *bench.long(-9_000))
    assert bench.truth()["battery_power"] == 3_000
    bench.write(2720, *bench.long(1_000))
    assert bench.truth()["battery_power"] == 1_000
    bench.write(2705, 50)
    bench.write(2716, *bench.long(9_000))
    assert bench.truth()["battery_power"] == -2_560


def test_gx_refuses_what_a_service_does_not_take_with_ten(gx):
    bench = gx()
    assert bench.refusal(bench.write, 2900, 5) == 10
    assert bench.refusal(bench.write, 2902, 4) == 10
    assert bench.refusal(bench.write, 2702, 101) == 10
    assert bench.refusal(bench.write, 33, 5, unit=227) == 10


def test_gx_with_writes_switched_off_refuses_every_write(gx):
    bench = gx(writes=False)
    assert bench.refusal(bench.write, 2716, 0, 100) == 2
    assert not bench.device.writes[0].accepted
    bench.device.operator["allow-writes"]()
    bench.write(2716, 0, 100)


def test_gx_keep_charged_charges_and_min_soc_stops_the_discharge(gx):
    bench = gx()
    bench.write(2900, 9)
    assert bench.truth()["battery_power"] == -12_000
    bench.write(2900, 10)
    bench.write(2901, 503)
    bench.write(2716, *bench.long(-1_000))
    assert (bench.u16(2901), bench.truth()["battery_power"]) == (503, 0)


def test_gx_mode_switch_decides_what_the_inverter_may(gx):
    bench = gx()
    bench.write(33, 1, unit=227)
    bench.write(2716, *bench.long(-1_000))
    assert bench.truth()["battery_power"] == 0


def test_gx_counts_energies_in_hundredths_of_a_kilowatt_hour(gx):
    bench = gx()
    bench.set(grid_power=1_234.0, energy=987_654_321.0)
    bench.u16(843)
    bench.wait(3 * 3600)
    assert bench.u32(2634, unit=30) == 370
    assert bench.u32(86, unit=227) == 98_765_432
