"""The driver of the assumed profile HEM-BESS-1 against a SunSpec chain laid out by the models' own offsets."""

import struct

import pytest

from controller.drivers.assumed import HemBess1
from controller.errors import NotControllable, WrongDevice

COMMON = [(2, "str16", "ACME"), (18, "str16", "Industriespeicher 500 kW"), (42, "str8", "1.0"), (50, "str16", "B-17")]
INVERTER = [
    (3, "u16", 731), (4, "u16", 742), (5, "u16", 753), (6, "s16", 0), (10, "u16", 2317), (11, "u16", 2284),
    (12, "u16", 2349), (13, "s16", -1), (14, "s16", -3129), (15, "s16", 2), (16, "u16", 4982), (17, "s16", -2),
    (24, "u32", 98_765), (26, "s16", 3), (31, "s16", -0x8000), (32, "s16", 2), (33, "s16", -74), (37, "s16", -1),
    (38, "u16", 4),
]  # fmt: skip
RATING = [(2, "u16", 82), (3, "u16", 500), (4, "s16", 3)]
CONTROL = [(54, "s16", -1), (55, "s16", 2), (56, "s16", -1)]
BATTERY = [
    (3, "u16", 1200), (4, "u16", 450), (5, "u16", 500), (11, "u16", 634), (47, "s16", -3137), (53, "s16", 3),
    (54, "s16", 3), (56, "s16", -1), (63, "s16", 2),
]  # fmt: skip
CHAIN = {1: (66, COMMON), 103: (50, INVERTER), 120: (26, RATING), 704: (65, CONTROL), 802: (62, BATTERY)}


def bess(site, row=59, chain=CHAIN):
    here = site()
    here.line.put(1, 3, 40000, "str2", "SunS")
    at, places = 40002, {}
    for number, (length, points) in chain.items():
        here.line.fill(1, 3, [(at + offset, "u16", 0) for offset in range(length + 2)])
        here.line.fill(1, 3, [(at, "u16", number), (at + 1, "u16", length)])
        here.line.fill(1, 3, [(at + offset, coding, value) for offset, coding, value in points])
        places[number] = at
        at += 2 + length
    here.line.fill(1, 3, [(at, "u16", 0xFFFF), (at + 1, "u16", 0)])
    here.places = places
    return here, HemBess1(here.line, here.clock, row=row)


def written(here, model):
    """Offsets and words of the writes into a model."""
    length = CHAIN[model][0]
    return [
        (address - here.places[model], words)
        for _, _, address, words in here.line.writes
        if here.places[model] <= address < here.places[model] + length + 2
    ]


def test_a_system_is_known_by_its_models_and_name(site):
    here, device = bess(site)
    identity = here.run(device.identify())
    assert (identity.model, identity.serial, identity.rated_power) == ("Industriespeicher 500 kW", "B-17", 500_000)
    here, device = bess(site, row=56)
    with pytest.raises(WrongDevice, match="500 kW"):
        here.run(device.identify())


def test_a_chain_without_control_or_battery_is_refused(site):
    here, device = bess(site, chain={number: CHAIN[number] for number in (1, 103, 120)})
    with pytest.raises(WrongDevice, match=r"704.*802"):
        here.run(device.identify())


def test_half_a_megawatt_is_read_through_its_scale_factors(site):
    here, device = bess(site)
    assert dict(here.run(device.read())) == pytest.approx(
        {
            "power": -312_900, "voltage_l1": 231.7, "voltage_l2": 228.4, "voltage_l3": 234.9, "current_l1": 731,
            "current_l2": 742, "current_l3": 753, "frequency": 49.82, "energy": 98_765_000, "temperature": -7.4,
            "status": "running", "battery_power": -313_700, "soc": 63.4, "capacity": 1_200_000,
        }
    )  # fmt: skip


def test_the_time_out_stands_before_the_set_point_and_the_heart_beats(site):
    here, device = bess(site)
    for _ in range(2):
        here.run(device.charge(99_999_999))
    high, low = struct.unpack(">HH", struct.pack(">i", -4500))  # -450 kW in steps of 100 W
    assert written(here, 704) == [(30, (0, 0, 10)), (22, (1, 1, high, low)), (22, (1, 1, high, low))]
    assert written(here, 802) == [(19, (1,)), (19, (2,))]
    assert here.line.writes[0][2] == here.places[704] + 30


def test_release_ends_the_set_point_and_the_next_command_arms_again(site):
    here, device = bess(site)
    here.run(device.discharge(123_400))
    here.run(device.release())
    here.run(device.discharge(-5))
    assert written(here, 704) == [
        (30, (0, 0, 10)), (22, (1, 1, 0, 1234)), (22, (0,)), (30, (0, 0, 10)), (22, (1, 1, 0, 0))
    ]  # fmt: skip


def test_a_battery_without_ratings_is_not_commanded(site):
    here, device = bess(site)
    here.line.put(1, 3, here.places[802] + 4, "u16", 0xFFFF)
    with pytest.raises(NotControllable):
        here.run(device.charge(1000))
