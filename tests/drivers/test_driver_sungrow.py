"""The Sungrow drivers against registers laid out as the document prints them (wire = document number - 1)."""

import pytest

from controller.drivers.sungrow_models import CODES
from controller.drivers.sungrow_sg import SungrowSG
from controller.drivers.sungrow_sh import SungrowSH
from controller.errors import Refused, WrongDevice

SG_KTL = [  # SG80KTL-M
    (4989, "str10", "A2110812345"), (4999, "u16", 0x0139), (5000, "u16", 800), (5001, "u16", 1), (5003, "u32", 98_765),
    (5007, "s16", -74), (5016, "u32", 68_991), (5018, "u16", 2317), (5019, "u16", 2284), (5020, "u16", 2349),
    (5021, "u16", 947), (5022, "u16", 958), (5023, "u16", 962), (5030, "s32", 66_123), (5035, "u16", 499),
    (5037, "u16", 0), (5076, "u32", 80_000),
]  # fmt: skip
SH10RT = [
    (4989, "str10", "A2341234567"), (4999, "u16", 0x0E03), (5000, "u16", 100), (5001, "u16", 1),
    (5003, "u32", 123_457), (5007, "s16", 386), (5016, "u32", 7211), (5018, "u16", 2263), (5019, "u16", 2328),
    (5020, "u16", 2296), (5035, "u16", 503), (12999, "u16", 0x4000), (13009, "s32", 66_345), (13022, "u16", 634),
    (13026, "u32", 39_876), (13030, "s16", -71), (13031, "s16", 62), (13032, "s16", 69), (13033, "s32", 4082),
    (13036, "u32", 97_654), (13045, "u32", 86_543), (13040, "u32", 43_217),
    (5213, "s32", -3129), (5627, "u16", 106), (5638, "u16", 1280),
]  # fmt: skip


RESERVED = [(address, "u16", 0xFFFF) for address in (*range(5003, 5038), *range(12999, 13042))]


def sg(site, row=23, model=None, rows=SG_KTL):
    here = site(low_first=True)
    here.line.fill(1, 4, RESERVED)
    here.line.fill(1, 4, rows)
    return here, SungrowSG(here.line, here.clock, row=row, model=model)


def sh(site, row=53, rows=SH10RT, without=()):
    here = site(low_first=True)
    here.line.fill(1, 4, RESERVED)
    here.line.fill(1, 4, [each for each in rows if each[0] not in without])
    return here, SungrowSH(here.line, here.clock, row=row)


def test_an_sg_tells_who_it_is_by_its_type_code(site):
    here, device = sg(site)
    identity = here.run(device.identify())
    assert (identity.model, identity.serial, identity.rated_power) == ("SG80KTL-M", "A2110812345", 80_000)


def test_an_sg_of_another_row_is_refused(site):
    here, device = sg(site, row=30)
    with pytest.raises(WrongDevice, match="0x0139"):
        here.run(device.identify())


@pytest.mark.parametrize(
    ("row", "model", "code"),
    [(21, None, 0x0138), (23, "SG80KTL-20", 0x0138), (23, "SG50KTL-M-20", 0x011B), (28, "SG100CX", 0x2C12)],
)
def test_a_shared_code_counts_for_every_model_that_has_it(site, row, model, code):
    here, device = sg(site, row, model)
    here.line.put(1, 4, 4999, "u16", code)
    assert here.run(device.identify()).model == (model or "SG80KTL")


def test_a_model_without_a_published_code_needs_the_installers_word(site):
    here, device = sg(site, 27, "SG350HX-20")
    here.line.put(1, 4, 4999, "u16", 0x2C99)
    who = here.run(device.identify())
    assert (who.model, who.notes[0][:26]) == ("SG350HX-20", "type code 0x2C99 is new; s")


def test_a_new_type_code_is_taken_with_a_note_where_the_rest_proves_the_family(site):
    here, device = sg(site, 27)
    here.line.put(1, 4, 4999, "u16", 0x2C99)
    who = here.run(device.identify())
    assert (who.model, who.rated_power) == ("type code 0x2C99", 80_000)
    assert who.notes == (
        "type code 0x2C99 is new; serial number, power and output type are where a string inverter has them, and it "
        "has no battery",
    )  # fmt: skip
    here, device = sh(site, rows=[*SH10RT, (4999, "u16", 0x0E77)])
    assert "0x0E77 is new" in here.run(device.identify()).notes[0]


