"""The PRACHT Alpha XT driver: two points that share one limit, which leaves room for both."""

import pytest

from controller.drivers.pracht import PrachtAlpha
from controller.errors import WrongDevice


def box(registers, desk, **options):
    line = registers()
    line.lay(2, "HHH", 22, 6, 16)
    line.lay(100, "HHHh", 3, 11, 0, -5)
    line.lay(106, "HH", 2, 1)
    return desk(PrachtAlpha, line, row=82, **options)


def test_each_point_tells_its_own_state_and_limit(registers, desk):
    here = box(registers, desk)
    reading = here.do(here.driver.read())
    assert (reading["vehicle"], reading["plugged"], reading["status"]) == ("C", True, "running")
    assert (reading["current_limit"], reading["enabled"], reading["temperature"]) == (6, True, -5)
    here = box(registers, desk, point=2)
    reading = here.do(here.driver.read())
    assert (reading["vehicle"], reading["current_limit"], reading["status"]) == ("B", 16, "standby")


@pytest.mark.parametrize(("state", "vehicle", "plugged"), [(0, "A", False), (3, "D", True), (4, None, None)])
def test_a_bypass_tells_nothing_of_the_vehicle(registers, desk, state, vehicle, plugged):
    here = box(registers, desk)
    here.line.lay(106, "H", state)
    reading = here.do(here.driver.read())
    assert (reading["vehicle"], reading["plugged"]) == (vehicle, plugged)


def test_the_limit_of_both_is_the_sum_of_the_points_and_no_less_than_17_a(registers, desk):
    here = box(registers, desk)
    other = desk(PrachtAlpha, here.line, row=82, point=2)
    here.do(here.driver.limit_current(13.9))
    other.do(other.driver.limit_current(8))
    here.do(here.driver.limit_current(-1))
    other.do(other.driver.pause())
    here.do(here.driver.release())
    assert here.line.writes() == [
        (2, "001d"), (3, "000d"), (2, "0015"), (4, "0008"), (2, "0011"), (3, "0000"), (2, "0011"), (4, "0000"),
        (2, "0011"), (3, "0010"),
    ]  # fmt: skip


def test_it_is_an_alpha_xt_by_its_states_and_limits(registers, desk):
    here = box(registers, desk)
    who = here.do(here.driver.identify())
    assert (who.manufacturer, who.model, who.firmware) == ("PRACHT", "Alpha XT", "3")
    for address, value in ((106, 5), (4, 640)):
        here = box(registers, desk)
        here.line.lay(address, "H", value)
        with pytest.raises(WrongDevice):
            here.do(here.driver.identify())
    here = box(registers, desk)
    here.line.words.pop((1, 4))
    assert here.do(here.driver.identify()).model == "Alpha XT"
    here.line.words.pop((1, 2))
    with pytest.raises(WrongDevice, match="registers"):
        here.do(here.driver.identify())
