"""The SunSpec engine: chains as devices have them, scale factors, what is not available, limits through model 123."""

import math
from dataclasses import replace
from typing import Any

import pytest

from controller.drivers.sunspec.chain import SunSpecDevice
from controller.drivers.sunspec.inverter import SunSpecInverter, printed
from controller.drivers.sunspec.models import METER, DerMeasurement, FloatInverter, IntegerInverter, Settings, Strings
from controller.drivers.sunspec.scaled import SunSpecMeasure, SunSpecPoint, SunSpecSetting
from controller.errors import Garbled, NotControllable, Refused, WrongDevice


class Inverter(SunSpecInverter, Settings, IntegerInverter, FloatInverter, DerMeasurement, Strings):
    """All kinds of inverter at once."""


class Bank(SunSpecDevice):
    """Battery and meter models: what an engine has to read besides inverters."""

    capacity = SunSpecPoint((802,), 3, "u16", 53, unit="Wh")
    bank_soc = SunSpecMeasure((802,), 11, "u16", 56, unit="%", quantity="soc")
    battery_power = SunSpecMeasure((802,), 47, "s16", 63, unit="W")
    grid_power = SunSpecMeasure(METER, 18, "s16", 22, unit="W")
    import_energy = SunSpecMeasure(METER, 46, "acc32", 54, unit="Wh")
    export_energy = SunSpecMeasure(METER, 38, "acc32", 54, unit="Wh")


COMMON = (1, 65, {2: ("32s", b"Acme"), 18: ("32s", b"Sun 10"), 42: ("16s", b"1.2"), 50: ("32s", b"SN42")})
THREE_PHASE = (103, 50, {
    3: ("H", 781), 6: ("h", -2),
    10: ("H", 2317), 13: ("h", -1), 14: ("h", -512), 15: ("h", 1), 16: ("H", 4998), 17: ("h", -2),
    24: ("I", 98_765_432), 26: ("h", 0), 31: ("h", 7377), 32: ("h", 0), 33: ("h", -74), 37: ("h", -1), 38: ("H", 5),
})  # fmt: skip
NAMEPLATE = (120, 26, {3: ("H", 100), 4: ("h", 2)})
SETTINGS = (121, 30, {2: ("H", 9000), 22: ("h", 0)})
CONTROLS = (123, 24, {5: ("H", 10000), 23: ("h", -2)})


@pytest.fixture
def line(registers: Any) -> Any:
    line = registers()
    line.chain(COMMON, THREE_PHASE, NAMEPLATE, SETTINGS, CONTROLS)
    return line


def test_one_request_reads_the_model_and_every_value_is_scaled(line: Any, desk: Any) -> None:
    bench = desk(Inverter, line)
    bench.do(bench.driver.walk())
    line.asked.clear()
    reading = bench.do(bench.driver.read())
    assert line.asked == [(3, 40071, 50)]
    assert reading["power"] == -5120
    assert reading["energy"] == 98_765_432
    assert (reading["voltage_l1"], reading["current_l1"], reading["frequency"]) == (231.7, 7.81, 49.98)
    assert (reading["dc_power"], reading["temperature"], reading["status"]) == (7377, -7.4, "limited")


def test_values_that_the_device_marks_as_not_available_are_absent(registers: Any, desk: Any) -> None:
    night = {3: ("HHH", 0xFFFF, 0xFFFF, 0xFFFF), 14: ("h", -0x8000), 16: ("H", 0xFFFF), 24: ("I", 0), 31: ("h", 5)}
    line = registers()
    line.chain(COMMON, (101, 50, {}))
    for offset, (layout, *values) in night.items():
        line.lay(40069 + offset, layout, *values)
    line.lay(40069 + 32, "h", -0x8000)
    reading = desk(Inverter, line).do(desk(Inverter, line).driver.read())
    assert reading["power"] is reading["frequency"] is reading["energy"] is reading["current_l3"] is None
    assert reading["dc_power"] is None, "a value without its scale factor is no value"
    assert reading["voltage_l2"] == 0


@pytest.mark.parametrize("base", [50000, 0])
def test_the_chain_is_found_at_every_base(registers: Any, desk: Any, base: int) -> None:
    line = registers()
    line.chain(COMMON, THREE_PHASE, base=base)
    bench = desk(Inverter, line)
    assert bench.do(bench.driver.read())["power"] == -5120
    assert bench.do(bench.driver.common())["product"] == "Sun 10"


def test_a_chain_that_ends_in_an_exception_is_a_chain(line: Any, desk: Any) -> None:
    end = 40002 + 67 + 52 + 28 + 32 + 26
    del line.words[1, end], line.words[1, end + 1]
    bench = desk(Inverter, line)
    assert [model.id for model in bench.do(bench.driver.walk())] == [1, 103, 120, 121, 123]


def test_a_device_without_the_marker_is_the_wrong_device(registers: Any, desk: Any) -> None:
    bench = desk(Inverter, registers())
    with pytest.raises(WrongDevice, match="without SunSpec"):
        bench.do(bench.driver.read())


