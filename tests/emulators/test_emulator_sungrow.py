"""Sungrow SG over raw Modbus: what they say, what they obey, what they forget."""

import csv
from pathlib import Path

import pytest

from emulators.family.profile import profile_for
from emulators.wires.modbus import crc16

VARIANTS = Path(__file__).parents[2] / "controller/compatibility/variants.csv"


def printed(row):
    with VARIANTS.open(encoding="utf-8") as file:
        return [line["name"] for line in csv.DictReader(file) if line["row"] == str(row)]


@pytest.fixture
def sg(modbus_bench):
    def on_bench(row=23, protocol="modbus-tcp", **how):
        return modbus_bench(row, protocol, low_first=True, **how)

    return on_bench


@pytest.mark.parametrize("row", range(21, 32))
def test_every_printed_sg_model_stands_there_on_both_wires(row):
    for protocol in ("modbus-tcp", "modbus-rtu"):
        assert [each.name for each in profile_for(row, protocol).models_of(row)] == printed(row)


@pytest.mark.parametrize(
    ("row", "model", "code", "tenths_kw", "output"),
    [(23, "SG20KTL-M", 0x0143, 200, 1), (27, "SG350HX", 0x2C27, 3500, 2), (31, "SG3.6RS", 0x2604, 36, 0)],
)
def test_sg_says_its_type_code_rating_and_output_type(sg, row, model, code, tenths_kw, output):
    bench = sg(row, model=model)
    assert [bench.u16(4999 + i, function=4) for i in range(3)] == [code, tenths_kw, output]


def test_sg_without_a_known_code_says_not_available(sg):
    assert sg(27, model="SG320HX-20").u16(4999, function=4) == 0xFFFF


def test_sg_power_has_its_low_word_first(sg):
    bench = sg(model="SG80KTL-M")
    bench.set(power=70_001.0)
    assert bench.block(5030, 2, function=4).hex() == "11710001"
    assert bench.s32(5030, function=4) == 70_001


def test_sg_draws_a_little_at_night(sg):
    bench = sg()
    bench.set(power=-13.0)
    assert bench.s32(5030, function=4) == -13
    assert bench.u16(5037, function=4) == 0x1400


def test_sg_counts_odd_energy_in_two_resolutions(sg):
    bench = sg()
    bench.set(energy=123_456_789.0)
    assert bench.u32(5003, function=4) == 123_457
    assert bench.u32(5143, function=4) == 1_234_568


def test_sg_measurements_and_settings_of_one_number_are_different_registers(sg):
    bench = sg(model="SG15KTL-M")
    assert bench.u16(5000, function=4) == 150
    assert bench.u16(5000, function=3) == 6  # month


def test_sg_marks_what_it_does_not_have_with_the_highest_value_of_the_type(sg):
    bench = sg(31, model="SG3.0RS-S")
    assert bench.u16(5012, function=4) == 0xFFFF  # second MPPT
    assert bench.u16(5019, function=4) == 0xFFFF  # second phase
    assert bench.s32(5082, function=4) == 0x7FFFFFFF  # meter
    assert bench.u16(5018, function=4) == 2300


def test_sg_fills_holes_of_a_block_and_refuses_a_block_of_nothing(sg):
    bench = sg()
    block = bench.block(5000, 100, function=4)
    assert block[2 * 24 : 2 * 30] == b"\xff" * 12
    assert bench.refusal(bench.u16, 6999, function=4) == 2
    assert bench.refusal(bench.u16, 13049) == 2


def test_sg_limit_cuts_the_power_and_a_release_gives_it_back(sg):
    bench = sg(model="SG10KTL-MT")
    bench.set(power=9_870.0)
    bench.write(5007, 333)
    assert bench.truth()["power"] == 3_330
    assert bench.u32(5076, function=4) == 3_330
    assert bench.u16(5037, function=4) == 0x8200
    bench.write(5007, 1000)
    assert bench.truth()["power"] == 9_870


def test_sg_limit_in_kilowatts_is_the_same_limit(sg):
    bench = sg(model="SG10KTL-MT")
    bench.write(5038, 47)
    assert bench.u16(5007) == 470
    assert bench.truth()["power_limit"] == 4_700


