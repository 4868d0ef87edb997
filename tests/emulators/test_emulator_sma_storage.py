"""SMA storage: set-points, windows, fallbacks, the grid meter."""

from typing import Any

import pytest

NAN_TAG = 0x00FFFFFD


def unlock(bench: Any) -> Any:
    bench.write(43090, *bench.long(12345678))
    return bench


@pytest.fixture
def sbs(modbus_bench: Any) -> Any:
    return modbus_bench(39, model="SBS 5.0")


def test_storage_shows_charging_and_discharging_as_two_registers(sbs: Any) -> None:
    sbs.set(battery_power=-1_234.0, soc=63.0)
    assert (sbs.u32(31393), sbs.u32(31395), sbs.u32(30955)) == (1_234, 0, 2292)
    assert sbs.u32(30845) == 63 and sbs.u32(30051) == 8007 and sbs.s32(30775) == -1_234


def test_the_grid_meter_has_a_register_for_each_direction(sbs: Any) -> None:
    sbs.set(grid_power=-70_456.0)
    assert (sbs.s32(30865), sbs.s32(30867)) == (0, 70_456)


def test_a_set_point_acts_only_while_it_is_active(sbs: Any) -> None:
    sbs.write(40149, *sbs.long(-2_500))
    assert sbs.truth()["battery_power"] == 0.0
    sbs.write(40151, *sbs.long(802))
    assert sbs.truth()["battery_power"] == -2_500.0
    sbs.write(40151, *sbs.long(803))
    assert sbs.truth()["battery_power"] == 0.0


def test_one_write_may_carry_set_point_and_enable(sbs: Any) -> None:
    sbs.write(40149, *sbs.long(1_800), *sbs.long(802))
    assert sbs.truth()["battery_power"] == 1_800.0


def test_the_window_of_the_battery_management_forces_charging(sbs: Any) -> None:
    sbs.write(40793, *sbs.long(3_000), *sbs.long(3_000))
    sbs.write(40236, *sbs.long(2289))
    assert sbs.truth()["battery_power"] == -3_000.0
    sbs.write(40236, *sbs.long(2424))
    assert sbs.truth()["battery_power"] == 0.0


def test_a_band_below_zero_forces_charging(sbs: Any) -> None:
    low = -10_000 & 0xFFFF_FFFF
    sbs.write(44039, *sbs.long(low), *sbs.long(low))
    assert sbs.truth()["battery_power"] == -5_000.0


def test_the_small_sunny_boy_storage_has_no_set_point(modbus_bench: Any) -> None:
    bench = modbus_bench(39, model="SBS 2.5")
    assert bench.refusal(bench.write, 40149, 0, 500) == 2 and bench.refusal(bench.u32, 30865) == 2
    bench.write(40793, *bench.long(900), *bench.long(900))
    bench.write(40236, *bench.long(2289))
    assert bench.truth()["battery_power"] == -900.0


def test_storage_falls_back_to_its_own_regulation_when_told_to(sbs: Any) -> None:
    sbs.write(41193, *sbs.long(2507))
    sbs.write(41195, *sbs.long(30))
    sbs.write(40149, *sbs.long(2_000), *sbs.long(802))
    sbs.wait(31)
    assert sbs.truth()["battery_power"] == 0.0


def test_a_sunny_island_fills_its_battery_when_set_points_stop(modbus_bench: Any) -> None:
    bench = modbus_bench(38, model="SI6.0H-12")
    bench.write(40149, *bench.long(1_500), *bench.long(802))
    bench.wait(601)
    assert bench.truth()["battery_power"] == -4_600.0


def test_a_sunny_island_hides_its_mode_before_the_login(modbus_bench: Any) -> None:
    bench = modbus_bench(38, model="SI8.0H-12")
    assert bench.refusal(bench.u32, 40210) == 4
    assert unlock(bench).u32(40210) == 1079


def test_an_older_sunny_island_has_the_short_list(modbus_bench: Any) -> None:
    bench = modbus_bench(38, model="SI6.0H-11")
    bench.write(40149, *bench.long(-700), *bench.long(802))
    assert bench.truth()["battery_power"] == -700.0
    assert bench.refusal(bench.write, 40016, 50) == 2 and bench.u32(30053) == 9223


def test_sunspec_124_maps_charging_only(sbs: Any) -> None:
    sbs.set(soc=41.0)
    sbs.write(40374, 1, unit=126)
    assert sbs.u16(40377, unit=126) == 41 and sbs.refusal(sbs.write, 40381, 50, unit=126) == 2


@pytest.mark.parametrize(
    ("row", "model", "address"),
    [(38, "SI6.0H-11", 30901), (38, "SI8.0H-12", 44103), (39, "SBS 2.5", 44085), (39, "SBS 5.0", 32263),
     (42, "STP6.0SE", 30559)],
)  # fmt: skip
def test_a_storage_answers_at_every_register_of_its_list(modbus_bench: Any, row: int, model: str, address: int) -> None:
    assert len(modbus_bench(row, model=model).block(address, 2)) == 4


def test_a_storage_keeps_settings_that_it_does_not_act_on(modbus_bench: Any) -> None:
    bench = modbus_bench(39, model="SBS 5.0")
    assert bench.u32(40013) == 0x00FFFFFD
    bench.write(40013, 0, 777)
    assert bench.u32(40013) == 777


def test_a_smart_energy_by_its_list_takes_only_the_maxima_of_the_window(modbus_bench: Any) -> None:
    bench = modbus_bench(42, bms="listed")
    bench.set(pv_power=4_200.0)
    assert bench.u32(30051) == 8009 and bench.s32(30773) == 2_100
    assert bench.refusal(bench.write, 40236, 0, 2424) == 2
    modbus_bench(42).write(40236, 0, 2424)
    modbus_bench(42).write(40149, 0, 0, 0, 802, 0, 0)


def test_the_storage_x_has_no_meter(modbus_bench: Any) -> None:
    bench = modbus_bench(41)
    bench.set(grid_power=3_000.0)
    assert bench.block(30865, 4) == b"\x80\0\0\0" * 2 and bench.u32(30053) == 19036


def test_the_inverter_manager_takes_one_command_a_second(modbus_bench: Any) -> None:
    bench = modbus_bench(40)
    bench.write(40374, 1)
    assert bench.refusal(bench.write, 40382, 2_500) == 6
    bench.wait(1)
    bench.write(40382, 0x10000 - 2_500)  # a negative charge rate forces discharging
    assert bench.truth()["battery_power"] == 15_000.0
    assert bench.s32(1056, unit=25) == 500 and bench.text(40020, 16) == "SMA Inverter Manager"


def test_the_grid_meter_tells_every_phase_and_counts(modbus_bench: Any) -> None:
    """As evcc reads a Smart Energy: import less export, currents without sign, a third string that is not there."""
    se = modbus_bench(42)
    se.set(grid_power=-70_003.0, voltage_l1=231.4)
    assert [se.u32(address) for address in (31259, 31265)] == [23_334, 0]
    assert se.s32(31435) == round(70_003 / 3 / 231.4 * 1000) and se.u32(31257) == 23_140
    se.u32(30583)
    se.wait(3_600)
    assert se.u32(30581) == 0 and se.u32(30583) == pytest.approx(70_003, abs=20)
    assert se.block(30967, 2) == b"\x80\0\0\0"