def test_a_new_type_code_without_proof_is_refused(site):
    for address, layout, value in ((13022, "u16", 634), (5001, "u16", 77), (4989, "str10", ""), (4999, "u16", 0)):
        here, device = sg(site, 27)
        here.line.put(1, 4, 4999, "u16", 0x2C99)
        here.line.put(1, 4, address, layout, value)
        with pytest.raises(WrongDevice, match="0x"):
            here.run(device.identify())
    here, device = sh(site, rows=[*SH10RT, (4999, "u16", 0x0E77), (13022, "u16", 0xFFFF)])
    with pytest.raises(WrongDevice, match="0x0E77"):
        here.run(device.identify())


def test_every_code_but_the_shared_ones_belongs_to_one_row():
    rows = [row for row, codes in CODES.items() for _ in codes]
    codes = [code for codes in CODES.values() for code in codes]
    assert {code for code in codes if codes.count(code) > 1} == {0x0138}
    assert len(rows) == 150


def test_an_sg_is_read_in_house_units(site):
    here, device = sg(site)
    here.run(device.identify())
    assert dict(here.run(device.read())) == {
        "energy": 98_765_000, "temperature": -7.4, "dc_power": 68_991, "voltage_l1": 231.7, "voltage_l2": 228.4,
        "voltage_l3": 234.9, "current_l1": 94.7, "current_l2": 95.8, "current_l3": 96.2, "power": 66_123,
        "frequency": 49.9, "power_limit": 80_000, "status": "running", "rated_power": 80_000,
    }  # fmt: skip


def test_not_available_is_none_and_a_register_that_old_firmware_lacks_is_absent(site):
    here, device = sg(site, rows=[each for each in SG_KTL if each[0] != 5076])
    here.line.put(1, 4, 5030, "s32", 0x7FFFFFFF)
    here.line.put(1, 4, 5003, "u32", 0xFFFFFFFF)
    reading = here.run(device.read())
    assert reading["power"] is None
    assert reading["energy"] is None
    assert "power_limit" not in reading


def test_a_single_phase_sg_has_one_voltage_and_one_without_neutral_none(site):
    here, device = sg(site)
    here.line.put(1, 4, 5001, "u16", 0)
    assert not {"voltage_l2", "current_l3"} & set(here.run(device.read()))
    here, device = sg(site)
    here.line.put(1, 4, 5001, "u16", 2)
    assert not {"voltage_l1", "voltage_l2"} & set(here.run(device.read()))


def test_a_winet_that_sends_hundredths_of_hertz_is_understood(site):
    here, device = sg(site)
    here.line.put(1, 4, 5035, "u16", 5001)
    assert here.run(device.read())["frequency"] == pytest.approx(50.01)


def test_the_limit_is_switched_on_once_and_written_on_change_only(site):
    here, device = sg(site)
    for watts in (45_678, 45_678, 0, 3e6):
        here.run(device.limit_power(watts))
    assert [(function, address, *words) for _, function, address, words in here.line.writes] == [
        (16, 5006, 0xAA), (16, 5007, 570), (16, 5007, 0), (16, 5007, 1000)
    ]  # fmt: skip


def test_a_limit_that_the_device_forgot_is_given_again(site):
    here, device = sg(site)
    here.run(device.limit_power(20_000))
    here.line.put(1, 4, 5076, "u32", 20_000)
    here.run(device.read())
    here.run(device.limit_power(20_000))
    assert len(here.line.writes) == 2
    here.line.put(1, 4, 5076, "u32", 80_000)  # it was switched off for the night
    here.run(device.read())
    here.run(device.limit_power(20_000))
    assert [words for *_, words in here.line.writes[2:]] == [(0xAA,), (250,)]


def test_a_starting_inverter_gets_its_limit_again_and_release_switches_it_off(site):
    here, device = sg(site)
    here.run(device.limit_power(20_000))
    here.line.put(1, 4, 5037, "u16", 0x1600)
    assert here.run(device.read())["status"] == "starting"
    here.run(device.limit_power(20_000))
    here.run(device.release())
    assert [(address, *words) for _, _, address, words in here.line.writes[2:]] == [
        (5006, 0xAA), (5007, 250), (5006, 0x55)
    ]  # fmt: skip


