"""Values that cannot be are absent with a reason: half of a wide integer, no number, more than a house can have."""

import struct
from typing import Any, ClassVar

import pytest

from controller.devices import Kind
from controller.drivers.eastron import Sdm630
from controller.drivers.goodwe import GoodWeEt
from controller.drivers.modbus.points import Measure, ModbusDevice
from controller.drivers.rct_frames import Object
from controller.drivers.shared.keys import Key
from controller.drivers.sml import Obis
from controller.drivers.speedwire import SmaEnergyMeter
from controller.drivers.sungrow_sh import SungrowSH
from controller.drivers.sunspec.inverter import SunSpecInverter
from controller.drivers.sunspec.models import IntegerInverter


class Wide(ModbusDevice):
    """One register pair, or four, of each kind."""

    kind: ClassVar[Kind] = "electricity-meter"
    absent: ClassVar = {"u32": (0xFFFFFFFF,), "u64": (2**64 - 1,), "s32": (-(1 << 31),), "u16": (0xFFFF,)}

    power = Measure(0, "s32", 0.1, "W")
    apparent = Measure(2, "u32", 1, "W")
    import_energy = Measure(4, "u32", 100, "Wh")
    export_energy = Measure(6, "u64", 1, "Wh")
    code = Measure(10, "u32")


HEALTHY = {
    "power": ("i", -701_235),
    "apparent": ("I", 70_123),
    "import_energy": ("I", 98_765),
    "export_energy": ("Q", 1),
}


def wide(registers: Any, desk: Any, **told: tuple[str, int]) -> Any:
    line = registers()
    for name, (layout, value) in {**HEALTHY, "code": ("I", 0xFFFF0000), **told}.items():
        line.lay(getattr(Wide, name).address, layout, value)
    return desk(Wide, line)


def test_what_can_be_is_told_and_doubted_by_nobody(registers: Any, desk: Any) -> None:
    bench = wide(registers, desk)
    reading = bench.do(bench.driver.sample())
    assert (reading["power"], reading["apparent"], reading["import_energy"]) == (-70_123.5, 70_123, 9_876_500)
    assert reading["code"] == 0xFFFF0000  # a code is no quantity
    assert bench.driver.doubts == {}


@pytest.mark.parametrize(
    ("name", "layout", "raw", "words"),
    [
        ("apparent", "I", 0xFFFF0000, "words ffff 0000"),
        ("apparent", "I", 0xFFFF1234, "words ffff 1234"),
        ("apparent", "I", 0x0000FFFF, "words 0000 ffff"),
        ("import_energy", "I", 0xFFFF0000, "words ffff 0000"),
        ("import_energy", "I", 0x0000FFFF, "words 0000 ffff"),
        ("export_energy", "Q", 0xFFFF000000000000, "words ffff 0000 0000 0000"),
        ("export_energy", "Q", 0xFFFFFFFF00000000, "words ffff ffff 0000 0000"),
        ("export_energy", "Q", 0x00000000FFFFFFFF, "words 0000 0000 ffff ffff"),
        ("power", "i", 0x7FFFFFFF, "words 7fff ffff"),
        ("power", "i", 0x7FFF0000, "words 7fff 0000"),
        ("power", "i", -(1 << 31) + 0x1234, "words 8000 1234"),
        ("power", "i", 300_000_000, "would be 3e+07 W, which cannot be"),
        ("apparent", "I", 2_000_000_000, "would be 2e+09 W, which cannot be"),
    ],
)
def test_a_wide_integer_of_which_half_arrived_is_absent_with_the_reason(
    registers: Any, desk: Any, name: str, layout: str, raw: int, words: str
) -> None:
    bench = wide(registers, desk, **{name: (layout, raw)})
    reading = bench.do(bench.driver.sample())
    assert reading[name] is None
    assert words in bench.driver.doubts[name]
    bench.line.lay(getattr(Wide, name).address, *HEALTHY[name])
    assert bench.do(bench.driver.sample())[name] is not None
    assert bench.driver.doubts == {}


def test_all_ones_are_not_available_and_no_doubt(registers: Any, desk: Any) -> None:
    bench = wide(registers, desk, apparent=("I", 0xFFFFFFFF), power=("I", 0x80000000))
    reading = bench.do(bench.driver.sample())
    assert (reading["apparent"], reading["power"], bench.driver.doubts) == (None, None, {})


