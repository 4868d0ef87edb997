"""Siemens PAC: floats and doubles at the printed offsets, integers in the PAC1600."""

import pytest

from controller.drivers.siemens_pac import SiemensPac
from controller.drivers.siemens_pac1600 import SiemensPac1600
from controller.errors import Refused, WrongDevice


class Pac:
    """Refuses what starts or ends within a value, and the identification block unless it is asked for as a whole."""

    unit = 1

    def __init__(self, line, order_number):
        self.line = line
        self.values = {1: 230.2, 3: 231.0, 5: 229.4, 7: 400.0, 9: 400.1, 11: 399.9, 13: 1.5, 15: 2.25, 17: 10.125}
        self.values |= {19: 1.0, 21: 2.0, 23: 3.0, 25: 345.0, 27: -519.75, 29: 2322.0, 31: 0.0, 55: 50.02}
        self.values |= {65: -66_123.5, 67: -12.5, 69: -0.93}
        for address, value in self.values.items():
            line.lay(address, "f", value)
        line.lay(801, "dddd", 5e9 + 0.25, 71_000.0, 98_500.0, 11.0)
        line.lay(64001, "54s", b"\0\x2a" + order_number.ljust(20) + b"LQN/180400123456" + bytes(16))

    async def read(self, unit, function, address, count):
        whole = {(64001, 27), *((at, 2) for at in self.values)}
        floats = all(at in self.values for at in range(address, address + count, 2)) and count % 2 == 0
        doubles = address >= 801 and (address - 801) % 4 == count % 4 == 0 and address + count <= 817
        if (address, count) not in whole and not floats and not doubles:
            raise Refused(2, unit=unit, address=address)
        return await self.line.read(unit, function, address, count)


def pac(registers, order_number=b"7KM2112-0BA00-3AA0"):
    return Pac(registers(), order_number)


def test_a_pac_tells_everything_and_the_energies_of_both_tariffs(registers, desk):
    here = desk(SiemensPac, pac(registers), row=118)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l2"], reading["reactive_power"]) == (-66_123.5, -519.75, -12.5)
    assert (reading["current_l3"], reading["frequency"]) == (10.125, pytest.approx(50.02))
    assert (reading["import_energy"], reading["export_energy"]) == (5_000_071_000.25, 98_511)
    assert reading["power_factor"] == pytest.approx(0.93)


@pytest.mark.parametrize(
    ("row", "order_number", "model"),
    [
        (117, b"7KM2200-2EA30-1EA1", "Sentron PAC2200"),
        (118, b"7KM2112-0BA00-3AA0", "Sentron PAC3200"),
        (119, b"7KM4212-0BA00-3AA0", "Sentron PAC4200"),
        (119, b"7KM9999-0BA00-3AA0", "Sentron PAC4200"),
    ],
)
def test_the_order_number_tells_the_model(registers, desk, row, order_number, model):
    here = desk(SiemensPac, pac(registers, order_number), row=row)
    who = here.do(here.driver.identify())
    assert (who.manufacturer, who.model, who.serial) == ("Siemens", model, "LQN/180400123456")


def test_a_pac_of_another_row_is_refused(registers, desk):
    here = desk(SiemensPac, pac(registers, b"7KM4212-0BA00-3AA0"), row=118)
    with pytest.raises(WrongDevice, match="PAC4200"):
        here.do(here.driver.identify())


def pac1665(registers, hertz=5002):
    line = registers()
    line.lay(1, "IIIIII", 23_020, 23_100, 22_940, 15_000, 22_500, 101_250)
    line.lay(13, "IIIiii", 39_900, 39_910, 39_920, 34_500, -51_975, 232_200)
    line.lay(49, "I", hertz)
    line.lay(57, "ii", -6_612_350, -1250)
    line.lay(6687, "II", 4_123_456_789, 98_500)
    return line


@pytest.mark.parametrize("raw", [5002, 50_020])
def test_a_pac1665_counts_in_integers(registers, desk, raw):
    here = desk(SiemensPac1600, pac1665(registers, raw), row=116)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l2"], reading["reactive_power"]) == (-66_123.5, -519.75, -12.5)
    assert (reading["voltage_l1"], reading["current_l3"]) == (230.2, 10.125)
    assert reading["frequency"] == pytest.approx(50.02)
    assert (reading["import_energy"], reading["export_energy"]) == (4_123_456_789, 98_500)
    assert here.do(here.driver.identify()).model == "Sentron PAC1665"


def test_a_pac_with_floats_is_no_pac1665(registers, desk):
    line = pac1665(registers)
    line.lay(1, "fff", 230.2, 231.0, 229.4)
    here = desk(SiemensPac1600, line, row=116)
    with pytest.raises(WrongDevice, match="PAC1665"):
        here.do(here.driver.identify())
