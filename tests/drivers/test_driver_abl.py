"""The ABL eM4 driver: function 16 for everything, charge points 100h registers apart."""

import pytest

from controller.drivers.abl import AblEm4
from controller.errors import WrongDevice


def station(registers, desk, state=0xC2, **options):
    line = registers(255)
    for base, code in ((0x3000, state), (0x3100, 0xA1)):
        line.lay(base + 1, "8I", 134, 131, 127, 2311, 2289, 2342, 70_123, 98_765)
        line.lay(base + 0x31, "HH", code, 160)
    return desk(AblEm4, line, row=90, **options)


def test_a_charging_point_tells_its_quantities(registers, desk):
    here = station(registers, desk)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["energy"], reading["current_l3"]) == (70_123, 987_650, 12.7)
    assert (reading["voltage_l1"], reading["current_limit"], reading["enabled"]) == (231.1, 16, True)
    assert (reading["vehicle"], reading["plugged"], reading["status"]) == ("C", True, "running")


@pytest.mark.parametrize(
    ("state", "vehicle", "status", "enabled"),
    [
        (0xB3, "B", "standby", True), (0xE0, "E", "standby", False), (0xE2, "E", "standby", True),
        (0xF1, "F", "fault", True), (0xE3, "E", "fault", True), (0x5A, None, None, True),
    ],
)  # fmt: skip
def test_the_high_digit_of_the_state_is_the_vehicles(registers, desk, state, vehicle, status, enabled):
    here = station(registers, desk, state)
    reading = here.do(here.driver.read())
    assert (reading["vehicle"], reading["status"], reading["enabled"]) == (vehicle, status, enabled)


def test_every_command_goes_with_function_16_to_the_points_own_register(registers, desk):
    here = station(registers, desk, point=2)
    for amperes in (13.37, 200, 5.9, -3):
        here.do(here.driver.limit_current(amperes))
    here.do(here.driver.pause())
    here.do(here.driver.release())
    assert {function for function, _, _ in here.line.written} == {16}
    assert here.line.writes() == [(0x3132, each) for each in ("0085", "0140", "0000", "0000", "0000", "0140")]
    assert here.do(here.driver.read())["vehicle"] == "A"


def test_a_point_that_is_not_there_or_says_what_no_em4_says_is_refused(registers, desk):
    here = station(registers, desk)
    assert here.do(here.driver.identify()).model == "eM4"
    for at, layout, value in ((0x3031, "H", 0x12), (0x3032, "H", 630), (0x3007, "I", 40_000)):
        here = station(registers, desk)
        here.line.lay(at, layout, value)
        with pytest.raises(WrongDevice):
            here.do(here.driver.identify())
    here = station(registers, desk, point=2)
    here.line.words.pop((255, 0x3131))
    with pytest.raises(WrongDevice, match="charge point 2"):
        here.do(here.driver.identify())
