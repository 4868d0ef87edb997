"""Devices that do not have all that their family has: what is there is read, the rest is absent."""

import pytest

from controller.drivers.goodwe import GoodWe
from controller.drivers.huawei_smartlogger import SmartLogger
from controller.drivers.modbus.points import Measure, ModbusDevice
from controller.drivers.sax import SaxHome
from controller.drivers.sma import SmaInverter
from controller.drivers.solax import SolaxX3Hybrid
from controller.drivers.tesvolt import Gridcon
from controller.drivers.victron import VictronGx
from controller.errors import Refused, WrongDevice

METERED = {0x30: 1.5, 0x34: -70_000.5, 0x38: 49.98}


class Small(ModbusDevice):
    """Three values, which one request would fetch."""

    max_gap = 4

    current = Measure(0x30, "f32")
    power = Measure(0x34, "f32")
    frequency = Measure(0x38, "f32")


def small(site, *absent):
    here = site()
    for address, value in METERED.items():
        if address not in absent:
            here.line.fill(1, 3, [(address, "f32", value), (address + 2, "f32", 0.0)])
    return here, Small(here.line, here.clock)


def test_a_register_that_is_missing_is_absent_and_its_neighbours_are_not(site):
    here, device = small(site, 0x34)
    assert here.run(device.sample()) == {"current": 1.5, "power": None, "frequency": pytest.approx(49.98)}
    here.line.reads.clear()
    here.run(device.sample())
    assert [address for _, _, address, _ in here.line.reads] == [0x30, 0x34, 0x38]  # as was learnt the first time


def test_a_device_that_has_none_of_them_refuses(site):
    here, device = small(site, *METERED)
    here.line.put(1, 3, 0x90, "u16", 1)
    with pytest.raises(Refused, match="2"):
        here.run(device.sample())


def test_a_device_that_refused_everything_for_a_while_is_read_in_one_piece_again(site):
    here, device = small(site, *METERED)
    here.line.put(1, 3, 0x90, "u16", 1)
    with pytest.raises(Refused):
        here.run(device.sample())
    here.line.fill(
        1, 3, [(each, "f32", value) for at, now in METERED.items() for each, value in ((at, now), (at + 2, 0.0))]
    )
    here.line.reads.clear()
    assert here.run(device.sample())["power"] == -70_000.5
    assert len(here.line.reads) == 1


def test_after_the_line_was_lost_a_device_may_have_more_than_before(site):
    here, device = small(site, 0x34)
    here.run(device.sample())
    here.line.fill(1, 3, [(0x34, "f32", -70_000.5), (0x36, "f32", 0.0)])
    device.lost()
    here.line.reads.clear()
    assert here.run(device.sample())["power"] == -70_000.5
    assert len(here.line.reads) == 1


def test_busy_is_no_reason_to_do_without(site):
    here, device = small(site)

    async def busy(unit, function, address, count):
        raise Refused(6, unit=unit, address=address)

    here.line.read = busy
    with pytest.raises(Refused, match="6"):
        here.run(device.sample())


def test_who_lacks_a_register_that_makes_the_device_is_still_a_stranger(site):
    here = site()
    here.line.put(0, 3, 40521, "s32", 5800)  # and no plant total of the AC side
    with pytest.raises(WrongDevice, match="plant totals"):
        here.run(SmartLogger(here.line, here.clock, row=32).identify())


def test_what_only_the_makers_own_request_brings_is_read_with_it_and_else_point_by_point(site):
    """A server of captured answers knows 36000 to 36044 and nothing less."""
    here = site()
    here.line.fill(247, 3, [(36000 + at, "u16", 0) for at in range(45)])
    here.line.fill(247, 3, [(36025, "s32", 652), (37007, "u16", 63)])
    device = GoodWe(here.line, here.clock)
    found = here.run(device.fetch_known([GoodWe.grid_power, GoodWe.soc]))
    assert found == {"grid_power": -652, "soc": 63}
    assert here.line.reads == [(247, 3, 36000, 45), (247, 3, 37000, 24), (247, 3, 37007, 1)]


def test_an_older_gx_has_its_powers_in_sixteen_bits_only(site):
    """Registers of victronenergy/dbus_modbustcp:attributes.csv before the wider ones were added."""
    here = site()
    here.line.fill(100, 3, [(808 + at, "u16", 100 * at) for at in range(6)])
    here.line.fill(100, 3, [(820, "s16", -1234), (840, "u16", 512), (841, "s16", -100), (842, "s16", -5100)])
    here.line.fill(100, 3, [(843, "u16", 63), (850, "u16", 3000)])
    reading = here.run(VictronGx(here.line, here.clock).read())
    assert reading == {"battery_power": 5100, "soc": 63, "pv_power": 4500, "grid_power": -1234}


def test_a_goodwe_that_does_not_tell_its_rating_gets_the_command_as_it_is(site):
    here = site()
    here.line.fill(247, 3, [(35003, "str8", "9010KETU000W0000"), (47511, "u16", 1), (47512, "u16", 0)])
    here.run(GoodWe(here.line, here.clock).charge(2345))
    assert here.line.writes == [(247, 16, 47511, (11, 2345))]


def test_a_solax_that_stays_locked_with_the_first_code_is_given_the_advanced_one(site):
    """wills106/homeassistant-solax-modbus issue 1449: firmware on which 2014 does not hold and 6868 does."""
    here = site(low_first=True)
    here.line.put(1, 3, 0, "str7", "H34A10H1234567")
    here.line.put(1, 4, 0x54, "u16", 0)
    take = here.line.write

    async def write(unit, function, address, data):
        await take(unit, function, address, data)
        if data == (6868).to_bytes(2, "big"):
            here.line.put(1, 4, 0x54, "u16", 2)

    here.line.write = write
    here.line.write_only = {0}
    here.run(SolaxX3Hybrid(here.line, here.clock, row=64).discharge(500))
    assert [words for _, _, address, words in here.line.writes if address == 0] == [(2014,), (6868,)]


def test_an_inverter_without_the_long_counter_has_a_short_one(site):
    """openWB/core:packages/modules/devices/sma/sma_sunny_boy/inverter.py reads 30529."""
    here = site()
    here.line.fill(3, 3, [(30529, "u32", 98_765_432), (30775, "s32", 4321)])
    device = SmaInverter(here.line, here.clock, row=1)
    reading = here.run(device.read())
    assert (reading["energy"], reading["power"], reading["voltage_l1"]) == (98_765_432, 4321, None)


def test_a_logger_tells_its_serial_number(site):
    here = site()
    here.line.fill(0, 3, [(40521, "s32", 5800), (40525, "s32", 5750), (40713, "str10", "102260000123")])
    assert here.run(SmartLogger(here.line, here.clock, row=32).identify()).serial == "102260000123"


@pytest.mark.parametrize("driver", [Gridcon, SaxHome, GoodWe, SmaInverter, SolaxX3Hybrid])
def test_a_server_full_of_zeros_is_nobody(site, driver):
    here = site()
    device = driver(here.line, here.clock, row=next(iter(driver.serves)))

    async def zeros(unit, function, address, count):
        return bytes(2 * count)

    here.line.read = zeros
    with pytest.raises(WrongDevice):
        here.run(device.identify())
