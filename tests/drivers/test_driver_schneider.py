"""Schneider PM5300: kilowatts, a power factor of four quadrants, and a unit id that is not 1."""

import pytest

from controller.drivers.schneider import ITSELF, SchneiderPm5300
from controller.errors import Refused, WrongDevice


def pm5340(registers, unit=1, product=b"PM5340"):
    line = registers(unit)
    line.lay(29, "40s40s40s", b"Power Meter", product, b"Schneider Electric")
    line.lay(129, "I", 4_123_456_789)
    for address, value in {
        2999: 1.5, 3001: 2.25, 3003: 10.125, 3027: 230.2, 3029: 231.0, 3031: 229.4, 3053: 0.345, 3055: -0.51975,
        3057: 2.322, 3059: -66.1235, 3067: -0.0125, 3083: -1.07, 3109: 50.02,
    }.items():  # fmt: skip
        line.lay(address, "f", value)
    line.lay(3203, "qq", 50_000_001_235, 98_500)
    return line


def test_kilowatts_become_watts_and_energies_are_64_bit(registers, desk):
    here = desk(SchneiderPm5300, pm5340(registers), row=121)
    reading = here.do(here.driver.read())
    assert reading["power"] == pytest.approx(-66_123.5)
    assert (reading["power_l2"], reading["reactive_power"]) == (pytest.approx(-519.75), pytest.approx(-12.5))
    assert (reading["import_energy"], reading["export_energy"]) == (50_000_001_235, 98_500)
    assert (reading["voltage_l3"], reading["current_l3"]) == (pytest.approx(229.4), 10.125)


@pytest.mark.parametrize(("told", "meant"), [(0.93, 0.93), (-0.93, 0.93), (1.07, 0.93), (-1.07, 0.93), (1.0, 1.0)])
def test_a_leading_power_factor_lies_beyond_one(registers, desk, told, meant):
    line = pm5340(registers)
    line.lay(3083, "f", told)
    here = desk(SchneiderPm5300, line, row=121)
    assert here.do(here.driver.read())["power_factor"] == pytest.approx(meant)


def test_not_a_number_and_the_lowest_integer_are_absent(registers, desk):
    line = pm5340(registers)
    line.lay(3053, "f", float("nan"))
    line.lay(3207, "q", -(1 << 63))
    here = desk(SchneiderPm5300, line, row=121)
    reading = here.do(here.driver.read())
    assert (reading["power_l1"], reading["export_energy"]) == (None, None)
    assert reading["power_l3"] == pytest.approx(2322)


def test_maker_and_model_are_told(registers, desk):
    here = desk(SchneiderPm5300, pm5340(registers), row=121)
    who = here.do(here.driver.identify())
    assert (who.manufacturer, who.model, who.serial) == ("Schneider Electric", "PM5300 Serie", "4123456789")


@pytest.mark.parametrize("product", [b"iEM3155", b"PM5561", b""])
def test_another_meter_is_refused(registers, desk, product):
    here = desk(SchneiderPm5300, pm5340(registers, product=product), row=121)
    with pytest.raises(WrongDevice, match="PM5300"):
        here.do(here.driver.identify())


def test_a_meter_that_is_a_gateway_too_answers_at_255(registers, desk):
    line = pm5340(registers, ITSELF)
    read = line.read

    async def gateway(unit, function, address, count):
        if unit != ITSELF:
            raise Refused(10, unit=unit, address=address)
        return await read(unit, function, address, count)

    line.read, line.unit = gateway, 1
    here = desk(SchneiderPm5300, line, row=121)
    here.do(here.driver.identify())
    assert here.do(here.driver.read())["power"] == pytest.approx(-66_123.5)


def test_where_nobody_answers_the_unit_id_stays(registers, desk):
    line = registers()

    async def gateway(unit, function, address, count):
        raise Refused(11, unit=unit, address=address)

    line.read = gateway
    here = desk(SchneiderPm5300, line, row=121)
    with pytest.raises(Refused, match="11"):
        here.do(here.driver.identify())
    assert here.driver.unit == 1
