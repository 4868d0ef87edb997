"""What else the vendor lists of SMA's PV inverters have answers; what only an installer may change is not taken."""

import struct
from typing import Any

import pytest

NAN_TAG = 0x00FFFFFD


@pytest.mark.parametrize("row, model", [(1, "STP 8.0"), (1, "25000TL-30"), (2, "SB 5000TL-21"), (4, None), (5, None)])
def test_a_client_of_the_whole_fleet_finds_country_yield_and_state_everywhere(
    modbus_bench: Any, row: int, model: str | None
) -> None:
    inverter = modbus_bench(row, model=model)
    inverter.set(power=1234.0)
    assert inverter.u32(40109) == 7510 and inverter.u32(30055) == 461
    assert inverter.u32(30217) == 51 and inverter.u32(30835) == 1079


def test_the_yield_is_told_in_four_units(modbus_bench: Any) -> None:
    old = modbus_bench(1, model="25000TL-30")
    old.set(energy=70_123_456.0)
    assert [old.u32(address) for address in (30529, 30531, 30533)] == [70_123_456, 70_123, 70]


def test_what_nothing_drives_is_as_delivered_or_not_available(modbus_bench: Any) -> None:
    old = modbus_bench(1, model="25000TL-30")
    assert old.u32(40133) == 230 and old.u32(40135) == 5000 and old.u32(30219) == 884
    assert old.refusal(old.write, 40133, *old.long(240)) == 2


def test_reactive_power_is_two_decimals_finer_on_a_tripower_x(modbus_bench: Any) -> None:
    for row, factor in ((4, 100), (5, 1)):
        inverter = modbus_bench(row)
        inverter.device.face.reactive_power = -37.25
        assert inverter.s32(30805) == round(-37.25 * factor)


def test_a_plant_control_may_also_write_reactive_set_points_and_the_second_number_of_the_set_point(
    modbus_bench: Any,
) -> None:
    core = modbus_bench(5)
    core.set(power=40_000.0)
    core.write(40022, 2500)
    core.write(40024, 9500, 0, 1041, function=16)
    core.write(44425, *core.long(12_500))
    core.write(44427, *core.long(802))
    assert core.truth()["power"] == 12_500.0 and core.refusal(core.block, 40022, 1) == 2


def test_profile_2_has_the_lengths_of_its_curves_and_its_dc_side_where_clients_know_it(modbus_bench: Any) -> None:
    inverter = modbus_bench(1, model="STP 8.0", sunspec="2.0")
    inverter.set(power=4000.0)
    for address, number, length in ((40513, 707, 141), (41073, 711, 32), (41107, 712, 52), (41161, 714, 18)):
        assert inverter.block(address, 2, unit=126) == struct.pack(">HH", number, length)
    assert inverter.block(40394, 2, unit=126) == struct.pack(">HH", 8, 2)


def test_curves_of_sunspec_are_there_and_empty(modbus_bench: Any) -> None:
    inverter = modbus_bench(1, model="STP 8.0")
    assert inverter.block(40402, 5, unit=126) == struct.pack(">HHhhh", 1, 8, -0x8000, -0x8000, -0x8000)
    assert inverter.u16(40299, unit=126) & 1 and inverter.u16(40242, unit=126) == 8000


def test_the_maximum_in_sunspec_is_the_parameter_and_wears(modbus_bench: Any) -> None:
    inverter = modbus_bench(1, model="STP 8.0")
    inverter.set(power=8000.0)
    inverter.write(40267, 7600, unit=126)
    assert inverter.u32(40915) == 7600 and inverter.truth()["power"] == 7600.0
    assert inverter.device.writes[-1].wear == "flash"
