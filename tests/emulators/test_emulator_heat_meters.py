"""Heat meters: Kamstrup's datagram with what is assumed of it, Sontex behind a gateway with units of its own."""

from math import isnan
from typing import Any

import pytest

HOT = {"flow": 1.3, "flow_temperature": 71.25, "return_temperature": 43.5, "heat_energy": 71_234_500.0}


@pytest.mark.parametrize("row", [131, 132])
def test_the_seven_registers_that_are_known_are_floats_in_litres_kilowatts_and_degrees(modbus_bench: Any, row: int):
    meter = modbus_bench(row)
    meter.set(**HOT)
    assert meter.f32(0x0000) == pytest.approx(1300)
    assert meter.f32(0x0004) == pytest.approx(meter.truth()["heat_power"] / 1000)
    assert (meter.f32(0x0006), meter.f32(0x0008)) == (pytest.approx(71.25), pytest.approx(43.5))
    assert isnan(meter.f32(0x000A)) and meter.block(0x000A, 2) == bytes.fromhex("7fc00000")


def test_energies_and_identity_stand_in_a_block_of_their_own_that_is_assumed(modbus_bench: Any):
    meter = modbus_bench(131)
    meter.set(**HOT, volume=7123.456)
    assert (meter.f32(0x0100), meter.f32(0x0104)) == (pytest.approx(71_234.5), pytest.approx(7123.456))
    assert meter.u32(0x010C) == 72_345_678
    meter.device.operator["pulse"]("b", 3)
    assert (meter.f32(0x0106), meter.f32(0x0108)) == (0, 3)


def test_any_unit_id_and_both_functions_answer_and_nothing_can_be_written(modbus_bench: Any):
    meter = modbus_bench(131)
    meter.set(flow=0.7)
    assert meter.f32(0, function=4, unit=78) == pytest.approx(700)
    assert meter.refusal(meter.write, 0, 1) == 1
    assert meter.refusal(meter.block, 0x0010, 2) == 2


def test_a_cold_flow_counts_cold_with_a_negative_power(modbus_bench: Any):
    meter = modbus_bench(132)
    meter.set(flow=1.2, flow_temperature=6.5, return_temperature=12.0)
    meter.wait(3600)
    assert meter.f32(0x0004) == pytest.approx(-7.67, abs=0.02)
    assert (meter.f32(0x0100), meter.f32(0x0102)) == (0, pytest.approx(7.67, abs=0.02))


def test_values_stand_for_ten_seconds(modbus_bench: Any):
    meter = modbus_bench(131)
    meter.set(flow=100.0, heat_energy=0.0)
    meter.wait(10)
    first = meter.f32(0x0100)
    meter.wait(9.5)
    assert meter.f32(0x0100) == first > 0
    meter.wait(1)
    assert meter.f32(0x0100) == pytest.approx(2 * first, rel=0.1)


def test_a_third_sensor_is_shown_where_there_is_one(modbus_bench: Any):
    assert modbus_bench(131, sensors="t3").f32(0x000A) == pytest.approx(21.4)


def test_supercal_says_in_which_units_it_counts(modbus_bench: Any):
    meter = modbus_bench(133)
    meter.set(**HOT, volume=6543.21)
    assert (meter.u16(100), meter.f32(102)) == (1, pytest.approx(71_234.5))
    assert (meter.u16(300), meter.f32(302), meter.u16(700)) == (0, pytest.approx(6543.21), 1)
    assert meter.f32(732) == pytest.approx(27.75)


@pytest.mark.parametrize(
    ("unit", "code", "energy"),
    [("Wh", 0, 71_234_500), ("MWh", 2, 71.2345), ("MJ", 3, 256_444.2), ("GJ", 4, 256.4442), ("BTU", 5, 243_062_205)],
)
def test_other_units_have_other_codes(modbus_bench: Any, unit: str, code: int, energy: float):
    meter = modbus_bench(133, energy_unit=unit)
    meter.set(**HOT)
    assert (meter.u16(100), meter.f32(102)) == (code, pytest.approx(energy))


def test_gallons_and_watts(modbus_bench: Any):
    meter = modbus_bench(133, volume_unit="US gal", power_unit="W")
    meter.set(volume=3.785411784, **HOT)
    assert (meter.u16(300), meter.f32(302), meter.u16(700)) == (1, pytest.approx(1000, rel=1e-5), 0)
    assert meter.f32(702) == pytest.approx(meter.truth()["heat_power"])


def test_the_gateway_answers_for_a_meter_that_is_not_there(modbus_bench: Any):
    meter = modbus_bench(133)
    assert meter.refusal(meter.block, 100, 1, unit=7) == 11
    meter.device.operator["cut_line"]()
    assert meter.refusal(meter.u16, 100) == 11
    meter.device.operator["mend_line"]()
    assert meter.u16(100) == 1
