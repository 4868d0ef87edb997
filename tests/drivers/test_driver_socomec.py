"""Socomec DIRIS A-40 of both generations."""

import pytest

from controller.drivers.socomec import SocomecDiris
from controller.errors import WrongDevice


def diris(registers, name=b"DIRIS A-40"):
    line = registers()
    line.lay(0xC350, "8s", "SOCO".encode("utf-16-be"))
    line.lay(0xC38A, "16s", name)
    return line


def newer(registers):
    line = diris(registers)
    line.lay(0x480A, "IIII", 50_021, 23_020, 23_100, 22_940)
    line.lay(0x4812, "IIII", 0, 39_900, 39_910, 39_920)
    line.lay(0x481A, "III", 1500, 2250, 10_125)
    line.lay(0x482C, "iiiiIhHiii", -66_124, -1234, 0, 0, 66_135, -931, 0, 345, -520, 2322)
    line.lay(0x4D83, "IHIH", 71_234, 5678, 98, 5000)
    return line


def older(registers):
    line = diris(registers, b"DIRIS A40")
    line.lay(0xC558, "IIIIIII", 23_020, 23_100, 22_940, 5002, 1500, 2250, 10_125)
    line.lay(0xC568, "iiIiiii", -6612, -123, 6613, -931, 34, -52, 232)
    line.lay(0xC652, "IIII", 71_234, 1, 2, 98)
    return line


def test_the_newer_one_tells_watts(registers, desk):
    here = desk(SocomecDiris, newer(registers), row=129)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l2"], reading["reactive_power"]) == (-66_124, -520, -1234)
    assert (reading["voltage_l1"], reading["current_l3"], reading["frequency"]) == (230.2, 10.125, 50.021)
    assert (reading["import_energy"], reading["export_energy"], reading["power_factor"]) == (71_234_000, 98_000, 0.931)


def test_the_older_one_tells_units_of_ten_watts(registers, desk):
    here = desk(SocomecDiris, older(registers), row=129)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l2"], reading["reactive_power"]) == (-66_120, -520, -1230)
    assert (reading["voltage_l1"], reading["current_l3"], reading["frequency"]) == (230.2, 10.125, 50.02)
    assert (reading["import_energy"], reading["export_energy"], reading["power_factor"]) == (71_234_000, 98_000, 0.931)


def test_all_bits_one_are_absent(registers, desk):
    line = newer(registers)
    line.lay(0x480C, "I", 0xFFFF_FFFF)
    line.lay(0x4838, "i", -1)
    here = desk(SocomecDiris, line, row=129)
    reading = here.do(here.driver.read())
    assert (reading["voltage_l1"], reading["power_l1"], reading["voltage_l2"]) == (None, None, 231.0)


def test_after_the_line_was_lost_another_generation_may_stand_there(registers, desk):
    line = newer(registers)
    here = desk(SocomecDiris, line, row=129)
    here.do(here.driver.read())
    line.words = older(registers).words
    here.driver.lost()
    assert here.do(here.driver.read())["power"] == -66_120


@pytest.mark.parametrize("make", [newer, older])
def test_the_name_tells_an_a40(registers, desk, make):
    here = desk(SocomecDiris, make(registers), row=129)
    assert here.do(here.driver.identify()).model == "Diris A-40"


def test_another_diris_and_another_maker_are_refused(registers, desk):
    line = newer(registers)
    line.lay(0xC38A, "16s", b"DIRIS A-10")
    here = desk(SocomecDiris, line, row=129)
    with pytest.raises(WrongDevice, match="DIRIS A-10"):
        here.do(here.driver.identify())
    line.lay(0xC350, "8s", b"SOCOMEC ")
    with pytest.raises(WrongDevice, match="A-40"):
        here.do(here.driver.identify())
