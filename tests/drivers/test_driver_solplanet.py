"""The Solplanet driver against registers of the AISWEI map."""

import pytest

from controller.drivers.solplanet import SolplanetHybrid
from controller.errors import WrongDevice

INPUT = [
    (1304, "u32", 876_543), (1308, "u16", 1), (1310, "s16", -74), (1358, "u16", 2317), (1359, "u16", 57),
    (1360, "u16", 2284), (1361, "u16", 58), (1362, "u16", 2349), (1363, "u16", 59), (1367, "u16", 4982),
    (1370, "s32", -82), (1600, "u32", 66_123), (1618, "s32", -3129), (1621, "u16", 63),
]  # fmt: skip
HOLDING = [
    (1103, "u16", 2), (1152, "s16", 0), (1182, "str8", "SP01234567890"), (1198, "str5", "ASW10kH-T2"),
    (4000, "u16", 0), (5402, "u16", 10_000), (6433, "s32", -70_001),
]  # fmt: skip


def asw(site, model=None, holding=HOLDING, more=()):
    here = site()
    here.line.fill(1, 4, INPUT + list(more))
    here.line.fill(1, 3, holding)
    return here, SolplanetHybrid(here.line, here.clock, row=63, model=model)


@pytest.mark.parametrize(
    ("installed", "model"),
    [(None, "ASW10kH-T2"), ("ASW10kH-T2-O", "ASW10kH-T2-O"), ("ASW08kH-T3", "ASW10kH-T2")],
)
def test_a_name_cut_at_ten_characters_is_completed_by_the_installers_word(site, installed, model):
    here, device = asw(site, installed)
    identity = here.run(device.identify())
    assert (identity.model, identity.serial, identity.rated_power) == (model, "SP01234567890", 10_000)


def test_behind_a_logger_the_model_number_tells(site):
    bare = [each for each in HOLDING if each[0] not in (1182, 1198)]
    here, device = asw(site, "ASW12kH-T3", bare, [(1072, "u16", 13), (1002, "str16", "LOG1")])
    assert here.run(device.identify()).rated_power == 12_000
    here.line.put(1, 4, 1072, "u16", 11)  # one phase
    with pytest.raises(WrongDevice, match="11"):
        here.run(device.identify())


def test_another_hybrid_of_the_maker_is_refused(site):
    here, device = asw(site)
    here.line.put(1, 3, 1198, "str5", "ASW010K-SH")
    with pytest.raises(WrongDevice, match="ASW010K-SH"):
        here.run(device.identify())


def test_a_new_name_or_number_is_taken_with_a_note_where_three_phases_and_a_battery_are_measured(site):
    here, device = asw(site)
    here.line.put(1, 3, 1198, "str5", "ASW15kH-T4")
    assert here.run(device.identify()).notes[0].startswith("ASW15kH-T4 is new; it measures three phases")
    bare = [each for each in HOLDING if each[0] not in (1182, 1198)]
    here, device = asw(site, "ASW12kH-T3", bare, [(1072, "u16", 23), (1002, "str16", "LOG1")])
    assert here.run(device.identify()).notes[0].startswith("model number 23 is new")
    here.line.put(1, 4, 1360, "u16", 0)  # one phase only
    with pytest.raises(WrongDevice, match="23"):
        here.run(device.identify())


def test_a_hybrid_is_read_in_house_units(site):
    here, device = asw(site)
    assert dict(here.run(device.read())) == {
        "energy": 87_654_300, "temperature": -7.4, "voltage_l1": 231.7, "current_l1": 5.7, "voltage_l2": 228.4,
        "current_l2": 5.8, "voltage_l3": 234.9, "current_l3": 5.9, "frequency": 49.82, "power": -82,
        "pv_power": 66_123, "battery_power": -3129, "soc": 63, "grid_power": -70_001, "status": "running",
    }  # fmt: skip


def test_the_power_stands_before_the_mode_and_is_written_on_change_only(site):
    here, device = asw(site)
    for watts in (3129, 3129):
        here.run(device.charge(watts))
    here.run(device.discharge(99_999))
    here.run(device.release())
    assert [(function, address, *words) for _, function, address, words in here.line.writes] == [
        (6, 1152, 0x10000 - 3129), (6, 1103, 4), (6, 1152, 0x10000 - 3129), (6, 1152, 10_000), (6, 1103, 2)
    ]  # fmt: skip


@pytest.mark.parametrize(("address", "value", "writes"), [(1103, 2, 3), (1152, 77, 1)])
def test_a_command_that_somebody_else_has_changed_is_given_again(site, address, value, writes):
    here, device = asw(site)
    here.run(device.discharge(871))
    here.line.put(1, 3, address, "u16", value)
    here.run(device.discharge(871))
    assert len(here.line.writes) == 3 + writes


def test_the_limit_is_given_before_it_is_switched_on(site):
    here, device = asw(site)
    for _ in range(2):
        here.run(device.limit_power(4567.8))
    here.run(device.release())
    assert [(address, *words) for _, _, address, words in here.line.writes] == [
        (5402, 4567), (4000, 1), (1103, 2), (4000, 0)
    ]  # fmt: skip
