"""Sungrow SH hybrids: battery modes, heartbeat, limits."""

import csv
from pathlib import Path

import pytest

from emulators.family.profile import profile_for

VARIANTS = Path(__file__).parents[2] / "controller/compatibility/variants.csv"


def printed(row):
    with VARIANTS.open(encoding="utf-8") as file:
        return [line["name"] for line in csv.DictReader(file) if line["row"] == str(row)]


@pytest.fixture
def sh(modbus_bench):
    def on_bench(row=53, protocol="modbus-tcp", **how):
        return modbus_bench(row, protocol, low_first=True, **how)

    return on_bench


@pytest.mark.parametrize("row", [52, 53, 54])
def test_every_printed_sh_model_stands_there_on_both_wires(row):
    for protocol in ("modbus-tcp", "modbus-rtu"):
        assert [each.name for each in profile_for(row, protocol).models_of(row)] == printed(row)


@pytest.mark.parametrize(
    ("row", "model", "code", "mppts"),
    [(52, "SH3.6RS", 0x0D0D, 2), (53, "SH10RT", 0x0E03, 2), (54, "SH10RS", 0x0D1B, 4), (54, "SH25T-V11", 0x0E28, 3)],
)
def test_sh_says_its_type_code_and_how_many_inputs_it_has(sh, row, model, code, mppts):
    bench = sh(row, model=model)
    assert bench.u16(4999, function=4) == code
    voltages = [bench.u16(address, function=4) for address in (5010, 5012, 5014, 5114)]
    assert sum(voltage != 0xFFFF for voltage in voltages) == mppts


def test_sh_tells_battery_power_with_a_sign_in_the_new_register_only(sh):
    bench = sh(model="SH10RT")
    bench.set(battery_power=-4_321.0)
    assert bench.s32(5213, function=4) == -4_321
    assert bench.s16(13021, function=4) == 4_321
    assert bench.u16(13000, function=4) & 0b110 == 0b010
    bench.set(battery_power=2_007.0)
    assert bench.u16(13000, function=4) & 0b110 == 0b100


def test_sh_rs_has_the_sign_in_the_old_register_too(sh):
    bench = sh(52, model="SH6.0RS")
    bench.set(battery_power=-1_999.0)
    assert bench.s16(13021, function=4) == -1_999


def test_sh_on_old_firmware_lacks_the_new_registers_in_one_of_two_ways(sh):
    assert sh(battery_registers="sentinel").s32(5213, function=4) == 0x7FFFFFFF
    bench = sh(battery_registers="exception")
    assert bench.refusal(bench.s32, 5213, function=4) == 2


def test_sh_counts_grid_power_both_ways_round(sh):
    bench = sh()
    bench.set(grid_power=-70_003.0)
    assert bench.s32(5600, function=4) == -70_003
    assert bench.s32(13009, function=4) == 70_003
    assert bench.u16(13000, function=4) & 0b110000 == 0b010000


def test_sh_counts_what_flows_through_its_meter(sh):
    bench = sh()
    bench.set(grid_power=1_234.0)
    bench.u16(4999, function=4)
    bench.wait(3 * 3600)
    assert bench.u32(13036, function=4) == 37


def test_sh_without_meter_has_no_grid_power(sh):
    bench = sh()
    bench.device.operator["remove-meter"]()
    assert bench.s32(5600, function=4) == bench.s32(13009, function=4) == 0x7FFFFFFF


def test_sh_output_energy_has_another_scale_than_on_sg(sh):
    bench = sh()
    bench.set(energy=12_345_678.0, charge_energy=7_654_321.0, soc=61.3)
    assert bench.u32(5003, function=4) == 123_457
    assert bench.u32(13040, function=4) == 76_543
    assert bench.u16(13022, function=4) == 613


