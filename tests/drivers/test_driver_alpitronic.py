"""The alpitronic driver: a connector in one request, and never a limit below the one that pauses."""

import pytest

from controller.drivers.alpitronic import AlpitronicHyc
from controller.errors import WrongDevice


def station(site, row=86, state=3, connectors=2, serial="2134-000417", limits=(149_040, 1547), **options):
    here = site()
    here.line.fill(1, 4, [(0, "u32", 1_700_000_000), (2, "u16", connectors), (3, "u16", 0), (4, "u32", 91_003)])
    here.line.put(1, 4, 6, "str12", serial)
    here.line.fill(1, 4, [(46, "u16", 2), (47, "u16", 5), (48, "u16", 4)])
    for base, watts, code, limit in ((100, 70_123, state, limits[0]), (200, 0, 0, limits[1])):
        here.line.fill(1, 4, [(base + at, "u16", 0) for at in range(38)])
        here.line.fill(1, 4, [
            (base, "u16", code), (base + 1, "u32", 78_150), (base + 3, "u16", 8973), (base + 4, "u32", watts),
            (base + 7, "u16", 1234), (base + 8, "u16", 4567), (base + 22, "str10", "E4A3C7D2"),
            (base + 32, "s64", 9_876_543_210),
        ])  # fmt: skip
        here.line.put(1, 3, base, "u32", limit)
    return here, AlpitronicHyc(here.line, here.clock, row=row, **options)


def told(here):
    found = [(address, words[0] << 16 | words[1]) for _, function, address, words in here.line.writes if function == 16]
    here.line.writes.clear()
    return found


def test_a_connector_is_read_in_one_request_and_its_limit_in_another(site):
    here, driver = station(site)
    reading = here.run(driver.read())
    assert here.line.reads == [(1, 3, 100, 2), (1, 4, 100, 36)]
    assert (reading["power"], reading["energy"], reading["session_energy"]) == (70_123, 9_876_543_210, 12_340)
    assert (reading["dc_voltage"], reading["dc_current"], reading["vehicle_soc"]) == (781.5, 89.73, 45.67)
    assert (reading["vehicle"], reading["plugged"], reading["status"]) == ("C", True, "running")
    assert (reading["current_limit"], reading["enabled"], reading["rfid"]) == (216, True, "e4a3c7d2")


def test_the_second_connector_is_100_registers_further(site):
    here, driver = station(site, point=2)
    reading = here.run(driver.read())
    assert (reading["vehicle"], reading["enabled"], reading["status"]) == ("A", False, "standby")
    here.run(driver.limit_charging(11_003.4))
    assert told(here) == [(200, 11_003)]


def test_from_firmware_3_1_0_on_current_and_session_are_told_more_coarsely(site):
    here, driver = station(site)
    here.line.fill(1, 4, [(46, "u16", 3), (47, "u16", 1), (48, "u16", 0), (103, "u16", 89), (107, "u16", 123)])
    assert here.run(driver.identify()).firmware == "3.1.0"
    reading = here.run(driver.read())
    assert (reading["dc_current"], reading["session_energy"], reading["dc_voltage"]) == (89, 12_300, 781.5)


def test_firmware_without_power_is_read_by_voltage_and_current(site):
    here, driver = station(site)
    here.line.put(1, 4, 104, "u32", 0)
    assert here.run(driver.read())["power"] == pytest.approx(781.5 * 89.73)


@pytest.mark.parametrize(
    ("state", "vehicle", "plugged", "status"),
    [(1, "A", False, "standby"), (2, "B", True, "standby"), (8, None, None, "standby"), (10, "E", None, "fault")],
)
def test_an_unavailable_connector_tells_nothing_of_the_vehicle(site, state, vehicle, plugged, status):
    here, driver = station(site, state=state)
    reading = here.run(driver.read())
    assert (reading["vehicle"], reading["plugged"], reading["status"]) == (vehicle, plugged, status)


def test_a_pause_is_1547_w_and_nothing_below_it_is_ever_written(site):
    here, driver = station(site)
    for amperes in (13.37, 300, 5.9, 0, -3, float("nan")):
        here.run(driver.limit_current(amperes))
    for watts in (3000, 0, -1, float("nan"), 1e9):
        here.run(driver.limit_charging(watts))
    here.run(driver.pause())
    here.run(driver.release())
    assert [watts for _, watts in told(here)] == [
        9225, 150_000, 1547, 1547, 1547, 1547, 3000, 1547, 1547, 1547, 150_000, 1547, 150_000,
    ]  # fmt: skip


def test_it_names_the_station_by_its_row_and_counts_its_connectors(site):
    for row, maker, model, rated in ((86, "alpitronic", "HYC150", 150_000), (95, "EVTAP", "EVTAP-180K-5M-2C", 180_000)):
        here, driver = station(site, row=row)
        who = here.run(driver.identify())
        assert (who.manufacturer, who.model, who.rated_power) == (maker, model, rated)
        assert (who.serial, who.firmware) == ("2134-000417", "2.5.4")
    for changes in ({"connectors": 9}, {"connectors": 1, "point": 2}, {"serial": "HYC50-1"}, {"serial": "EVTAP180"}):
        here, driver = station(site, **changes)
        with pytest.raises(WrongDevice):
            here.run(driver.identify())
    del here.line.registers[1, 4][48]
    with pytest.raises(WrongDevice, match="connector"):
        here.run(driver.identify())
