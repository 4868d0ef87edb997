"""The SolaX EVC driver: word order by firmware, "start charging" before the mode, "stop charging" as pause."""

import pytest

from controller.drivers.solax_evc import SolaxEvc
from controller.errors import NotControllable, WrongDevice


def charger(site, serial="C31101234567", firmware=412, row=97, state=2, mode=1, most=1600):
    here = site()
    values = (
        [(i, "u16", value) for i, value in enumerate((23_110, 22_890, 23_420))]
        + [(3, "u16", 0), (7, "u16", 0), (0x28, "u16", 0)]
        + [(4 + i, "u16", value) for i, value in enumerate((1340, 1310, 1270))]
        + [(8 + i, "u16", value) for i, value in enumerate((3095, 3000, 2973, 9068, 4998, 4998, 4998, 123))]
        + [(0x1C, "s16", -5), (0x1D, "u16", state), (0x25, "u16", firmware)]
    )
    here.line.fill(70, 4, values)
    here.line.put(70, 4, 0x10, "u32", 0x0001_86A3 if firmware < 700 else 0x86A3_0001)
    here.line.fill(70, 3, [(0x600, "str7", serial), (0x60D, "u16", mode), (0x628, "u16", 1234), (0x668, "u16", most)])
    driver = SolaxEvc(here.line, here.clock, row=row)
    return here, driver


def written(here):
    found = [(address, words[0]) for _, function, address, words in here.line.writes if function == 6]
    here.line.writes.clear()
    return found


@pytest.mark.parametrize("firmware", [412, 700])
def test_the_order_of_the_words_follows_the_firmware(site, firmware):
    here, driver = charger(site, firmware=firmware)
    who = here.run(driver.identify())
    assert (who.model, who.serial, who.firmware) == ("X3-EVC-11K", "C31101234567", f"{firmware / 100:.2f}")
    reading = here.run(driver.read())
    assert (reading["energy"], reading["session_energy"], reading["frequency"]) == (10_000_300, 12_300, 49.98)
    assert (reading["power"], reading["power_l2"], reading["current_l3"]) == (9068, 3000, 12.7)
    assert (reading["voltage_l3"], reading["temperature"], reading["current_limit"]) == (234.2, -5, 12.34)
    assert (reading["vehicle"], reading["status"], reading["phases"]) == ("C", "running", 3)


def test_a_charger_of_one_phase_tells_one_phase(site):
    here, driver = charger(site, "C10701234567", row=96)
    reading = here.run(driver.read())
    assert (reading["phases"], reading["power_l1"]) == (1, 3095)
    assert not {"power_l2", "current_l3", "voltage_l2"} & set(reading)
    with pytest.raises(NotControllable):
        here.run(driver.use_phases(1))


@pytest.mark.parametrize(
    ("state", "vehicle", "status"), [(0, "A", "standby"), (12, "B", "standby"), (4, "E", "fault"), (9, None, "standby")]
)
def test_run_modes_are_told_in_the_houses_words(site, state, vehicle, status):
    here, driver = charger(site, state=state)
    reading = here.run(driver.read())
    assert (reading["vehicle"], reading["status"]) == (vehicle, status)


def test_a_charging_station_in_mode_fast_is_given_its_current_and_no_more(site):
    here, driver = charger(site)
    for amperes in (13.376, 32):
        here.run(driver.limit_current(amperes))
    assert written(here) == [(0x628, 1337), (0x628, 1600)]


def test_what_was_stopped_by_its_mode_is_started_before_the_mode_is_fast(site):
    here, driver = charger(site, mode=0, state=3)
    here.run(driver.limit_current(8))
    assert written(here) == [(0x627, 4), (0x60D, 1), (0x628, 800), (0x627, 4)]
    here, driver = charger(site, mode=2, most=0)
    here.run(driver.limit_current(20))
    assert written(here) == [(0x60D, 1), (0x628, 1600)]


def test_a_pause_stops_and_the_next_current_starts(site):
    here, driver = charger(site)
    for amperes in (5.9, float("nan"), 7):
        here.run(driver.limit_current(amperes))
    assert written(here) == [(0x627, 3), (0x627, 3), (0x628, 700), (0x627, 4)]
    here.run(driver.pause())
    assert here.run(driver.read())["enabled"] is False
    here.run(driver.release())
    assert written(here) == [(0x627, 3), (0x628, 1600), (0x627, 4)]


def test_phases_are_switched_where_the_firmware_has_its_switch(site):
    for firmware, place in ((412, [(0x625, 1), (0x625, 0)]), (905, [(0xA105, 1), (0xA105, 2)])):
        here, driver = charger(site, firmware=firmware)
        here.run(driver.identify())
        here.run(driver.use_phases(1))
        here.run(driver.use_phases(3))
        assert written(here) == place


def test_a_charger_of_another_row_is_known_by_its_serial_number(site):
    for serial in ("C32201234567", "H34A15", ""):
        here, driver = charger(site, serial)
        with pytest.raises(WrongDevice, match="serial"):
            here.run(driver.identify())
    del here.line.registers[70, 4][0x25]
    with pytest.raises(WrongDevice, match="EVC"):
        here.run(driver.identify())
