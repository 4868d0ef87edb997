"""Fronius on the wire: floats or integers, meters at their own unit, limits that must be armed again."""

import struct
from typing import Any

import pytest


@pytest.fixture
def symo(modbus_bench: Any) -> Any:
    return modbus_bench(18)


@pytest.fixture
def hybrid(modbus_bench: Any) -> Any:
    return modbus_bench(19, battery="yes", points="int")


def battery_of(bench: Any) -> Any:
    return next(each.twin for each in bench.installation.devices if each.id.endswith("battery"))


def test_it_identifies_itself_with_the_model_of_a_real_device(symo: Any) -> None:
    assert symo.text(40004, 16) == "Fronius" and symo.text(40020, 16) == "Symo 8.2-3-M" and symo.u16(40003) == 65


def test_as_delivered_values_are_floats(symo: Any) -> None:
    symo.set(power=-37.25, energy=98_765_432.0)
    assert symo.u16(40069) == 113 and symo.f32(40091) == -37.25
    assert symo.f32(40101) == pytest.approx(98_765_432.0, rel=1e-6)
    assert symo.block(40103, 2) == b"\x7f\xc0\0\0"  # DCA: not supported with several DC inputs


def test_in_integers_every_address_behind_the_inverter_model_moves(modbus_bench: Any) -> None:
    bench = modbus_bench(18, points="int")
    bench.set(power=7_123.4, energy=70_123.0)
    assert bench.u16(40069) == 103 and bench.s16(40083) * 10.0 ** bench.s16(40084) == pytest.approx(7_123.0, abs=1)
    assert bench.u32(40093) == 70_123 and bench.u16(40227) == 123 and bench.u16(215) == 2


def test_one_phase_inverters_have_no_other_phase(modbus_bench: Any) -> None:
    bench = modbus_bench(16)
    bench.set(power=2_300.0)
    assert bench.u16(40069) == 111 and bench.f32(40073) == 10.0 and bench.block(40075, 2) == b"\x7f\xc0\0\0"


def test_the_smart_meter_answers_at_its_own_unit_and_counts_import_positive(symo: Any) -> None:
    meter = symo.installation.devices[1]
    meter.twin.set("power", -1_234.5)
    assert symo.u16(40069, unit=240) == 213 and symo.f32(40097, unit=240) == -1_234.5
    assert meter.unit == 240


def test_a_missing_unit_is_refused_with_11(symo: Any) -> None:
    assert symo.refusal(symo.u16, 40000, unit=101) == 11


def test_without_its_meter_a_gen24_has_no_unit_200(modbus_bench: Any) -> None:
    bench = modbus_bench(19, meter="no")
    assert bench.refusal(bench.u16, 40000, unit=200) == 11


def test_a_limit_acts_when_it_is_enabled_and_ends_when_it_is_not(symo: Any) -> None:
    symo.set(power=8_000.0)
    symo.write(40242, 2_550)
    assert symo.truth()["power"] == 8_000.0
    symo.write(40246, 1)
    assert symo.truth()["power"] == pytest.approx(2_091.0) and symo.u16(40117) == 5  # St: throttled
    symo.write(40246, 0)
    assert symo.truth()["power"] == 8_000.0


def test_a_datamanager_takes_a_new_value_when_the_enable_is_written_again(symo: Any) -> None:
    symo.set(power=8_000.0)
    symo.write(40242, 5_000, 0, 0, 0, 1)
    symo.write(40242, 2_500)
    assert symo.truth()["power"] == 4_100.0
    symo.write(40246, 1)
    assert symo.truth()["power"] == 2_050.0


def test_a_gen24_takes_a_new_value_with_the_enable_written_again(hybrid: Any) -> None:
    hybrid.set(power=9_000.0)
    hybrid.write(40232, 5_000, 0, 120, 0, 1)
    hybrid.write(40232, 2_000, 0, 120, 0, 1)
    assert hybrid.truth()["power"] == 2_000.0 and hybrid.block(40216, 2) == b"\0\0\0\1"


def test_a_gen24_of_one_client_takes_a_new_value_only_through_0(modbus_bench: Any) -> None:
    hybrid = modbus_bench(19, battery="yes", points="int", rearm="rising")
    hybrid.set(power=9_000.0)
    hybrid.write(40232, 5_000, 0, 0, 0, 1)
    hybrid.write(40232, 2_000, 0, 0, 0, 1)
    assert hybrid.truth()["power"] == 5_000.0
    hybrid.write(40236, 0)
    hybrid.write(40236, 1)
    assert hybrid.truth()["power"] == 2_000.0


def test_a_limit_with_a_reversion_time_disappears_without_refresh(symo: Any) -> None:
    symo.set(power=8_000.0)
    symo.write(40242, 1_000, 0, 120, 0, 1)
    symo.wait(119)
    symo.write(40242, 1_000, 0, 120, 0, 1)
    symo.wait(119)
    assert symo.truth()["power"] == 820.0
    symo.wait(2)
    assert symo.truth()["power"] == 8_000.0 and symo.u16(40246) == 0


