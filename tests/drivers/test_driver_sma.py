"""SMA: device types, gaps read over, the three ways to command a battery, and a limit that spares the flash."""

from typing import Any

import pytest

from controller.compatibility.variants import variants_by_row
from controller.drivers.sma import SmaInverter
from controller.drivers.sma_storage import SmaHybrid, SmaIsland, SmaTripowerStorage, SmaWindow
from controller.drivers.sma_sunspec import InverterManager, SmaCore2
from controller.drivers.sma_types import TYPES
from controller.errors import NotControllable, Refused, WrongDevice

ABSENT = 0xFFFFFFFF


def sma(registers: Any, code: int = 9347, group: int = 8001, rating: int = 8000) -> Any:
    """An SMA device: measuring blocks full of words without a value, then its values."""
    line = registers(3)
    for start, end in ((30051, 30061), (30513, 30517), (30769, 30871), (30949, 30991), (31391, 31411)):
        line.lay(start, f"{end - start}H", *[0xFFFF] * (end - start))
    line.lay(30051, "IIII", group, code, ABSENT, 3_001_234_567)
    line.lay(30231, "I", rating)
    for address, value in ((40210, 1079), (40915, rating), (41193, 2506), (41195, 600)):
        line.lay(address, "I", value)
    line.lay(40023, "H", 0)
    return line


def storage(registers: Any, code: int = 9356, group: int = 8007, rating: int = 3700) -> Any:
    line = sma(registers, code, group, rating)
    line.lay(30775, "iiii", -1312, -437, -438, -437)
    line.lay(30845, "III", 63, ABSENT, 386)
    line.lay(30865, "ii", 0, 2345)
    line.lay(31393, "IIQQ", 1287, 0, 4_321_700, 5_000_000_000)
    line.lay(40187, "III", 9800, rating, rating - 200)
    line.lay(40149, "iI", 0, 803)
    line.lay(40236, "I", 2424)
    line.lay(40793, "IIIIi", 0, rating, 0, rating, 0)
    return line


def test_an_inverter_is_read_in_three_requests_and_two_for_its_state(registers: Any, desk: Any) -> None:
    line = sma(registers)
    line.lay(30513, "Q", 98_765_432)
    line.lay(30773, "iiiii", 4321, 70_123, 23_001, 23_055, -1)
    line.lay(30783, "III", 23_170, 22_840, 23_490)
    line.lay(30803, "I", 4998)
    line.lay(30953, "i", -74)
    line.lay(30961, "i", 3210)
    line.lay(30977, "iii", 16_174, 16_175, 16_176)
    line.lay(30201, "I", 307)
    line.lay(40029, "I", 2119)
    bench = desk(SmaInverter, line, row=1)
    reading = bench.do(bench.driver.read())
    assert len(line.asked) == 6  # one of them for the limit, which only a CORE1 tells
    assert reading["status"] == "limited"
    assert (reading["power"], reading["power_l2"], reading["energy"]) == (70_123, 23_055, 98_765_432)
    assert (reading["voltage_l3"], reading["frequency"], reading["current_l2"]) == (234.9, 49.98, 16.175)
    assert (reading["dc_power"], reading["temperature"]) == (7531, -7.4)


def test_at_night_the_power_is_absent_and_what_a_family_lacks_is_not_told(registers: Any, desk: Any) -> None:
    line = sma(registers)
    line.lay(30775, "I", 0x80000000)
    for at in range(4):
        del line.words[3, 30513 + at]
    bench = desk(SmaInverter, line, row=4)
    reading = bench.do(bench.driver.read())
    assert reading["power"] is None
    assert not {"energy", "temperature", "dc_power"} & set(reading)


