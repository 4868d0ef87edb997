"""SAX Power Home over raw Modbus: unit 64, the vendor's map at unit 100, the old one at unit 40."""

import pytest

from controller.errors import LineTimeout
from emulators.family.profile import profile_for


@pytest.fixture
def sax(modbus_bench):
    def on_bench(row=61, unlocked=True, **how):
        bench = modbus_bench(row, **how)
        if unlocked:
            bench.device.operator["unlock"]()
        return bench

    return on_bench


def command(bench, *words, address=49, unit=100):
    """Setpoint in hundredths of a percent, time-out, mode."""
    bench.write(address, *words, function=16, unit=unit)


@pytest.mark.parametrize(
    ("row", "name", "capacity"),
    [(61, "Home 5.8kWh (PRIMO-1-6-5-230)", 5_800), (62, "Home 7.7kWh (PRIMO-1-8-5-230)", 7_700)],
)
def test_sax_models_differ_in_capacity(sax, row, name, capacity):
    assert profile_for(row, "modbus-tcp").models_of(row)[0].name == name
    assert sax(row).u16(97, unit=100) == capacity


def test_sax_answers_at_both_disputed_offsets(sax):
    bench = sax()
    for base in (0, 40_000):
        assert bench.text(base, 2, unit=100) == "SunS"
        assert bench.text(base + 4, 4, unit=100) == "SAXPOWER"
        assert bench.text(base + 8, 3, unit=100) == "HOME"
    assert bench.u16(16, unit=100) == 32  # counts its own head


def test_sax_has_the_unit_of_its_firmware(sax):
    new, old = sax(), sax(firmware="old")
    assert new.refusal(new.u16, 40_073, unit=40) == 11
    assert old.u16(40_115, unit=40) == 580
    assert old.refusal(old.u16, 97, unit=100) == 11


def test_sax_shows_powers_with_an_offset_at_unit_64(sax):
    bench = sax()
    bench.set(battery_power=-1_877.0, grid_power=2_311.0, soc=43.0)
    assert bench.u16(46) == 43
    assert bench.u16(47) == 16_384 - 1_877
    assert bench.u16(48) == 16_384 + 2_311


def test_sax_counts_the_grid_the_other_way_round_at_unit_100(sax):
    bench = sax()
    bench.set(battery_power=-1_877.0, grid_power=70_010.0)
    assert bench.s16(29, unit=100) == -1_877
    assert bench.s16(72, unit=100) == -7_001
    assert bench.s16(76, unit=100) == 1


def test_sax_may_want_charge_and_power_in_one_request(sax):
    bench = sax(joint_read=True)
    assert bench.refusal(bench.u16, 47) == 2
    assert len(bench.block(46, 2)) == 4


def test_sax_obeys_a_setpoint_and_regulates_by_itself_after_the_time_out(sax):
    bench = sax()
    command(bench, -5_000, 60, 1)
    assert bench.truth()["battery_power"] == -2_300
    bench.wait(59)
    command(bench, 1_234)
    assert bench.truth()["battery_power"] == pytest.approx(567.64)
    bench.wait(61)
    assert (bench.u16(51, unit=100), bench.truth()["battery_power"]) == (0, 0)


def test_sax_ignores_a_setpoint_without_its_mode(sax):
    bench = sax()
    command(bench, -5_000)
    assert bench.truth()["battery_power"] == 0


def test_sax_releases_the_setpoint_by_mode(sax):
    bench = sax()
    command(bench, 5_000, 60, 1)
    command(bench, 0, address=51)
    assert bench.device.twin.battery_setpoint is None


def test_sax_that_ignores_discharge_still_charges(sax):
    bench = sax(discharge_ignored=True)
    command(bench, 5_000, 60, 1)
    assert bench.truth()["battery_power"] == 0
    command(bench, -5_000)
    assert bench.truth()["battery_power"] == -2_300


def test_sax_is_locked_until_the_maker_opens_it(sax):
    bench = sax(unlocked=False)
    command(bench, -5_000, 60, 1)
    bench.write(43, 0, function=16)
    assert (bench.u16(51, unit=100), bench.truth()["battery_power"]) == (0, 0)
    assert bench.device.twin.max_discharge == 4_600
    bench.device.operator["unlock"]()
    command(bench, -5_000, 60, 1)
    assert bench.truth()["battery_power"] == -2_300


def test_sax_may_refuse_while_it_is_locked(sax):
    bench = sax(unlocked=False, locked_reply="exception")
    assert bench.refusal(bench.write, 43, 0, function=16) == 4
    assert not bench.device.writes[0].accepted


def test_sax_limits_at_unit_64_last_five_minutes(sax):
    bench = sax()
    bench.device.twin.demand = 3_000.0
    bench.write(43, 0, function=16)
    assert bench.truth()["battery_power"] == 0
    bench.wait(299)
    assert bench.truth()["battery_power"] == 0
    bench.wait(2)
    assert bench.truth()["battery_power"] == 3_000


def test_sax_acknowledges_function_6_and_does_nothing(sax):
    bench = sax()
    bench.write(43, 0, function=6)
    assert bench.device.twin.max_discharge == 4_600


def test_sax_refuses_what_is_out_of_range(sax):
    bench = sax()
    assert bench.refusal(command, bench, 10_001) == 3
    assert bench.refusal(command, bench, 301, address=50) == 3
    assert bench.refusal(command, bench, 2, address=51) == 3


def test_sax_is_deaf_while_its_display_is_drawn(sax):
    bench = sax()
    bench.device.operator["refresh-display"](2.0)
    with pytest.raises(LineTimeout):
        bench.u16(46)
    bench.wait(1.1)
    assert bench.u16(46) == 50


def test_sax_switches_off_and_on(sax):
    bench = sax()
    bench.device.twin.demand = 2_000.0
    bench.write(45, 1, function=16)
    assert (bench.u16(45), bench.truth()["battery_power"]) == (1, 0)
    bench.write(45, 2, function=16)
    assert bench.truth()["battery_power"] == 2_000


def test_sax_forgets_its_commands_at_a_restart_and_stays_unlocked(sax):
    bench = sax()
    command(bench, 5_000, 60, 1)
    bench.write(44, 100, function=16)
    bench.device.face.reboot()
    assert bench.truth()["battery_power"] == 0
    assert bench.u16(50, unit=100) == 300
    command(bench, -1_000, 60, 1)
    assert bench.truth()["battery_power"] == -460


def test_sax_basic_block_can_be_read_in_one_request(sax):
    bench = sax()
    bench.set(soc=47.0)
    assert bench.block(41, 6)[-2:] == bytes((0, 47))


def test_sax_takes_function_6_at_unit_100(sax):
    bench = sax(locked=False)
    bench.write(51, 1, unit=100, function=6)
    bench.write(49, -2_500, unit=100, function=6)
    assert bench.truth()["battery_power"] == -1_150


@pytest.mark.parametrize(("operation", "power"), [("setpoint", -1_234.0), ("meter", 0.0)])
def test_sax_basic_setpoint_acts_in_its_operating_mode_only(sax, operation, power):
    bench = sax(locked=False, operation=operation)
    bench.write(41, -1_234, 10, unit=64)
    assert bench.truth()["battery_power"] == power
