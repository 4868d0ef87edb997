"""The Huawei drivers against registers laid out as the interface definitions print them."""

import pytest

from controller.drivers.huawei import Sun2000
from controller.drivers.huawei_smartlogger import SmartLogger
from controller.errors import NotControllable, Refused, WrongDevice

SUN2000 = [
    (30000, "str15", "SUN2000-100KTL-M1"), (30015, "str10", "ES2340001234"), (30073, "u32", 100_000),
    (30075, "u32", 110_000), (32064, "s32", 76_942), (32069, "u16", 2317), (32070, "u16", 2284), (32071, "u16", 2349),
    (32072, "s32", 99_123), (32074, "s32", 98_456), (32076, "s32", 101_789), (32080, "s32", 73_770),
    (32085, "u16", 4981), (32087, "s16", -74), (32089, "u16", 0x0201), (32106, "u32", 12_345_678),
]  # fmt: skip
LUNA = [
    (37000, "u16", 2), (37100, "u16", 1), (37113, "s32", 66_345), (37758, "u32", 15_000), (37760, "u16", 634),
    (37765, "s32", 3129), (37780, "u32", 432_170), (37782, "u32", 398_760),
]  # fmt: skip


def sun(site, *more, unit=1):
    here = site()
    here.line.fill(unit, 3, SUN2000 + list(more) + [(40126, "u32", 110_000)])
    return here, Sun2000(here.line, here.clock, row=33)


def test_an_inverter_is_known_by_its_name(site):
    here, device = sun(site)
    identity = here.run(device.identify())
    assert (identity.model, identity.serial, identity.rated_power) == ("SUN2000-100KTL-M1", "ES2340001234", 100_000)
    here.line.put(1, 3, 30000, "str15", "EMMA-A02")
    with pytest.raises(WrongDevice, match="EMMA"):
        here.run(device.identify())


def test_an_inverter_with_a_new_name_is_taken_with_a_note_where_the_rest_is_the_makers(site):
    here, device = sun(site)
    here.line.put(1, 3, 30000, "str15", "SUN5000-100K-MC0")
    who = here.run(device.identify())
    assert who.model == "SUN5000-100K-MC0"
    assert who.notes[0].startswith("the name SUN5000-100K-MC0 is new")
    for address, layout, value in ((32089, "u16", 0x7777), (30073, "u32", 0), (30000, "str15", "\x01\x02")):
        here, device = sun(site)
        here.line.put(1, 3, 30000, "str15", "SUN5000-100K-MC0")
        here.line.put(1, 3, address, layout, value)
        with pytest.raises(WrongDevice):
            here.run(device.identify())


def test_an_inverter_without_battery_and_meter_is_read(site):
    here, device = sun(site)
    assert dict(here.run(device.read())) == {
        "dc_power": 76_942, "voltage_l1": 231.7, "voltage_l2": 228.4, "voltage_l3": 234.9, "current_l1": 99.123,
        "current_l2": 98.456, "current_l3": 101.789, "power": 73_770, "frequency": 49.81, "temperature": -7.4,
        "status": "limited", "energy": 123_456_780, "rated_power": 100_000,
    }  # fmt: skip


def test_battery_and_meter_are_read_with_our_signs_and_never_commanded(site):
    here, device = sun(site, *LUNA)
    reading = here.run(device.read())
    assert {name: reading[name] for name in ("battery_power", "grid_power", "soc", "capacity")} == {
        "battery_power": -3129, "grid_power": -66_345, "soc": 63.4, "capacity": 15_000,
    }  # fmt: skip
    assert (reading["charge_energy"], reading["discharge_energy"]) == (4_321_700, 3_987_600)
    assert not hasattr(device, "charge")


@pytest.mark.parametrize(
    ("state", "word"), [(0, "standby"), (0x0200, "running"), (0x0300, "fault"), (0xA000, "standby")]
)
def test_states_have_our_words(site, state, word):
    here, device = sun(site)
    here.line.put(1, 3, 32089, "u16", state)
    assert here.run(device.read())["status"] == word


def test_both_patterns_of_not_available_are_none(site):
    here, device = sun(site, (32080, "s32", 0x7FFFFFFF), (32064, "s32", -0x80000000))
    reading = here.run(device.read())
    assert reading["power"] is None
    assert reading["dc_power"] is None


