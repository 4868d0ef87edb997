"""The wallbe drivers: Phoenix' controller on Ethernet with low words first, its assumed serial set on RS485."""

import pytest

from controller.drivers.wallbe import WallbeEth, WallbeSer
from controller.errors import WrongDevice

INPUT = [
    (100, "u16", ord("C")), (108, "u32", 231), (110, "u32", 229), (112, "u32", 234), (114, "u32", 14),
    (116, "u32", 13), (118, "u32", 13), (120, "s32", 70_123),
]  # fmt: skip
HOLDING = [(2980, "u64", 5_000_123_456), (3376, "u64", 70_001), (528, "u16", 134)]


def turned(text, words):
    """A text whose words have their low byte first."""
    raw = text.encode().ljust(2 * words, b"\0")
    return bytes(raw[i ^ 1] for i in range(len(raw))).decode()


def wallbox(site, firmware="SL-01.04.21", row=69, coil=0x0100, **more):
    here = site(low_first=True)
    here.line.fill(255, 4, INPUT)
    here.line.fill(255, 3, HOLDING)
    for table, address, words, text in ((4, 149, 6, firmware), (3, 304, 6, "EV04711"), (3, 310, 5, "wallbe")):
        here.line.put(255, table, address, f"str{words}", turned(text, words))
    here.line.put(255, 4, 105, "str2", "")
    here.line.put(255, 3, 606, "str16", "e4a3c7d2")
    here.line.put(255, 1, 400, "u16", coil)
    return here, WallbeEth(here.line, here.clock, row=row, **more)


def test_a_charging_box_tells_its_quantities(site):
    here, driver = wallbox(site)
    reading = here.run(driver.read())
    assert (reading["power"], reading["current_l1"], reading["voltage_l3"]) == (70_123, 14, 234)
    assert (reading["energy"], reading["session_energy"]) == (5_000_123_456, 70_001)
    assert (reading["vehicle"], reading["plugged"], reading["status"]) == ("C", True, "running")
    assert (reading["current_limit"], reading["enabled"], reading["rfid"]) == (13.4, True, "e4a3c7d2")


def test_a_box_at_rest_may_feed_two_watts_and_without_a_meter_it_measures_nothing(site):
    here, driver = wallbox(site, coil=0)
    here.line.put(255, 4, 120, "s32", -2)
    assert here.run(driver.read())["power"] == -2
    here.line.fill(255, 4, [(address, "u32", 0) for address in range(108, 122, 2)] + [(100, "u16", ord("B"))])
    reading = here.run(driver.read())
    assert not {"power", "energy", "current_l1", "voltage_l1"} & set(reading)
    assert (reading["vehicle"], reading["plugged"], reading["enabled"]) == ("B", True, False)


@pytest.mark.parametrize(("code", "vehicle", "plugged"), [(0x41, "A", False), (0x46, "F", None), (0x5A, None, None)])
def test_the_letter_of_the_pilot_is_the_state_of_the_vehicle(site, code, vehicle, plugged):
    here, driver = wallbox(site)
    here.line.put(255, 4, 100, "u16", code)
    reading = here.run(driver.read())
    assert (reading["vehicle"], reading["plugged"]) == (vehicle, plugged)


def test_it_names_the_box_and_refuses_a_controller_without_wallbes_firmware(site):
    here, driver = wallbox(site)
    who = here.run(driver.identify())
    assert (who.manufacturer, who.model, who.serial, who.firmware) == (
        "wallbe",
        "Eco 2.0 22 kW",
        "EV04711",
        "SL-01.04.21",
    )
    here, driver = wallbox(site, firmware="", row=68)
    with pytest.raises(WrongDevice, match="firmware"):
        here.run(driver.identify())
    del here.line.registers[255, 3][528]
    with pytest.raises(WrongDevice, match="limit"):
        here.run(driver.identify())


def test_with_phoenix_own_firmware_currents_are_whole_and_the_energy_lies_elsewhere(site):
    here, driver = wallbox(site, firmware="")
    here.line.put(255, 4, 105, "str2", turned("1.20", 2))
    here.line.fill(255, 3, [(904, "u32", 5_123_456), (528, "u16", 13)])
    assert here.run(driver.identify()).firmware == "1.20"
    reading = here.run(driver.read())
    assert (reading["current_limit"], reading["energy"]) == (13, 5_123_456)
    here.run(driver.limit_current(9.9))
    assert here.line.writes[0] == (255, 6, 528, (9,))


def test_a_current_goes_in_tenths_before_the_release_and_a_pause_opens_the_coil(site):
    here, driver = wallbox(site)
    for amperes in (13.37, 200, 5.9, float("nan")):
        here.run(driver.limit_current(amperes))
    here.run(driver.pause())
    here.run(driver.release())
    assert [(function, address, words[0]) for _, function, address, words in here.line.writes] == [
        (6, 528, 133), (5, 400, 0xFF00), (6, 528, 320), (5, 400, 0xFF00), (5, 400, 0), (5, 400, 0), (5, 400, 0),
        (6, 528, 320), (5, 400, 0xFF00),
    ]  # fmt: skip


def test_on_rs485_the_letter_is_in_the_high_byte_and_currents_are_whole(site):
    here = site()
    here.line.put(1, 4, 24000, "u16", ord("B") << 8)
    here.line.put(1, 3, 22000, "u16", 0)
    here.line.put(1, 1, 20000, "u16", 0x0100)
    driver = WallbeSer(here.line, here.clock, row=68)
    assert here.run(driver.identify()).model == "Pro"
    here.run(driver.limit_current(13.9))
    reading = here.run(driver.read())
    assert (reading["vehicle"], reading["current_limit"], reading["enabled"]) == ("B", 13, True)
    here.run(driver.pause())
    assert here.run(driver.read())["enabled"] is False
    here.line.put(1, 4, 24000, "u16", ord("B"))
    with pytest.raises(WrongDevice):
        here.run(driver.identify())
