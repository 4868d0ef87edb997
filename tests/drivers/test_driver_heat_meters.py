"""Heat and gas meters: values in our units, none where the device has none, and proof of who stands there."""

from collections.abc import Callable
from typing import Any

import pytest

from controller.drivers.kamstrup import Multical603
from controller.drivers.sontex import Supercal531
from controller.drivers.vivavis import Bmg1020
from controller.errors import WrongDevice

NAN = 0x7FC00000


def kamstrup(desk: Callable[..., Any], registers: Callable[..., Any], extension: bool = True, **options: Any) -> Any:
    line = registers()
    line.lay(0x0000, "7f", 1234.5, 0.0, -12.375, 47.25, 58.5, 0.0, 0.0)
    if extension:
        line.lay(0x0100, "5f3I", 98_765.5, 3.5, 4321.25, 17.0, 0.0, 0, 67_012_345, 8760)
    return desk(Multical603, line, **options)


def test_a_multical_tells_watts_and_cubic_metres_and_a_negative_power_while_it_cools(desk: Any, registers: Any) -> None:
    reading = (at := kamstrup(desk, registers)).do(at.driver.read())
    assert (reading["flow"], reading["heat_power"]) == (1.2345, -12_375)
    assert (reading["flow_temperature"], reading["return_temperature"]) == (47.25, 58.5)
    assert (reading["heat_energy"], reading["volume"], reading["pulse_a"]) == (98_765_500, 4321.25, 17)


@pytest.mark.parametrize(("row", "maker", "model"), [(131, "Kamstrup", "MULTICAL"), (132, "WDV Molliné", "Ultramess")])
def test_one_meter_has_two_names(desk: Any, registers: Any, row: int, maker: str, model: str) -> None:
    who = (at := kamstrup(desk, registers, row=row)).do(at.driver.identify())
    assert (who.manufacturer, who.model, who.serial) == (maker, f"{model} 603", "67012345")


def test_a_module_without_the_assumed_registers_tells_the_rest(desk: Any, registers: Any) -> None:
    at = kamstrup(desk, registers, extension=False)
    assert at.do(at.driver.identify()).serial == ""
    reading = at.do(at.driver.read())
    assert (reading["heat_power"], reading["heat_energy"], reading["volume"]) == (-12_375, None, None)


def test_not_a_number_is_absent_and_never_a_value(desk: Any, registers: Any) -> None:
    at = kamstrup(desk, registers)
    at.line.lay(0x0004, "If", NAN, float("inf"))
    reading = at.do(at.driver.read())
    assert (reading["heat_power"], reading["flow_temperature"]) == (None, None)
    assert reading["return_temperature"] == 58.5


@pytest.mark.parametrize("floats", [(0.0,) * 7, (1.0, 0.0, 1.0, 4.7e9, 50.0, 0.0, 0.0), (1e9, 0, 1, 50, 40, 0, 0)])
def test_what_no_circuit_can_be_is_another_device(desk: Any, registers: Any, floats: tuple[float, ...]) -> None:
    at = kamstrup(desk, registers)
    at.line.lay(0, "7f", *floats)
    with pytest.raises(WrongDevice, match="MULTICAL 603"):
        at.do(at.driver.identify())
    with pytest.raises(WrongDevice):
        (bare := desk(Multical603, registers())).do(bare.driver.identify())


def sontex(desk: Callable[..., Any], registers: Callable[..., Any]) -> Any:
    line = registers()
    line.lay(100, "HHfff", 1, 0, 98_765.5, 0.0, 0.0)
    line.lay(300, "HHfff", 0, 0, 4321.25, 0.0, 0.0)
    line.lay(700, "HHf", 1, 0, 12.375)
    line.lay(710, "HHf", 0, 0, 1.25)
    line.lay(720, "HHff", 0, 0, 58.5, 47.25)
    line.lay(730, "HHf", 0, 0, 11.25)
    return desk(Supercal531, line)


