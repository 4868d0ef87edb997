"""KOSTAL: the order of words is the installer's choice, limits in whole percent, battery power only while repeated."""

from typing import Any

import pytest

from controller.drivers.kostal import KostalIq, KostalPlenticore
from controller.drivers.kostal_ci import KostalCi
from controller.drivers.kostal_piko import KostalPiko, KostalPikoOld
from controller.errors import Garbled, NotControllable, WrongDevice

MEASURED = {
    98: 41.3, 100: 7377.5, 152: 49.98, 154: 7.81, 156: 1775.0, 158: 231.7, 160: 7.97, 162: 1800.0, 164: 228.4,
    166: 7.91, 168: 1825.5, 170: 234.9, 172: 70_123.5, 320: 98_765_432.0, 252: -2345.0, 1046: 4_321_700.0,
    1048: 3_987_600.0, 1066: 6123.0, 1068: 9700.0, 1076: 5000.0, 1078: 4500.0,
}  # fmt: skip


def common(product: bytes, maker: bytes = b"KOSTAL") -> tuple[int, int, dict[int, Any]]:
    texts = {2: ("32s", maker), 18: ("32s", product), 34: ("16s", b" " * 16), 42: ("16s", b"01.29.12038")}
    return 1, 66, {**texts, 50: ("32s", b"92092VF600000")}


def kostal(registers: Any, product: bytes, order: int = 0, unit: int = 71) -> Any:
    line = registers(unit)
    line.chain(common(product), (103, 50, {}), (120, 26, {}))
    swap = "<" if order == 0 else ""
    for address, value in MEASURED.items():
        line.lay(address, swap + "f", value)
    for address in range(1050, 1066, 2):
        line.lay(address, swap + "f", 0.0)
    line.lay(5, "H", order)
    line.lay(56, swap + "I", 6)
    for address, layout, value in ((514, "H", 63), (531, "H", 850), (532, "h", 1), (533, "H", 100), (582, "h", -1287)):
        line.lay(address, layout, value)
    line.lay(1034, swap + "f", 0.0)
    line.lay(1080, "H", 2)
    line.lay(588, "H", 4)
    line.single_only.add(533)
    return line


@pytest.mark.parametrize("order", [0, 1])
def test_floats_are_read_in_the_order_that_the_inverter_tells(registers: Any, desk: Any, order: int) -> None:
    bench = desk(KostalPlenticore, kostal(registers, b"PLENTICORE plus8.5", order), row=11)
    found = bench.do(bench.driver.identify())
    assert (found.model, found.rated_power, found.firmware) == ("Plenticore Plus 8.5", 8500, "01.29.12038")
    reading = bench.do(bench.driver.read())
    assert (reading["power"], reading["power_l3"], reading["dc_power"]) == (70_123.5, 1825.5, 7377.5)
    assert (reading["battery_power"], reading["soc"], reading["grid_power"]) == (-1287, 63, -2345)
    assert (reading["pv_power"], reading["charge_energy"], reading["capacity"]) == (6123, 4_321_700, 9700)
    assert reading["energy"] == pytest.approx(98_765_432, abs=4)
    assert (reading["status"], reading["voltage_l2"]) == ("running", pytest.approx(228.4))


def test_the_order_is_asked_for_again_after_a_restart(registers: Any, desk: Any) -> None:
    line = kostal(registers, b"PIKO IQ5.5", 0)
    bench = desk(KostalIq, line, row=13)
    assert bench.do(bench.driver.identify()).model == "Piko IQ 5.5"
    assert bench.do(bench.driver.read())["power"] == 70_123.5
    bench.driver.lost()
    line.words = kostal(registers, b"PIKO IQ5.5", 1).words
    assert bench.do(bench.driver.read())["power"] == 70_123.5
    line.lay(5, "H", 7)
    bench.driver.lost()
    with pytest.raises(Garbled, match="byte order"):
        bench.do(bench.driver.read())


