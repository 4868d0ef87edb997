"""Janitza: the block from 19000 on, and ABB's map in meters of the B series."""

import pytest

from controller.drivers.janitza import JanitzaB2x, JanitzaUmg
from controller.errors import WrongDevice

BLOCK = {
    19000: 230.2, 19002: 231.0, 19004: 229.4, 19012: 1.5, 19014: 2.25, 19016: 10.125, 19020: 345.0, 19022: -519.75,
    19024: 2322.0, 19026: -66_123.5, 19042: -12.5, 19050: 50.02, 19062: 11.0, 19068: 71_234_504.0, 19070: 12.0,
    19076: 98_500.0,
}  # fmt: skip


def umg(registers):
    line = registers()
    line.lay(19000, "78H", *[0] * 78)
    for address, value in BLOCK.items():
        line.lay(address, "f", value)
    return line


def b23(registers, label=b"B23 112-100"):
    """ABB's map with totals above 32 bit and a power that flows out."""
    line = registers()
    line.lay(0x8960, "12s", label)
    line.lay(0x8900, "I", 23_017_762)
    line.lay(0x5000, "QQ", 5_000_000_123, 9_850)
    line.lay(0x5B00, "III", 2302, 2310, 2294)
    line.lay(0x5B0C, "IIIIiiiii", 150, 225, 1012, 0xFFFF_FFFF, -6_612_350, 34_500, -51_975, 232_200, -6123)
    line.lay(0x5B2C, "H", 5002)
    line.lay(0x5B3A, "h", -931)
    return line


def test_a_umg_is_read_in_three_requests(registers, desk):
    line = umg(registers)
    here = desk(JanitzaUmg, line, row=110)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l2"], reading["current_l3"]) == (-66_123.5, -519.75, 10.125)
    assert (reading["reactive_power"], reading["voltage_l1"]) == (-12.5, pytest.approx(230.2))
    assert (reading["import_energy"], reading["export_energy"]) == (71_234_504, 98_500)  # the sums, not those of L1
    assert line.asked == [(3, 19000, 18), (3, 19042, 36), (3, 19020, 8)]


def test_between_two_looks_at_what_is_slow_a_umg_is_asked_for_its_powers_alone(registers, desk):
    line = umg(registers)
    here = desk(JanitzaUmg, line, row=110)
    here.driver.pace = 30.0
    here.do(here.driver.read())
    line.asked.clear()
    here.wait(1.0)
    assert here.do(here.driver.read())["import_energy"] == 71_234_504
    assert line.asked == [(3, 19020, 8)]


def test_a_umg_is_known_by_what_it_measures(registers, desk):
    here = desk(JanitzaUmg, umg(registers), row=110)
    assert here.do(here.driver.identify()).model == "UMG"
    here = desk(JanitzaUmg, umg(registers), row=110, model="UMG 604")
    assert here.do(here.driver.identify()).model == "UMG 604"


def test_a_meter_of_the_b_series_is_no_umg(registers, desk):
    line = umg(registers)
    line.lay(0x8960, "12s", b"B24 352-100")
    here = desk(JanitzaUmg, line, row=110)
    with pytest.raises(WrongDevice, match="B24 352-100"):
        here.do(here.driver.identify())


def test_abbs_map_tells_energies_beyond_32_bit_and_what_is_not_available(registers, desk):
    here = desk(JanitzaB2x, b23(registers), row=109)
    reading = here.do(here.driver.read())
    assert (reading["import_energy"], reading["export_energy"]) == (50_000_001_230, 98_500)
    assert (reading["power"], reading["power_l2"], reading["reactive_power"]) == (-66_123.5, -519.75, -61.23)
    assert (reading["current_l3"], reading["frequency"], reading["power_factor"]) == (10.12, 50.02, 0.931)


def test_the_b_series_tells_its_type(registers, desk):
    here = desk(JanitzaB2x, b23(registers), row=109, model="B24")
    who = here.do(here.driver.identify())
    assert (who.manufacturer, who.model, who.serial) == ("Janitza", "B23", "23017762")


@pytest.mark.parametrize("label", [b"A43 212-100", b""])
def test_another_type_is_refused(registers, desk, label):
    here = desk(JanitzaB2x, b23(registers, label), row=109)
    with pytest.raises(WrongDevice, match="B21"):
        here.do(here.driver.identify())


def test_a_b21_tells_its_power_in_total_only(registers, desk):
    line = b23(registers, b"B21 112-100")
    line.lay(0x5B02, "II", 0xFFFF_FFFF, 0xFFFF_FFFF)
    line.lay(0x5B0E, "II", 0xFFFF_FFFF, 0xFFFF_FFFF)
    line.lay(0x5B16, "iii", 0x7FFF_FFFF, 0x7FFF_FFFF, 0x7FFF_FFFF)
    here = desk(JanitzaB2x, line, row=109)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l1"], reading["power_l2"]) == (-66_123.5, -66_123.5, None)
    assert (reading["voltage_l1"], reading["voltage_l2"], reading["current_l3"]) == (230.2, None, None)


def test_where_abbs_map_is_missing_the_block_is_read(registers, desk):
    line = umg(registers)
    line.lay(0x8960, "12s", b"B23 112-100")
    here = desk(JanitzaB2x, line, row=109)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["export_energy"]) == (-66_123.5, 98_500)


def test_phases_without_a_voltage_are_not_there(registers, desk):
    line = umg(registers)
    for address in (19002, 19004, 19014, 19016, 19022, 19024):
        line.lay(address, "f", 0.0)
    here = desk(JanitzaB2x, line, row=109)
    reading = here.do(here.driver.read())
    assert (reading["voltage_l2"], reading["current_l3"], reading["power_l2"]) == (None, None, None)
