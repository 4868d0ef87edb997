"""The GRIDCON driver against the only map there is, with time as its life sign."""

import struct

import pytest

from controller.drivers.tesvolt import Gridcon, calendar
from controller.errors import WrongDevice

ROWS = [
    (32528, "u16", 7), (32530, "u32", 0x0101), (32538, "f32", 57.25), (32540, "f32", 58.5), (32542, "f32", 59.75),
    (32548, "f32", 50.125), (33178, "f32", 70_123.5), (33186, "f32", -7.25), (32560, "u16", 0), (32561, "u16", 0),
]  # fmt: skip
NOON = 1_750_000_000.0  # Sunday 2025-06-15 15:06:40 UTC


def gridcon(site, state=7):
    here = site(low_first=True)
    here.line.fill(0, 3, ROWS)
    here.line.put(0, 3, 32528, "u16", state)
    return here, Gridcon(here.line, here.clock, row=51)


def floats(words):
    """Pairs of words, low first, as floats."""
    return [struct.unpack("<f", struct.pack("<HH", *words[at : at + 2]))[0] for at in range(0, len(words), 2)]


def test_a_gridcon_is_known_by_its_command_block(site):
    here, device = gridcon(site)
    assert here.run(device.identify()).model == "Gridcon PCS"
    del here.line.registers[0, 3][32561]
    with pytest.raises(WrongDevice):
        here.run(device.identify())


def test_a_gridcon_is_read_with_our_sign(site):
    here, device = gridcon(site)
    assert dict(here.run(device.read())) == {
        "current_l1": 57.25, "current_l2": 58.5, "current_l3": 59.75, "frequency": 50.125,
        "battery_power": -70_123.5, "power": -70_123.5, "status": "running", "temperature": -7.25,
    }  # fmt: skip


def test_date_and_time_are_packed_by_bytes():
    assert calendar(NOON) == ((6 << 24 | 25 << 16) | (6 << 8 | 15), (6 << 24 | 15 << 16) | 40)


def test_a_command_is_one_block_of_sixteen_with_the_time_in_it(site):
    here, device = gridcon(site)
    here.run(device.discharge(10_500))
    (unit, function, address, words), *_ = here.line.writes
    assert (unit, function, address, len(words)) == (0, 16, 32560, 16)
    assert words[:4] == (0b1000_0010, 0x8000, 0, 0)
    assert floats(words[4:12]) == [1.0, 1.0, 0.0, -0.25]
    assert words[12:] == (6 << 8 | 15, 6 << 8 | 25, 40, 6 << 8 | 15)
    here.run(device.charge(99_999))
    assert floats(here.line.writes[-1][3][10:12]) == [1.0]


def test_an_error_is_acknowledged_with_its_code(site):
    here, device = gridcon(site, state=8)
    here.run(device.charge(1000))
    acknowledged, started = (write[3][:4] for write in here.line.writes)
    assert acknowledged == (0b1000_1000, 0x8000, 0x0101, 0)
    assert started == (0b1000_0010, 0x8000, 0, 0)


def test_release_stops(site):
    here, device = gridcon(site)
    here.run(device.release())
    assert here.line.writes[0][3][:2] == (1, 0)
    assert floats(here.line.writes[0][3][10:12]) == [0.0]
