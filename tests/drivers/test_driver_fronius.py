"""Fronius: floats and integers, re-arming of a changed limit, batteries behind DC inputs, the meter beside."""

from typing import Any

import pytest

from controller.drivers.fronius import FroniusHybrid, FroniusInverter, row_of
from controller.errors import Garbled, NotControllable, Refused, WrongDevice

FLOATS = {4: ("f", 13.5), 16: ("f", 230.6), 22: ("f", -66_123.5), 24: ("f", 49.98), 32: ("f", 2.632e7),
          38: ("f", 193.84), 40: ("I", 0x7FC00000), 48: ("H", 4)}  # fmt: skip
INTEGERS = {3: ("H", 25), 6: ("h", -2), 14: ("h", 177), 15: ("h", 0), 16: ("H", 5000), 17: ("h", -2), 38: ("H", 4)}
NAMEPLATE = (120, 26, {3: ("H", 8200), 4: ("h", 0), 19: ("H", 1107), 20: ("h", 1)})
SETTINGS = (121, 30, {2: ("H", 8200), 22: ("h", 0)})
CONTROLS = (123, 24, {5: ("H", 10_000), 23: ("h", -2)})
STORAGE = (124, 24, {2: ("H", 5120), 5: ("H", 0), 8: ("H", 6340), 12: ("h", 10_000), 13: ("h", 10_000), 17: ("H", 0),
                     18: ("h", 0), 22: ("h", -2), 25: ("h", -2)})  # fmt: skip


def common(product: bytes, maker: bytes = b"Fronius") -> tuple[int, int, dict[int, Any]]:
    return 1, 65, {2: ("32s", maker), 18: ("32s", product), 42: ("16s", b"0.3.30.1"), 50: ("32s", b"31329509")}


def modules(*powers: int, names: tuple[bytes, ...] = ()) -> tuple[int, int, dict[int, Any]]:
    points: dict[int, Any] = {4: ("h", -1), 5: ("h", 1)}
    for number, power in enumerate(powers):
        points[11 + 20 * number] = ("16s", names[number] if names else b"")
        points[21 + 20 * number] = ("H", power)
        points[22 + 20 * number] = ("I", 100_000 * (number + 1))
    return 160, 8 + 20 * len(powers), points


def inverter(registers: Any, product: bytes, *models: Any, integers: bool = False) -> Any:
    line = registers()
    measuring = (103, 50, INTEGERS) if integers else (113, 60, FLOATS)
    line.chain(common(product), measuring, NAMEPLATE, SETTINGS, (122, 44, {}), CONTROLS, *models)
    return line


def hybrid(registers: Any, product: bytes = b"Symo GEN24 10.0", *powers: int, names: tuple[bytes, ...] = ()) -> Any:
    return inverter(registers, product, modules(*(powers or (30_000, 12_345, 0, 23_456)), names=names), STORAGE)


def test_a_symo_with_floats_is_read_in_one_request(registers: Any, desk: Any) -> None:
    line = inverter(registers, b"Symo 8.2-3-M")
    bench = desk(FroniusInverter, line, row=18)
    found = bench.do(bench.driver.identify())
    assert (found.model, found.serial, found.firmware, found.rated_power) == ("Symo", "31329509", "0.3.30.1", 8200)
    line.asked.clear()
    reading = bench.do(bench.driver.read())
    assert line.asked == [(3, 40071, 60)]
    assert reading["power"] == -66_123.5
    assert reading["dc_power"] == pytest.approx(193.84)
    assert "temperature" not in reading, "the Datamanager has no sensor"


def test_integers_after_a_restart_are_found(registers: Any, desk: Any) -> None:
    line = inverter(registers, b"Symo 8.2-3-M")
    bench = desk(FroniusInverter, line)
    bench.do(bench.driver.read())
    line.words.clear()
    line.chain(common(b"Symo 8.2-3-M"), (103, 50, INTEGERS))
    bench.driver.lost()
    reading = bench.do(bench.driver.read())
    assert (reading["power"], reading["current_l1"], reading["frequency"]) == (177, 0.25, 50)


@pytest.mark.parametrize(
    ("product", "row"),
    [("Primo 5.0-1", 16), ("Galvo 3.0-1", 17), ("Symo Hybrid 5.0-", 18), ("Primo GEN24 6.0", 19), ("Verto 25.0", 20),
     ("Tauro Eco 50", -1)],
)  # fmt: skip
def test_the_product_tells_the_row(product: str, row: int) -> None:
    assert row_of(product) == row


def test_a_new_name_is_taken_with_a_note_where_the_models_are_those_of_the_row(registers: Any, desk: Any) -> None:
    line = registers()
    line.chain(common(b"Argeno 125"), (113, 60, FLOATS))
    who = desk(FroniusInverter, line, row=18)
    found = who.do(who.driver.identify())
    assert (found.model, found.notes[0]) == (
        "Argeno 125", "the name Argeno 125 is new; it has the models of an inverter without battery",
    )  # fmt: skip
    bench = desk(FroniusHybrid, line, row=19)
    with pytest.raises(WrongDevice, match="Argeno"):
        bench.do(bench.driver.identify())


@pytest.mark.parametrize(("maker", "product"), [(b"Fronius", b"Galvo 3.0-1"), (b"SMA", b"Symo 8.2-3-M")])
def test_other_products_are_refused(registers: Any, desk: Any, maker: bytes, product: bytes) -> None:
    line = registers()
    line.chain(common(product, maker), (113, 60, FLOATS))
    bench = desk(FroniusInverter, line, row=18)
    with pytest.raises(WrongDevice, match=product.decode()):
        bench.do(bench.driver.identify())


