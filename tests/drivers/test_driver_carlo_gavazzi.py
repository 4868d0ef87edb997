"""Carlo Gavazzi meters: bytes as the maker lays them out, low word first, and which way they count."""

import pytest

from controller.drivers.carlo_gavazzi import GavazziEm100, GavazziEm300
from controller.drivers.carlo_gavazzi_em24 import GavazziEm24, GavazziEm24E1
from controller.errors import DeviceError, WrongDevice

MODE, APPLICATION = 0x1103, 0x1101


class Gavazzi:
    """The 300 series; 000Bh read alone is the identification code, and nothing more than `most` registers is told."""

    def __init__(self, line, code=341, most=20):
        self.line, self.code, self.most = line, code, most
        for at, value in enumerate((2302, 2310, 2294, 3990, 3985, 3991)):
            line.lay(2 * at, "<i", value)
        for address, value in (
            (0x0C, -1500), (0x0E, 2250), (0x10, 10_125), (0x12, 3450), (0x14, -5198), (0x16, 23_220),
            (0x28, -1_412_347), (0x2A, 50), (0x2C, -612), (0x34, 712_345), (0x36, 0), (0x4E, 3_456_789),
        ):  # fmt: skip
            line.lay(address, "<i", value)
        line.lay(0x2E, "hhhhhh", -930, 931, -932, -934, 0, 501)
        line.lay(MODE, "H", 1)
        line.lay(0x5000, "14s", b"KH0340017P0011")

    async def read(self, unit, function, address, count):
        if (address, count) == (0x0B, 1):
            return self.code.to_bytes(2, "big")
        assert count <= self.most, f"{count} registers at {address:04X}h"
        return await self.line.read(unit, function, address, count)

    async def write(self, unit, function, address, data):
        await self.line.write(unit, function, address, data)

    unit = 1


def test_a_three_phase_meter_tells_everything_in_si_units_with_import_positive(registers, desk):
    reading = (here := desk(GavazziEm300, Gavazzi(registers()), row=107)).do(here.driver.read())
    assert reading["power"] == pytest.approx(-141_234.7)
    assert [reading[f"power_l{phase}"] for phase in (1, 2, 3)] == [345.0, -519.8, 2322.0]
    assert [reading[f"current_l{phase}"] for phase in (1, 2, 3)] == [1.5, 2.25, 10.125]  # RMS: the sign is left out
    assert (reading["voltage_l3"], reading["frequency"], reading["reactive_power"]) == (229.4, 50.1, -61.2)
    assert (reading["import_energy"], reading["export_energy"]) == (71_234_500, 345_678_900)
    assert reading["power_factor"] == 0.934


def test_what_is_over_range_is_absent(registers, desk):
    line = registers()
    meter = Gavazzi(line)
    line.lay(0x28, "<i", 0x7FFF_FFFF)
    here = desk(GavazziEm300, meter, row=107)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l1"]) == (None, 345.0)


@pytest.mark.parametrize(("code", "model"), [(341, "EM 300 Serie"), (335, "ET 300 Serie"), (349, "EM 300 Serie")])
def test_the_code_tells_the_series(registers, desk, code, model):
    here = desk(GavazziEm300, Gavazzi(registers(), code), row=107)
    who = here.do(here.driver.identify())
    assert (who.manufacturer, who.model, who.serial) == ("Carlo Gavazzi", model, "KH0340017P0011")


@pytest.mark.parametrize("code", [0, 71, 104, 340, 348, 1744])
def test_a_meter_of_another_series_is_refused(registers, desk, code):
    here = desk(GavazziEm300, Gavazzi(registers(), code), row=107)
    with pytest.raises(WrongDevice, match="EM/ET 300"):
        here.do(here.driver.identify())


def test_a_serial_number_with_a_zero_before_each_letter_is_read(registers, desk):
    line = registers()
    meter = Gavazzi(line)
    line.lay(0x5000, "7H", *b"BN0120F")
    here = desk(GavazziEm300, meter, row=107)
    assert here.do(here.driver.identify()).serial == "BN0120F"