def test_sh_takes_a_charge_command_in_self_consumption_and_does_not_obey_it(sh):
    bench = sh(model="SH10RT")
    bench.write(13050, 0xAA, 3_000)
    assert bench.truth()["battery_power"] == 0
    bench.write(13049, 2)
    assert bench.truth()["battery_power"] == -3_000


def test_sh_forced_discharge_is_released_by_command_and_mode(sh):
    bench = sh(model="SH10RT")
    bench.write(13049, 2, 0xBB, 4_567)
    assert bench.truth()["battery_power"] == 4_567
    assert bench.u16(12999, function=4) == 0x0800
    bench.write(13050, 0xCC)
    assert bench.truth()["battery_power"] == 0
    bench.write(13049, 0)
    assert bench.device.twin.battery_setpoint is None


def test_sh_forced_mode_has_no_watchdog(sh):
    bench = sh(model="SH10RT", capacity=1e9)
    bench.write(13049, 2, 0xAA, 2_500)
    bench.wait(86_400)
    assert bench.truth()["battery_power"] == -2_500


@pytest.mark.parametrize("mode", [3, 4])
def test_sh_external_mode_falls_back_when_the_heartbeat_stops(sh, mode):
    bench = sh(model="SH10RT")
    bench.write(13049, mode, 0xAA, 2_500)
    bench.wait(15)
    bench.write(13079, 20)
    bench.wait(15)
    assert bench.truth()["battery_power"] == -2_500
    bench.wait(6)
    assert (bench.u16(13049), bench.truth()["battery_power"]) == (0, 0)


def test_sh_heartbeat_time_is_what_was_written_last(sh):
    bench = sh(model="SH10RT")
    bench.write(13049, 3, 0xBB, 1_000)
    bench.write(13079, 300)
    bench.wait(299)
    assert bench.u16(13049) == 3
    bench.wait(2)
    assert bench.u16(13049) == 0


def test_sh_wide_range_registers_mean_the_same_power(sh):
    bench = sh(54, model="SH25T-V11")
    bench.write(33147, 2_111)
    assert bench.u16(13051) == 21_110
    bench.write(31221, 1_234)
    assert bench.u16(13073) == 12_340


@pytest.mark.parametrize(
    ("address", "word"),
    [
        (13049, 1),
        (13050, 0xAB),
        (13051, 10_001),
        (13057, 499),
        (13058, 501),
        (13079, 1_001),
        (33047, 0),
        (13073, 10_001),
    ],
)
def test_sh_refuses_what_is_out_of_range(sh, address, word):
    bench = sh(model="SH10RT")
    assert bench.refusal(bench.write, address, word) == 3
    assert not bench.device.writes[-1].accepted


def test_sh_refuses_a_write_to_a_measurement(sh):
    bench = sh()
    assert bench.refusal(bench.write, 13021, 5) == 2


def test_sh_limits_of_charge_and_discharge_stay_within_self_consumption(sh):
    bench = sh(model="SH10RT")
    bench.device.twin.demand = 5_000.0
    bench.write(33047, 1)
    assert bench.truth()["battery_power"] == 10
    bench.write(33047, 300)
    assert bench.truth()["battery_power"] == 3_000


def test_sh_battery_stops_at_its_lowest_state_of_charge(sh):
    bench = sh(model="SH10RT")
    bench.write(13058, 305)
    bench.set(soc=31.0)
    bench.write(13049, 2, 0xBB, 9_000)
    bench.wait(600)
    assert (bench.u16(13022, function=4), bench.truth()["battery_power"]) == (305, 0)


def test_sh_export_limit_follows_the_load(sh):
    bench = sh(model="SH10RT")
    bench.set(pv_power=9_000.0, grid_power=-8_000.0)
    bench.write(13073, 2_500)
    bench.write(13086, 0xAA)
    assert bench.truth()["power_limit"] == 3_500


