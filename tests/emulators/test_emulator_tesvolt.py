"""GRIDCON PCS with a TESVOLT battery over raw Modbus."""

import struct

import pytest

PLAY, STOP, ACKNOWLEDGE, IPU_1 = 2, 1, 8, 0x8000


@pytest.fixture
def gridcon(modbus_bench):
    return lambda **how: modbus_bench(51, low_first=True, **how)


def words(bench, value):
    return bench.long(int.from_bytes(struct.pack(">f", value), "big"))


def command(bench, bits, fraction=0.0, clock=1, enables=IPU_1, feedback=0):
    """All 16 words of the command block in one request."""
    one, nothing = words(bench, 1.0), words(bench, 0.0)
    bench.write(
        32560, bits, enables, *bench.long(feedback), *one, *one, *nothing, *words(bench, fraction),
        *bench.long(0x1A0B0016), *bench.long(clock),
    )  # fmt: skip


def test_gridcon_idles_and_does_not_obey_before_it_runs(gridcon):
    bench = gridcon()
    command(bench, 0, -0.5)
    assert (bench.u16(32528), bench.truth()["battery_power"]) == (2, 0)


def test_gridcon_runs_some_seconds_after_play_and_counts_discharge_as_negative(gridcon):
    bench = gridcon()
    command(bench, PLAY, -0.25)
    assert bench.u16(32528) == 3
    bench.wait(6)
    assert (bench.u16(32528), bench.truth()["battery_power"]) == (12, 10_500)
    command(bench, PLAY, 0.1, clock=2)
    assert bench.truth()["battery_power"] == pytest.approx(-4_200)


def test_gridcon_needs_its_ipu_enabled(gridcon):
    bench = gridcon()
    command(bench, PLAY, -0.25, enables=0)
    bench.wait(6)
    assert bench.u16(32528) == 2


def test_gridcon_may_have_its_command_words_the_other_way_round(gridcon):
    bench = gridcon(control_first=False)
    command(bench, IPU_1, -0.25, enables=PLAY)
    bench.wait(6)
    assert bench.u16(32528) == 12


def test_gridcon_mirror_has_enables_before_control_bits(gridcon):
    bench = gridcon()
    command(bench, PLAY, -0.375)
    assert [bench.u16(32880), bench.u16(32881)] == [IPU_1, PLAY]
    assert bench.f32(32890) == -0.375


def test_gridcon_shows_power_as_a_fraction_and_at_the_dc_link_in_watts(gridcon):
    bench = gridcon()
    bench.set(battery_power=-10_507.0)
    assert bench.f32(32544) == pytest.approx(10_507 / 42_000)
    assert bench.f32(33178) == 10_507
    bench.set(battery_power=70_001.0)
    assert bench.f32(33178) == -70_001


def test_gridcon_battery_stands_at_unit_25_with_its_own_word_order(gridcon):
    bench = gridcon()
    bench.set(soc=61.7, battery_power=-65_540.0)
    assert int.from_bytes(bench.block(1056, 2, function=4, unit=25), "big") == 617
    assert int.from_bytes(bench.block(1012, 2, function=4, unit=25), "big", signed=True) == -65_540
    assert bench.refusal(bench.u16, 1056, unit=25) == 1


def test_gridcon_stops_without_a_new_time_of_day(gridcon):
    bench = gridcon()
    command(bench, PLAY, -0.1)
    bench.wait(50)
    command(bench, PLAY, -0.1, clock=51)
    bench.wait(50)
    assert bench.truth()["battery_power"] == pytest.approx(4_200)
    command(bench, PLAY, -0.1, clock=51)  # the same time is no sign of life
    bench.wait(11)
    assert (bench.u16(32528), bench.truth()["battery_power"]) == (2, 0)


def test_gridcon_stops_by_its_bit(gridcon):
    bench = gridcon()
    command(bench, PLAY, -0.1)
    bench.wait(6)
    command(bench, STOP, clock=2)
    assert (bench.u16(32528), bench.truth()["battery_power"]) == (2, 0)


def test_gridcon_cuts_a_reference_beyond_one(gridcon):
    bench = gridcon()
    command(bench, PLAY, -3.0)
    bench.wait(6)
    assert bench.truth()["battery_power"] == 42_000


def test_gridcon_error_is_left_by_acknowledging_its_code(gridcon):
    bench = gridcon()
    bench.device.operator["trip"](0x4711)
    assert (bench.u16(32528), bench.u32(32530), bench.u16(32529)) == (8, 0x4711, 0x0100)
    command(bench, ACKNOWLEDGE, feedback=1)
    assert bench.u16(32528) == 8
    bench.write(32562, *bench.long(0x4711))
    command(bench, ACKNOWLEDGE, feedback=0x4711, clock=3)
    assert (bench.u16(32528), bench.u32(32530)) == (2, 0)


def test_gridcon_refuses_single_writes_and_writes_to_its_mirror(gridcon):
    bench = gridcon()
    assert bench.refusal(bench.write, 32560, 2, function=6) == 1
    assert bench.refusal(bench.write, 32880, 2, function=16) == 2


def test_gridcon_has_forgotten_everything_after_a_restart(gridcon):
    bench = gridcon()
    command(bench, PLAY, -0.5)
    bench.wait(6)
    bench.device.face.reboot()
    assert (bench.u16(32528), bench.truth()["battery_power"]) == (1, 0)
    bench.wait(21)
    assert (bench.u16(32528), bench.u16(32881)) == (2, 0)


def test_gridcon_takes_the_parameters_and_answers_the_blocks_of_openems(gridcon):
    bench = gridcon()
    bench.write(32624, *range(16), function=16)
    bench.write(32592, *range(22), function=16)
    bench.write(32784, *[0] * 20, 1, 0, *[0] * 4, function=16)
    for address, count in ((32528, 22), (32880, 12), (33168, 32), (33200, 32), (33456, 24), (33488, 32), (32944, 12)):
        assert len(bench.block(address, count)) == 2 * count
    assert bench.u16(32630) == 6