@pytest.mark.parametrize(
    ("row", "code", "name"),
    [(1, 9284, "20000TL-30"), (2, 9404, "SB 5.0-1AV-41"), (3, 9322, "SB 5.0-1AV-40"), (4, 9490, "STP 17-50"),
     (5, 9431, "STP50-41")],
)  # fmt: skip
def test_the_device_type_names_the_model(registers: Any, desk: Any, row: int, code: int, name: str) -> None:
    bench = desk(SmaInverter, sma(registers, code), row=row)
    found = bench.do(bench.driver.identify())
    assert (found.model, found.serial) == (name, "3001234567")


@pytest.mark.parametrize(
    ("row", "code", "group", "rating"),
    [
        (2, 9347, 8001, 8000),
        (1, 9356, 8007, 3700),
        (1, 77_777, 8007, 8000),
        (1, 19_047, 8001, 1),
    ],
)
def test_devices_of_other_rows_are_refused(
    registers: Any, desk: Any, row: int, code: int, group: int, rating: int
) -> None:
    bench = desk(SmaInverter, sma(registers, code, group, rating), row=row)
    with pytest.raises(WrongDevice, match=str(code)):
        bench.do(bench.driver.identify())


def test_a_type_newer_than_the_list_goes_by_class_and_rating(registers: Any, desk: Any) -> None:
    bench = desk(SmaTripowerStorage, sma(registers, 19_999, 8007, 50_000), row=41)
    who = bench.do(bench.driver.identify())
    assert (who.model, who.notes) == ("STPS50", ("device type 19999 is new; class 8007 proves the family",))
    bench = desk(SmaInverter, sma(registers, 9999, 8001, 8_000), row=1)
    who = bench.do(bench.driver.identify())
    assert (who.model, who.notes) == ("STP 8.0", ("device type 9999 is new; class 8001 proves the family",))


def test_every_listed_model_has_a_device_type() -> None:
    named = {(each.row, each.name) for each in TYPES.values()}
    for row in (1, 2, 3, 4, 5, 38, 39, 41, 42):
        missing = {variant.name for variant in variants_by_row()[row]} - {name for at, name in named if at == row}
        assert not missing


def test_a_limit_is_one_word_that_may_be_written_cyclically(registers: Any, desk: Any) -> None:
    line = sma(registers)
    bench = desk(SmaInverter, line, row=1)
    for watts, raw in ((4567.0, "164c"), (99_999.0, "2710"), (-20.0, "0000")):
        bench.do(bench.driver.limit_power(watts))
        assert line.writes() == [(40023, raw)]
    bench.do(bench.driver.release())
    assert line.writes() == [(40023, "2710")]
    assert bench.driver.refresh == 60


def test_a_fallback_that_the_installer_set_shortens_the_refresh(registers: Any, desk: Any) -> None:
    line = sma(registers)
    line.lay(41193, "I", 2507)
    line.lay(41195, "I", 31)
    bench = desk(SmaInverter, line, row=1)
    bench.do(bench.driver.limit_power(4000))
    assert bench.driver.refresh == 15.5


def test_a_mode_that_ignores_us_is_told(registers: Any, desk: Any) -> None:
    line = sma(registers)
    line.lay(40210, "I", 1077)
    bench = desk(SmaInverter, line, row=1)
    with pytest.raises(NotControllable, match="1077"):
        bench.do(bench.driver.limit_power(4000))
    assert line.written == []


def test_a_mode_behind_the_grid_guard_login_is_no_obstacle(registers: Any, desk: Any) -> None:
    line = sma(registers)
    for address in (40210, 40915, 41193):
        del line.words[3, address]
    bench = desk(SmaInverter, line, row=1)
    bench.do(bench.driver.limit_power(4000))
    assert line.writes() == [(40023, "1388")]


def test_a_battery_inverter_tells_signed_powers(registers: Any, desk: Any) -> None:
    bench = desk(SmaWindow, storage(registers), row=39)
    assert bench.do(bench.driver.identify()).model == "SBS 3.7"
    reading = bench.do(bench.driver.read())
    assert (reading["power"], reading["battery_power"], reading["grid_power"]) == (-1312, -1287, -2345)
    assert (reading["soc"], reading["capacity"], reading["temperature"]) == (63, 9800, 38.6)
    assert (reading["charge_energy"], reading["discharge_energy"]) == (4_321_700, 5_000_000_000)