def test_sg_takes_a_limit_with_its_switch_off_and_does_not_obey_it(sg):
    bench = sg(model="SG10KTL-MT")
    bench.set(power=8_000.0)
    bench.write(5006, 0x55)
    bench.write(5007, 100)
    assert bench.u16(5007) == 100
    assert bench.truth()["power"] == 8_000
    bench.write(5006, 0xAA)
    assert bench.truth()["power"] == 1_000


@pytest.mark.parametrize(("model", "highest"), [("SG50KTL-M", 1100), ("SG80KTL-20", 1000), ("SG10KTL-M", 1000)])
def test_sg_refuses_a_limit_beyond_the_range_of_its_model(sg, model, highest):
    bench = sg(model=model)
    bench.write(5007, highest)
    assert bench.refusal(bench.write, 5007, highest + 1) == 4  # "setting failure", V1.1.53 section 3
    assert [write.accepted for write in bench.device.writes] == [True, False]


def test_sg_range_of_the_250_kilowatt_models(sg):
    assert sg(29, model="SG250HX").write(5007, 1110) is None
    assert sg(29, model="SG250HX-IN").write(5007, 1250) is None
    bench = sg(29, model="SG250HX-US")
    assert bench.refusal(bench.write, 5007, 1111) == 4
    bench.write(5007, 1110)
    assert (bench.truth()["power_limit"], bench.refusal(bench.write, 5038, 2501)) == (250_000, 4)


def test_sg_with_overload_on_counts_percent_of_its_maximum(sg):
    bench = sg(model="SG20KTL-M")
    bench.write(5007, 500)
    bench.write(5019, 0xAA)
    assert bench.truth()["power_limit"] == 11_000
    assert bench.refusal(bench.write, 5007, 1001) == 4


def test_sg_keeps_a_limit_for_ever_until_it_loses_power(sg):
    bench = sg(model="SG10KTL-MT")
    bench.set(power=9_000.0)
    bench.write(5007, 200)
    bench.wait(7 * 86_400)
    assert bench.truth()["power"] == 2_000
    bench.device.operator["power-cycle"]()
    assert bench.u16(5037, function=4) == 0x1200
    bench.wait(61)
    assert (bench.u16(5007), bench.truth()["power"]) == (1000, 9_000)


def test_sg_keeps_the_limit_over_a_power_cycle_when_the_app_says_so(sg):
    bench = sg(model="SG10KTL-MT")
    bench.device.operator["persist-limit"]()
    bench.write(5007, 200)
    bench.device.face.reboot()
    bench.wait(61)
    assert bench.truth()["power_limit"] == 2_000


def test_sg_stops_and_starts(sg):
    bench = sg()
    bench.set(power=4_321.0)
    bench.write(5005, 0xCE)
    assert (bench.truth()["power"], bench.u16(5037, function=4)) == (0, 0x8000)
    bench.write(5005, 0xCF)
    assert bench.truth()["power"] == 4_321
    assert bench.refusal(bench.write, 5005, 1) == 4


def test_sg_set_to_local_refuses_remote_settings(sg):
    bench = sg()
    bench.device.operator["remote-allowed"](False)
    assert bench.refusal(bench.write, 5007, 500) == 4
    bench.write(5033, 3)
    bench.write(5007, 500)


def test_sg_with_a_meter_tells_the_grid_and_obeys_a_feed_in_limit(sg):
    bench = sg(30, model="SG10RT")
    bench.set(power=9_000.0)
    bench.device.operator["fit-meter"](grid_power=-8_200.0)
    assert bench.s32(5082, function=4) == -8_200
    assert bench.s32(5090, function=4) == 800
    bench.write(5010, 300)  # 3 kW
    bench.write(5009, 0xAA)
    assert bench.truth()["power"] == 3_800
    assert bench.s32(5082, function=4) == -3_000


def test_sg_counts_what_flows_through_its_meter(sg):
    bench = sg(30, model="SG10RT")
    bench.device.operator["fit-meter"](grid_power=1_234.0)
    bench.wait(3 * 3600)
    assert bench.u32(5098, function=4) == 37
    assert bench.u32(5094, function=4) == 0


def test_sg_volatile_limit_and_lasting_settings_differ_in_wear(sg):
    bench = sg()
    bench.write(5007, 700)
    bench.write(5010, 100)
    assert [write.wear for write in bench.device.writes] == ["volatile", "flash"]