def test_a_busy_device_is_not_taken_for_the_end_of_its_chain(line: Any, desk: Any) -> None:
    healthy = line.read

    async def busy(unit: int, function: int, address: int, count: int) -> bytes:
        if address == 40121:
            raise Refused(6, unit=unit, address=address)
        return await healthy(unit, function, address, count)

    line.read = busy
    bench = desk(Inverter, line)
    with pytest.raises(Refused):
        bench.do(bench.driver.walk())
    assert bench.driver.chain == ()


def test_floats_count_where_there_are_no_integers(registers: Any, desk: Any) -> None:
    line = registers()
    points = {4: ("f", 7.8125), 22: ("f", -66_123.5), 32: ("f", math.nan), 38: ("f", 70_000.0), 48: ("H", 4)}
    line.chain(COMMON, (113, 60, points))
    bench = desk(Inverter, line)
    reading = bench.do(bench.driver.read())
    assert (reading["power"], reading["current_l1"], reading["dc_power"]) == (-66_123.5, 7.8125, 70_000)
    assert reading["energy"] is None
    assert reading["status"] == "running"


def test_a_device_with_both_layouts_is_asked_for_one(registers: Any, desk: Any) -> None:
    line = registers()
    line.chain(COMMON, THREE_PHASE, (113, 60, {22: ("f", 1.0)}))
    bench = desk(Inverter, line)
    bench.do(bench.driver.walk())
    line.asked.clear()
    assert bench.do(bench.driver.read())["power"] == -5120
    assert [address for _, address, _ in line.asked] == [40071]


def test_a_model_longer_than_one_request_is_cut(registers: Any, desk: Any) -> None:
    points = {10: ("h", -321), 17: ("I", 499_812), 19: ("Q", 5_000_000_000), 93: ("H", 2349)}
    scales = {113: ("h", -2), 114: ("h", -1), 115: ("h", -4), 116: ("h", 2), 120: ("h", 0)}
    line = registers()
    line.chain(COMMON, (701, 153, points | scales))
    bench = desk(Inverter, line)
    reading = bench.do(bench.driver.read())
    assert max(count for _, _, count in line.asked) <= 125
    assert (reading["power"], reading["energy"], reading["voltage_l3"]) == (-32_100, 5_000_000_000, 234.9)
    assert reading["frequency"] == 49.9812


def test_modules_are_numbered(registers: Any, desk: Any) -> None:
    line = registers()
    modules = {4: ("h", -1), 5: ("h", 3), 11: ("16s", b"MPPT 1"), 21: ("H", 12_345), 41: ("H", 0xFFFF), 42: ("I", 77)}
    line.chain(COMMON, (160, 48, modules))
    bench = desk(Inverter, line)
    sample = bench.do(bench.driver.sample())
    assert (sample["module_name_1"], sample["module_power_1"]) == ("MPPT 1", 1234.5)
    assert (sample["module_power_2"], sample["module_energy_2"]) == (None, 77_000)
    assert "module_power_3" not in sample


def test_batteries_and_meters_keep_their_signs(registers: Any, desk: Any) -> None:
    line = registers()
    bank = (
        802,
        62,
        {3: ("H", 97), 11: ("H", 634), 47: ("h", -4211), 53: ("h", 2), 54: ("h", 0), 56: ("h", -1), 63: ("h", 0)},
    )
    meter = (203, 105, {18: ("h", -2345), 22: ("h", 0), 38: ("I", 7_654_300), 46: ("I", 71_234_500), 54: ("h", 0)})
    line.chain(COMMON, meter, bank)
    bench = desk(Bank, line)
    sample = bench.do(bench.driver.sample())
    assert (sample["battery_power"], sample["soc"], sample["grid_power"]) == (-4211, 63.4, -2345)
    assert (sample["import_energy"], sample["export_energy"]) == (71_234_500, 7_654_300)
    assert bench.do(bench.driver.capacity.read()) == 9700


def test_after_a_restart_chain_and_scale_factors_are_read_again(line: Any, desk: Any) -> None:
    bench = desk(Inverter, line)
    bench.do(bench.driver.limit_power(4500))
    assert line.value(40207 - 26 + 5) == 5000
    line.lay(40181 + 23, "h", 0)
    bench.driver.lost()
    bench.do(bench.driver.limit_power(4500))
    assert line.value(40181 + 5) == 50


def test_a_limit_is_one_request_in_percent_of_the_maximum_power(line: Any, desk: Any) -> None:
    bench = desk(Inverter, line)
    bench.do(bench.driver.limit_power(6543.21))
    assert line.writes() == [(40186, "1c660000003c00000001")]  # 72.70 %, never more than 6543.21 W
    bench.do(bench.driver.release())
    assert line.writes() == [(40186, "27100000000000000000")]


