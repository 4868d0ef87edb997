"""The published list, row by row."""

import csv
import re
from collections import Counter
from importlib.resources import files

import pytest

from controller.compatibility.levels import LEVELS, Level
from controller.compatibility.rows import Row, pairs, row, rows
from controller.errors import ConfigurationError
from scenarios.kinds.kind import kind_of


def test_the_list_has_148_rows_and_175_row_protocol_pairs() -> None:
    assert [each.row for each in rows()] == list(range(1, 149))
    assert len(pairs()) == len(set(pairs())) == 175
    assert Counter(protocol for _, protocol in pairs()) == {
        "modbus-tcp": 113, "modbus-rtu": 40, "http": 7, "sml": 7, "udp": 4, "tcp": 2, "speedwire": 1, "contacts": 1,
    }  # fmt: skip


@pytest.mark.parametrize("section", sorted({each.section for each in rows()}))
def test_every_section_is_a_kind_of_device(section: str) -> None:
    assert kind_of(section).section == section


def test_what_is_printed_is_kept_as_it_is_printed() -> None:
    text = (files("controller.compatibility") / "list.csv").read_text(encoding="utf-8")
    for line, each in zip(csv.DictReader(text.splitlines()), rows(), strict=True):
        assert (line["model"], line["manufacturer_printed"], line["remark"]) == (
            each.model, each.manufacturer, each.remark,
        )  # fmt: skip
        assert line["firmware"] == each.since.printed


def test_a_row_that_prints_no_protocol_has_its_assumed_one() -> None:
    assert row(144).protocols == ("modbus-tcp",)
    assert row(143).protocols == ("contacts",)
    assert row(65).protocols == ("modbus-tcp", "udp")


def test_every_row_is_open_at_some_level_and_the_planned_ones_only_at_the_planned() -> None:
    for each in rows():
        assert each.since.first_level() in LEVELS
        assert each.planned == each.since.first_level().planned
    assert [each.row for each in rows() if each.planned] == [64, 96, 97, 98]


def test_the_level_gate_opens_row_54_between_2_0_1_and_2_0_2() -> None:
    assert not row(54).since.met_by(Level.parse("2.0.1"))
    assert row(54).since.met_by(Level.parse("2.0.2"))


def test_chargers_and_meters_carry_the_columns_of_their_table() -> None:
    charging, metering = row(74).charging, row(130).metering
    assert charging and (charging.charge_points, charging.dc, charging.max_power) == (
        "1-3",
        "✓",
        "22 kW AC / 30-480 kW DC",
    )
    assert metering and metering.phases == (3,)
    assert metering.direct_imax == metering.transformer_imax == ""
    assert row(1).charging is None and row(1).metering is None


@pytest.mark.parametrize("each", rows(), ids=lambda each: f"row-{each.row}")
def test_every_variant_is_unique_and_traceable_to_the_printed_text(each: Row) -> None:
    names = [variant.name.casefold() for variant in each.variants]
    printed = each.model or each.manufacturer
    assert names and len(set(names)) == len(names)
    for variant in each.variants:
        assert variant.printed in printed
        assert all(word in printed for word in re.split(r"[\s-]+", variant.name)), variant.name


@pytest.mark.parametrize("number", [21, 22, 23, 25, 27, 28, 29, 30, 31, 52, 53, 54])
def test_every_name_between_slashes_is_a_variant(number: int) -> None:
    printed = [name.strip().replace("- ", "-") for name in row(number).model.split("/") if name.strip()]
    assert [variant.name for variant in row(number).variants] == printed


@pytest.mark.parametrize(
    ("number", "name", "watts"),
    [
        (1, "STP 8.0", 8000), (1, "5000TL-20", 5000), (2, "SB 3.0-1AV-41", 3000), (5, "STP50-40", 50_000),
        (25, "SG33K3J", 33_300), (28, "SG49.5CX-JP", 49_500), (30, "SG10RT", 10_000), (31, "SG8.0RS-L", 8000),
        (34, "AE REFUso1 008K", 8000), (41, "STPS30", 30_000), (53, "SH8.0RT", 8000), (63, "ASW05kH-T2", 5000),
        (64, "X3-Hybrid-5.0-D", 5000), (86, "HYC150", 150_000), (96, "X1-EVC-7.2K", 7200),
        (7, "SE XXXX", None), (61, "Home 5.8kWh (PRIMO-1-6-5-230)", None), (112, "SDM630", None),
    ],
)  # fmt: skip
def test_the_rating_is_what_the_name_tells(number: int, name: str, watts: float | None) -> None:
    assert row(number).variant(name).rated_power == watts


def test_a_variant_is_found_by_its_full_name_its_printed_name_and_by_default_the_first() -> None:
    assert row(2).variant("2.5") == row(2).variant("sb2.5") == row(2).variants[1]
    assert row(30).variant().name == "SG3.0RT"
    assert row(135).variant().name == "Smart Heat Pumps"


def test_an_unknown_model_names_those_of_the_row() -> None:
    with pytest.raises(ConfigurationError, match=r"'SH7\.0RT', expected one of SH5\.0RT, SH6\.0RT, SH8\.0RT, SH10RT"):
        row(53).variant("SH7.0RT")


@pytest.mark.parametrize("number", [0, -1, 149, 70_000])
def test_an_unknown_row_names_the_range(number: int) -> None:
    with pytest.raises(ConfigurationError, match=f"unknown row {number}, expected 1 to 148"):
        row(number)
