"""my-PV AC THOR, AC THOR 9s and AC ELWA-E: a power that times out, a block without gaps, settings that wear."""

from typing import Any

import pytest


def test_any_unit_id_is_answered(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    assert rod.text(1018, 8) == "1201002409150017"
    assert rod.text(1018, 8, unit=255) == "1201002409150017"


def test_a_written_power_flows_and_is_read_back_at_the_same_address(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    assert rod.u16(1000) == 0
    rod.write(1000, 1377)
    assert (rod.u16(1000), rod.truth()["power"]) == (1377, 1377)
    rod.write(1000, 2011, function=16)
    assert (rod.u16(1000), rod.u16(1003), rod.u16(1077)) == (2011, 9, 1)


def test_the_number_written_is_relative_to_full_scale(modbus_bench: Any) -> None:
    rod = modbus_bench(137, rod_power=6000)
    rod.write(1000, 4500)
    assert (rod.truth()["power"], rod.u16(1000), rod.u16(1060)) == (pytest.approx(3000), 3000, 6000)
    rod.write(1000, 20_000)
    assert rod.truth()["power"] == pytest.approx(6000)
    scaled = modbus_bench(137, rod_power=6000, readback="scaled")
    scaled.write(1000, 4500)
    assert scaled.u16(1000) == 4500


def test_a_negative_power_is_none(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    rod.write(1000, -1)
    assert rod.truth()["power"] == 0


def test_without_a_fresh_write_there_is_no_power_after_10_seconds(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    assert (rod.u16(1004), rod.u16(1077)) == (10, 4)
    rod.write(1000, 2000)
    rod.wait(9.5)
    assert (rod.truth()["power"], rod.u16(1077)) == (2000, 1)
    rod.wait(1)
    assert (rod.truth()["power"], rod.u16(1077), rod.u16(1003)) == (0, 4, 0)
    rod.write(1000, 1000)
    assert rod.truth()["power"] == 1000


def test_reads_do_not_feed_the_watchdog_and_its_time_can_be_set(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    rod.write(1004, 60)
    rod.write(1000, 2000)
    for _ in range(5):
        rod.wait(11)
        assert rod.u16(1000) == 2000
    rod.wait(11)
    assert rod.u16(1000) == 0
    assert [rod.refusal(rod.write, 1004, bad) for bad in (9, 601)] == [3, 3]


def test_some_devices_do_not_show_the_time_out_on_modbus(modbus_bench: Any) -> None:
    rod = modbus_bench(136, timeout_on_modbus=False)
    assert rod.u16(1004) == 0
    assert rod.refusal(rod.write, 1004, 60) == 2


def test_one_request_reads_the_block_with_its_gaps_as_zero(modbus_bench: Any) -> None:
    rod = modbus_bench(137)
    rod.set(water_temperature=47.3, frequency=50.1, voltage_l1=231.0)
    data = rod.block(1000, 78)
    words = [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]
    assert (words[1], words[64], words[61], modbus_bench(138).u16(1052)) == (473, 50_100, 231, 0)
    assert rod.refusal(rod.block, 999, 2) == 2
    assert rod.refusal(rod.block, 1079, 3) == 2
    assert rod.refusal(rod.block, 1000, 2, function=4) == 1


def test_a_frozen_cellar_shows_a_negative_temperature(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    rod.set(water_temperature=-4.6, temperature=-3.0)
    assert (rod.s16(1001), rod.s16(1015)) == (-46, -30)


def test_the_elwa_has_other_status_codes_and_fewer_registers(modbus_bench: Any) -> None:
    rod = modbus_bench(138)
    assert (rod.u16(1003), rod.u16(1064), rod.u16(1077)) == (3, 0, 0)
    rod.write(1000, 1500)
    assert rod.u16(1003) == 2
    rod.set(water_temperature=61.0)
    assert (rod.u16(1003), rod.truth()["power"]) == (5, 0)


def test_three_outputs_share_the_power_of_a_9s(modbus_bench: Any) -> None:
    rod = modbus_bench(137)
    rod.write(1000, 7500)
    assert [rod.u16(address) for address in (1000, 1074, 1075, 1076)] == [7500, 2500, 2500, 2500]


def test_hot_water_ends_heating_and_the_setpoint_stays_accepted(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    rod.write(1002, 500)
    rod.set(water_temperature=50.5)
    rod.write(1000, 2000)
    assert (rod.truth()["power"], rod.u16(1077)) == (0, 3)
    assert rod.device.writes[-1].accepted


def test_boost_goes_before_the_setpoint(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    rod.set(water_temperature=35.0)
    rod.write(1012, 1)
    rod.write(1000, 500)
    assert (rod.truth()["power"], rod.u16(1077)) == (3000, 2)
    rod.set(water_temperature=41.0)
    assert (rod.u16(1012), rod.truth()["power"]) == (0, 500)


def test_with_another_control_type_writes_are_taken_and_ignored(modbus_bench: Any) -> None:
    rod = modbus_bench(136, control="my-PV power meter")
    rod.write(1000, 2000)
    assert (rod.truth()["power"], rod.device.writes[-1].accepted) == (0, True)


def test_a_setting_written_twice_a_day_is_noted_as_wear(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    for _ in range(3):
        rod.write(1000, 1000)
    rod.write(1002, 550)
    assert not [each for each in rod.device.writes if "same day" in each.reason]
    rod.write(1002, 560)
    assert [each.target for each in rod.device.writes if "same day" in each.reason] == [1002]
    rod.wait(86_400)
    rod.write(1002, 570)
    assert len([each for each in rod.device.writes if "same day" in each.reason]) == 1
    assert {each.wear for each in rod.device.writes if each.target == 1000} == {"volatile"}


def test_a_restart_loses_the_target_and_keeps_the_settings(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    rod.write(1004, 120)
    rod.write(1000, 2000)
    rod.device.face.reboot()
    assert (rod.u16(1000), rod.u16(1004), rod.u16(1077)) == (0, 120, 4)


def test_without_a_load_or_with_a_fault_nothing_flows(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    rod.device.operator["detach_load"]()
    rod.write(1000, 2000)
    assert (rod.u16(1059), rod.truth()["power"]) == (0, 0)
    rod.device.operator["attach_load"]()
    assert rod.truth()["power"] == 2000
    rod.device.operator["break"]()
    assert (rod.u16(1003) >= 200, rod.truth()["power"]) == (True, 0)
    rod.device.operator["repair"]()
    assert rod.truth()["power"] == 2000
    rod.device.operator["break_sensor"]()
    assert (rod.u16(1003), rod.u16(1077), rod.truth()["power"]) == (0, 5, 0)


def test_the_clock_can_be_set(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    rod.write(1009, 3)
    assert rod.u16(1009) == 3
    assert rod.refusal(rod.write, 1009, 24) == 3


def test_every_few_days_the_water_is_made_hot_against_legionella(modbus_bench: Any) -> None:
    rod = modbus_bench(136)
    rod.write(1002, 450)
    for address, value in ((1053, 3), (1054, 20), (1055, 65), (1056, 1)):
        rod.write(address, value)
    rod.wait(3 * 3600)  # from 15:06 to 18:06 UTC
    assert rod.truth()["power"] == 0
    rod.wait(2.5 * 3600)
    assert (rod.truth()["power"], rod.u16(1077)) == (3000, 2)
    hottest = max(rod.s16(1001) for _ in range(60) if rod.wait(300) is None)
    assert 645 <= hottest <= 655
    assert (rod.truth()["power"], rod.u16(1002), rod.u16(1012)) == (0, 450, 0)
    rod.wait(2 * 86_400)
    assert rod.truth()["power"] == 0
    rod.wait(86_400 - 5 * 3600)
    assert rod.truth()["power"] == 3000


def test_room_circuits_and_the_clock_have_settings(modbus_bench: Any) -> None:
    rod = modbus_bench(137)
    assert [rod.u16(address) for address in (1041, 1044, 1049, 1051, 1053)] == [220, 200, 180, 1, 7]
    rod.write(1051, -2)
    assert rod.s16(1051) == -2
    assert [rod.refusal(rod.write, address, value) for address, value in ((1054, 24), (1055, 85), (1056, 2))] == [
        3,
        3,
        3,
    ]