def test_sg_sets_its_clock_and_reactive_power(sg):
    bench = sg(model="SG20KTL-M")
    bench.set(power=12_000.0)
    bench.write(5035, 0xA2)
    bench.write(5036, -250)
    assert bench.s32(5032, function=4) == -5_000
    assert bench.u32(5008, function=4) == 13_000
    bench.write(4999, 2031, 2, 28, 23, 59, 1)
    assert [bench.u16(4999 + i) for i in range(5)] == [2031, 2, 28, 23, 59]


def test_sg_answers_the_examples_of_its_document(sg):
    """V1.1.80 sections 4.1, 4.4 and 4.6."""
    bench = sg(26, "modbus-rtu", model="SG60KU-M")
    assert bench.block(4999, 1, function=4).hex() == "0132"
    written = bytes.fromhex("07d9000a001e00090010000000ce00aa01f40000")
    bench.write(4999, *(int.from_bytes(written[at : at + 2], "big") for at in range(0, 20, 2)))
    assert bench.block(4999, 5) + bench.block(5005, 4) == written[:10] + written[12:]
    assert (bench.truth()["power"], bench.truth()["power_limit"]) == (0, 0)


def test_sg_answers_the_blocks_that_sungather_scans(sg):
    """bohdan-s/SunGather:SunGather/registers-sungrow.yaml, scan ranges."""
    bench = sg(30, model="SG10RT")
    for address, count in ((4949, 50), (5000, 38), (5039, 61), (5100, 100), (5200, 100), (7012, 24)):
        assert len(bench.block(address, count, function=4)) == 2 * count
    for address in (4999, 5009, 5034):
        assert len(bench.block(address, 10)) == 20


def test_sg_shares_its_current_among_the_strings_that_it_tells(sg):
    bench = sg(30, model="SG25RT")
    bench.set(power=24_000.0)
    strings = [bench.u16(7012 + k, function=4) for k in range(5)]
    assert strings[4] == 0xFFFF
    assert len(set(strings[:4])) == 1
    assert strings[0] == pytest.approx(bench.u16(5011, function=4) * 10 / 2, abs=6)
    assert sg(30, model="SG3.0RT").u16(7012, function=4) == 0xFFFF


def test_sg_power_factor_is_told_in_thousandths_and_reset_with_its_mode(sg):
    bench = sg(model="SG20KTL-M")
    bench.set(power=9_000.0)
    bench.write(5035, 0xA1)
    bench.write(5018, -950)
    assert (bench.s16(5018), bench.s32(5032, function=4)) == (-950, -2_958)
    assert bench.refusal(bench.write, 5018, 790) == 4
    bench.write(5035, 0x55)
    assert (bench.u16(5018), bench.s32(5032, function=4)) == (1000, 0)


def test_sg_work_state_2_is_the_same_in_bits(sg):
    bench = sg(model="SG10KTL-MT")
    bench.set(power=9_000.0)
    assert bench.u32(5080, function=4) == 1 << 17 | 1
    bench.write(5007, 100)
    assert bench.u32(5080, function=4) == 1 << 17 | 1 << 12


def test_sg_hears_a_broadcast_and_says_nothing(sg):
    bench = sg(21, "modbus-rtu", model="SG12KTL")
    station = bench.installation.wire.open()
    assert station.feed(bytes.fromhex("0006138f01f4") + crc16(bytes.fromhex("0006138f01f4"))) == []
    assert bench.u16(5007) == 500


def test_sg_over_winet_gives_hundredths_of_a_hertz(sg):
    assert sg(23).u16(5035, function=4) == 500
    assert sg(23, winet=True).u16(5035, function=4) == 5000
    assert sg(23).u16(5147, function=4) == 5000


def test_sg_on_rs485_speaks_9600_8n1_at_unit_1(sg):
    bench = sg(21, "modbus-rtu", model="SG12KTL")
    serial = bench.installation.serial
    assert (serial.baud, serial.parity, serial.stop, bench.unit) == (9600, "N", 1, 1)
    assert bench.u16(4999, function=4) == 0x0029


def test_sg_day_yield_starts_anew_at_midnight(sg):
    bench = sg(model="SG10KTL-MT")
    bench.set(power=5_000.0)
    bench.wait(2 * 3600)
    assert bench.u16(5002, function=4) == 100
    bench.wait(86_400)
    assert bench.u16(5002, function=4) == 0
