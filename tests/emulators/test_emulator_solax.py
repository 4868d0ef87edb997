"""SolaX X3-Hybrid G4 over raw Modbus."""

import csv
import struct
from pathlib import Path

import pytest

from emulators.family.profile import profile_for

VARIANTS = Path(__file__).parents[2] / "controller/compatibility/variants.csv"


@pytest.fixture
def x3(modbus_bench):
    def on_bench(model="X3-Hybrid-10.0-D", protocol="modbus-tcp", unlocked=True, **how):
        bench = modbus_bench(64, protocol, model=model, low_first=True, **how)
        if unlocked:
            bench.write(0x0000, 2014)
        return bench

    return on_bench


def remote(bench, mode, active=0, duration=0, timeout=0, push=0):
    """The block at 0x7C in one request of 15 words."""
    words = [mode, 1, *bench.long(active), 0, 0, duration, 0, 0, 0, 0, 0, timeout, *bench.long(push)]
    bench.write(0x007C, *words)


def test_x3_models_are_the_printed_ones_on_both_wires():
    with VARIANTS.open(encoding="utf-8") as file:
        names = [line["name"] for line in csv.DictReader(file) if line["row"] == "64"]
    for protocol in ("modbus-tcp", "modbus-rtu"):
        assert [each.name for each in profile_for(64, protocol).models_of(64)] == names


def test_x3_says_series_and_rating_in_its_serial(x3):
    bench = x3("X3-Hybrid-8.0-D")
    assert bench.text(0x0000, 7)[:6] == "H34A08"
    assert bench.u16(0x00BA) == 8_000
    assert bench.text(0x0007, 7) == "solax"


def test_x3_serial_may_come_with_its_bytes_swapped(x3):
    assert x3(swapped_serial=True).text(0x0000, 7)[:6] == "3HA401"


def test_x3_on_rs485_speaks_19200_8n1(x3):
    bench = x3(protocol="modbus-rtu")
    serial = bench.installation.serial
    assert (serial.baud, serial.parity, serial.stop) == (19200, "N", 1)
    assert bench.u16(0x0054, function=4) == 1


def test_x3_battery_is_positive_when_charging_and_the_grid_when_exporting(x3):
    bench = x3()
    bench.set(battery_power=-4_321.0, grid_power=70_003.0, soc=61.0)
    assert bench.s16(0x0016, function=4) == 4_321
    assert bench.s32(0x0046, function=4) == -70_003
    assert bench.u16(0x001C, function=4) == 61


def test_x3_has_its_low_word_first(x3):
    bench = x3()
    bench.set(grid_power=-65_537.0)
    assert struct.unpack(">HH", bench.block(0x0046, 2, function=4)) == (1, 1)


def test_x3_counts_energies_in_two_resolutions(x3):
    bench = x3()
    bench.set(energy=123_456_789.0, grid_power=1_234.0)
    assert bench.u32(0x0052, function=4) == 1_234_568
    bench.wait(3 * 3600)
    assert bench.u32(0x004A, function=4) == 370


def test_x3_means_other_things_when_read_than_when_written(x3):
    bench = x3()
    bench.write(0x001F, 3)
    assert bench.u16(0x008B) == 3
    assert bench.u16(0x0082) == 321  # the protocol, not the duration
    assert bench.refusal(bench.write, 0x008B, 1) == 2


def test_x3_acknowledges_and_ignores_writes_while_it_is_locked(x3):
    bench = x3(unlocked=False)
    assert bench.u16(0x0054, function=4) == 0
    remote(bench, 4, push=-3_000)
    bench.write(0x001F, 2)
    assert (bench.u16(0x008B), bench.truth()["battery_power"]) == (0, 0)
    bench.write(0x0000, 6868)
    assert bench.u16(0x0054, function=4) == 2
    remote(bench, 4, push=-3_000)
    assert bench.truth()["battery_power"] == -3_000


def test_x3_locks_again_at_a_wrong_code(x3):
    bench = x3()
    bench.write(0x0000, 1234)
    assert bench.u16(0x0054, function=4) == 0


