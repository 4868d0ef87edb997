"""Algodue's floats under the names of Phoenix Contact and, by assumption, NZR."""

import pytest

from controller.drivers.nzr import NzrEcoCount
from controller.drivers.phoenix_contact import PhoenixEemRtu, PhoenixEemTcp
from controller.errors import WrongDevice


def eem377(registers, unit=255, wiring=5):
    line = registers(unit)
    for address, value in {
        4096: 230.2, 4098: 231.0, 4100: 229.4, 4102: 400.0, 4104: 400.0, 4106: 400.0, 4108: 400.0, 4110: 1.5,
        4112: 2.25, 4114: 10.125, 4126: -0.93, 4128: 345.0, 4130: -519.75, 4132: 2322.0, 4134: -66_123.5,
        4150: -12.5, 4152: 50.02, 4358: 71_234_504.0, 4360: 1.0, 4362: 2.0, 4364: 3.0, 4366: 98_500.0,
    }.items():  # fmt: skip
        line.lay(address, "f", value)
    line.lay(1280, "12s", b"2022114417")
    line.lay(1308, "I", wiring)
    return line


def test_a_meter_with_ethernet_is_read_at_unit_id_255(registers, desk):
    line = eem377(registers)
    here = desk(lambda one, clock, _, **options: PhoenixEemTcp(one, clock, **options), line, row=124)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l2"], reading["reactive_power"]) == (-66_123.5, -519.75, -12.5)
    assert (reading["current_l3"], reading["power_factor"]) == (10.125, pytest.approx(0.93))
    assert (reading["import_energy"], reading["export_energy"]) == (71_234_504, 98_500)
    assert [count for _, _, count in line.asked] == [20, 10, 10, 4]


def test_a_meter_on_rs485_has_a_unit_id_like_others(registers, desk):
    here = desk(PhoenixEemRtu, eem377(registers, 1), row=123)
    who = here.do(here.driver.identify())
    assert (who.manufacturer, who.model, who.serial) == ("Phoenix Contact", "EEM-EM3XX", "2022114417")


@pytest.mark.parametrize("wiring", [0, 7, 65_541])
def test_a_wiring_that_the_meter_does_not_have_is_another_device(registers, desk, wiring):
    here = desk(PhoenixEemRtu, eem377(registers, 1, wiring), row=123)
    with pytest.raises(WrongDevice, match="EEM-EM3XX"):
        here.do(here.driver.identify())


def ecocount(registers, build):
    line = eem377(registers, 1)
    line.lay(0x0500, "10sH", b"0085417723", build)
    return line


def test_an_ecocount_tells_how_it_is_built(registers, desk):
    here = desk(NzrEcoCount, ecocount(registers, 0x08), row=122)
    who = here.do(here.driver.identify())
    assert (who.manufacturer, who.model, who.serial) == ("NZR", "EcoCount S", "0085417723")
    assert here.do(here.driver.read())["power"] == -66_123.5
    assert all(function == 4 for function, _, _ in here.line.asked)


def test_an_ecocount_of_one_phase_has_no_others(registers, desk):
    line = ecocount(registers, 0x0C)
    for address in (4098, 4100, 4112, 4114, 4130, 4132):
        line.lay(address, "f", 0.0)
    here = desk(NzrEcoCount, line, row=122)
    reading = here.do(here.driver.read())
    assert (reading["power_l1"], reading["power_l2"], reading["voltage_l3"]) == (345.0, None, None)


def test_an_unknown_build_is_refused(registers, desk):
    here = desk(NzrEcoCount, ecocount(registers, 0x07), row=122)
    with pytest.raises(WrongDevice, match="EcoCount"):
        here.do(here.driver.identify())
