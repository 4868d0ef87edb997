"""Advanced Energy: only devices that call themselves so are taken, the rest is SunSpec."""

from typing import Any

import pytest

from controller.drivers.refu import AdvancedEnergy, row_of
from controller.errors import WrongDevice


def device(registers: Any, maker: bytes, product: bytes, kilowatts: int) -> Any:
    line = registers()
    line.chain(
        (1, 66, {2: ("32s", maker), 18: ("32s", product), 42: ("16s", b"1.0"), 50: ("32s", b"AE001")}),
        (103, 50, {14: ("h", -321), 15: ("h", 1), 24: ("I", 98_765), 26: ("h", 3), 34: ("h", -74), 37: ("h", -1)}),
        (120, 26, {3: ("H", kilowatts), 4: ("h", 3)}),
        (121, 30, {2: ("H", kilowatts), 22: ("h", 3)}),
        (123, 24, {5: ("H", 100), 23: ("h", 0)}),
    )
    return line


@pytest.mark.parametrize(
    ("row", "maker", "product", "name"),
    [
        (34, b"Advanced Energy", b"AE REFUsol 008K", "AE REFUso1 008K"),
        (35, b"AE", b"REFUsol 010K", "AE REFUso1 010K"),
        (36, b"AE Solar", b"AE 3TL 17-IEC (Gen 3)", "AE 3TL 17-IEC (Gen3)"),
        (37, b"Advanced Energy", b"AE 3TL 20-IEC", "AE 3TL 20-IEC (Gen3)"),
    ],
)
def test_the_maker_s_mark_and_the_kilowatts_name_the_model(
    registers: Any, desk: Any, row: int, maker: bytes, product: bytes, name: str
) -> None:
    bench = desk(AdvancedEnergy, device(registers, maker, product, 17), row=row)
    assert bench.do(bench.driver.identify()).model == name


@pytest.mark.parametrize(
    ("maker", "product"), [(b"REFUsol", b"REFUsol 008K"), (b"AEG", b"008K"), (b"AE", b"AE 3TL 23")]
)
def test_the_old_identity_and_other_sizes_are_refused(registers: Any, desk: Any, maker: bytes, product: bytes) -> None:
    bench = desk(AdvancedEnergy, device(registers, maker, product, 8), row=34)
    with pytest.raises(WrongDevice, match=product.decode()):
        bench.do(bench.driver.identify())


def test_a_name_without_kilowatts_goes_by_the_rating() -> None:
    assert row_of("inverter", 8200) == 34
    assert row_of("inverter", None) == -1


def test_values_and_limit(registers: Any, desk: Any) -> None:
    line = device(registers, b"Advanced Energy", b"AE 3TL 17", 17)
    bench = desk(AdvancedEnergy, line, row=36)
    reading = bench.do(bench.driver.read())
    assert (reading["power"], reading["energy"], reading["temperature"]) == (-3210, 98_765_000, -7.4)
    bench.do(bench.driver.limit_power(4567))
    assert [data for _, data in line.writes()] == ["001a0000003c00000001"]