def test_the_limit_is_written_in_watts_and_on_change_and_release_is_the_highest_power(site):
    here, device = sun(site)
    for watts in (45_678, 45_678, -500):
        here.run(device.limit_power(watts))
    here.run(device.release())
    assert here.line.writes == [
        (1, 16, 40126, (0, 45_678)), (1, 16, 40126, (0, 0)), (1, 16, 40126, (1, 44_464)),
    ]  # fmt: skip


def test_a_limit_that_somebody_else_has_changed_is_given_again(site):
    here, device = sun(site)
    here.run(device.limit_power(66_123))
    here.line.put(1, 3, 40126, "u32", 110_000)
    here.run(device.limit_power(66_123))
    assert [words for *_, words in here.line.writes] == [(1, 587), (1, 587)]


def test_an_inverter_that_wants_a_login_is_not_controllable(site):
    here, device = sun(site)
    here.line.refuses[40126] = 0x80
    with pytest.raises(NotControllable, match="login"):
        here.run(device.limit_power(1000))
    here.line.refuses[40126] = 6
    with pytest.raises(Refused, match="6"):
        here.run(device.limit_power(1000))


def logger(site, inverters=(11, 12), running=2):
    here = site()
    rows = [(40206, "u16", running), (40521, "u32", 68_991), (40525, "s32", 66_123), (40560, "u32", 987_654)]
    rows += [(40572, "s16", 96), (40573, "s16", 95), (40574, "s16", -1), (40738, "s32", 720)]
    here.line.fill(0, 3, [*rows, (40420, "u32", 0), (40428, "u16", 1000)])
    for unit in inverters:
        here.line.put(unit, 3, 30073, "u32", 36_000)
    return here, SmartLogger(here.line, here.clock, row=32)


def test_a_logger_tells_the_plant(site):
    here, device = logger(site)
    assert here.run(device.identify()).rated_power == 72_000
    assert dict(here.run(device.read())) == {
        "dc_power": 68_991, "power": 66_123, "energy": 98_765_400, "rated_power": 72_000,
        "current_l1": 96, "current_l2": 95, "current_l3": -1, "power_limit": 72_000,
    }  # fmt: skip


def test_a_logger_limits_by_the_share_of_all_ratings(site):
    here, device = logger(site)
    for watts in (45_678, 45_678):
        here.run(device.limit_power(watts))
    here.run(device.release())
    assert [(address, *words) for _, _, address, words in here.line.writes] == [(40428, 634), (40428, 1000)]


def test_inverters_numbered_from_one_are_found_too(site):
    here, device = logger(site, inverters=(1, 2))
    assert here.run(device.identify()).rated_power == 72_000


def test_a_logger_that_hides_an_inverter_is_limited_in_watts(site):
    here, device = logger(site, running=3)
    here.run(device.limit_power(100_050))
    here.run(device.release())
    assert [(address, *words) for _, _, address, words in here.line.writes] == [(40420, 0, 1000), (40428, 1000)]


def test_an_inverter_that_slept_while_the_ratings_were_asked_brings_the_limit_in_watts(site):
    here, device = logger(site, running=0)
    here.run(device.identify())
    here.run(device.limit_power(36_000))
    here.line.put(0, 3, 40206, "u16", 3)
    here.run(device.limit_power(36_000))
    assert "rated_power" not in here.run(device.read())
    assert [(address, *words) for _, _, address, words in here.line.writes] == [(40428, 500), (40420, 0, 360)]


def test_batteries_behind_a_logger_are_one_whose_level_counts_by_capacity(site):
    here, device = logger(site)
    for unit, power, level, size in ((11, 2345, 800, 15_000), (12, -4000, 200, 5_000)):
        here.line.fill(unit, 3, [(37000, "u16", 2), (37758, "u32", size), (37760, "u16", level), (37765, "s32", power)])
    here.run(device.identify())
    reading = here.run(device.read())
    assert (reading["battery_power"], reading["soc"], reading["capacity"]) == (1655, 65, 20_000)
    here.line.put(12, 3, 37765, "s32", 0x7FFFFFFF)
    assert here.run(device.read())["battery_power"] is None


def test_a_device_without_plant_totals_is_no_logger(site):
    here, device = logger(site)
    del here.line.registers[0, 3][40525]
    with pytest.raises(WrongDevice):
        here.run(device.identify())