def test_x3_power_mode_lasts_as_long_as_its_duration(x3):
    bench = x3()
    remote(bench, 1, active=3_007, duration=20)
    assert bench.truth()["battery_power"] == -3_007
    assert (bench.u16(0x0100, function=4), bench.s32(0x0102, function=4)) == (1, 3_007)
    bench.wait(15)
    remote(bench, 1, active=-2_000, duration=20)
    bench.wait(19)
    assert bench.truth()["battery_power"] == 2_000
    bench.wait(2)
    assert (bench.u16(0x0100, function=4), bench.truth()["battery_power"]) == (0, 0)


def test_x3_power_mode_is_power_at_the_terminal(x3):
    bench = x3()
    bench.set(pv_power=4_000.0)
    remote(bench, 1, active=-1_000, duration=20)
    assert (bench.truth()["power"], bench.truth()["battery_power"]) == (1_000, -3_000)


def test_x3_push_mode_without_time_out_never_ends(x3):
    bench = x3(capacity=1e9)
    remote(bench, 4, push=-1_500)
    bench.wait(86_400)
    assert bench.truth()["battery_power"] == -1_500
    remote(bench, 0)
    assert bench.device.twin.battery_setpoint is None


def test_x3_push_mode_with_time_out_returns_to_the_user_mode(x3):
    bench = x3()
    remote(bench, 4, push=2_500, timeout=60)
    bench.wait(59)
    assert bench.truth()["battery_power"] == 2_500
    bench.wait(2)
    assert bench.truth()["battery_power"] == 0


def test_x3_manual_mode_charges_and_discharges(x3):
    bench = x3()
    bench.write(0x0056, 1)  # wake the battery first, as clients do
    bench.write(0x0020, 1)
    assert bench.truth()["battery_power"] == 0
    bench.write(0x001F, 3)
    assert bench.truth()["battery_power"] == -10_000
    bench.write(0x0024, 100)  # 10 A
    assert bench.truth()["battery_power"] == -2_300
    bench.write(0x0020, 0)
    assert bench.truth()["battery_power"] == 0


def test_x3_refuses_modes_that_are_none(x3):
    bench = x3()
    assert bench.refusal(bench.write, 0x001F, 6) == 3
    assert bench.refusal(remote, bench, 8) == 3
    assert bench.refusal(bench.write, 0x0061, 9) == 3


def test_x3_takes_one_client(x3):
    rules = x3().installation.wire.rules
    assert (rules.limit, rules.policy) == (1, "refuse")


def test_x3_settings_wear_and_remote_control_does_not(x3):
    bench = x3()
    bench.write(0x001F, 1)
    remote(bench, 4, push=100)
    assert [write.wear for write in bench.device.writes] == ["", "flash", *["volatile"] * 10]


def test_x3_is_locked_and_free_after_a_restart(x3):
    bench = x3()
    bench.write(0x0042, 500)
    remote(bench, 4, push=2_000)
    bench.device.face.reboot()
    assert (bench.u16(0x0054, function=4), bench.u16(0x00B6)) == (0, 500)
    assert bench.truth()["battery_power"] == 0


def test_x3_tells_what_home_assistant_shows(x3):
    """wills106/homeassistant-solax-modbus:custom_components/solax_modbus/plugin_solax.py, GEN4."""
    bench = x3(capacity=10_000)
    bench.set(battery_power=-2_000.0, pv_power=5_432.0, soc=30.0, grid_power=-1_234.0)
    assert [bench.u32(each, function=4) for each in (0x26, 0x32, 0x116, 0x118)] == [10_000, 5_432, 7_000, 3_000]
    assert (bench.u16(0x19, function=4), bench.s32(0x114, function=4)) == (1, 2_000)
    bench.wait(3600)
    assert (bench.u16(0x23, function=4), bench.u32(0x98, function=4)) == (20, 123)
    bench.write(0x0061, 23)
    assert bench.u16(0x93) >> 8 == 23


def test_x3_that_was_unlocked_before_obeys_a_client_without_a_password(modbus_bench):
    """openWB/core:packages/modules/devices/solax/solax/bat.py never writes a password."""
    bench = modbus_bench(64, low_first=True, unlocked=True)
    remote(bench, 4, push=-3_000)
    assert bench.truth()["battery_power"] == -3_000
