"""The Compleo driver: currents told as steps of 100 W at the voltages that are there, connectors near or far apart."""

import pytest

from controller.drivers.compleo import Compleo
from controller.errors import NotControllable, WrongDevice


def block(line, base, *, limit=110, bits=3, code=2, mode=3, power=701):
    line.fill(255, 3, [(base, "u16", limit), (base + 9, "u16", mode)])
    values = (bits, power, 160, 159, 158, 0, 0, 123)  # from base + 1 on
    line.fill(255, 4, [(base + 1 + i, "u16", value) for i, value in enumerate(values)])
    line.fill(255, 4, [(base + 12 + i, "u16", value) for i, value in enumerate((code, 231, 229, 234))])


def duo(site, step=0x100, row=80, article="COM-DUO", count=2, fallback=0, **options):
    here = site()
    here.line.fill(255, 4, [(6, "u16", 0x0700), (7, "u16", 0x0205), (8, "u16", count)])
    here.line.fill(255, 4, [(0x20, "str16", article), (0x30, "str16", "4711-08")])
    here.line.fill(255, 3, [(0, "u16", 442), (3, "u16", 42), (5, "u16", fallback)])
    block(here.line, 0x100)
    if count == 2:
        block(here.line, 0x100 + step, limit=41, bits=1, code=4, power=0)
    card = 0x110 if step == 0x100 else 0x1000
    for point in range(count):
        here.line.put(255, 4, card + point * step, "str10", f"e4a3c7d{point}")
    return here, Compleo(here.line, here.clock, row=row, **options)


def written(here):
    found = [(address, words[0]) for _, function, address, words in here.line.writes if function == 6]
    here.line.writes.clear()
    return found


def test_a_charging_connector_tells_its_quantities(site):
    here, driver = duo(site)
    reading = here.run(driver.read())
    assert (reading["power"], reading["session_energy"], reading["current_l2"]) == (70_100, 12_300, 15.9)
    assert (reading["vehicle"], reading["plugged"], reading["status"], reading["phases"]) == ("C", True, "running", 3)
    assert (reading["voltage_l3"], reading["rfid"], reading["enabled"]) == (234, "e4a3c7d0", True)
    assert reading["current_limit"] == pytest.approx(11_000 / 694)


@pytest.mark.parametrize("step", [0x100, 0x10])
def test_the_second_connector_is_found_wherever_its_block_is(site, step):
    here, driver = duo(site, step, point=2)
    who = here.run(driver.identify())
    assert (who.manufacturer, who.model, who.serial, who.firmware) == ("Compleo", "Duo WM", "4711-08", "2.5.7")
    reading = here.run(driver.read())
    assert (reading["vehicle"], reading["status"], reading["power"], reading["rfid"]) == ("B", "standby", 0, "e4a3c7d1")
    here.run(driver.limit_current(10))
    assert written(here) == [(0x100 + step, 69)]


def test_a_current_is_rounded_down_to_100_w_and_6_a_up(site):
    here, driver = duo(site)
    for amperes in (13, 6, 5.9, float("nan"), 200):
        here.run(driver.limit_current(amperes))
    assert written(here) == [(0x100, 90), (0x100, 42), (0x100, 0), (0x100, 0), (0x100, 223)]
    for watts in (7_777, 4_164, 4_100, -1):
        here.run(driver.limit_charging(watts))
    here.run(driver.release())
    assert written(here) == [(0x100, 77), (0x100, 42), (0x100, 0), (0x100, 0), (0x100, 221)]


def test_on_one_phase_an_ampere_is_a_third(site):
    here, driver = duo(site)
    here.run(driver.use_phases(1))
    here.run(driver.limit_current(13))
    assert written(here) == [(0x109, 2), (0x100, 30)]
    assert here.run(driver.read())["phases"] == 1
    here.run(driver.use_phases(3))
    assert written(here) == [(0x109, 3)]


def test_a_connector_that_cannot_switch_phases_says_so(site):
    here, driver = duo(site)
    here.line.put(255, 3, 0x109, "u16", 0)
    with pytest.raises(NotControllable):
        here.run(driver.use_phases(1))
    assert "phases" not in here.run(driver.read())


def test_a_station_with_a_fallback_time_is_read_and_told_at_half_of_it(site):
    here, driver = duo(site, fallback=90)
    here.run(driver.pause())
    assert driver.refresh == 45
    here, driver = duo(site)
    here.run(driver.pause())
    assert driver.refresh is None


def test_the_dc_side_of_a_cito_takes_more_and_a_faulted_connector_is_a_fault(site):
    here, driver = duo(site, row=81, article="CITO 500", point=2)
    here.run(driver.limit_charging(60_000))
    assert written(here) == [(0x200, 500)]
    here.line.put(255, 4, 0x20C, "u16", 8)
    reading = here.run(driver.read())
    assert (reading["vehicle"], reading["status"], reading["plugged"]) == ("F", "fault", True)


def test_a_station_by_another_name_or_with_too_few_connectors_is_refused(site):
    for changes in ({"article": "CITO 500"}, {"count": 1, "point": 2}, {"count": 5}):
        here, driver = duo(site, **changes)
        with pytest.raises(WrongDevice):
            here.run(driver.identify())
    here, driver = duo(site, count=1)
    assert here.run(driver.identify()).model == "Duo WM"
    assert driver.stride == 0x100
