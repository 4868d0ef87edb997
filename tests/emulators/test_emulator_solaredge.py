"""SolarEdge on the wire: who it is, what it shows, and the two enables without which nothing happens."""

import struct
from typing import Any

import pytest

from controller.errors import LineClosed
from emulators.family.build import build
from rigs.simulated import SimulatedModbus, run


def low_first(value: float) -> tuple[int, int]:
    high, low = struct.unpack(">2H", struct.pack(">f", value))
    return low, high


def armed(bench: Any) -> Any:
    """The chain an installer walks once: enable, dynamic mode, commit."""
    bench.write(0xF142, 1, 0)
    bench.write(0xF104, 4, 0)
    bench.write(0xF100, 1)
    return bench


@pytest.fixture
def bench(modbus_bench: Any) -> Any:
    return modbus_bench(8, low_first=True)


def test_it_tells_maker_and_model_in_a_common_block_of_65_registers(bench: Any) -> None:
    assert bench.block(40000, 2) == b"SunS" and bench.u16(40003) == 65
    assert bench.text(40004, 16) == "SolarEdge" and bench.text(40020, 16) == "SE10K"


def test_values_follow_the_twin_with_their_scale_factors(bench: Any) -> None:
    bench.set(power=-37.25, energy=70_123.0, voltage_l2=231.7)
    assert bench.s16(40083) * 10.0 ** bench.s16(40084) == pytest.approx(-37.25)
    assert bench.block(40093, 2) == struct.pack(">I", 70_123)
    assert bench.u16(40080) == 2317 and bench.s16(40082) == -1


def test_the_scale_factor_changes_when_the_power_no_longer_fits(modbus_bench: Any) -> None:
    bench = modbus_bench(8, model="SE XXX")
    bench.set(power=82_345.0)
    assert (bench.s16(40083), bench.s16(40084)) == (8234, 1)


def test_a_single_phase_inverter_shows_model_101_and_no_other_phase(modbus_bench: Any) -> None:
    bench = modbus_bench(7)
    bench.set(power=2_300.0)
    assert bench.u16(40069) == 101 and bench.u16(40072) == 10_00 and bench.u16(40073) == 0xFFFF


def test_the_meter_behind_it_counts_export_positive(bench: Any) -> None:
    meter = bench.installation.devices[1]
    meter.twin.set("power", -1_234.0)
    assert bench.u16(40188) == 203 and bench.text(40121 + 34, 8) == "Export+Import"
    assert bench.s16(40206) == 1_234


def test_a_synergy_unit_moves_the_meters_by_its_whole_model(modbus_bench: Any) -> None:
    bench = modbus_bench(8, mppt_units=2)
    assert bench.u16(40121) == 160 and bench.u16(40188 + 50) == 203


def test_the_limiter_takes_a_value_and_does_nothing_before_the_enable_chain(bench: Any) -> None:
    bench.set(power=8_000.0)
    bench.write(0xF001, 30)
    assert bench.u16(0xF001) == 30 and bench.truth()["power"] == 8_000.0
    assert bench.s32(0xF142) == 0  # as the factory leaves it


def test_the_chain_counts_only_after_the_commit(bench: Any) -> None:
    bench.set(power=8_000.0)
    bench.write(0xF142, 1, 0)
    bench.write(0xF104, 4, 0)
    bench.write(0xF001, 30)
    assert bench.truth()["power"] == 8_000.0
    bench.write(0xF100, 1)
    assert bench.truth()["power"] == 3_000.0 and bench.u16(40107) == 5  # throttled


def test_a_limit_is_released_with_100_percent(bench: Any) -> None:
    armed(bench).set(power=8_000.0)
    bench.write(0xF001, 25)
    assert bench.truth()["power_limit"] == 2_500.0
    bench.write(0xF001, 100)
    assert bench.truth()["power"] == 8_000.0


