"""GoodWe ET and BT over raw Modbus."""

import pytest

from emulators.family.profile import profile_for


@pytest.fixture
def goodwe(modbus_bench):
    return lambda row=50, **how: modbus_bench(row, **how)


def test_goodwe_rows_have_their_printed_names_and_stand_at_unit_247(goodwe):
    assert [profile_for(row, "modbus-tcp").models_of(row)[0].name for row in (49, 50)] == ["BT", "ET"]
    assert goodwe().unit == 247


@pytest.mark.parametrize(("row", "tag", "name"), [(49, "BTU", "GW10K-BT"), (50, "ETU", "GW10K-ET")])
def test_goodwe_says_who_it_is_in_serial_and_model(goodwe, row, tag, name):
    bench = goodwe(row)
    serial = bench.text(35003, 8)
    assert (len(serial), serial[1:5], serial[5:8]) == (16, "010K", tag)
    assert bench.block(35011, 5).decode() == f"{name}  "  # real ones fill up with blanks
    assert bench.u16(35001) == 10_000


def test_goodwe_blocks_of_the_library_can_be_read_in_one_request(goodwe):
    bench = goodwe()
    for address, count in ((35000, 33), (35100, 125), (36000, 45), (36000, 58), (37000, 24)):
        assert len(bench.block(address, count)) == 2 * count


def test_goodwe_refuses_blocks_that_its_firmware_does_not_have(goodwe):
    bench = goodwe()
    for address, count in ((36000, 125), (39000, 22), (35301, 61)):
        assert bench.refusal(bench.block, address, count) == 2


def test_goodwe_battery_is_positive_when_discharging_and_the_meter_when_exporting(goodwe):
    bench = goodwe()
    bench.set(battery_power=-4_321.0, grid_power=70_003.0)
    assert bench.s32(35182) == -4_321
    assert bench.u16(35184) == 3
    assert bench.s32(36025) == bench.s32(35139) == -70_003
    assert bench.s16(36008) == -32_768  # too much for the old register


def test_goodwe_counts_energy_in_tenths_and_the_meter_in_floats(goodwe):
    bench = goodwe()
    bench.set(energy=123_456_789.0, grid_power=1_234.5)
    bench.u16(35001)
    bench.wait(3600)
    assert bench.u32(35195) == 1_234_568
    assert bench.f32(36017) == pytest.approx(1_234.5, rel=1e-3)


def test_goodwe_without_meter_leaves_its_registers_without_a_value(goodwe):
    bench = goodwe(meter=False)
    assert (bench.u16(36004), bench.s32(36025)) == (0, 0x7FFFFFFF)


def test_goodwe_bt_has_no_pv_inputs(goodwe):
    bench = goodwe(49)
    assert "pv_power" not in bench.truth()
    assert (bench.u16(35103), bench.u32(35105)) == (0, 0)
    bench = goodwe(50)
    bench.set(pv_power=5_000.0)
    assert (bench.u16(35103), bench.u32(35105)) == (6_100, 2_500)


@pytest.mark.parametrize(("mode", "power"), [(2, -3_000), (11, -3_000), (3, 3_000), (12, 3_000), (8, 0), (0xFF, 0)])
def test_goodwe_obeys_mode_and_power_written_together(goodwe, mode, power):
    bench = goodwe()
    bench.write(47511, mode, 3_000)
    assert bench.truth()["battery_power"] == power


def test_goodwe_keeps_a_mode_until_it_is_set_back_to_one(goodwe):
    bench = goodwe(capacity=1e9)
    bench.write(47512, 2_345)
    assert bench.truth()["battery_power"] == 0  # a power without its mode
    bench.write(47511, 2)
    bench.wait(86_400)
    assert bench.truth()["battery_power"] == -2_345
    bench.write(47511, 1)
    assert bench.device.twin.battery_setpoint is None


def test_goodwe_cuts_a_power_beyond_its_rating(goodwe):
    bench = goodwe()
    bench.write(47511, 11, 60_000)
    assert (bench.u16(47512), bench.truth()["battery_power"]) == (60_000, -10_000)


