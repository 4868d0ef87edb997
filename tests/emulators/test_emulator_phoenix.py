"""Phoenix Contact EEM, and the EcoCount S that is assumed to share its platform: floats, integers, a third table."""

import struct
from typing import Any

import pytest

BOTH = [(123, "modbus-rtu"), (124, "modbus-tcp")]


@pytest.mark.parametrize(("row", "protocol"), BOTH)
def test_floats_and_integers_say_the_same(modbus_bench: Any, row: int, protocol: str) -> None:
    eem = modbus_bench(row, protocol)
    eem.set(power=-4321.5, power_l2=-1426.125, voltage_l3=234.875, import_energy=71_234_560.0, frequency=49.75)
    assert (eem.f32(4134), eem.f32(4130), eem.f32(4358)) == (-4321.5, -1426.125, 71_234_560.0)
    assert int.from_bytes(eem.block(44, 4), "big", signed=True) == -4_321_500
    assert int.from_bytes(eem.block(268, 4), "big") == 712_345_600
    assert (eem.u32(4), eem.u32(80)) == (234_875, 49_750)
    assert eem.block(4096, 60) == eem.block(4096, 60, function=4)


def test_on_ethernet_it_has_one_unit_id_and_four_clients(modbus_bench: Any) -> None:
    eem = modbus_bench(124)
    assert eem.unit == 255
    assert eem.installation.wire.rules.limit == 4
    assert eem.u32(1310) == 255


def test_the_third_table_counts_in_tens_of_watts_and_kilowatt_hours(modbus_bench: Any) -> None:
    eem = modbus_bench(124)
    eem.set(power=-70_123.4, import_energy=71_234_500.0, export_energy=5_400_000.0)
    assert (eem.s32(50536), eem.u32(50770), eem.u32(50776), eem.u32(50780)) == (-7012, 71_234, 5400, 28_494)


def test_a_capacitive_load_has_a_negative_power_factor(modbus_bench: Any) -> None:
    eem = modbus_bench(124)
    eem.set(power_factor=0.93, reactive_power=-612.0)
    assert (eem.f32(4126), eem.s32(30)) == (pytest.approx(-0.93), -930)


def test_values_are_not_cut_and_gaps_are_refused(modbus_bench: Any) -> None:
    eem = modbus_bench(124)
    assert eem.refusal(eem.block, 4097, 2) == 2
    assert eem.refusal(eem.block, 4096, 3) == 2
    assert eem.refusal(eem.block, 84, 2) == 2


def test_identity_alarms_and_settings(modbus_bench: Any) -> None:
    eem = modbus_bench(123, "modbus-rtu", ct=[250, 5])
    assert (eem.text(1280, 6), eem.u32(1290), eem.u32(1302), eem.u32(1306)) == ("21804400562R", 107, 250, 5)
    eem.write(57631, 0, 3)
    assert eem.u32(1314) == 3
    assert eem.refusal(eem.write, 57633, 3) == 3
    assert eem.refusal(eem.write, 1302, 0, 100) == 2
    assert eem.refusal(eem.block, 57856, 1) == 2


def test_the_ecocount_has_the_floats_and_an_identity_of_characters(modbus_bench: Any) -> None:
    meter = modbus_bench(122, "modbus-rtu")
    meter.set(power=-4321.5, import_energy=71_234_560.0, export_energy=1_000_000.0)
    assert (meter.f32(4134), meter.f32(4358)) == (-4321.5, 71_234_560.0)
    assert meter.f32(4366) == pytest.approx(1_000_000.0, abs=1)
    assert (meter.text(0x500, 5), meter.u16(0x505), meter.u16(0x507)) == ("NZ85170417", 8, 102)
    assert struct.unpack(">29f", meter.block(4096, 58))[0] == 230
    assert modbus_bench(122, "modbus-rtu", type="6 A").u16(0x505) == 3
