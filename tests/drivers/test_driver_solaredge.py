"""SolarEdge: the enable chain and the dynamic limit, which product is in which row, the battery of the hybrids."""

from typing import Any

import pytest

from controller.drivers.solaredge import SolarEdgeInverter, row_of
from controller.drivers.solaredge_hybrid import SolarEdgeHybrid
from controller.errors import NotControllable, Refused, WrongDevice

INVERTER = {
    3: ("H", 781), 4: ("H", 797), 5: ("H", 791), 6: ("h", -2), 10: ("H", 4014), 11: ("H", 4030), 12: ("H", 4023),
    13: ("h", -1), 14: ("h", 5520), 15: ("h", 0), 16: ("H", 4998), 17: ("h", -2), 24: ("I", 33_319_778),
    26: ("h", 0), 31: ("h", 6543), 32: ("h", 0), 33: ("h", -0x8000), 34: ("h", 5197), 37: ("h", -2), 38: ("H", 4),
}  # fmt: skip
METER = {18: ("h", 4321), 22: ("h", 0)}


def common(product: bytes, maker: bytes = b"SolarEdge ", options: bytes = b"") -> tuple[int, int, dict[int, Any]]:
    texts = {2: ("32s", maker), 18: ("32s", product), 34: ("16s", options), 42: ("16s", b"0004.0021.0103")}
    return 1, 65, {**texts, 50: ("32s", b"7E1A52B8")}


def inverter(registers: Any, product: bytes = b"SE10K", phases: int = 103, *meters: Any) -> Any:
    line = registers()
    line.chain(common(product), (phases, 50, INVERTER), *meters)
    line.lay(0xF304, "<f", 10_000.0)
    for address, layout, value in (
        (0xF100, "H", 0), (0xF104, "<i", 0), (0xF142, "<i", 0), (0xF300, "H", 0), (0xF310, "<I", 60),
        (0xF312, "<f", 100.0), (0xF318, "<f", 5.0), (0xF31A, "<f", 5.0), (0xF322, "<f", 100.0),
    ):  # fmt: skip
        line.lay(address, layout, value)
    return line


def hybrid(registers: Any) -> Any:
    production = ((1, 65, common(b"M1", options=b"Production")[2]), (203, 105, {18: ("h", 1)}))
    grid = ((1, 65, common(b"M2", options=b"Export+Import")[2]), (203, 105, METER))
    line = inverter(registers, b"SE8K-RWS48BEN4", 103, *production, *grid)
    line.lay(0xE142, "<f", 9700.0)
    line.lay(0xE144, "<f", 5000.0)
    line.lay(0xE146, "<f", 4000.0)
    line.lay(0xE174, "<f", -1234.5)
    line.lay(0xE176, "<Q", 5_000_000_000)
    line.lay(0xE17A, "<Q", 81_234_567)
    line.lay(0xE17E, "6H", *[0] * 6)
    line.lay(0xE184, "<f", 63.5)
    for address, layout, value in (
        (0xE004, "H", 1), (0xE00A, "H", 0), (0xE00B, "<I", 14_400), (0xE00D, "H", 0), (0xE00E, "<f", 5000.0),
        (0xE010, "<f", 5000.0),
    ):  # fmt: skip
        line.lay(address, layout, value)
    return line


def test_the_inverter_is_read_in_one_request_and_tells_its_heat_sink(registers: Any, desk: Any) -> None:
    line = inverter(registers)
    bench = desk(SolarEdgeInverter, line, row=8)
    found = bench.do(bench.driver.identify())
    assert (found.model, found.serial, found.firmware, found.rated_power) == (
        "SE10K", "7E1A52B8", "0004.0021.0103", 10_000
    )  # fmt: skip
    line.asked.clear()
    reading = bench.do(bench.driver.read())
    assert line.asked == [(3, 40071, 50)]
    assert (reading["power"], reading["dc_power"], reading["energy"]) == (5520, 6543, 33_319_778)
    assert (reading["voltage_l2"], reading["current_l3"], reading["temperature"]) == (403, 7.91, 51.97)
    assert "power_limit" not in reading


