"""Eastron's other meters, and the two of unknown make that are assumed to have their registers."""

import struct

import pytest

from controller.drivers.assumed_meters import AssumedFloatMeter
from controller.drivers.eastron_sdm72 import Sdm72V1, Sdm72V2
from controller.drivers.eastron_sdm220 import Sdm220
from controller.errors import Refused, WrongDevice

ONE_PHASE = {0x00: 230.2, 0x06: 9.5, 0x0C: -2187.25, 0x18: -12.5, 0x1E: -0.93, 0x46: 50.02, 0x48: 71_234.5, 0x4A: 98.5}
THREE_PHASES = {
    0x00: 230.2, 0x02: 231.0, 0x04: 229.4, 0x06: 1.5, 0x08: 2.25, 0x0A: 10.125, 0x0C: 345.0, 0x0E: -519.75,
    0x10: 2322.0, 0x34: -66_123.5, 0x3C: -12.5, 0x3E: -0.93, 0x46: 50.02, 0x48: 71_234.5, 0x4A: 98.5,
}  # fmt: skip
TOTALS = {0x34: -66_123.5, 0x48: 71_234.5, 0x4A: 98.5, 0x156: 71_333.0}


class Sdm:
    """Floats of function 4, type and serial number of function 3; no odd count, nothing longer than `most`."""

    unit = 1

    def __init__(self, values, code=0, most=60):
        self.most = most
        self.data = {(4, at): struct.pack(">f", value) for at, value in values.items()}
        if code:
            self.data |= {(3, 0xFC00): struct.pack(">I", 20_034_417), (3, 0xFC02): struct.pack(">HH", code, 0x0205)}

    async def read(self, unit, function, address, count):
        keys = [(function, at) for at in range(address, address + count, 2)]
        if count % 2 or count > self.most or any(key not in self.data for key in keys):
            raise Refused(2, unit=unit, address=address)
        return b"".join(self.data[key] for key in keys)


def reading(desk, driver, line, row):
    here = desk(driver, line, row=row)
    return here.do(here.driver.read())


def who(desk, driver, line, row):
    here = desk(driver, line, row=row)
    return here.do(here.driver.identify())


def test_an_sdm220_has_one_phase(desk):
    found = reading(desk, Sdm220, Sdm(ONE_PHASE), 111)
    assert (found["power"], found["power_l1"], found["current_l1"]) == (-2187.25, -2187.25, 9.5)
    assert (found["import_energy"], found["export_energy"]) == (71_234_500, 98_500)
    assert (found["reactive_power"], found["power_factor"]) == (-12.5, pytest.approx(0.93))


def test_a_second_version_of_the_sdm72_is_read_ten_registers_at_a_time(desk):
    found = reading(desk, Sdm72V2, Sdm(THREE_PHASES, 137, most=10), 114)
    assert (found["power"], found["power_l2"], found["current_l3"]) == (-66_123.5, -519.75, 10.125)
    assert (found["import_energy"], found["reactive_power"]) == (71_234_500, -12.5)


def test_a_first_version_of_the_sdm72_has_totals_only(desk):
    assert reading(desk, Sdm72V1, Sdm(TOTALS, 132), 113) == {
        "power": -66_123.5, "import_energy": 71_234_500, "export_energy": 98_500,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("driver", "row", "values", "code", "model"),
    [
        (Sdm220, 111, ONE_PHASE, 0x60, "SDM220"),
        (Sdm72V1, 113, TOTALS, 132, "SDM72DM V1"),
        (Sdm72V1, 113, dict.fromkeys(TOTALS, 0.0), 132, "SDM72DM V1"),
        (Sdm72V2, 114, THREE_PHASES, 137, "SDM72DM V2"),
    ],
)
def test_each_knows_its_own(desk, driver, row, values, code, model):
    found = who(desk, driver, Sdm(values, code), row)
    assert (found.manufacturer, found.model, found.serial) == ("Eastron", model, "20034417")


@pytest.mark.parametrize(
    ("driver", "row", "values"), [(Sdm220, 111, ONE_PHASE), (Sdm72V1, 113, TOTALS), (Sdm72V2, 114, THREE_PHASES)]
)
def test_one_that_tells_no_type_is_known_by_what_it_measures(desk, driver, row, values):
    assert who(desk, driver, Sdm(values), row).serial == ""


@pytest.mark.parametrize(
    ("driver", "row", "values", "code"),
    [
        (Sdm220, 111, ONE_PHASE, 43),  # SDM230
        (Sdm220, 111, THREE_PHASES, 0),
        (Sdm220, 111, TOTALS, 132),
        (Sdm72V1, 113, TOTALS | ONE_PHASE, 0),
        (Sdm72V1, 113, TOTALS | {0x156: 12.5}, 0),
        (Sdm72V1, 113, dict.fromkeys(TOTALS, 0.0), 0),
        (Sdm72V2, 114, THREE_PHASES | {0x15A: 4000.0}, 0),
        (Sdm72V2, 114, THREE_PHASES, 112),  # SDM630
        (Sdm72V2, 114, THREE_PHASES | {0x02: 0.0, 0x04: 0.0}, 137),
    ],
)
def test_another_type_is_refused(desk, driver, row, values, code):
    with pytest.raises(WrongDevice, match="SDM"):
        who(desk, driver, Sdm(values, code), row)


@pytest.mark.parametrize(("row", "model"), [(126, "eMeter"), (130, "Count 3")])
def test_the_assumed_meters_are_read_as_one_of_eastrons(desk, row, model):
    assert who(desk, AssumedFloatMeter, Sdm(THREE_PHASES), row).model == model
    found = reading(desk, AssumedFloatMeter, Sdm(THREE_PHASES), row)
    assert (found["power"], found["power_l2"], found["import_energy"]) == (-66_123.5, -519.75, 71_234_500)
