"""The GoodWe driver against registers as the maker's clients read them."""

import pytest

from controller.drivers.goodwe import GoodWe, GoodWeEt, family_of
from controller.errors import NotControllable, WrongDevice

ROWS = [
    (35001, "u16", 10_000), (35003, "str8", "9010KETU222W0123"), (35011, "str5", "GW10K-ET"),
    (35027, "str6", "02041-17-S00"),
    (35105, "u32", 3211), (35109, "u32", 66_123), (35113, "u32", 0), (35117, "u32", 0xFFFFFFFF),
    (35121, "u16", 2317), (35122, "u16", 57), (35123, "u16", 4982), (35124, "s32", -1311), (35126, "u16", 2284),
    (35127, "u16", 58), (35129, "s32", 1322), (35131, "u16", 2349), (35132, "u16", 59), (35134, "s32", 1371),
    (35137, "s32", 4082), (35182, "s32", -3129), (35187, "u16", 1),
    (35176, "s16", -74), (35195, "u32", 876_543), (35206, "u32", 43_217), (35209, "u32", 39_876),
    (36015, "f32", 76_543_232.0), (36017, "f32", 65_432_128.0),
    (36025, "s32", 2345), (37007, "u16", 63), (47509, "u16", 0), (47510, "s16", 0),
    (47511, "u16", 1), (47512, "u16", 0),
]  # fmt: skip


def et(site, row=50):
    here = site()
    for address in range(35100, 35225):
        here.line.put(247, 3, address, "u16", 0)
    here.line.put(247, 3, 35002, "u16", 1)
    here.line.fill(247, 3, ROWS)
    return here, GoodWeEt(here.line, here.clock, row=row)


def test_the_series_tag_of_the_serial_tells_the_family(site):
    here, device = et(site)
    identity = here.run(device.identify())
    assert (identity.model, identity.firmware, identity.rated_power) == ("ET", "02041-17-S00", 10_000)
    with pytest.raises(WrongDevice, match="GW10K-ET"):
        here.run(GoodWe(here.line, here.clock, row=49).identify())


@pytest.mark.parametrize(
    ("serial", "product", "family"),
    [
        ("9020KETT222W0123", "", "ET"),
        ("95000BTU20AW0123", "GW5K-BT", "BT"),
        ("", "GW8K-BT", "BT"),
        ("93648EHU", "", ""),
        ("93648EHU", "GW3648-EH", ""),
    ],
)
def test_a_large_et_has_no_name_and_other_series_are_strangers(serial, product, family):
    assert family_of(serial, product) == (family, ())


def test_a_new_series_is_taken_with_a_note_where_the_device_says_what_it_is():
    assert family_of("9010KETX222W0123", "GW10K-ET") == ("ET", ("series ETX is new; the device calls itself GW10K-ET",))


def test_an_et_is_read_with_our_signs(site):
    here, device = et(site)
    assert dict(here.run(device.read())) == {
        "voltage_l1": 231.7, "current_l1": 5.7, "frequency": 49.82, "power_l1": -1311, "voltage_l2": 228.4,
        "current_l2": 5.8, "power_l2": 1322, "voltage_l3": 234.9, "current_l3": 5.9, "power_l3": 1371, "power": 4082,
        "battery_power": -3129, "charge_energy": 4_321_700, "discharge_energy": 3_987_600, "grid_power": -2345,
        "soc": 63, "pv_power": 69_334, "status": "running", "temperature": -7.4, "energy": 87_654_300,
        "export_energy": 76_543_232, "import_energy": 65_432_128,
    }  # fmt: skip


@pytest.mark.parametrize(("raw", "watts"), [(0xFF5C, -164), (71_123, 71_123), (-164, -164), (0x7FFFFFFF, None)])
def test_powers_are_whole_with_and_without_a_high_word(site, raw, watts):
    here, device = et(site)
    here.line.put(247, 3, 35137, "s32", raw)
    assert here.run(device.read())["power"] == watts


def test_mode_and_power_go_together_and_on_change_only(site):
    here, device = et(site)
    for watts in (3129, 3129, 99_999):
        here.run(device.charge(watts))
    here.run(device.discharge(871))
    here.run(device.release())
    here.run(device.release())
    assert [(address, words) for _, _, address, words in here.line.writes] == [
        (47511, (11, 3129)), (47511, (11, 10_000)), (47511, (12, 871)), (47511, (1, 0))
    ]  # fmt: skip


@pytest.mark.parametrize("address", [47511, 47512])
def test_a_command_that_somebody_else_has_changed_is_given_again(site, address):
    here, device = et(site)
    here.run(device.charge(3129))
    here.line.put(247, 3, address, "u16", 1)
    here.run(device.charge(3129))
    assert [words for *_, words in here.line.writes] == [(11, 3129), (11, 3129)]


def limited(site):
    """An ET that makes 4082 W, of which the house takes 1737 W."""
    here, _ = et(site)
    return here, GoodWeEt(here.line, here.clock, row=50)


def test_a_limit_is_given_at_the_meter_less_what_the_house_takes(site):
    here, device = limited(site)
    for _ in range(2):
        here.run(device.limit_power(3001))
    assert [(address, *words) for _, _, address, words in here.line.writes] == [(47510, 3001 - 1737), (47509, 1)]


def test_a_limit_follows_the_house_when_it_feeds_more_for_a_while(site):
    here, device = limited(site)
    here.run(device.limit_power(3001))
    here.line.put(247, 3, 36025, "s32", 1345)  # the house takes 1000 W more

    async def once_more_after(seconds):
        await here.clock.sleep(seconds)
        await device.limit_power(3001)

    for seconds in (0.0, 9.0):
        here.run(once_more_after(seconds))
        assert len(here.line.writes) == 2
    here.run(once_more_after(2.0))
    assert here.line.writes[-1][2:] == (47510, (264,))


def test_an_order_and_the_house_that_move_together_leave_the_setting(site):
    here, device = limited(site)
    here.run(device.limit_power(3001))
    here.line.put(247, 3, 36025, "s32", 1345)
    here.run(device.limit_power(4001))
    assert len(here.line.writes) == 2


def test_without_a_meter_nothing_is_limited(site):
    here, device = limited(site)
    del here.line.registers[247, 3][36025]
    with pytest.raises(NotControllable, match="meter"):
        here.run(device.limit_power(3001))


def test_a_limit_that_another_controller_has_left_is_taken_back(site):
    here, device = limited(site)
    here.line.fill(247, 3, [(47509, "u16", 1), (47510, "s16", 1500)])
    here.run(device.release())
    assert here.line.writes[-1][2:] == (47509, (0,))


def test_after_a_loss_the_command_is_given_again(site):
    here, device = et(site)
    here.run(device.discharge(871))
    device.lost()
    here.run(device.discharge(871))
    assert len(here.line.writes) == 2