def test_a_counter_that_comes_to_65535_in_small_steps_means_it(registers: Any, desk: Any) -> None:
    bench = wide(registers, desk, import_energy=("I", 65_530))
    for count in (65_530, 65_535, 65_536):
        bench.line.lay(4, "I", count)
        assert bench.do(bench.driver.sample())["import_energy"] == count * 100
    bench.line.lay(4, "I", 70_000)
    bench.do(bench.driver.sample())
    bench.line.lay(4, "I", 65_535)
    assert bench.do(bench.driver.sample())["import_energy"] is None
    assert bench.do(bench.driver.sample())["import_energy"] is None


def test_a_sungrow_hybrid_with_words_0000_ffff_has_no_values_there(registers: Any, desk: Any) -> None:
    class Zeros:
        unit = 1

        async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
            half = {5004: 0xFFFF, 5017: 0xFFFF, 13027: 0xFFFF}
            return b"".join(half.get(address + at, 0).to_bytes(2, "big") for at in range(count))

    bench = desk(SungrowSH, Zeros(), row=53)
    reading = bench.do(bench.driver.read())
    assert (reading["energy"], reading["pv_power"], reading["discharge_energy"]) == (None, None, None)
    assert "words ffff 0000" in bench.driver.doubts["pv_power"]


def test_a_sum_is_absent_when_one_of_its_parts_is_not_believed(registers: Any, desk: Any) -> None:
    class Strings:
        unit, half = 247, 0xFFFF1234

        async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
            words = {GoodWeEt.pv1_power.address + 1: 2500, GoodWeEt.pv2_power.address: self.half >> 16}
            return b"".join(words.get(address + at, 0).to_bytes(2, "big") for at in range(count))

    line = Strings()
    bench = desk(GoodWeEt, line, row=50)
    assert bench.do(bench.driver.read())["pv_power"] is None
    assert "pv_power" in bench.driver.doubts
    line.half = 0
    assert bench.do(bench.driver.read())["pv_power"] == 2500
    assert bench.driver.doubts == {}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), 1e30])
def test_a_float_that_is_no_power_is_absent_on_every_wire(registers: Any, desk: Any, value: float) -> None:
    line = registers()
    line.lay(0, "40f", *[230.0] * 40)
    for start in (0x52, 0x15A):
        line.lay(start, "4f", *[1.0] * 4)
    line.lay(0x34, "f", value)
    bench = desk(Sdm630, line, row=112)
    assert bench.do(bench.driver.sample())["power"] is None
    assert ("power" in bench.driver.doubts) is (value == value)  # no number is how such registers say "not available"

    doubts: dict[str, str] = {}
    assert Object(1, "f32", unit="W", name="power").decode(struct.pack(">f", value), doubts) is None
    assert Key("P", 1, "W", name="power_l1").number({"P": value}, doubts) is None
    assert set(doubts) == {"power", "power_l1"}


def test_integers_of_meters_that_cannot_be_are_absent_too() -> None:
    class Entry:
        value, unit, scaler = 1 << 40, 27, -1

    doubts: dict[str, str] = {}
    assert Obis("0100100700ff", 27, name="power").number({"0100100700ff": Entry}, doubts) is None
    datagram: Any = type("Datagram", (), {"elements": {(1, 4): 0xFFFFFFFF, (1, 8): 70_123 * 3600}})
    assert SmaEnergyMeter.import_power.number(datagram, doubts) is None
    assert SmaEnergyMeter.import_energy.number(datagram, doubts) == 70_123
    assert set(doubts) == {"power", "import_power"}


class Inverter(SunSpecInverter, IntegerInverter):
    pass


@pytest.mark.parametrize(
    ("offset", "layout", "value", "name"),
    [(24, "I", 0xFFFF0000, "energy"), (24, "I", 0x0000FFFF, "energy"), (15, "h", 8, "power")],
)
def test_sunspec_values_are_doubted_the_same_way(
    registers: Any, desk: Any, offset: int, layout: str, value: int, name: str
) -> None:
    line = registers()
    points = {14: ("h", -512), 15: ("h", 1), 24: ("I", 98_765_432), 26: ("h", 0), offset: (layout, value)}
    line.chain((1, 65, {2: ("32s", b"Acme")}), (103, 50, points))
    bench = desk(Inverter, line)
    reading = bench.do(bench.driver.read())
    assert reading[name] is None
    assert bench.driver.doubts[name]
    assert {"power", "energy"} - {name} <= {key for key, found in reading.items() if found is not None}