def test_a_supercal_tells_its_values_in_the_units_that_it_names(desk: Any, registers: Any) -> None:
    at = sontex(desk, registers)
    assert at.do(at.driver.identify()).model == "Supercal 531"
    reading = at.do(at.driver.read())
    assert (reading["heat_energy"], reading["heat_power"], reading["volume"]) == (98_765_500, 12_375, 4321.25)
    assert (reading["flow"], reading["flow_temperature"], reading["return_temperature"]) == (1.25, 58.5, 47.25)


@pytest.mark.parametrize(
    ("code", "energy"), [(0, 98_765.5), (2, 98_765_500_000), (3, 27_434_861.1), (4, 27_434_861_111)]
)
def test_a_supercal_may_count_in_joules(desk: Any, registers: Any, code: int, energy: float) -> None:
    at = sontex(desk, registers)
    at.line.lay(100, "H", code)
    assert at.do(at.driver.read())["heat_energy"] == pytest.approx(energy)


def test_an_unknown_unit_is_never_guessed(desk: Any, registers: Any) -> None:
    at = sontex(desk, registers)
    at.line.lay(700, "H", 7)
    reading = at.do(at.driver.read())
    assert (reading["heat_power"], reading["flow"]) == (None, 1.25)
    assert "code 7" in at.driver.doubts["heat_power"]
    at.line.lay(700, "H", 0)
    assert at.do(at.driver.read())["heat_power"] == 12.375
    assert not at.driver.doubts


def test_temperatures_that_contradict_their_difference_are_no_supercal(desk: Any, registers: Any) -> None:
    at = sontex(desk, registers)
    at.line.lay(732, "f", 25.0)
    with pytest.raises(WrongDevice):
        at.do(at.driver.identify())


def bmg(desk: Callable[..., Any], registers: Callable[..., Any], medium: int = 1) -> Any:
    line = registers()
    line.lay(0, "HHIIffhHHHII", 0, medium, 8_765_432, 0, 2.125, 0.0, -74, 1013, 11_200, 9500, 1_774_825_200, 1_020_417)
    return desk(Bmg1020, line)


def test_gas_becomes_energy_by_its_calorific_value(desk: Any, registers: Any) -> None:
    at = bmg(desk, registers)
    assert at.do(at.driver.identify()).serial == "1020417"
    reading = at.do(at.driver.read())
    assert (reading["volume"], reading["flow"], reading["temperature"]) == (87_654.32, 2.125, -7.4)
    assert reading["heat_power"] == pytest.approx(2.125 * 0.95 * 11_200)
    assert reading["heat_energy"] == pytest.approx(87_654.32 * 0.95 * 11_200)
    assert (reading["standard_volume"], reading["status"]) == (None, "running")


def test_compressed_air_has_no_energy_and_a_broken_input_is_a_fault(desk: Any, registers: Any) -> None:
    at = bmg(desk, registers, medium=2)
    at.line.lay(0, "H", 0x4)
    reading = at.do(at.driver.read())
    assert (reading["heat_energy"], reading["heat_power"], reading["status"]) == (None, None, "fault")


def test_a_counter_that_begins_again_is_counted_on(desk: Any, registers: Any) -> None:
    at = bmg(desk, registers)
    told = []
    for counted in (0xFFFF_FF00, 0x0000_0100, 0x0000_0200):
        at.line.lay(2, "I", counted)
        told.append(at.do(at.driver.read())["volume"])
    assert [round(each - told[0], 2) for each in told] == [0.0, 5.12, 7.68]


@pytest.mark.parametrize(("state", "medium", "serial"), [(0, 3, 5), (0x40, 1, 5), (0, 1, 0)])
def test_another_profile_is_another_device(desk: Any, registers: Any, state: int, medium: int, serial: int) -> None:
    at = bmg(desk, registers)
    at.line.lay(0, "HH", state, medium)
    at.line.lay(16, "I", serial)
    with pytest.raises(WrongDevice, match="BMG 1020"):
        at.do(at.driver.identify())
