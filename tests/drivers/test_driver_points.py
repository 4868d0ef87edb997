"""Points of a device with several charge points, coils, and texts with turned words."""

from typing import ClassVar

import pytest

from controller.drivers.modbus.coils import Coil
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.errors import ConfigurationError, Refused


class Twin(ModbusDevice):
    """Two charge points, 16 registers apart, and one station limit."""

    charge_points: ClassVar = {82: 2}
    stride = 16

    station = Setting(3, "u16", unit="A")
    name = Setting(40, "str3", order="low first")
    limit = Setting(4, "u16", 0.1, "A", each=True)
    spare = Setting(5, "u16", each=True)
    power = Measure(8, "s32", unit="W", each=True)


class Bits:
    """A line of coils, eight in a byte."""

    def __init__(self) -> None:
        self.closed: set[int] = set()
        self.written: list[tuple[int, int, str]] = []

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        if function != 1:
            raise Refused(1, unit=unit, address=address)
        return bytes((0xF0 | (address in self.closed),))  # what a device puts into the bits nobody asked for

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        self.written.append((function, address, data.hex()))
        self.closed ^= {address}


class Box(ModbusDevice):
    release = Coil(400)


def test_each_charge_point_has_its_own_registers_and_shares_the_stations(registers, desk):
    line = registers()
    line.lay(3, "HHH", 32, 160, 0)
    line.lay(8, "i", -70_001)
    line.lay(20, "HH", 60, 0)
    line.lay(24, "i", 11_003)
    line.lay(40, "6s", b"BA\0C\0\0")
    one, two = desk(Twin, line, row=82), desk(Twin, line, row=82, point=2)
    assert one.do(one.driver.sample())["power"] == -70_001
    assert two.do(two.driver.sample())["power"] == 11_003
    assert two.do(two.driver.station.read()) == 32
    assert one.do(one.driver.name.read()) == "ABC"
    two.do(two.driver.limit.write(13.4))
    two.do(two.driver.write_together((two.driver.limit, 7.5), (two.driver.spare, 9)))
    two.do(two.driver.station.write(20))
    assert line.writes() == [(20, "0086"), (20, "004b0009"), (3, "0014")]


def test_a_charge_point_that_the_row_does_not_have_is_a_mistake_of_the_installer(registers, desk):
    for row, point in ((82, 3), (82, 0), (68, 2)):
        with pytest.raises(ConfigurationError, match=f"charge point {point}"):
            desk(Twin, registers(), row=row, point=point)


def test_a_coil_is_one_bit_whatever_stands_beside_it(registers, desk):
    here = desk(Box, registers())
    line = here.driver.line = Bits()
    assert here.do(here.driver.release.read()) is False
    here.do(here.driver.release.write(1))
    assert here.do(here.driver.release.read()) is True
    here.do(here.driver.release.write(0))
    assert line.written == [(5, 400, "ff00"), (5, 400, "0000")]
