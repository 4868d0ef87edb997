"""The Victron driver against the services of a GX, one unit id each."""

import pytest

from controller.drivers.victron import VictronGx
from controller.errors import NotControllable, Refused, WrongDevice

SYSTEM = [
    (800, "str6", "c0619ab12345"), (840, "u16", 523), (841, "s16", 598), (842, "s16", 3129), (843, "u16", 63),
    (850, "u16", 2345), (884, "u32", 0), (886, "u32", 0), (888, "u32", 66_123), (890, "u32", 511), (892, "u32", 512),
    (894, "u32", 513), (908, "s32", -70_001), (910, "s32", 815), (912, "s32", 816), (2700, "s16", 50),
    (2716, "s32", 0), (2722, "s32", -1), (2902, "u16", 1), (902, "u32", 511), (904, "u32", 512), (906, "u32", 714),
]  # fmt: skip
VEBUS = [
    (3, "u16", 2317), (4, "u16", 2284), (5, "u16", 2349), (9, "s16", 4982), (12, "s16", 131), (13, "s16", -271),
    (14, "s16", -7000), (31, "u16", 9), (61, "s16", -74), (86, "u32", 8_765_432),
]  # fmt: skip
AC_SIDE = {
    "voltage_l1": 231.7, "voltage_l2": 228.4, "voltage_l3": 234.9, "frequency": 49.82, "power_l1": -1310,
    "power_l2": 2710, "power_l3": 70_000, "power": 71_400, "status": "running", "temperature": -7.4,
    "energy": 87_654_320,
}  # fmt: skip


def gx(site, row=45, vebus=227, phases=3):
    here = site()
    here.line.fill(100, 3, SYSTEM)
    if vebus:
        here.line.fill(vebus, 3, [(address, "u16", 0) for address in range(3, 90)])
        here.line.fill(vebus, 3, VEBUS)
        if phases:
            here.line.put(vebus, 3, 28, "u16", phases)
    return here, VictronGx(here.line, here.clock, row=row)


def test_a_gx_is_known_by_its_system_service(site):
    here, device = gx(site)
    assert here.run(device.identify()).serial == "c0619ab12345"
    here.line.put(99, 3, 0, "u16", 0)
    with pytest.raises(WrongDevice):
        here.run(VictronGx(here.line, here.clock, 99, row=45).identify())
    with pytest.raises(Refused, match="11"):
        here.run(VictronGx(here.line, here.clock, 98, row=45).identify())


def test_a_system_is_read_with_our_signs(site):
    here, device = gx(site)
    assert dict(here.run(device.read())) == AC_SIDE | {
        "battery_power": -3129, "soc": 63, "pv_power": 2345 + 66_123 + 511 + 512 + 513, "grid_power": -68_370
    }  # fmt: skip


def test_the_counters_of_the_grid_are_those_of_the_meter_wherever_it_is(site):
    here, device = gx(site)
    here.line.fill(31, 3, [(2634, "u32", 9_765_432), (2636, "u32", 8_654_321)])
    reading = here.run(device.read())
    assert (reading["import_energy"], reading["export_energy"]) == (97_654_320, 86_543_210)


def test_one_phase_is_told_as_one(site):
    here, device = gx(site)
    here.line.fill(227, 3, [(4, "u16", 0), (5, "u16", 0)])
    reading = here.run(device.read())
    assert reading["power"] == reading["power_l1"] == -1310
    assert not {"power_l2", "voltage_l3"} & reading.keys()


def test_a_limit_is_set_at_the_grid_once_and_the_battery_keeps_to_it(site):
    here, device = gx(site)
    here.line.put(100, 3, 850, "u16", 0)
    for _ in range(2):
        here.run(device.limit_power(5001))  # of which the house takes 1737 W
        here.line.put(100, 3, 2722, "s32", 3264)
    here.run(device.discharge(9000))
    assert here.line.writes[:2] == [
        (100, 16, 2722, (0, 3264)),
        (227, 16, 37, (0x10000 - 1667, 0, 0, 0x10000 - 1667, 0x10000 - 1667)),
    ]


def test_a_limit_that_another_controller_has_left_is_taken_back(site):
    here, device = gx(site)
    here.line.put(100, 3, 2722, "s32", 3000)
    here.run(device.release())
    assert here.line.writes == [(100, 16, 2722, (0xFFFF, 0xFFFF))]


def test_without_a_battery_voltage_zeros_are_not_believed(site):
    here, device = gx(site)
    here.line.fill(100, 3, [(840, "u16", 0), (842, "s16", 0), (843, "u16", 0)])
    reading = here.run(device.read())
    assert reading["soc"] is None
    assert reading["battery_power"] is None
    assert reading["pv_power"] == 70_004


@pytest.mark.parametrize(("amperes", "watts"), [(1385.0, -72_434), (-1253.0, 65_532)])
def test_a_battery_power_beyond_sixteen_bits_is_unwrapped(site, amperes, watts):
    here, device = gx(site)
    here.line.fill(100, 3, [(841, "s16", round(10 * amperes)), (842, "u16", -watts & 0xFFFF)])
    assert here.run(device.read())["battery_power"] == watts


def test_a_mode_that_somebody_else_has_set_is_set_again(site):
    here, device = gx(site, phases=0)
    for _ in range(2):
        here.run(device.charge(500))
        here.line.put(100, 3, 2902, "u16", 2)
    assert [words for _, _, address, words in here.line.writes if address == 2902] == [(3,), (3,)]


def test_a_command_goes_to_every_phase_and_the_mode_is_written_once(site):
    here, device = gx(site)
    for _ in range(2):
        here.run(device.charge(3000 + 2345))  # 2345 W of them come from the sun on the DC bus
    told = (227, 37, 1000, 0, 0, 1000, 1000)
    writes = [(unit, address, *words) for unit, _, address, words in here.line.writes]
    assert writes == [told, (100, 2902, 3), told, told]


@pytest.mark.parametrize(("row", "unit"), [(43, 246), (44, 242), (46, 228), (46, 246)])
def test_every_gx_has_its_vebus_service_somewhere_else(site, row, unit):
    here, device = gx(site, row, unit, phases=0)
    here.run(device.discharge(99_999))
    assert here.line.writes[0] == (unit, 16, 37, (0x10000 - 32_767,))


def test_release_brings_back_the_mode_that_was_found(site):
    here, device = gx(site)
    here.line.put(100, 3, 2902, "u16", 2)
    here.run(device.discharge(500))
    here.run(device.release())
    here.run(device.release())
    assert [words for _, _, address, words in here.line.writes if address == 2902] == [(3,), (2,)]


def test_a_mode_left_behind_by_a_controller_before_us_is_ended_too(site):
    here, device = gx(site)
    here.line.put(100, 3, 2902, "u16", 3)
    here.run(device.release())
    assert here.line.writes == [(100, 16, 2902, (1,))]


def test_without_vebus_the_volatile_grid_set_point_has_to_do(site):
    here, device = gx(site, vebus=None)
    here.run(device.charge(1000))  # grid -68370, battery charging with 3129: loads less PV are -71499
    here.run(device.release())
    high, low = divmod((-68_370 - 3129 + 1000) & 0xFFFFFFFF, 0x10000)
    assert here.line.writes == [(100, 16, 2716, (high, low)), (100, 16, 2716, (0, 50))]


def test_an_old_gx_without_either_is_not_controllable(site):
    here, device = gx(site, vebus=None)
    here.line.refuses[2716] = 2
    with pytest.raises(NotControllable):
        here.run(device.discharge(1000))
