"""The AMTRON HCC3 driver: low words first, whole amperes, "continue" where somebody has paused."""

import pytest

from controller.drivers.mennekes import AmtronHcc3
from controller.errors import WrongDevice

INPUT = [
    (0x300, "s16", -5), (0x301, "s16", 12), (0x302, "u16", 6), (0x303, "u16", 4), (0x304, "u16", 0), (0x305, "u16", 3),
    (0x306, "u16", 1), (0x307, "u16", 2), (0x308, "u16", 3), (0x309, "u16", 32), (0x30A, "u16", 20),
    (0x30B, "u32", 123_456_789), (0x30D, "u32", 70_001), (0x30F, "u32", 70_123),
]  # fmt: skip


def amtron(site, row=70, **changes):
    here = site(low_first=True)
    here.line.fill(255, 4, INPUT)
    here.line.fill(255, 3, [(0x400, "u16", 16), (0x401, "u16", 0)])
    here.line.fill(255, 4, [(int(at[1:], 16), "u16", value) for at, value in changes.items()])
    return here, AmtronHcc3(here.line, here.clock, row=row)


def test_a_charging_amtron_tells_its_quantities(site):
    here, driver = amtron(site)
    reading = here.run(driver.read())
    assert (reading["power"], reading["session_energy"], reading["temperature"]) == (70_123, 70_001, -5)
    assert (reading["vehicle"], reading["plugged"], reading["phases"]) == ("C", True, 3)
    assert (reading["current_limit"], reading["enabled"], reading["status"]) == (16, True, "running")
    assert len(here.line.reads) == 2


@pytest.mark.parametrize(
    ("pilot", "state", "vehicle", "status", "enabled"),
    [
        (1, 0, "A", "standby", True),
        (3, 4, "B", "standby", False),
        (8, 3, "D", "running", True),
        (0, 6, "E", "fault", True),
    ],
)
def test_states_are_told_in_the_houses_words(site, pilot, state, vehicle, status, enabled):
    here, driver = amtron(site, h302=pilot, h305=state, h308=0)
    reading = here.run(driver.read())
    assert (reading["vehicle"], reading["status"], reading["enabled"]) == (vehicle, status, enabled)
    assert "phases" not in reading


def test_a_current_is_whole_and_within_what_the_installation_allows(site):
    here, driver = amtron(site)
    for amperes in (13.9, 32, 5.99, -3):
        here.run(driver.limit_current(amperes))
    here.run(driver.pause())
    here.run(driver.release())
    assert here.line.writes == [(255, 6, 0x400, (value,)) for value in (13, 20, 0, 0, 0, 20)]


def test_who_has_paused_in_the_app_is_continued(site):
    here, driver = amtron(site, h305=4)
    here.run(driver.limit_current(8))
    here.run(driver.limit_current(0))
    assert here.line.writes == [(255, 6, 0x400, (8,)), (255, 6, 0x401, (2,)), (255, 6, 0x400, (0,))]


def test_it_is_an_hcc3_by_its_codes_and_has_a_serial_number(site):
    here, driver = amtron(site, row=71)
    who = here.run(driver.identify())
    assert (who.manufacturer, who.model, who.serial) == ("MENNEKES", "Amtron Premium", "123456789")
    for change in ({"h302": 9}, {"h306": 0}, {"h308": 2}, {"h309": 63}, {"h30B": 0, "h30C": 0}):
        here, driver = amtron(site, **change)
        with pytest.raises(WrongDevice):
            here.run(driver.identify())
    del here.line.registers[255, 4][0x306]
    with pytest.raises(WrongDevice, match="HCC3"):
        here.run(driver.identify())
