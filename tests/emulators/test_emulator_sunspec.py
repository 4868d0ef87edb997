"""A SunSpec chain on the wire: heads and ends, patterns of what is missing, scale factors that stand or follow."""

import struct

import pytest

from emulators.family import sunspec
from emulators.family.profile import Facts
from emulators.table.registers import Space
from emulators.table.rows import Row, Rules
from twin.pv import PvInverter

FACTS = Facts("Test", 1, 10_000.0, 3, {"points": "int"})


def space(models: list[dict[str, object]], twin: PvInverter, **table: object) -> Space:
    rows, factors = sunspec.rows_of({"models": models, **table}, FACTS, [twin])
    return Space([Row(*row) for row in rows], Rules(), [twin, factors])


def words(image: Space, address: int, count: int) -> tuple[int, ...]:
    return struct.unpack(f">{count}H", image.read(address, count))


def test_a_walker_finds_every_model_and_the_end() -> None:
    chain = [{"id": 1, "length": 65, "Mn": "=Maker"}, {"id": 103, "at": 40069}, {"id": 160, "modules": [{}, {}]}]
    image, address, found = space(chain, PvInverter(10_000)), 40002, []
    assert image.read(40000, 2) == b"SunS"
    while (head := words(image, address, 2))[0] != 0xFFFF:
        found.append((head[0], address, head[1]))
        address += 2 + head[1]
    assert found == [(1, 40002, 65), (103, 40069, 50), (160, 40121, 48)] and words(image, address, 2) == (0xFFFF, 0)


def test_points_that_are_not_implemented_show_the_pattern_of_their_type() -> None:
    image = space([{"id": 103}, {"id": 113}], PvInverter(10_000))
    assert words(image, 40002 + 14, 2) == (0x8000, 0x8000)  # W int16 and its scale factor
    assert words(image, 40002 + 2, 1) == (0xFFFF,) and words(image, 40002 + 24, 2) == (0, 0)  # A, and WH: acc32
    assert image.read(40054 + 22, 2) == b"\x7f\xc0\0\0"  # W float32


def test_a_quantity_is_divided_by_its_scale_factor() -> None:
    twin = PvInverter(10_000)
    twin.set("power", -37.4)
    twin.energy = 70_123.0
    image = space([{"id": 103, "W": "power", "W_SF": -1, "WH": "energy", "WH_SF": 0}], twin)
    assert words(image, 40002 + 14, 2) == (0x10000 - 374, 0xFFFF)
    assert words(image, 40002 + 24, 2) == (1, 70_123 - 65_536)


def test_a_scale_factor_follows_the_value_when_it_would_not_fit() -> None:
    twin = PvInverter(100_000)
    image = space([{"id": 103, "W": "power", "W_SF": "auto -1"}], twin)
    twin.set("power", 2_345.6)
    assert words(image, 40016, 2) == (23_456, 0xFFFF)
    twin.set("power", 81_230.0)
    assert words(image, 40016, 2) == (8_123, 1)


def test_the_head_is_checked_against_the_makers_address() -> None:
    with pytest.raises(sunspec.BrokenChain, match="lies at 40002, not at 40070"):
        space([{"id": 103, "at": 40070}], PvInverter(10_000))


def test_a_point_without_its_scale_factor_is_an_error_of_the_file() -> None:
    with pytest.raises(sunspec.BrokenChain, match="W_SF is not stated"):
        space([{"id": 103, "W": "power"}], PvInverter(10_000))


def test_models_appear_only_when_their_option_is_chosen() -> None:
    chain = [{"id": 113, "when": {"points": "float"}}, {"id": 103, "when": {"points": "int"}}]
    assert words(space(chain, PvInverter(10_000)), 40002, 1) == (103,)


OFFSETS = {
    (1, "SN"): 50, (103, "W"): 14, (103, "TmpSnk"): 34, (103, "St"): 38, (113, "DCW"): 38, (120, "WRtg"): 3,
    (121, "WMax"): 2, (122, "ActWh"): 5, (123, "WMaxLimPct"): 5, (123, "WMaxLim_Ena"): 9, (124, "ChaState"): 8,
    (124, "OutWRte"): 12, (160, "N"): 8, (203, "W"): 18, (203, "TotWhImp"): 46, (213, "W"): 28, (701, "W"): 10,
    (704, "WMaxLimPct"): 15, (704, "WSet"): 24, (713, "SoC"): 4, (802, "SoC"): 11, (802, "W"): 47,
}  # fmt: skip


@pytest.mark.parametrize(("point", "offset"), OFFSETS.items())
def test_the_standard_points_lie_where_the_standard_puts_them(point: tuple[int, str], offset: int) -> None:
    model = sunspec.standard()[str(point[0])]
    model = sunspec.standard()[str(model["like"])] if "like" in model else model
    assert offset in [each[0] for each in model["points"] if each[1] == point[1]]


@pytest.mark.parametrize("number", sorted(sunspec.standard()))
def test_the_points_of_a_model_fill_its_length_without_gap(number: str) -> None:
    model = sunspec.standard()[number]
    if "like" in model:
        return
    rows, _ = sunspec.rows_of({"models": [{"id": int(number)}]}, FACTS, [PvInverter(10_000)])
    cells = [row[0] + i for row in rows for i in range(Row(*row).words)]
    assert cells == list(range(40000, 40006 + model["length"]))
