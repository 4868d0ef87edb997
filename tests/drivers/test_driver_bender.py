"""The Bender CC driver: totals where the software has them, a failsafe that is set once and put back."""

import pytest

from controller.drivers.bender import BenderCc
from controller.errors import WrongDevice

NONE = 0xFFFFFFFF


def station(registers, desk, row=72, product=b"CC612_1M4PR", firmware=b"5.22", **options):
    line = registers()
    line.lay(100, "4s", firmware)
    line.lay(104, "H", 6)
    line.lay(122, "H", 3)
    line.lay(131, "HHHH", 10, 300, 0, 20)
    line.lay(142, "20s", product)
    line.lay(200, "14I", 1_000_001, 2_000_002, 3_000_003, 23_001, 23_002, 23_003, 13_370, 13_371, 13_372,
             6_000_006, 70_123, 231, 229, 0)  # fmt: skip
    line.lay(705, "HH", 4321, 13)
    line.lay(716, "I", 70_001)
    line.lay(720, "20s", b"            e4a3c7d2")
    line.lay(1000, "H", 13)
    return desk(BenderCc, line, row=row, **options)


def without(line, *addresses):
    for address in addresses:
        line.words.pop((1, address))


def test_a_charging_station_tells_its_quantities(registers, desk):
    here = station(registers, desk)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["energy"], reading["session_energy"]) == (70_123, 6_000_006, 70_001)
    assert (reading["power_l3"], reading["current_l2"], reading["voltage_l1"]) == (23_003, 13.371, 231)
    assert (reading["vehicle"], reading["plugged"], reading["status"]) == ("C", True, "running")
    assert (reading["current_limit"], reading["enabled"], reading["rfid"]) == (13, True, "e4a3c7d2")
    assert reading["voltage_l3"] is None  # 0 V: the meter does not tell


def test_software_before_5_22_has_no_totals(registers, desk):
    here = station(registers, desk, firmware=b"4.44")
    here.line.lay(200, "6I", 73_536, NONE, NONE, 23_001, 23_002, 23_003)
    without(here.line, *range(142, 152), *range(218, 228), 716, 717)
    assert here.do(here.driver.identify()).firmware == "4.44"
    reading = here.do(here.driver.read())
    assert (reading["energy"], reading["power"], reading["session_energy"]) == (73_536, 69_006, 4321)
    assert reading["voltage_l1"] is None


def test_software_that_says_0_for_what_it_does_not_know_is_read_by_phases_too(registers, desk):
    here = station(registers, desk, firmware=b"5.12")
    here.line.lay(218, "II", 0, 0)
    here.line.lay(716, "I", 0)
    here.do(here.driver.identify())
    reading = here.do(here.driver.read())
    assert (reading["energy"], reading["power"], reading["session_energy"]) == (6_000_006, 69_006, 4321)


def test_a_meter_without_phases_has_its_total_in_the_first(registers, desk):
    here = station(registers, desk)
    here.line.lay(206, "3I", 11_003, NONE, NONE)
    here.line.lay(220, "I", NONE)
    reading = here.do(here.driver.read())
    assert (reading["power"], reading["power_l1"], reading["power_l2"]) == (11_003, None, None)


def test_the_current_that_is_signalled_counts_and_without_a_vehicle_the_one_that_was_told(registers, desk):
    here = station(registers, desk)
    here.line.lay(706, "H", 10)
    assert here.do(here.driver.read())["current_limit"] == 10
    here.line.lay(706, "H", 0)
    reading = here.do(here.driver.read())
    assert (reading["current_limit"], reading["enabled"]) == (13, True)


def test_the_whole_version_is_told_where_the_software_has_it(registers, desk):
    here = station(registers, desk, firmware=b"5.33")
    here.line.lay(153, "HHH", 5, 33, 12)
    assert here.do(here.driver.identify()).firmware == "5.33.12"


def test_faults_come_from_the_pilot_or_from_ocpp(registers, desk):
    here = station(registers, desk)
    here.line.lay(122, "H", 5)
    reading = here.do(here.driver.read())
    assert (reading["vehicle"], reading["plugged"], reading["status"]) == ("E", None, "fault")
    here.line.lay(122, "H", 2)
    here.line.lay(104, "H", 4)
    reading = here.do(here.driver.read())
    assert (reading["vehicle"], reading["plugged"], reading["status"]) == ("B", True, "fault")


def test_the_failsafe_is_set_once_and_put_back_at_the_end(registers, desk):
    here = station(registers, desk)
    for amperes in (13.9, 32, 5.9, float("nan")):
        here.do(here.driver.limit_current(amperes))
    assert here.line.writes() == [
        (131, "0006"),
        (132, "003c"),
        (1000, "000d"),
        (1000, "0014"),
        (1000, "0000"),
        (1000, "0000"),
    ]
    here.do(here.driver.release())
    here.do(here.driver.release())
    assert here.line.writes() == [(1000, "0014"), (132, "012c"), (131, "000a"), (1000, "0014")]


def test_a_failsafe_that_an_earlier_run_left_behind_ends_with_release(registers, desk):
    here = station(registers, desk)
    here.line.lay(131, "HH", 6, 60)
    here.do(here.driver.pause())
    assert here.line.writes() == [(1000, "0000")]
    here.do(here.driver.release())
    assert here.line.writes() == [(1000, "0014"), (132, "0000"), (131, "0006")]


def test_a_controller_without_failsafe_or_operator_limit_is_commanded_all_the_same(registers, desk):
    here = station(registers, desk, row=79)
    without(here.line, 131, 132, 134)
    here.do(here.driver.limit_current(32))
    here.do(here.driver.release())
    assert here.line.writes() == [(1000, "0010"), (1000, "0010")]


@pytest.mark.parametrize(
    ("row", "product", "own"),
    [
        (72, b"CC612_1M4PR", True), (72, b"CC612_2S4R", False), (72, b"ICC1622", False), (73, b"CC612_2S0R_CC", True),
        (73, b"CC612_2S0R", False), (77, b"CC612_2M4PR", False), (77, b"CC612_2S4R", True), (93, b"", True),
    ],
)  # fmt: skip
def test_a_product_that_is_named_for_one_station_is_no_other(registers, desk, row, product, own):
    here = station(registers, desk, row=row, product=product)
    if own:
        assert here.do(here.driver.identify()).firmware == "5.22"
    else:
        with pytest.raises(WrongDevice):
            here.do(here.driver.identify())


def test_a_device_without_benders_firmware_is_another(registers, desk):
    here = station(registers, desk, firmware=b"\x01\x02\x03\x04")
    with pytest.raises(WrongDevice, match="firmware"):
        here.do(here.driver.identify())
    without(here.line, 100, 101)
    with pytest.raises(WrongDevice, match="firmware"):
        here.do(here.driver.identify())


def test_the_second_charge_point_is_a_controller_at_the_next_port(registers, desk):
    assert (BenderCc.charge_points[77], BenderCc.charge_points[74], BenderCc.port_stride) == (2, 3, 1)
    here = station(registers, desk, row=77, product=b"CC612_2S4R", point=2)
    assert here.do(here.driver.read())["energy"] == 6_000_006