@pytest.mark.parametrize(
    ("product", "three_phase", "row"),
    [
        ("SE5000", False, 7),
        ("SE82.8K-RW0P0BNU4", True, 8),
        ("SE9K", True, 8),
        ("SE5000H-RW000BNN4", False, 9),
        ("SE10K-RWS48BEN4", True, 10),
        ("P300", False, -1),
    ],
)
def test_the_product_tells_the_row(product: str, three_phase: bool, row: int) -> None:
    assert row_of(product, three_phase) == row


@pytest.mark.parametrize(
    ("product", "phases", "row"), [(b"SE10K", 103, 10), (b"SE5000H", 101, 7), (b"SE8K-RWS48", 103, 8), (b"X1", 103, 7)]
)
def test_a_product_of_another_row_is_refused(registers: Any, desk: Any, product: bytes, phases: int, row: int) -> None:
    bench = desk(SolarEdgeInverter, inverter(registers, product, phases), row=row)
    with pytest.raises(WrongDevice):
        bench.do(bench.driver.identify())


@pytest.mark.parametrize(("phases", "row", "told"), [(103, 8, "three phases"), (101, 9, "one phase")])
def test_a_new_name_is_taken_with_a_note(registers: Any, desk: Any, phases: int, row: int, told: str) -> None:
    bench = desk(SolarEdgeInverter, inverter(registers, b"X1", phases), row=row)
    who = bench.do(bench.driver.identify())
    assert (who.model, who.notes) == ("X1", (f"the name X1 is new; it measures {told}",))


def test_a_foreign_sunspec_device_is_refused(registers: Any, desk: Any) -> None:
    line = registers()
    line.chain(common(b"SE10K", maker=b"Somebody"), (103, 50, INVERTER))
    bench = desk(SolarEdgeInverter, line)
    with pytest.raises(WrongDevice, match="Somebody"):
        bench.do(bench.driver.identify())


def test_the_first_limit_goes_through_the_whole_enable_chain(registers: Any, desk: Any) -> None:
    line = inverter(registers)
    bench = desk(SolarEdgeInverter, line, row=8)
    bench.do(bench.driver.identify())
    bench.do(bench.driver.limit_power(4567.0))
    assert line.writes() == [
        (0xF104, "00040000"), (0xF142, "00010000"), (0xF100, "0001"), (0xF310, "003c0000"), (0xF312, "000042c8"),
        (0xF300, "0001"), (0xF318, "000042c8"), (0xF318, "0000bf80"), (0xF31A, "000042c8"), (0xF31A, "0000bf80"),
        (0xF322, "ae144236"),
    ]  # fmt: skip
    assert bench.do(bench.driver.read())["power_limit"] == pytest.approx(4567, abs=0.01)


def test_later_limits_are_one_write_until_the_inverter_restarts(registers: Any, desk: Any) -> None:
    line = inverter(registers)
    bench = desk(SolarEdgeInverter, line)
    bench.do(bench.driver.limit_power(4000.0))
    line.writes()
    bench.do(bench.driver.limit_power(27_000.0))
    assert line.writes() == [(0xF322, "000042c8")]
    bench.driver.lost()
    bench.do(bench.driver.limit_power(-5.0))
    chain = [address for address, _ in line.writes()]
    assert chain[:3] == [0xF310, 0xF312, 0xF300], "what is stored is not written again"
    assert line.value(0xF322, "<f") == 0


def test_an_inverter_with_a_display_keeps_the_ramp_that_it_knows(registers: Any, desk: Any) -> None:
    line = inverter(registers)
    healthy = line.write

    async def picky(unit: int, function: int, address: int, data: bytes) -> None:
        if address in (0xF318, 0xF31A) and data == bytes.fromhex("0000bf80"):
            raise Refused(4, unit=unit, address=address)
        await healthy(unit, function, address, data)

    line.write = picky
    bench = desk(SolarEdgeInverter, line)
    bench.do(bench.driver.limit_power(5000.0))
    assert (line.value(0xF31A, "<f"), line.value(0xF322, "<f")) == (100, 50)