@pytest.mark.parametrize(("watts", "raw"), [(-500, 0), (0, 0), (27_000, 10_000), (9000, 10_000)])
def test_a_limit_stays_within_the_envelope(line: Any, desk: Any, watts: float, raw: int) -> None:
    bench = desk(Inverter, line)
    bench.do(bench.driver.limit_power(watts))
    assert line.value(40186) == raw


def test_without_a_rating_there_is_no_limit_in_percent(registers: Any, desk: Any) -> None:
    line = registers()
    line.chain(COMMON, THREE_PHASE, CONTROLS)
    bench = desk(Inverter, line)
    with pytest.raises(NotControllable):
        bench.do(bench.driver.limit_power(1000))
    with pytest.raises(NotControllable):
        bench.do(desk(Inverter, line).driver.limit_power(1000))


def test_a_scale_factor_out_of_range_is_garbled(line: Any, desk: Any) -> None:
    line.lay(40069 + 15, "h", 77)
    bench = desk(Inverter, line)
    with pytest.raises(Garbled, match="scale factor 77"):
        bench.do(bench.driver.read())


def test_a_control_that_the_device_does_not_have_is_refused(registers: Any, desk: Any) -> None:
    line = registers()
    line.chain(COMMON, THREE_PHASE)
    bench = desk(Inverter, line)
    assert bench.do(bench.driver.limit_percent.read()) is None
    with pytest.raises(Refused):
        bench.do(bench.driver.limit_enabled.write(1))


def test_controls_are_read_word_by_word(line: Any, desk: Any) -> None:
    bench = desk(Inverter, line)
    bench.do(bench.driver.walk())
    line.asked.clear()
    del line.words[1, 40181 + 7]  # some devices have words in model 123 that cannot be read
    assert bench.do(bench.driver.limit_percent.number()) == 100
    assert line.asked == [(3, 40186, 1), (3, 40204, 1)]


def test_points_that_overlap_are_a_defect(line: Any, desk: Any) -> None:
    broken = type("Broken", (Inverter,), {"dc_power": replace(Inverter.dc_power, offset=25)})
    with pytest.raises(ValueError, match="overlaps"):
        desk(broken, line).do(desk(broken, line).driver.read())


def test_points_written_together_have_to_be_neighbours(line: Any, desk: Any) -> None:
    bench = desk(Inverter, line)
    with pytest.raises(ValueError, match="does not follow"):
        bench.do(bench.driver.write_run({Inverter.limit_percent: 50, Inverter.limit_enabled: 1}))


def test_a_point_may_be_declared_with_the_sign_of_the_house(registers: Any, desk: Any) -> None:
    class Exporting(SunSpecDevice):
        grid_power = SunSpecMeasure((203,), 18, "s16", 22, scale=-1)
        hours = SunSpecSetting((203,), 38, "acc32", scale=0.5)

    line = registers()
    line.chain(COMMON, (203, 105, {18: ("h", 4321), 22: ("h", -1), 38: ("I", 200)}))
    bench = desk(Exporting, line)
    assert bench.do(bench.driver.sample()) == {"grid_power": -432.1}
    assert bench.do(bench.driver.hours.read()) == 100
    assert bench.do(bench.driver.hours.step()) == 0.5


@pytest.mark.parametrize(
    ("row", "product", "rated", "name"),
    [
        (13, "PIKO IQ5.5", None, "Piko IQ 5.5"),
        (11, "PLENTICORE plus 10", None, "Plenticore Plus 10"),
        (36, "AE 3TL 17-IEC (Gen3)", None, "AE 3TL 17-IEC (Gen3)"),
        (42, "a hybrid", 8000, "STP8.0SE"),
        (42, "a hybrid", 15_000, ""),
    ],
)
def test_the_printed_name_is_found_by_name_figure_or_rating(row: int, product: str, rated: Any, name: str) -> None:
    assert printed(row, product, rated) == name


def test_what_comes_as_it_came_before_has_the_same_values_and_each_reader_his_own(line: Any, desk: Any) -> None:
    bench = desk(Inverter, line)
    first = bench.do(bench.driver.sample())
    told = dict(first)
    first.clear()
    assert bench.do(bench.driver.sample()) == told
    line.lay(40069 + 24, "I", 98_765_433)
    assert bench.do(bench.driver.sample()) == told | {"energy": 98_765_433}


def test_a_doubt_lasts_as_long_as_what_is_doubted_and_no_longer(line: Any, desk: Any) -> None:
    bench = desk(Inverter, line)
    bench.do(bench.driver.sample())
    line.lay(40069 + 24, "I", 0x0000_FFFF)  # half of "not available"
    for _ in range(3):
        assert bench.do(bench.driver.sample())["energy"] is None
        assert "energy" in bench.driver.doubts
    line.lay(40069 + 24, "I", 98_765_432)
    for _ in range(2):
        assert bench.do(bench.driver.sample())["energy"] == 98_765_432
        assert not bench.driver.doubts