def test_a_restart_loses_the_limit_and_keeps_what_was_committed(bench: Any) -> None:
    armed(bench).set(power=8_000.0)
    bench.write(0xF001, 25)
    bench.device.face.reboot()
    assert bench.u16(0xF001) == 100 and bench.s32(0xF142) == 1 and bench.truth()["power"] == 8_000.0


def test_the_dynamic_limit_moves_at_its_ramp(bench: Any) -> None:
    armed(bench).set(power=9_000.0)
    bench.write(0xF300, 1)
    bench.write(0xF322, *low_first(62.5))
    bench.wait(30)
    assert bench.truth()["power_limit"] == pytest.approx(9_800.0)  # 5 % a minute, a percent at a time
    bench.write(0xF31A, *low_first(-1.0))
    bench.write(0xF322, *low_first(62.5))
    assert bench.truth()["power_limit"] == pytest.approx(6_250.0) and bench.f32(0xF322) == 62.5


def test_without_refresh_the_dynamic_limit_falls_back_to_full_power(bench: Any) -> None:
    armed(bench).set(power=9_000.0)
    for address in (0xF318, 0xF31A):
        bench.write(address, *low_first(-1.0))
    bench.write(0xF300, 1)
    bench.write(0xF322, *low_first(20.0))
    bench.wait(59)
    assert bench.truth()["power"] == 2_000.0
    bench.wait(2)
    assert bench.truth()["power"] == 9_000.0


def test_the_time_out_and_the_fallback_are_the_controllers_to_set(bench: Any) -> None:
    armed(bench).set(power=9_000.0)
    bench.write(0xF31A, *low_first(-1.0))
    bench.write(0xF310, 300, 0)
    bench.write(0xF312, *low_first(10.0))
    bench.write(0xF300, 1)
    bench.write(0xF322, *low_first(50.0))
    bench.wait(299)
    assert bench.truth()["power"] == 5_000.0
    bench.wait(2)
    assert bench.truth()["power"] == 1_000.0


def test_the_twin_of_the_map_has_the_high_word_first(bench: Any) -> None:
    bench.write(0xFB22, *reversed(low_first(40.0)))
    assert bench.f32(0xF322) == 40.0 and bench.block(0xFB22, 2) == struct.pack(">f", 40.0)


def test_what_it_cannot_do_is_refused_with_4_and_what_it_has_not_with_2(bench: Any) -> None:
    assert bench.refusal(bench.write, 0xF001, 101) == 4
    assert bench.refusal(bench.u16, 0xF200) == 2 and bench.refusal(bench.block, 0xE100, 2) == 2


def test_writes_are_logged_with_their_wear(bench: Any) -> None:
    bench.write(0xF001, 70)
    bench.write(0xF142, 1, 0)
    assert [(each.target, each.value, each.wear) for each in bench.device.writes] == [
        (0xF001, 70, "volatile"), (0xF142, 1, "flash"),
    ]  # fmt: skip


def test_it_takes_one_client_and_drops_one_that_is_silent_for_two_minutes(bench: Any) -> None:
    bench.u16(40083)
    other = SimulatedModbus(bench.env, bench.installation.wire)
    with pytest.raises(LineClosed):
        run(bench.env, other.read(1, 3, 40083, 1))
    assert not bench.installation.wire.connections[0].idle_out(bench.env.now + 119)
    assert bench.installation.wire.connections[0].idle_out(bench.env.now + 121)


@pytest.fixture
def hybrid(modbus_bench: Any) -> Any:
    return modbus_bench(10, low_first=True)


def test_the_battery_block_counts_charging_positive(hybrid: Any) -> None:
    battery = hybrid.installation.devices[2].twin
    battery.set("battery_power", -1_875.5)
    battery.set("soc", 63.5)
    assert (
        hybrid.f32(0xE174) == 1_875.5
        and hybrid.f32(0xE184) == pytest.approx(63.5, abs=0.01)
        and hybrid.u32(0xE186) == 3
    )
    assert hybrid.f32(0xF574) == 1_875.5 and hybrid.text(0xE100, 16) == "LG"


