"""SENTRON PAC: floats at odd addresses and energies in double format; the PAC1600 series has integers."""

import struct
from typing import Any

import pytest


def f64(meter: Any, address: int) -> float:
    value: float = struct.unpack(">d", meter.block(address, 4))[0]
    return value


@pytest.mark.parametrize("row", [117, 118, 119])
def test_addresses_are_those_that_are_printed(modbus_bench: Any, row: int) -> None:
    pac = modbus_bench(row)
    pac.set(power=-4321.5, power_l2=-1426.125, voltage_l3=234.875, frequency=49.75, import_energy=71_234_500.1)
    assert (pac.f32(65), pac.f32(27), pac.f32(5), pac.f32(55)) == (-4321.5, -1426.125, 234.875, 49.75)
    assert (f64(pac, 801), f64(pac, 805)) == (71_234_500.1, 0)
    assert pac.block(65, 2) == pac.block(65, 2, function=4)


def test_a_read_that_cuts_through_a_value_is_refused(modbus_bench: Any) -> None:
    pac = modbus_bench(118)
    assert len(pac.block(1, 54)) == 108
    assert pac.refusal(pac.block, 2, 2) == 2
    assert pac.refusal(pac.block, 1, 3) == 2
    assert pac.refusal(pac.block, 0, 2) == 2
    assert pac.refusal(pac.block, 46, 2) == 2  # where one client looks for the frequency


def test_two_tariffs_share_the_energy(modbus_bench: Any) -> None:
    pac = modbus_bench(117, tariffs=2)
    pac.set(import_energy=100_000_000.0, export_energy=5_000_000.0)
    assert (f64(pac, 801), f64(pac, 805)) == pytest.approx((62_000_000, 38_000_000))
    assert f64(pac, 809) + f64(pac, 813) == pytest.approx(5_000_000)


def test_the_three_types_differ(modbus_bench: Any) -> None:
    two, three, four = modbus_bench(117), modbus_bench(118), modbus_bench(119)
    assert (two.f32(43), three.f32(43)) == (0, pytest.approx(1.9))
    assert len(two.block(1, 68)) == 136
    assert two.refusal(two.f32, 2801) == three.refusal(three.f32, 2801) == 2
    four.set(import_energy=71_234_560.0)
    assert four.f32(2801) == 71_234_560.0


def test_the_identification_is_read_as_a_whole(modbus_bench: Any) -> None:
    pac = modbus_bench(118)
    block = pac.block(64001, 27)
    assert int.from_bytes(block[:2], "big") == 42
    assert block[2:22].rstrip(b"\0") == b"7KM2112-0BA00-3AA0"
    assert block[40:44] == b"V\2\1\0"
    assert pac.refusal(pac.block, 64001, 1) == 2
    assert pac.refusal(pac.block, 64012, 8) == 2


def test_a_primary_current_that_is_not_the_one_mounted_falsifies_powers(modbus_bench: Any) -> None:
    pac = modbus_bench(119, ct=[250, 5])
    pac.set(power=10_000.0)
    assert pac.u32(50011) == 250
    pac.write(50011, 0, 125)
    assert pac.f32(65) == 5000
    assert pac.refusal(pac.write, 50021, 0, 61) == 3
    assert pac.refusal(pac.write, 50021, 15, function=6) == 1


def test_pac1665_counts_from_one_below_the_printed_number(modbus_bench: Any) -> None:
    pac = modbus_bench(116)
    pac.set(power=-4321.5, current_l1=5.254, voltage_l2=228.4, import_energy=71_234_500.0, export_energy=3_000_000.0)
    assert (pac.s32(57), pac.u32(7), pac.u32(3)) == (-432_150, 52_540, 22_840)
    assert (pac.u32(6687), pac.u32(6689), pac.u32(49)) == (71_234_500, 3_000_000, 5000)
    assert pac.block(57, 2, function=4) == pac.block(57, 2)


def test_pac1665_is_read_within_its_runs(modbus_bench: Any) -> None:
    pac = modbus_bench(116)
    assert (len(pac.block(1, 30)), len(pac.block(49, 12)), len(pac.block(6687, 28))) == (60, 24, 56)
    assert pac.refusal(pac.block, 1, 60) == 2
    assert pac.refusal(pac.block, 6707, 28) == 2
    assert modbus_bench(116, frequency="thousandths").u32(49) == 50_000
