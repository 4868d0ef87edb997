"""The SAX driver: basic registers at unit 64, the SunSpec-like block at unit 100 where the firmware has it."""

import pytest

from controller.drivers.sax import SaxHome
from controller.errors import NotControllable, Refused, WrongDevice

BASIC = [(43, "u16", 0), (44, "u16", 0), (46, "u16", 63), (47, "u16", 16_384 - 3129), (48, "u16", 16_384 + 2345)]
BLOCK = [
    (0, "str2", "SunS"), (4, "str4", "SAXPOWER"), (8, "str3", "HOMEPL"), (13, "u32", 70_123), (49, "s16", 0),
    (50, "u16", 300), (51, "u16", 0), (53, "u16", 4600), (97, "u16", 7680),
]  # fmt: skip


def home(site, offset=0, block=True, row=62):
    here = site()
    here.line.fill(64, 3, BASIC)
    if block:
        here.line.fill(100, 3, [(offset + address, coding, value) for address, coding, value in BLOCK])
    return here, SaxHome(here.line, here.clock, row=row)


@pytest.mark.parametrize("offset", [0, 40_000])
def test_the_block_is_found_at_either_offset(site, offset):
    here, device = home(site, offset)
    identity = here.run(device.identify())
    assert (identity.model, identity.serial) == ("Home 7.7kWh (PRIMO-1-8-5-230)", "70123")
    assert dict(here.run(device.read())) == {
        "soc": 63, "battery_power": -3129, "grid_power": 2345, "capacity": 7680, "status": None
    }  # fmt: skip


def test_the_block_tells_the_ac_side_and_stands_in_for_basic_registers_that_say_nothing(site):
    """Registers of the simulated Home in dr-dimitri/sax-ha:tests/test_integration_live.py; here it charges."""
    here, device = home(site)
    here.line.fill(64, 3, [(47, "u16", 0), (48, "u16", 0)])
    here.line.fill(100, 3, [(address, "u16", 0) for address in range(17, 47)])
    here.line.fill(100, 3, [
        (18, "u16", 5), (21, "s16", 0), (25, "u16", 2301), (28, "s16", -1), (29, "s16", -1200), (30, "s16", 0),
        (31, "u16", 500), (32, "s16", -1), (41, "s16", -7), (42, "s16", 0), (43, "u16", 4),
        (72, "s16", -300), (76, "s16", 1),
    ])  # fmt: skip
    assert dict(here.run(device.read())) == {
        "soc": 63, "battery_power": -1200, "grid_power": 3000, "capacity": 7680, "voltage_l1": 230.1,
        "current_l1": 5, "frequency": 50, "status": "running", "temperature": -7,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "event", "word"), [(1, 0, "off"), (2, 0, "standby"), (7, 0, "fault"), (4, 15, "fault")]
)
def test_what_the_storage_does_is_told(site, state, event, word):
    here, device = home(site)
    here.line.fill(100, 3, [(43, "u16", state), (44, "u16", event)])
    assert here.run(device.read())["status"] == word


def test_charge_and_power_are_read_in_one_request_of_two(site):
    here, device = home(site, block=False)
    assert dict(here.run(device.read())) == {"soc": 63, "battery_power": -3129, "grid_power": 2345}
    assert (64, 3, 46, 2) in here.line.reads
    assert (64, 3, 47, 1) not in here.line.reads


def test_a_set_point_goes_with_its_time_out_and_its_mode(site):
    here, device = home(site)
    here.run(device.charge(1150))
    here.run(device.discharge(99_999))
    here.run(device.release())
    assert here.line.writes == [
        (100, 16, 49, (0x10000 - 2500, 60, 1)), (100, 16, 49, (10_000, 60, 1)), (100, 16, 51, (0,))
    ]  # fmt: skip


def test_a_locked_storage_that_forgets_the_mode_is_not_controllable(site):
    here, device = home(site)
    here.line.locked = {49, 50, 51}
    with pytest.raises(NotControllable, match="unlocked"):
        here.run(device.charge(1000))
    assert not device.armed


@pytest.mark.parametrize("code", [2, 3, 4])
def test_a_locked_storage_that_refuses_is_not_controllable(site, code):
    here, device = home(site, block=False)
    here.line.refuses = {43: code, 44: code}
    with pytest.raises(NotControllable, match="SAX support"):
        here.run(device.release())
    here.line.refuses = {43: 6, 44: 6}
    with pytest.raises(Refused):
        here.run(device.charge(500))


def test_older_firmware_is_kept_within_bounds_instead(site):
    here, device = home(site, block=False)
    here.run(device.charge(1150))
    here.run(device.discharge(871))
    here.run(device.release())
    assert [(address, *words) for _, _, address, words in here.line.writes] == [
        (44, 1150), (43, 0), (44, 0), (43, 871), (43, 4600), (44, 4600)
    ]  # fmt: skip


def test_strangers_are_refused(site):
    here, device = home(site)
    here.line.put(100, 3, 4, "str4", "OTHERDEV")
    with pytest.raises(WrongDevice, match="OTHERDEV"):
        here.run(device.identify())
    here, device = home(site)
    del here.line.registers[64, 3][47]
    with pytest.raises(WrongDevice):
        here.run(device.identify())