def test_what_the_battery_takes_is_missing_at_the_ac_terminal(hybrid: Any) -> None:
    hybrid.set(pv_power=4_000.0 / 0.97)
    hybrid.installation.devices[2].twin.set("battery_power", -1_500.0)
    assert hybrid.s16(40083) * 10.0 ** hybrid.s16(40084) == 2_500.0


def test_a_remote_command_needs_storage_control_mode_4(hybrid: Any) -> None:
    battery = hybrid.installation.devices[2].twin
    hybrid.write(0xE00E, *low_first(3_200.0))
    hybrid.write(0xE00D, 3)
    assert battery.battery_power == 0.0
    hybrid.write(0xE004, 4)
    assert battery.battery_power == -3_200.0


def test_a_remote_command_expires_into_the_default_mode(hybrid: Any) -> None:
    battery = hybrid.installation.devices[2].twin
    hybrid.write(0xE00B, 90, 0)
    hybrid.write(0xE00A, 7)
    hybrid.write(0xE004, 4)
    hybrid.write(0xE010, *low_first(1_100.0))
    hybrid.write(0xE00D, 4)
    assert battery.battery_power == 1_100.0
    hybrid.wait(91)
    assert battery.battery_power == 0.0 and battery.battery_setpoint is None


def test_without_a_battery_its_block_does_not_exist(modbus_bench: Any) -> None:
    bench = modbus_bench(10, battery="no")
    assert bench.refusal(bench.block, 0xE174, 2) == 2 and bench.refusal(bench.write, 0xE00D, 3) == 2


def test_the_blocks_that_home_assistant_reads_at_its_start_are_all_there(bench: Any) -> None:
    for address, count in ((40121, 9), (61440, 4), (61696, 86), (61782, 84), (57344, 4), (57362, 2), (0xF700, 4)):
        assert len(bench.block(address, count)) == 2 * count
    assert bench.f32(0xF14E) == 230.0 and bench.u16(40113) == 0


def test_the_stored_limit_acts_with_the_commit_and_survives_a_restart(bench: Any) -> None:
    armed(bench).set(power=10_000.0)
    bench.write(0xF140, *low_first(37.5))
    assert bench.truth()["power"] == 10_000.0
    bench.write(0xF100, 1)
    bench.device.face.reboot()
    assert bench.truth()["power"] == 3750.0 and bench.f32(0xF140) == 37.5


def test_export_control_leaves_the_house_its_share_and_the_grid_the_site_limit(bench: Any) -> None:
    bench.set(power=9000.0)
    bench.device.beside["meter"].power = -7000.0  # the house takes 2 kW
    bench.write(57346, *low_first(2500.0))
    bench.write(57344, 1)
    assert bench.device.twin.power_limit == 4500.0
    bench.write(57344, 0)
    assert bench.truth()["power"] == 9000.0


def test_three_synergy_units_have_a_block_each_and_the_meter_moves_behind_them() -> None:
    request = bytes.fromhex("000100000006 0103 9cb9 0009")
    inverter = build(8, "modbus-tcp", clock=lambda: 0.0, mppt_units=3)
    line = inverter.wire.connect()
    (reply,) = line.receive(request)
    assert reply.data[9:13].hex() == "00a00044" and reply.data[-1] == 3
    (reply,) = line.receive(bytes.fromhex("000100000006 0103 9cff 0002"))
    assert reply.data[9:].hex() == "00010041"


def test_what_is_told_of_the_hybrid_is_what_its_wire_says(hybrid: Any) -> None:
    hybrid.set(power=5_409.0, pv_power=3_187.0, battery_power=2_345.0)
    assert hybrid.s16(40083) * 10.0 ** hybrid.s16(40084) == 5_409.0
    assert hybrid.f32(0xE174) == -2_345.0
    assert hybrid.truth()["pv_energy"] == pytest.approx(0.0, abs=0.1)
    battery = hybrid.installation.devices[2]
    assert "battery" in battery.id and not {"power", "pv_power"} & set(battery.twin.truth())