def test_without_sunspec_the_makers_own_registers_tell_who_it_is_and_what_they_lack_is_absent(
    registers: Any, desk: Any
) -> None:
    """As a server that has only some of the registers of the interface description, as delivered: low word first."""
    line = registers(71)
    for address, value in {100: 7377.5, 152: 49.98, 172: 70_123.5, 252: -2345.0}.items():
        line.lay(address, "<f", value)
    for address, text, words in ((768, b"PLENTICORE plus", 32), (800, b"8.5", 32), (14, b"90342FGH00012", 8)):
        line.lay(address, f"{2 * words}s", text)
    line.lay(514, "H", 63)
    line.lay(582, "h", -1287)
    bench = desk(KostalPlenticore, line, row=11)
    found = bench.do(bench.driver.identify())
    assert (found.model, found.serial, found.rated_power) == ("Plenticore Plus 8.5", "90342FGH00012", 8500)
    reading = bench.do(bench.driver.read())
    assert (reading["power"], reading["dc_power"], reading["grid_power"]) == (70_123.5, 7377.5, -2345)
    assert (reading["battery_power"], reading["soc"], reading["capacity"]) == (-1287, 63, None)
    assert (reading["status"], reading["energy"], reading["voltage_l2"]) == (None, None, None)
    bench = desk(KostalIq, line, row=13)
    with pytest.raises(WrongDevice, match="PLENTICORE plus"):
        bench.do(bench.driver.identify())


def test_a_new_size_of_a_series_is_taken_with_a_note(registers: Any, desk: Any) -> None:
    bench = desk(KostalPlenticore, kostal(registers, b"PLENTICORE plus 12.5"), row=11)
    who = bench.do(bench.driver.identify())
    assert (who.model, who.notes) == ("PLENTICORE plus 12.5", ("the size of PLENTICORE plus 12.5 is new",))


@pytest.mark.parametrize(
    ("driver", "row", "product"),
    [
        (KostalIq, 13, b"PLENTICORE plus8.5"),
        (KostalPlenticore, 11, b"PIKO IQ8.5"),
        (KostalPlenticore, 11, b"PLENTICORE BI 5.5"),
    ],
)
def test_a_sister_of_another_row_is_refused(registers: Any, desk: Any, driver: Any, row: int, product: bytes) -> None:
    bench = desk(driver, kostal(registers, product), row=row)
    with pytest.raises(WrongDevice, match=product.decode()):
        bench.do(bench.driver.identify())


@pytest.mark.parametrize(("watts", "percent"), [(4567, 53), (-10, 1), (0, 1), (99_999, 100)])
def test_a_limit_is_a_whole_percentage_with_function_6(registers: Any, desk: Any, watts: float, percent: int) -> None:
    line = kostal(registers, b"PIKO IQ8.5")
    bench = desk(KostalIq, line, row=13)
    bench.do(bench.driver.identify())
    bench.do(bench.driver.limit_power(watts))
    assert line.written == [(6, 533, percent.to_bytes(2, "big"))]
    bench.do(bench.driver.release())
    assert line.value(533) == 100


def test_before_it_is_identified_there_is_no_percentage(registers: Any, desk: Any) -> None:
    bench = desk(KostalIq, kostal(registers, b"PIKO IQ8.5"), row=13)
    with pytest.raises(NotControllable):
        bench.do(bench.driver.limit_power(1000))


def test_battery_power_is_a_float_in_the_installer_s_order(registers: Any, desk: Any) -> None:
    line = kostal(registers, b"PLENTICORE plus8.5", 0)
    bench = desk(KostalPlenticore, line, row=11)
    bench.do(bench.driver.charge(2000))
    bench.do(bench.driver.discharge(99_999))
    assert line.written == [(16, 1034, bytes.fromhex("0000c4fa")), (16, 1034, bytes.fromhex("a000458c"))]
    bench.do(bench.driver.release())
    bench.do(bench.driver.release())
    assert line.written[2:] == [(6, 533, b"\0\x64"), (16, 1034, bytes(4)), (6, 533, b"\0\x64")], "then silence"


