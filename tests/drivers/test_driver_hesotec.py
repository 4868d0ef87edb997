"""The hesotec driver: power in mW or in W, whichever fits voltage and current; a pause of its own."""

import pytest

from controller.drivers.hesotec import Hesotec
from controller.errors import WrongDevice


def station(registers, desk, row=92, power=9_123_456, pilot=b"C\0"):
    line = registers()
    line.lay(0x10, "6s", b"1.04")
    line.lay(0x1000, "4H", 1, 0, 0, 16)
    line.lay(0x4000, "hHHHIIII", -5, 231, 229, 234, 13_400, 13_100, 12_700, power)
    line.lay(0x4018, "2sHII", pilot, 0, 900, 70_001)
    return desk(Hesotec, line, row=row)


@pytest.mark.parametrize("power", [9_123_456, 9123])
def test_a_charging_station_tells_its_quantities_in_whichever_unit_its_power_is(registers, desk, power):
    here = station(registers, desk, power=power)
    reading = here.do(here.driver.read())
    assert reading["power"] == pytest.approx(9123, abs=0.5)
    assert (reading["session_energy"], reading["current_l1"], reading["voltage_l3"]) == (70_001, 13.4, 234)
    assert (reading["temperature"], reading["current_limit"], reading["enabled"]) == (-5, 16, True)
    assert (reading["vehicle"], reading["plugged"], reading["status"]) == ("C", True, "running")


def test_a_paused_station_is_not_enabled_and_an_odd_letter_is_no_vehicle(registers, desk):
    here = station(registers, desk, pilot=b"Z\0", power=0)
    here.line.lay(0x1002, "H", 1)
    reading = here.do(here.driver.read())
    assert (reading["vehicle"], reading["plugged"], reading["enabled"], reading["power"]) == (None, None, False, 0)


def test_a_current_is_whole_and_goes_before_the_end_of_the_pause(registers, desk):
    here = station(registers, desk, row=91)
    for amperes in (13.9, 32, 5.9, float("nan")):
        here.do(here.driver.limit_current(amperes))
    here.do(here.driver.pause())
    here.do(here.driver.release())
    assert {function for function, _, _ in here.line.written} == {16}
    assert here.line.writes() == [
        (0x1003, "000d"), (0x1002, "0000"), (0x1003, "0010"), (0x1002, "0000"), (0x1002, "0001"), (0x1002, "0001"),
        (0x1002, "0001"), (0x1003, "0010"), (0x1002, "0000"),
    ]  # fmt: skip


def test_it_is_hesotec_by_its_firmware_and_pilot(registers, desk):
    here = station(registers, desk)
    who = here.do(here.driver.identify())
    assert (who.manufacturer, who.model, who.firmware) == ("hesotec", "eBox wr30", "1.04")
    for at, layout, value in ((0x10, "6s", b""), (0x10, "6s", b"\x01\x02"), (0x1002, "H", 7), (0x4018, "H", 0x43)):
        here = station(registers, desk)
        here.line.lay(at, layout, value)
        with pytest.raises(WrongDevice):
            here.do(here.driver.identify())
    here.line.words.pop((1, 0x4018))
    with pytest.raises(WrongDevice, match="registers"):
        here.do(here.driver.identify())