def test_as_delivered_a_limit_stays_and_a_restart_forgets_it(symo: Any) -> None:
    symo.set(power=8_000.0)
    symo.write(40242, 1_000, 0, 0, 0, 1)
    symo.wait(86_400)
    assert symo.truth()["power"] == 820.0
    symo.device.face.reboot()
    assert symo.truth()["power"] == 8_000.0 and symo.u16(40246) == 0


def test_without_permission_every_write_is_refused(symo: Any) -> None:
    symo.device.operator["deny_control"]()
    assert symo.refusal(symo.write, 40246, 1) == 4 and not symo.device.writes[-1].accepted
    symo.device.operator["allow_control"]()
    symo.write(40246, 1)


def test_what_is_out_of_range_or_read_only_is_refused(symo: Any) -> None:
    assert symo.refusal(symo.write, 40242, 10_001) == 3
    assert symo.refusal(symo.write, 40244, 28_801) == 3
    assert symo.refusal(symo.write, 40091, 0, 0) == 2 and symo.refusal(symo.block, 40311, 10) == 2


def test_the_battery_is_two_modules_and_model_124(hybrid: Any) -> None:
    battery = battery_of(hybrid)
    battery.set("battery_power", -2_609.8)
    battery.set("soc", 63.25)
    assert hybrid.text(40253 + 10 + 41, 8) == "StCha 3" and hybrid.u16(40253 + 10 + 51) == 26_098
    assert hybrid.u16(40253 + 10 + 71) == 0 and hybrid.s16(40257) == -1
    assert hybrid.u16(40343) == 124 and hybrid.u16(40351) == 6_325 and hybrid.u16(40354) == 4


def test_a_negative_discharge_limit_forces_charging_from_the_grid(hybrid: Any) -> None:
    battery = battery_of(hybrid)
    hybrid.write(40360, 1)
    hybrid.write(40355, -3_000)
    hybrid.write(40348, 2)
    assert battery.battery_power == -3_000.0
    hybrid.write(40348, 0)
    assert battery.battery_power == 0.0


def test_without_grid_charging_the_sun_bounds_the_charge(hybrid: Any) -> None:
    hybrid.set(power=970.0)
    hybrid.write(40348, 2)
    hybrid.write(40355, -3_000)
    assert battery_of(hybrid).battery_power == pytest.approx(-1_000.0)


def test_rates_stay_for_ever_unless_a_reversion_time_was_left_behind(hybrid: Any) -> None:
    battery = battery_of(hybrid)
    hybrid.write(40356, -2_000)  # a negative charge limit forces discharging
    hybrid.write(40348, 1)
    hybrid.wait(7_200)
    assert battery.battery_power == 2_000.0
    hybrid.write(40358, 3_600)
    hybrid.wait(3_601)
    assert battery.battery_power == 0.0
    hybrid.device.face.reboot()
    assert hybrid.u16(40358) == 3_600


def test_a_verto_with_battery_has_five_modules(modbus_bench: Any) -> None:
    bench = modbus_bench(20, battery="yes", points="int")
    assert bench.u16(40261) == 5 and bench.text(40253 + 10 + 61, 8) == "StCha 4" and bench.u16(40363) == 124


def test_seconds_are_counted_from_the_year_2000(symo: Any) -> None:
    assert struct.unpack(">I", symo.block(40191 + 41, 2))[0] == int(symo.env.now) - 946_684_800


def test_each_string_of_a_gen24_counts_what_it_gave(modbus_bench: Any) -> None:
    """As evcc adds them up: with the losses of the inverter more than what it fed."""
    gen24 = modbus_bench(19)
    gen24.set(energy=12_345_600.0)
    assert [gen24.u32(address) / 100 for address in (40285, 40305)] == [pytest.approx(12_345_600 / 0.97 / 2)] * 2


def test_a_client_that_writes_the_whole_of_model_123_leaves_its_head_and_scale_factors_alone(hybrid: Any) -> None:
    hybrid.set(power=9_000.0)
    words = [0] * 26
    words[3:10] = 60, 1, 3_750, 0, 60, 0, 1
    hybrid.write(40227, *words)
    assert hybrid.truth()["power"] == 3_750.0 and hybrid.u16(40227) == 123 and hybrid.s16(40250) == -2


def test_status_nameplate_and_reactive_controls_have_values_for_those_who_ask(hybrid: Any) -> None:
    assert hybrid.block(40183, 3) == b"\0\3\0\3\0\1" and hybrid.u16(40241) == 0 and hybrid.u16(40249) == 0
    assert hybrid.u16(40144) == hybrid.u16(40146) == 10_000 and hybrid.block(40109, 12) == bytes(24)


def test_the_meter_works_out_line_voltages_and_apparent_power(hybrid: Any) -> None:
    twin = next(each.twin for each in hybrid.installation.devices if each.id.endswith("meter"))
    twin.set("power", -4321.5)
    twin.set("reactive_power", 1200.0)
    assert hybrid.s16(40080, unit=200) == 3984 and hybrid.s16(40092, unit=200) * 10.0 ** hybrid.s16(
        40096, unit=200
    ) == pytest.approx(4485.0, abs=1)