def test_goodwe_refuses_a_mode_that_is_none(goodwe):
    bench = goodwe()
    assert bench.refusal(bench.write, 47511, 13) == 3
    assert bench.refusal(bench.write, 35182, 1, 1) == 2
    assert bench.refusal(bench.u16, 35001, function=4) == 1


def test_goodwe_lowest_soc_is_kept_in_discharge_depth(goodwe):
    bench = goodwe()
    bench.write(45356, 51)
    bench.write(47511, 12, 2_000)
    assert bench.truth()["battery_power"] == 0
    bench.write(47500, 1)
    assert bench.truth()["battery_power"] == 2_000


def test_goodwe_export_limit_follows_the_load(goodwe):
    bench = goodwe()
    bench.set(pv_power=9_000.0, grid_power=-8_000.0)
    bench.write(47510, 2_500)
    bench.write(47509, 1)
    assert bench.truth()["power_limit"] == 3_500


def test_goodwe_mode_outlives_a_restart_unless_the_firmware_forgets_it(goodwe):
    for survives, mode in ((True, 11), (False, 1)):
        bench = goodwe(mode_survives=survives)
        bench.write(47511, 11, 1_000)
        bench.device.face.reboot()
        assert bench.u16(47511) == mode


def test_goodwe_limits_wear(goodwe):
    bench = goodwe()
    bench.write(45356, 20)
    bench.write(47511, 1)
    assert [write.wear for write in bench.device.writes] == ["flash", ""]


def test_goodwe_tells_the_modes_of_its_first_two_inputs_in_the_second_word(goodwe):
    bench = goodwe()
    bench.set(pv_power=5_432.0)
    assert (bench.u16(35119), bench.u16(35120)) == (0, 0x0202)
    assert goodwe(49).u16(35120) == 0  # BT: nothing connected


@pytest.mark.parametrize(
    ("mode", "battery"),
    [(2, -5_100), (3, 3_000), (4, -5_100), (5, 900), (6, -2_100), (8, 0), (9, -4_100), (10, 1_900), (11, -3_000)],
)
def test_goodwe_modes_do_what_the_makers_table_says(goodwe, mode, battery):
    bench = goodwe()
    bench.set(pv_power=2_100.0)
    bench.device.twin.demand = 1_000.0
    bench.write(47511, mode, 3_000)
    assert bench.truth()["battery_power"] == battery
    assert bench.s32(35182) == battery


def test_goodwe_charges_with_more_when_the_sun_comes_out(goodwe):
    bench = goodwe()
    bench.write(47511, 2, 1_500)
    bench.device.twin.pv_available = 2_222.0
    assert bench.s32(35182) == -3_722


def test_goodwe_stopped_gives_nothing(goodwe):
    bench = goodwe()
    bench.device.twin.pv_available = 2_222.0
    bench.write(47511, 0xFF)
    assert bench.truth()["power"] == 0


def test_goodwe_eco_schedule_charges_until_its_soc(goodwe):
    bench = goodwe()
    bench.set(soc=49.0)
    bench.write(47547, 0, 0x173B, 0xFF7F, -50, 80, 0)
    bench.write(47000, 3)
    assert bench.truth()["battery_power"] == -5_000
    bench.write(47551, 30)
    assert bench.truth()["battery_power"] == 0
    bench.write(47000, 0)
    assert bench.block(47547, 6) == bytes.fromhex("0000173bff7fffce001e0000")


def test_goodwe_blocks_of_openems_can_be_read_in_one_request(goodwe):
    bench = goodwe()
    for address, count in (
        (35186, 41),
        (35250, 41),
        (48000, 42),
        (37000, 56),
        (45222, 25),
        (45250, 30),
        (45352, 7),
        (47500, 19),
        (47547, 53),
    ):
        assert len(bench.block(address, count)) == 2 * count
    assert bench.u32(35113) == 0
