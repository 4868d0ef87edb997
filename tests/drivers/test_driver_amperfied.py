"""The Amperfied connect.home driver: failsafe before watchdog, in the unit the box counts in; a raise has to wait."""

import pytest

from controller.drivers.amperfied import AmperfiedConnect
from controller.errors import WrongDevice

INPUT = [
    (4, "u16", 0x201), (5, "u16", 7), (6, "u16", 159), (7, "u16", 160), (8, "u16", 158), (9, "s16", -50),
    (10, "u16", 231), (11, "u16", 229), (12, "u16", 230), (14, "u16", 11_003), (17, "u32", 120_001),
    (19, "u32", 70_001),
    (100, "u16", 16),
    (2001, "u16", 4), (2002, "u64", 0xE4A3C7D2_00000000), (2006, "u32", 0),
]  # fmt: skip


def box(site, *changes, holding=(15_000, 0)):
    here = site()
    here.line.fill(1, 4, [*INPUT, *changes])
    here.line.fill(1, 3, [(257, "u16", holding[0]), (261, "u16", 134), (262, "u16", holding[1])])
    return here, AmperfiedConnect(here.line, here.clock, row=76)


def written(here):
    found = [(address, words[0]) for _, function, address, words in here.line.writes if function == 6]
    here.line.writes.clear()
    return found


def test_a_charging_box_tells_its_quantities(site):
    here, driver = box(site)
    reading = here.run(driver.read())
    assert (reading["power"], reading["energy"], reading["session_energy"]) == (11_003, 120_001, 70_001)
    assert (reading["temperature"], reading["voltage_l2"], reading["current_l1"]) == (-5, 229, 15.9)
    assert (reading["vehicle"], reading["plugged"], reading["status"]) == ("C", True, "running")
    assert (reading["current_limit"], reading["enabled"], reading["rfid"]) == (13.4, True, "e4a3c7d2")


def test_a_card_of_ten_bytes_and_none(site):
    here, driver = box(site, (2001, "u16", 10), (2002, "u64", 0x0102030405060708), (2006, "u32", 0x090A0000))
    assert here.run(driver.read())["rfid"] == "0102030405060708090a"
    here.line.fill(1, 4, [(2001, "u16", 0)])
    assert here.run(driver.read())["rfid"] == ""


@pytest.mark.parametrize(
    ("code", "vehicle", "plugged"), [(3, "A", False), (8, "C", True), (10, "F", None), (1, None, None)]
)
def test_a_locked_box_does_not_tell_whether_a_vehicle_is_there(site, code, vehicle, plugged):
    here, driver = box(site, (5, "u16", code))
    reading = here.run(driver.read())
    assert (reading["vehicle"], reading["plugged"]) == (vehicle, plugged)


def test_the_failsafe_is_set_before_the_watchdog_and_in_the_boxs_unit(site):
    here, driver = box(site)
    here.run(driver.limit_current(13.37))
    assert written(here) == [(262, 60), (257, 30_000), (261, 133)]
    here, driver = box(site, holding=(15, 60))
    here.run(driver.limit_current(5.9))
    assert written(here) == [(257, 30), (261, 0)]
    here, driver = box(site, holding=(30_000, 60))
    here.run(driver.pause())
    assert written(here) == [(261, 0)]


def test_a_higher_current_waits_until_the_last_one_has_stood_for_20_s(site):
    here, driver = box(site, holding=(30_000, 60))
    for amperes, wait in ((16, 1), (8, 5), (12, 10), (12, 6), (12, 1)):
        here.run(driver.limit_current(amperes))
        here.wait(wait)
    assert written(here) == [(261, 160), (261, 80), (261, 120)]
    driver.lost()
    here.run(driver.limit_current(40))
    assert written(here) == [(261, 160)]


def test_release_gives_full_current_and_then_ends_the_watchdog_once(site):
    here, driver = box(site, (100, "u16", 13), holding=(30_000, 60))
    here.run(driver.limit_current(7))
    here.run(driver.release())
    here.run(driver.release())
    assert written(here) == [(261, 70), (261, 130), (257, 0), (261, 130)]


def test_it_knows_a_connect_home_by_its_layout_and_largest_current(site):
    here, driver = box(site, (100, "u16", 10))
    who = here.run(driver.identify())
    assert (who.manufacturer, who.model, who.rated_power) == ("Amperfied", "connect.home", 6900)
    for change in ((4, "u16", 0x106), (4, "u16", 0x300), (100, "u16", 32)):
        here, driver = box(site, change)
        with pytest.raises(WrongDevice):
            here.run(driver.identify())
    del here.line.registers[1, 4][4]
    with pytest.raises(WrongDevice, match="layout"):
        here.run(driver.identify())