def test_without_battery_and_meter_neither_is_told(registers: Any, desk: Any) -> None:
    line = kostal(registers, b"PLENTICORE plus8.5")
    line.lay(588, "H", 0)
    for address in (252, 514, 582, 1046):
        del line.words[71, address]
    bench = desk(KostalPlenticore, line, row=11)
    assert not {"soc", "battery_power", "grid_power", "pv_power"} & set(bench.do(bench.driver.read()))
    line.lay(514, "H", 63)
    line.lay(588, "H", 64)
    bench.driver.lost()
    line.lay(582, "h", 12)
    line.lay(1046, "<f", 1.0)
    assert bench.do(bench.driver.read())["battery_power"] == 12


def test_without_external_control_the_battery_is_left_alone(registers: Any, desk: Any) -> None:
    line = kostal(registers, b"PLENTICORE plus8.5")
    line.lay(1080, "H", 0)
    bench = desk(KostalPlenticore, line, row=11)
    with pytest.raises(NotControllable, match="installer"):
        bench.do(bench.driver.charge(2000))
    assert line.written == []


def test_the_piko_ci_has_the_high_word_first_at_unit_1(registers: Any, desk: Any) -> None:
    line = kostal(registers, b"PIKO CI 50", 1, unit=1)
    for address in (5, 531, 532):
        del line.words[1, address]
    bench = desk(KostalCi, line, row=14)
    found = bench.do(bench.driver.identify())
    assert (found.model, bench.driver.default_unit) == ("Piko CI 50", 1)
    assert bench.do(bench.driver.read())["power"] == 70_123.5
    bench.do(bench.driver.limit_power(20_000))
    assert line.value(533) == 40, "the name tells the rating"


def piko(registers: Any, product: bytes, enabled: int = 1) -> Any:
    line = registers(71)
    line.chain(
        common(product),
        (103, 50, {14: ("h", -321), 15: ("h", 1), 38: ("H", 8)}),
        (120, 26, {3: ("H", 1700), 4: ("h", 1)}),
        (123, 24, {5: ("H", 10_000), 9: ("H", enabled), 23: ("h", -2)}),
    )
    line.single_only.update(range(40000, 41000))
    return line


def test_an_old_piko_is_read_and_offers_no_command(registers: Any, desk: Any) -> None:
    bench = desk(KostalPikoOld, piko(registers, b"PIKO 8.3"), row=12)
    assert bench.do(bench.driver.identify()).model == "Piko (Old Generation)"
    assert bench.do(bench.driver.read())["power"] == -3210
    assert not hasattr(bench.driver, "limit_power")


@pytest.mark.parametrize(
    ("driver", "product"),
    [(KostalPikoOld, b"PIKO 17"), (KostalPikoOld, b"PIKO IQ 5.5"), (KostalPiko, b"PIKO CI 30"), (KostalPiko, b"X 20")],
)
def test_a_piko_of_another_generation_is_refused(registers: Any, desk: Any, driver: Any, product: bytes) -> None:
    bench = desk(driver, piko(registers, product))
    with pytest.raises(WrongDevice):
        bench.do(bench.driver.identify())


def test_a_newer_piko_is_limited_word_by_word(registers: Any, desk: Any) -> None:
    line = piko(registers, b"PIKO 17", enabled=0)
    bench = desk(KostalPiko, line, row=15)
    assert bench.do(bench.driver.identify()).model == "Piko 17"
    for _ in range(2):
        bench.do(bench.driver.limit_power(4567))
    bench.do(bench.driver.release())
    assert [data for _, data in line.writes()] == ["0a7e", "0001", "0a7e", "2710"]