def test_without_a_meter_the_grid_power_is_not_told(registers: Any, desk: Any) -> None:
    line = storage(registers)
    line.lay(30865, "II", ABSENT, 0x80000000)
    line.lay(31393, "I", ABSENT)
    bench = desk(SmaWindow, line, row=39)
    reading = bench.do(bench.driver.read())
    assert "grid_power" not in reading
    assert reading["battery_power"] is None


def test_a_window_is_closed_around_the_power_before_the_mode_counts(registers: Any, desk: Any) -> None:
    line = storage(registers)
    bench = desk(SmaWindow, line, row=39)
    bench.do(bench.driver.charge(1234.4))
    assert line.writes() == [(40793, "000004d2000004d2" + "00000000" * 3), (40236, "000008f1")]
    bench.do(bench.driver.discharge(99_999))
    assert line.writes() == [(40793, "00000000" * 2 + "00000dac00000dac00000000"), (40236, "000008f2")]
    bench.do(bench.driver.release())
    assert line.writes() == [(40793, "0000000000000e740000000000000dac00000000"), (40236, "00000978")]


@pytest.mark.parametrize(("driver", "code"), [(SmaTripowerStorage, 19_035), (SmaIsland, 9333), (SmaHybrid, 19_050)])
def test_a_setpoint_and_its_switch_go_together(registers: Any, desk: Any, driver: Any, code: int) -> None:
    line = storage(registers, code, 8007)
    bench = desk(driver, line)
    bench.do(bench.driver.charge(1234))
    bench.do(bench.driver.discharge(-1))
    bench.do(bench.driver.release())
    assert line.writes()[:3] == [
        (40149, "fffffb2e00000322"), (40149, "0000000000000322"), (40149, "0000000000000323")
    ]  # fmt: skip


def test_an_island_inverter_is_kept_from_filling_itself_when_we_fall_silent(registers: Any, desk: Any) -> None:
    line = storage(registers, 9333)
    line.lay(40075, "I", 1130)
    bench = desk(SmaIsland, line, row=38)
    for _ in range(3):
        bench.do(bench.driver.charge(1000))
    assert [write for write in line.writes() if write[0] == 40075] == [(40075, "00000469")]


def test_a_hybrid_adds_its_strings_and_can_be_limited(registers: Any, desk: Any) -> None:
    line = storage(registers, 19_050, 8009, 8000)
    line.lay(30773, "i", 4100)
    line.lay(30961, "i", 3021)
    bench = desk(SmaHybrid, line, row=42)
    assert bench.do(bench.driver.identify()).model == "STP8.0SE"
    reading = bench.do(bench.driver.read())
    assert reading["pv_power"] == 7121
    bench.do(bench.driver.limit_power(2000))
    assert line.value(40023) == 2500
    bench.do(bench.driver.release())
    assert line.value(40023) == 10_000


def sunspec(registers: Any, unit: int, product: bytes, enabled: int = 1) -> Any:
    line = registers(unit)
    line.chain(
        (1, 66, {2: ("32s", b"SMA"), 18: ("32s", product), 50: ("32s", b"3005550001")}),
        (11, 13, {}),
        (103, 50, {10: ("H", 2317), 13: ("h", -1), 14: ("h", -4321), 15: ("h", 1), 24: ("I", 98_765), 26: ("h", 3)}),
        (120, 26, {3: ("H", 11_000), 4: ("h", 1)}),
        (121, 30, {2: ("H", 11_000), 22: ("h", 1)}),
        (123, 24, {5: ("H", 10_000), 9: ("H", enabled), 23: ("h", -2)}),
        (124, 24, {2: ("H", 6000), 5: ("H", 0), 12: ("h", 0), 17: ("H", 0), 18: ("h", 1), 25: ("h", -2)}),
    )
    return line