def test_an_sh_is_read_with_our_signs(site):
    here, device = sh(site)
    assert here.run(device.identify()).model == "SH10RT"
    assert dict(here.run(device.read())) == {
        "energy": 12_345_700, "temperature": 38.6, "pv_power": 7211, "voltage_l1": 226.3, "voltage_l2": 232.8,
        "voltage_l3": 229.6, "frequency": 50.3, "grid_power": -66_345, "soc": 63.4, "discharge_energy": 3_987_600,
        "current_l1": 7.1, "current_l2": 6.2, "current_l3": 6.9, "power": 4082, "charge_energy": 4_321_700,
        "import_energy": 9_765_400, "export_energy": 8_654_300,
        "battery_power": -3129, "capacity": 12_800, "status": "running", "rated_power": 10_000,
    }  # fmt: skip


@pytest.mark.parametrize(("raw", "flow", "watts"), [(3129, 0b10, -3129), (-3129, 0b10, -3129), (4211, 0b100, 4211)])
def test_old_firmware_tells_the_direction_of_the_battery_in_the_flow_bits(site, raw, flow, watts):
    here, device = sh(site, without=(5213, 5627, 5638))
    here.line.fill(1, 4, [(13021, "s16", raw), (13000, "u16", flow)])
    reading = here.run(device.read())
    assert reading["battery_power"] == watts
    assert reading["capacity"] is None


def test_firmware_that_has_no_value_for_the_battery_is_read_like_one_that_refuses(site):
    here, device = sh(site)
    here.line.put(1, 4, 5213, "s32", 0x7FFFFFFF)
    here.line.fill(1, 4, [(13021, "s16", 2345), (13000, "u16", 0b10)])
    here.run(device.identify())
    reading = here.run(device.read())
    assert (reading["battery_power"], reading["capacity"]) == (-2345, 12_800)


def test_the_battery_is_commanded_with_a_heartbeat_and_the_setting_written_once(site):
    here, device = sh(site)
    here.run(device.charge(3129))
    here.wait(10)
    here.run(device.charge(3129))
    here.run(device.discharge(99_999))
    assert [(address, words) for _, _, address, words in here.line.writes] == [
        (13079, (20,)), (13049, (3, 0xAA, 3129)), (13079, (20,)), (13079, (20,)), (13049, (3, 0xBB, 10_600))
    ]  # fmt: skip


def test_a_mode_that_somebody_else_has_set_is_set_again(site):
    here, device = sh(site)
    here.run(device.charge(3129))
    here.line.put(1, 3, 13049, "u16", 0)
    here.run(device.charge(3129))
    assert [address for _, _, address, _ in here.line.writes] == [13079, 13049, 13079, 13049]


def test_a_heartbeat_that_came_too_late_brings_the_whole_command_again(site):
    here, device = sh(site)
    here.run(device.discharge(871))
    here.wait(20)
    here.run(device.discharge(871))
    assert [address for _, _, address, _ in here.line.writes] == [13079, 13049, 13079, 13049]


def test_release_ends_external_control_and_the_limit(site):
    here, device = sh(site)
    here.run(device.limit_power(4567))
    here.run(device.limit_power(4567))
    here.run(device.charge(-500))
    here.run(device.release())
    assert [(address, words) for _, _, address, words in here.line.writes] == [
        (13089, (456,)), (13088, (0xAA,)), (13079, (20,)), (13049, (3, 0xCC, 0)), (13049, (0, 0xCC, 0)),
        (13088, (0x55,)),
    ]  # fmt: skip


def test_a_busy_hybrid_is_not_taken_for_one_with_old_firmware(site):
    here, device = sh(site)

    async def busy(unit, function, address, count, ask=here.line.read):
        if address == 5627:
            raise Refused(6, unit=unit, address=address)
        return await ask(unit, function, address, count)

    here.line.read = busy
    with pytest.raises(Refused):
        here.run(device.identify())
    with pytest.raises(WrongDevice):
        sh_other_row(site)


def sh_other_row(site):
    here, device = sh(site, row=54)
    here.run(device.identify())