def test_a_changed_limit_goes_over_the_enable_word_and_a_repeated_one_does_not(registers: Any, desk: Any) -> None:
    line = inverter(registers, b"Symo 8.2-3-M")
    bench = desk(FroniusInverter, line, row=18)
    bench.do(bench.driver.limit_power(4100))
    bench.do(bench.driver.limit_power(4100))
    assert line.writes() == [
        (40246, "0000"), (40242, "13880000003c00000001"), (40242, "13880000003c00000001")
    ]  # fmt: skip
    bench.do(bench.driver.limit_power(4099))
    assert line.writes() == [(40246, "0000"), (40242, "13860000003c00000001")]
    bench.do(bench.driver.release())
    assert line.writes() == [(40242, "27100000000000000000")]


def test_a_null_frame_is_asked_for_again(registers: Any, desk: Any) -> None:
    line = inverter(registers, b"Primo 5.0-1", integers=True)
    healthy, frames = line.read, [bytes(100)]
    frames[0] = bytes(36 * 2) + b"\0\7" + bytes(100 - 74)

    async def empty_once(unit: int, function: int, address: int, count: int) -> bytes:
        if address == 40071 and frames:
            return frames.pop()
        return await healthy(unit, function, address, count)

    line.read = empty_once
    bench = desk(FroniusInverter, line, row=16)
    assert bench.do(bench.driver.read())["power"] == 177
    frames.extend([bytes(72) + b"\0\7" + bytes(26)] * 2)
    with pytest.raises(Garbled, match="zeros"):
        bench.do(bench.driver.read())


def test_a_gen24_is_read_in_two_requests_and_splits_sun_and_battery(registers: Any, desk: Any) -> None:
    line = hybrid(registers)
    bench = desk(FroniusHybrid, line, row=19)
    bench.do(bench.driver.identify())
    line.asked.clear()
    reading = bench.do(bench.driver.read())
    assert [count for _, _, count in line.asked] == [60, 114]
    assert reading["pv_power"] == pytest.approx(4234.5)
    assert (reading["battery_power"], reading["soc"], reading["capacity"]) == (2345.6, 63.4, 11_070)
    assert (reading["charge_energy"], reading["discharge_energy"]) == (3_000_000, 4_000_000)


def test_a_verto_s_battery_is_found_by_the_names_of_its_inputs(registers: Any, desk: Any) -> None:
    names = (b"MPPT 1", b"MPPT 2", b"MPPT 3", b"STCHA 4", b"STDISCHA 5")
    line = hybrid(registers, b"Verto 25.0", 10_000, 20_000, 30_000, 12_345, 0, names=names)
    bench = desk(FroniusHybrid, line, row=20)
    assert bench.do(bench.driver.identify()).model == "Verto"
    reading = bench.do(bench.driver.read())
    assert (reading["battery_power"], reading["pv_power"]) == (-1234.5, 6000)


def test_a_gen24_without_battery_tells_none(registers: Any, desk: Any) -> None:
    bench = desk(FroniusHybrid, inverter(registers, b"Primo GEN24 6.0", modules(30_000, 12_345)), row=19)
    bench.do(bench.driver.identify())
    assert not {"soc", "battery_power", "pv_power"} & set(bench.do(bench.driver.read()))
    with pytest.raises(NotControllable):
        bench.do(bench.driver.charge(1000))
    bench.do(bench.driver.release())


def test_charging_bounds_both_directions_and_sets_the_time_out_once(registers: Any, desk: Any) -> None:
    line = hybrid(registers)
    bench = desk(FroniusHybrid, line, row=19)
    for _ in range(2):
        bench.do(bench.driver.charge(2345))
    head = 40353
    assert line.writes() == [
        (head + 17, "0001"), (head + 15, "003c"), (head + 12, "ee1c11e4"), (head + 5, "0003"),
        (head + 12, "ee1c11e4"), (head + 5, "0003"),
    ]  # fmt: skip
    bench.do(bench.driver.discharge(99_999))
    assert line.writes() == [(head + 12, "2710d8f0"), (head + 5, "0003")]
    bench.do(bench.driver.release())
    assert line.writes()[:3] == [(head + 5, "0000"), (head + 12, "27102710"), (head + 17, "0000")]


def test_the_smart_meter_answers_at_its_own_unit(registers: Any, desk: Any) -> None:
    line = hybrid(registers)
    line.chain(common(b"Smart Meter TS 65A-3"), (213, 124, {28: ("f", -2345.5)}), unit=200)
    bench = desk(FroniusHybrid, line, row=19)
    bench.do(bench.driver.identify())
    assert bench.do(bench.driver.read())["grid_power"] == -2345.5
    bench.driver.lost()
    line.chain(common(b"Smart Meter 63A"), (203, 105, {18: ("h", 3217), 22: ("h", 1)}), unit=200)
    assert bench.do(bench.driver.read())["grid_power"] == 32_170


def test_a_gateway_that_knows_no_meter_is_no_error(registers: Any, desk: Any) -> None:
    line = inverter(registers, b"Galvo 3.0-1")
    healthy = line.read

    async def gateway(unit: int, function: int, address: int, count: int) -> bytes:
        if unit == 240:
            raise Refused(11, unit=unit, address=address)
        return await healthy(unit, function, address, count)

    line.read = gateway
    bench = desk(FroniusInverter, line, row=17)
    bench.do(bench.driver.identify())
    assert "grid_power" not in bench.do(bench.driver.read())
