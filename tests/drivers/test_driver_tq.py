"""TQ EM 300: two powers that are never negative make a signed one."""

import pytest

from controller.drivers.tq import TqEm300
from controller.errors import WrongDevice


def em300(registers):
    line = registers()
    line.lay(0, "73I", *[0] * 73)
    line.lay(0, "IIII", 0, 661_235, 0, 1234)
    line.lay(24, "iI", -931, 50_021)
    for phase, (drawn, fed, milliamperes, millivolts) in enumerate(
        ((3450, 0, 1500, 230_212), (0, 5198, 2250, 231_001), (0, 659_487, 10_125, 229_399))
    ):
        line.lay(40 + 40 * phase, "II", drawn, fed)
        line.lay(60 + 40 * phase, "II", milliamperes, millivolts)
    line.lay(512, "QQ", 50_000_001_235, 985_000)
    line.lay(8192, "H", 0x5233)
    line.lay(8228, "32s", b"30380912332211")
    return line


def test_what_is_drawn_counts_positive_and_what_is_fed_negative(registers, desk):
    here = desk(TqEm300, em300(registers), row=115)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l1"], reading["power_l2"]) == (-66_123.5, 345.0, pytest.approx(-519.8))
    assert (reading["reactive_power"], reading["power_factor"]) == (-123.4, 0.931)
    assert (reading["voltage_l1"], reading["current_l3"], reading["frequency"]) == (230.212, 10.125, 50.021)
    assert (reading["import_energy"], reading["export_energy"]) == (5_000_000_123.5, 98_500)


def test_both_powers_come_in_one_request(registers, desk):
    line = em300(registers)
    here = desk(TqEm300, line, row=115)
    here.driver.pace = 30.0
    here.do(here.driver.read())
    line.asked.clear()
    here.do(here.driver.read())
    assert line.asked == [(3, 0, 8)]


def test_the_registers_for_plug_and_play_name_maker_and_serial_number(registers, desk):
    here = desk(TqEm300, em300(registers), row=115)
    who = here.do(here.driver.identify())
    assert (who.manufacturer, who.model, who.serial) == ("TQ-Systems", "EM 300", "30380912332211")


def test_another_maker_is_refused(registers, desk):
    line = em300(registers)
    line.lay(8192, "H", 0x5234)
    here = desk(TqEm300, line, row=115)
    with pytest.raises(WrongDevice, match="EM 300"):
        here.do(here.driver.identify())
