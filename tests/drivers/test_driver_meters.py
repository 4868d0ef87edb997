"""What holds for every electricity meter, and the ones with little to tell of their own: PQ Plus and EMU."""

import pytest

from controller.drivers.assumed_meters import AssumedFloatMeter
from controller.drivers.carlo_gavazzi import GavazziEm100, GavazziEm300
from controller.drivers.carlo_gavazzi_em24 import GavazziEm24, GavazziEm24E1
from controller.drivers.eastron_sdm72 import Sdm72V1, Sdm72V2
from controller.drivers.eastron_sdm220 import Sdm220
from controller.drivers.emu import EmuProfessional
from controller.drivers.janitza import JanitzaB2x, JanitzaUmg
from controller.drivers.nzr import NzrEcoCount
from controller.drivers.phoenix_contact import PhoenixEemRtu, PhoenixEemTcp
from controller.drivers.pqplus import PqPlusMmb700
from controller.drivers.schneider import SchneiderPm5300
from controller.drivers.siemens_pac import SiemensPac
from controller.drivers.siemens_pac1600 import SiemensPac1600
from controller.drivers.socomec import SocomecDiris
from controller.drivers.tq import TqEm300
from controller.errors import Refused, WrongDevice

METERS = [
    AssumedFloatMeter, EmuProfessional, GavazziEm100, GavazziEm24, GavazziEm24E1, GavazziEm300, JanitzaB2x, JanitzaUmg,
    NzrEcoCount, PhoenixEemRtu, PhoenixEemTcp, PqPlusMmb700, SchneiderPm5300, Sdm220, Sdm72V1, Sdm72V2, SiemensPac,
    SiemensPac1600, SocomecDiris, TqEm300,
]  # fmt: skip


@pytest.mark.parametrize("driver", METERS)
def test_a_server_full_of_zeros_is_no_meter(site, driver):
    here = site()
    device = driver(here.line, here.clock, row=next(iter(driver.serves)))

    async def zeros(unit, function, address, count):
        return bytes(2 * count)

    here.line.read = zeros
    with pytest.raises(WrongDevice):
        here.run(device.identify())


@pytest.mark.parametrize("driver", METERS)
def test_a_device_without_these_registers_is_no_meter(registers, desk, driver):
    here = desk(driver, registers(), row=next(iter(driver.serves)))
    with pytest.raises(WrongDevice):
        here.do(here.driver.identify())


@pytest.mark.parametrize("driver", METERS)
def test_a_busy_meter_is_not_taken_for_a_stranger(registers, desk, driver):
    line = registers()

    async def busy(unit, function, address, count):
        raise Refused(6, unit=unit, address=address)

    line.read = busy
    here = desk(driver, line, row=next(iter(driver.serves)))
    with pytest.raises(Refused, match="6"):
        here.do(here.driver.identify())


def test_an_mmb700_is_asked_for_what_is_measured_now(registers, desk):
    """Function 3 would give averages."""
    line = registers()
    line.lay(19000, "78H", *[0] * 78)
    for address, value in {19000: 230.2, 19020: 345.0, 19026: -66_123.5, 19050: 50.02, 19068: 71_234_504.0}.items():
        line.lay(address, "f", value)
    line.lay(528, "I", 6_557_051)
    here = desk(PqPlusMmb700, line, row=125)
    assert here.do(here.driver.identify()).serial == "6557051"
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l1"], reading["import_energy"]) == (-66_123.5, 345.0, 71_234_504)
    assert {function for function, _, _ in line.asked} == {4}


def test_a_professional_2_counts_from_one_less_than_printed(registers, desk):
    line = registers()
    line.lay(4999, "I", 3_417_723)
    line.lay(6999, "Q", 50_000_001_235)
    line.lay(7019, "Q", 98_500)
    line.lay(8999, "ffff", -66_123.5, 345.0, -519.75, 2322.0)
    line.lay(9101, "fff", 1.5, 2.25, 10.125)
    line.lay(9199, "fff", 230.2, 231.0, 229.4)
    line.lay(9309, "f", 50.02)
    here = desk(EmuProfessional, line, row=128)
    who = here.do(here.driver.identify())
    assert (who.manufacturer, who.model, who.serial) == ("EMU Electronic", "Professional II", "3417723")
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l2"], reading["current_l3"]) == (-66_123.5, -519.75, 10.125)
    assert (reading["import_energy"], reading["export_energy"]) == (50_000_001_235, 98_500)
