"""Devices that do not have all that their family has: what is there is read, the rest is absent."""

import pytest

from controller.drivers.eastron import Sdm630
from controller.drivers.goodwe import GoodWe
from controller.drivers.points import Measure, ModbusDevice
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
    here, _ = small(site, 0x34)
    device = Sdm630(here.line, here.clock)
    here.line.fill(1, 4, [(0x00, "f32", 230.0), (0x02, "f32", 230.0), (0x46, "f32", 50.0)])
    with pytest.raises(WrongDevice, match="SDM630"):
        here.run(device.identify())


def test_what_only_the_makers_own_request_brings_is_read_with_it_and_else_point_by_point(site):
    """A server of captured answers knows 36000 to 36044 and nothing less."""
    here = site()
    here.line.fill(247, 3, [(36000 + at, "u16", 0) for at in range(45)])
    here.line.fill(247, 3, [(36025, "s32", 652), (37007, "u16", 63)])
    device = GoodWe(here.line, here.clock)
    found = here.run(device.fetch_known([GoodWe.grid_power, GoodWe.soc]))
    assert found == {"grid_power": -652, "soc": 63}
    assert here.line.reads == [(247, 3, 36000, 45), (247, 3, 37000, 24), (247, 3, 37007, 1)]