def test_easy_connection_is_ended_once(registers, desk):
    line = registers()
    meter = Gavazzi(line)
    line.lay(MODE, "H", 0)
    here = desk(GavazziEm300, meter, row=107)
    here.do(here.driver.identify())
    here.do(here.driver.identify())
    assert line.writes() == [(MODE, "0001")]


def test_a_meter_that_stays_with_one_direction_says_so(registers, desk):
    line = registers()
    meter = Gavazzi(line)
    line.lay(MODE, "H", 0)

    async def deaf(unit, function, address, data):
        return None

    meter.write = deaf
    here = desk(GavazziEm300, meter, row=107)
    with pytest.raises(DeviceError, match="measuring mode B"):
        here.do(here.driver.identify())


def test_one_phase_has_a_map_of_its_own(registers, desk):
    line = registers()
    for address, value in (
        (0x00, 2331), (0x02, -5123), (0x04, -11_942), (0x06, 0), (0x08, 77), (0x10, 712_345), (0x20, 98_765),
    ):  # fmt: skip
        line.lay(address, "<i", value)
    line.lay(0x0E, "hh", -993, 499)
    here = desk(GavazziEm100, line, row=106)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l1"], reading["current_l1"]) == (-1194.2, -1194.2, 5.123)
    assert (reading["frequency"], reading["export_energy"], reading["import_energy"]) == (49.9, 9_876_500, 71_234_500)
    assert (reading["voltage_l1"], reading["reactive_power"], reading["power_factor"]) == (233.1, 7.7, 0.993)
    assert all(count <= 20 for _, _, count in line.asked)


@pytest.fixture
def em24(registers):
    """An EM24 on RS485 in application A, as it comes."""
    line = registers()
    meter = Gavazzi(line, code=71, most=11)
    line.lay(0x35, "hhh", 871, 0, 500)
    line.lay(0x3E, "<i", 712_345)
    line.lay(0x42, "<i", 11)
    line.lay(0x5C, "<i", 98_765)
    line.lay(APPLICATION, "HH", 0, 0)
    line.lay(0x1300, "14s", b"EM24017P0011\0\0")
    return meter


def test_an_em24_counts_elsewhere_and_answers_eleven_registers(em24, desk):
    here = desk(GavazziEm24, em24, row=108)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l3"], reading["current_l1"]) == (pytest.approx(-141_234.7), 2322.0, 1.5)
    assert (reading["import_energy"], reading["export_energy"]) == (71_234_500, 9_876_500)  # 42h can be reset
    assert (reading["power_factor"], reading["frequency"]) == (0.871, 50.0)


def test_an_em24_is_set_to_application_h(em24, desk):
    here = desk(GavazziEm24, em24, row=108)
    who = here.do(here.driver.identify())
    assert (who.model, who.serial) == ("EM 24 Serie", "EM24017P0011")
    assert em24.line.writes() == [(APPLICATION, "0007")]


def test_an_em24_without_an_export_register_is_read(em24, desk):
    del em24.line.words[1, 0x5C], em24.line.words[1, 0x5D]
    here = desk(GavazziEm24, em24, row=108)
    reading = here.do(here.driver.read())
    assert (reading["export_energy"], reading["import_energy"]) == (None, 71_234_500)


def test_an_em24_over_range_has_7fff_in_the_high_word(em24, desk):
    em24.line.lay(0x12, "<i", 0x7FFF_1234)
    here = desk(GavazziEm24, em24, row=108)
    reading = here.do(here.driver.read())
    assert (reading["power_l1"], reading["power_l2"]) == (None, -519.8)


def test_the_em24_with_ethernet_has_the_map_of_the_300_series(registers, desk):
    line = registers()
    meter = Gavazzi(line, code=1650, most=11)
    line.lay(0xA000, "H", 3)
    here = desk(GavazziEm24E1, meter, row=108)
    assert here.do(here.driver.identify()).serial == "KH0340017P0011"
    assert line.writes() == [(0xA000, "0007")]
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["export_energy"]) == (pytest.approx(-141_234.7), 345_678_900)
    assert (reading["power_factor"], reading["frequency"]) == (0.934, 50.1)