def test_a_core2_under_a_new_name_is_known_by_its_rating(registers: Any, desk: Any) -> None:
    bench = desk(SmaCore2, sunspec(registers, 1, b"Sunny Tripower CORE2"), row=6)
    who = bench.do(bench.driver.identify())
    assert (who.model, who.notes) == ("STP110-60", ("the name Sunny Tripower CORE2 is new; it is rated 110 kW",))


def test_the_core2_is_limited_by_the_percentage_alone(registers: Any, desk: Any) -> None:
    line = sunspec(registers, 1, b"STP 110-60")
    bench = desk(SmaCore2, line, row=6)
    found = bench.do(bench.driver.identify())
    assert (found.model, found.rated_power) == ("STP110-60", 110_000)
    reading = bench.do(bench.driver.read())
    assert (reading["power"], reading["energy"]) == (-43_210, 98_765_000)
    bench.do(bench.driver.limit_power(33_333))
    bench.do(bench.driver.release())
    assert [data for _, data in line.writes()] == ["0bd6", "2710"]


def test_a_limit_that_is_switched_off_is_switched_on_once(registers: Any, desk: Any) -> None:
    line = sunspec(registers, 1, b"STP 110-60", enabled=0)
    bench = desk(SmaCore2, line)
    for _ in range(3):
        bench.do(bench.driver.limit_power(55_000))
    assert [data for _, data in line.writes()] == ["0001", "1388", "1388", "1388"]


def test_a_limit_that_only_the_installer_can_switch_on_is_told(registers: Any, desk: Any) -> None:
    line = sunspec(registers, 1, b"STP 110-60", enabled=0)

    async def guarded(unit: int, function: int, address: int, data: bytes) -> None:
        raise Refused(3, unit=unit, address=address)

    line.write = guarded
    bench = desk(SmaCore2, line)
    with pytest.raises(NotControllable, match="installer"):
        bench.do(bench.driver.limit_power(55_000))


@pytest.mark.parametrize(("driver", "product"), [(SmaCore2, b"STP50-41"), (InverterManager, b"STP 110-60")])
def test_other_sma_products_are_refused(registers: Any, desk: Any, driver: Any, product: bytes) -> None:
    line = sunspec(registers, 1, product)
    nameplate = 40002 + 68 + 15 + 52
    line.lay(nameplate + 3, "H", 5000)
    bench = desk(driver, line)
    with pytest.raises(WrongDevice, match=product.decode()):
        bench.do(bench.driver.identify())


def test_the_inverter_manager_reads_plant_and_storage_and_paces_its_commands(registers: Any, desk: Any) -> None:
    line = sunspec(registers, 125, b"SMA Inverter Manager")
    line.lay(1012, "i", -18_774, unit=25)
    line.lay(1046, "i", 386, unit=25)
    line.lay(1056, "i", 634, unit=25)
    bench = desk(InverterManager, line, row=40)
    who = bench.do(bench.driver.identify())
    assert (who.model, who.notes) == ("Inverter Manager", ())
    line.lay(40002 + 18, "32s", b"Storage Manager")
    assert "Storage Manager is new" in bench.do(desk(InverterManager, line, row=40).driver.identify()).notes[0]
    reading = bench.do(bench.driver.read())
    assert (reading["power"], reading["battery_power"], reading["soc"]) == (-43_210, -18_774, 63.4)
    begin = bench.clock.now()
    bench.do(bench.driver.charge(12_345))
    assert [data for _, data in line.writes()] == ["0001", "f7f70809", "0003"]
    assert bench.clock.now() - begin == 2
    bench.do(bench.driver.release())
    assert [data for _, data in line.writes()] == ["0000", "27102710", "0000", "2710"]
