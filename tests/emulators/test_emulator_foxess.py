"""FoxESS H3 over raw Modbus/RTU."""

import pytest

from emulators.family.profile import profile_for


@pytest.fixture
def h3(modbus_bench):
    return lambda **how: modbus_bench(60, "modbus-rtu", **how)


def test_h3_is_on_the_serial_line_only_at_unit_247(h3):
    assert profile_for(60, "modbus-tcp") is None
    bench = h3()
    assert bench.installation.serial.baud == 9600
    assert bench.unit == 247


def test_h3_says_its_model_with_the_rating_in_it(h3):
    letters = h3().block(30000, 16)
    assert letters[0::2] == bytes(16)
    assert letters[1::2].rstrip(b"\0") == b" H3-10.0-E"


def test_h3_battery_is_positive_when_discharging_and_the_transformers_when_exporting(h3):
    bench = h3()
    bench.set(battery_power=-4_321.0, grid_power=6_300.0, soc=61.0)
    assert bench.s16(31036) == -4_321
    assert [bench.s16(address) for address in (31026, 31027, 31028)] == [-2_100] * 3
    assert bench.u16(31038) == 61
    assert bench.s16(31012) == -1_440


def test_h3_saturates_where_its_16_bits_end(h3):
    bench = h3()
    bench.set(grid_power=-300_000.0)
    assert bench.s16(31026) == 32_767


def test_h3_totals_have_their_high_word_first(h3):
    bench = h3()
    bench.set(charge_energy=7_654_321_098.0, discharge_energy=1_234_560.0)
    assert bench.u32(32003) == 76_543_211
    assert bench.u32(32006) == 12_346


def test_h3_counts_feed_in(h3):
    bench = h3()
    bench.set(grid_power=-1_234.0)
    bench.u16(31038)
    bench.wait(3 * 3600)
    assert bench.u32(32009) == 37


def test_h3_refuses_its_holes_and_input_registers(h3):
    bench = h3()
    assert bench.refusal(bench.u16, 31999) == 2
    assert bench.refusal(bench.u16, 41012) == 2
    assert bench.refusal(bench.block, 41000, 10) == 2
    assert bench.refusal(bench.u16, 31036, function=4) == 1
    assert bench.refusal(bench.write, 31038, 50) == 2


def test_h3_would_take_remote_control_and_drops_it_after_its_time(h3):
    bench = h3()
    bench.write(44000, 1, 60, *bench.long(-3_000))
    assert bench.truth()["battery_power"] == -3_000
    bench.wait(40)
    bench.write(44002, *bench.long(-2_000))
    bench.wait(59)
    assert bench.truth()["battery_power"] == -2_000
    bench.wait(2)
    assert (bench.u16(44000), bench.truth()["battery_power"]) == (0, 0)
    assert len(bench.device.writes) == 4


def test_h3_limits_wear_and_remote_control_does_not(h3):
    bench = h3()
    bench.write(41009, 20)
    bench.write(44000, 1)
    assert [write.wear for write in bench.device.writes] == ["flash", "volatile"]
    assert bench.refusal(bench.write, 41009, 9) == 3


def test_h3_forgets_remote_control_at_a_restart(h3):
    bench = h3()
    bench.write(41010, 90)
    bench.write(44000, 1, 300, *bench.long(1_500))
    bench.device.face.reboot()
    assert (bench.u16(44000), bench.u16(44001), bench.u16(41010)) == (0, 60, 90)
    assert bench.truth()["battery_power"] == 0


def test_h3_can_be_read_across_registers_that_nobody_has_named(h3):
    bench = h3()
    for address, count in ((30000, 32), (31000, 100), (31036, 100), (32000, 24)):
        assert len(bench.block(address, count)) == 2 * count


def test_h3_counts_the_day_anew_after_midnight(h3):
    bench = h3()
    bench.set(grid_power=-10_000.0)
    bench.u16(31038)
    bench.wait(2 * 3600)
    assert bench.u16(32011) == bench.u32(32009) == 200
    bench.wait(24 * 3600)
    assert (bench.u16(32011), bench.u32(32009)) == (0, 2_600)