def test_release_gives_full_power_and_takes_the_limit_out_of_use(registers: Any, desk: Any) -> None:
    line = inverter(registers)
    bench = desk(SolarEdgeInverter, line)
    bench.do(bench.driver.limit_power(4000.0))
    line.writes()
    bench.do(bench.driver.release())
    assert line.writes() == [(0xF322, "000042c8"), (0xF300, "0000")]


def test_without_a_maximum_power_there_is_no_percentage(registers: Any, desk: Any) -> None:
    line = inverter(registers)
    del line.words[1, 0xF304]
    bench = desk(SolarEdgeInverter, line)
    with pytest.raises(NotControllable):
        bench.do(bench.driver.limit_power(4000.0))


def test_the_hybrid_tells_battery_and_grid_with_the_signs_of_the_house(registers: Any, desk: Any) -> None:
    bench = desk(SolarEdgeHybrid, hybrid(registers), row=10)
    bench.do(bench.driver.identify())
    reading = bench.do(bench.driver.read())
    assert (reading["battery_power"], reading["grid_power"]) == (1234.5, -4321)
    assert reading["pv_power"] == 6543 - 1234.5
    assert (reading["soc"], reading["capacity"]) == (63.5, 9700)
    assert (reading["discharge_energy"], reading["charge_energy"]) == (5_000_000_000, 81_234_567)


@pytest.mark.parametrize(("layout", "value"), [("<f", 1e9), ("<I", 0xFF7FFFFF), ("<I", 0x7FC00000)])
def test_a_state_of_charge_out_of_range_is_absent(registers: Any, desk: Any, layout: str, value: float) -> None:
    line = hybrid(registers)
    line.lay(0xE184, layout, value)
    bench = desk(SolarEdgeHybrid, line)
    bench.do(bench.driver.identify())
    assert bench.do(bench.driver.read())["soc"] is None


def test_charging_goes_over_remote_control_and_is_not_repeated(registers: Any, desk: Any) -> None:
    line = hybrid(registers)
    bench = desk(SolarEdgeHybrid, line)
    bench.do(bench.driver.identify())
    bench.do(bench.driver.charge(2345.0))
    assert line.writes()[3:] == [
        (0xE00A, "0007"), (0xE00D, "0007"), (0xE004, "0004"), (0xE00E, "90004512"), (0xE00D, "0003")
    ]  # fmt: skip
    for _ in range(350):
        bench.wait(20)
        bench.do(bench.driver.charge(2345.0))
    assert line.writes() == []
    bench.wait(300)
    bench.do(bench.driver.charge(2345.0))
    assert line.writes() == [(0xE00E, "90004512"), (0xE00D, "0003")], "before half the time-out it is given again"


def test_discharging_stays_within_the_battery_s_rating(registers: Any, desk: Any) -> None:
    line = hybrid(registers)
    bench = desk(SolarEdgeHybrid, line)
    bench.do(bench.driver.identify())
    bench.do(bench.driver.discharge(9999.0))
    assert (line.value(0xE010, "<f"), line.value(0xE00D)) == (4000, 4)
    bench.driver.lost()
    bench.do(bench.driver.release())
    assert (line.value(0xE010, "<f"), line.value(0xE00E, "<f")) == (4000, 5000)
    assert (line.value(0xE00D), line.value(0xE004)) == (7, 1), "own regulation, storage mode as it was found"


def test_a_hybrid_without_battery_cannot_be_told_to_charge(registers: Any, desk: Any) -> None:
    line = inverter(registers, b"SE8K-RWS48BEN4")
    bench = desk(SolarEdgeHybrid, line, row=10)
    bench.do(bench.driver.identify())
    assert "soc" not in bench.do(bench.driver.read())
    with pytest.raises(NotControllable):
        bench.do(bench.driver.charge(1000.0))
    bench.do(bench.driver.release())
