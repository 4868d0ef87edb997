"""The FoxESS H3 driver: reads, and has nothing to write with."""

import pytest

from controller.drivers.foxess import FoxEssH3
from controller.errors import WrongDevice

ROWS = [
    (30018, "u16", 152), (31002, "s16", 3211), (31005, "s16", 4000), (31006, "u16", 2317), (31007, "u16", 2284),
    (31008, "u16", 2349), (31009, "s16", -57), (31010, "s16", 58), (31011, "s16", 59), (31012, "s16", -1311),
    (31013, "s16", 2711), (31014, "s16", 2682), (31015, "u16", 4982), (31026, "s16", 1111), (31027, "s16", 1222),
    (31028, "s16", -4), (31032, "s16", -74), (31036, "s16", -3129), (31038, "u16", 63), (31041, "u16", 3),
    (32003, "u32", 43_217),
    (32006, "u32", 39_876), (32009, "u32", 765_432), (32012, "u32", 654_321),
    (32015, "u32", 876_543),
]  # fmt: skip


def h3(site, name=" H3-10.0-E", packed=False):
    here = site()
    if packed:
        here.line.put(247, 3, 30000, "str16", name)
    else:
        here.line.fill(247, 3, [(30000 + at, "u16", ord(name[at]) if at < len(name) else 0) for at in range(16)])
    here.line.fill(247, 3, ROWS)
    return here, FoxEssH3(here.line, here.clock, row=60)


@pytest.mark.parametrize("packed", [False, True])
def test_the_name_is_read_however_its_characters_are_packed(site, packed):
    here, device = h3(site, packed=packed)
    identity = here.run(device.identify())
    assert (identity.model, identity.firmware, identity.rated_power) == ("H3", "1.52", 10_000)


@pytest.mark.parametrize("name", ["H3-10.0-Smart", "H3-10.0-M", "H3-Pro-20.0", "H1-5.0-E", "AIO-H3-10.0", ""])
def test_names_with_another_map_are_refused(site, name):
    here, device = h3(site, name)
    with pytest.raises(WrongDevice):
        here.run(device.identify())


def test_an_h3_is_read_with_our_signs(site):
    here, device = h3(site)
    assert dict(here.run(device.read())) == {
        "voltage_l1": 231.7, "voltage_l2": 228.4, "voltage_l3": 234.9, "current_l1": 5.7, "current_l2": 5.8,
        "current_l3": 5.9, "power_l1": -1311, "power_l2": 2711, "power_l3": 2682, "frequency": 49.82,
        "temperature": -7.4, "battery_power": -3129, "soc": 63, "charge_energy": 4_321_700,
        "discharge_energy": 3_987_600, "energy": 87_654_300, "pv_power": 7211, "grid_power": -2329, "power": 4082,
        "export_energy": 76_543_200, "import_energy": 65_432_100, "status": "running",
    }  # fmt: skip


@pytest.mark.parametrize(("code", "word"), [(0, "starting"), (1, "standby"), (5, "fault"), (6, "fault"), (7, None)])
def test_a_state_is_told_in_the_words_of_the_house(site, code, word):
    here, device = h3(site)
    here.line.put(247, 3, 31041, "u16", code)
    assert here.run(device.read())["status"] == word


def test_there_is_no_command(site):
    here, device = h3(site)
    assert not [name for name in ("charge", "discharge", "release", "limit_power") if hasattr(device, name)]
    here.run(device.identify())
    here.run(device.read())
    assert here.line.writes == []
