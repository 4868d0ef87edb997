"""PQ Plus MMB 700: function 4 has the values of this moment, function 3 means; counters are the same on both."""

import struct
from typing import Any

import pytest


@pytest.mark.parametrize("protocol", ["modbus-tcp", "modbus-rtu"])
def test_function_3_lags_behind_function_4(modbus_bench: Any, protocol: str) -> None:
    mmb = modbus_bench(125, protocol)
    assert mmb.f32(19026) == 0
    mmb.set(power=-4321.5, import_energy=71_234_560.0)
    assert mmb.f32(19026, function=4) == -4321.5
    assert mmb.f32(19026) == pytest.approx(0, abs=5)
    assert mmb.f32(19068) == mmb.f32(19068, function=4) == 71_234_560.0
    mmb.wait(900)
    assert mmb.f32(19026) == pytest.approx(-2731.7, abs=5)


def test_the_native_blocks_are_input_registers(modbus_bench: Any) -> None:
    mmb = modbus_bench(125)
    mmb.set(power=70_123.5, voltage_l3=236.089401, export_energy=2_000_000.1)
    assert mmb.f32(0x1314, function=4) == 70_123.5
    assert struct.unpack(">8f", mmb.block(4352, 16, function=4))[2] == pytest.approx(236.089401)
    assert struct.unpack(">d", mmb.block(0x2004, 4, function=4))[0] == 2_000_000.1
    assert mmb.u32(0x210, function=4) == 70004417
    assert mmb.refusal(mmb.block, 0x1314, 2) == 2


def test_harmonics_read_zero_and_what_is_not_there_is_refused(modbus_bench: Any) -> None:
    mmb = modbus_bench(125)
    assert mmb.block(0x1400, 4, function=4) == b"\0" * 8
    assert mmb.refusal(mmb.block, 0x6000, 2, function=4) == 2


def test_settings_are_written_with_function_16_only(modbus_bench: Any) -> None:
    mmb = modbus_bench(125, ct=[250, 5])
    mmb.set(power=10_000.0)
    assert (mmb.u16(0x711), mmb.u16(0x711, function=4)) == (250, 250)
    assert mmb.refusal(mmb.write, 0x711, 125, function=6) == 1
    mmb.write(0x711, 125, function=16)
    assert mmb.f32(19026, function=4) == 5000