def test_sh_forgets_its_mode_at_a_restart_and_keeps_its_limits(sh):
    bench = sh(model="SH10RT")
    bench.write(13049, 2, 0xAA, 2_000)
    bench.write(33046, 450)
    bench.device.face.reboot()
    assert bench.u16(12999, function=4) == 0x0010
    bench.wait(31)
    assert [bench.u16(each) for each in (13049, 13050, 33046)] == [0, 0xCC, 450]
    assert bench.device.twin.battery_setpoint is None


def test_sh_settings_wear_and_the_heartbeat_does_not(sh):
    bench = sh()
    bench.write(13049, 3)
    bench.write(13079, 20)
    assert [write.wear for write in bench.device.writes] == ["flash", "volatile"]


def test_sh_on_rs485_speaks_9600_8n1(sh):
    bench = sh(53, "modbus-rtu", model="SH8.0RT")
    assert (bench.installation.serial.baud, bench.installation.serial.parity) == (9600, "N")
    assert bench.u16(4999, function=4) == 0x0E02


def test_sh_answers_the_blocks_that_sungather_scans(sh):
    """bohdan-s/SunGather:SunGather/registers-sungrow.yaml, scan ranges; curves of the day on the RT alone."""
    bench = sh(53, model="SH10RT")
    blocks = [(4949, 50), (5000, 38), (5039, 61), (5100, 100), (5200, 100), (5600, 100), (5720, 10), (12999, 125)]
    for address, count in [*blocks, *((6099 + 100 * k, 100) for k in range(8))]:
        assert len(bench.block(address, count, function=4)) == 2 * count
    for address, count in ((13000, 100), (33045, 5)):
        assert len(bench.block(address, count)) == 2 * count
    assert bench.u16(6100, function=4) == 0
    assert sh(54, model="SH5T-V11").u16(6100, function=4) == 0xFFFF


@pytest.mark.parametrize(
    ("function", "address", "count"),
    [
        *((4, address, 1) for address in (5634, 5635, 5722, 13004, 13011, 13016, 13025, 13035, 13039, 13044)),
        *((4, address, 2) for address in (4951, 5725, 13005, 13012, 13017)),
        *((4, address, 11) for address in (2581, 2596, 2612, 2628)),
        *((4, address, 15) for address in (4953, 4968, 13249, 13264, 13279)),
        *((3, address, 1) for address in (13001, 13010, 31212, 33148, 33149)),
    ],
)
def test_sh_answers_what_home_assistant_asks_for_one_by_one(sh, function, address, count):
    """mkaiser/Sungrow-SHx-Inverter-Modbus-Home-Assistant:modbus_sungrow.yaml."""
    assert len(sh().block(address, count, function=function)) == 2 * count


def test_sh_answers_the_examples_of_its_document(sh):
    """V1.1.16 sections 4.1, 4.5, 4.6: an SH25T, and its clock set to 30 October 2009, 9:16."""
    bench = sh(54, "modbus-rtu", model="SH25T-V11")
    assert bench.block(4999, 3, function=4).hex() == "0e2800fa0001"
    bench.write(4999, 2010, function=16)
    assert bench.u16(4999) == 2010
    bench.write(4999, 2009, 10, 30, 9, 16, 0)
    assert bench.block(4999, 5).hex() == "07d9000a001e00090010"


def test_sh_counts_its_days(sh):
    bench = sh(53, model="SH10RT")
    bench.set(pv_power=6_000.0, grid_power=-2_000.0)
    bench.u16(13044, function=4)
    bench.wait(2 * 3600)
    assert [bench.u16(each, function=4) for each in (13001, 13004, 13016, 13044)] == [120, 40, 80, 40]
    assert bench.u16(13028, function=4) == 667
    bench.device.operator["remove-meter"]()
    assert bench.u16(13044, function=4) == 0xFFFF


def test_sh_limits_pv_at_the_t_series_only(sh):
    bench = sh(54, model="SH10T-V11")
    bench.write(13017, 0xAA)
    assert bench.u16(13017) == 0xAA
    assert sh(53).refusal(sh(53).write, 13017, 0xAA) == 2
