"""The list written again, and how it differs from the published one."""

import csv
import io
from typing import Any

from reports.diff import diff, published
from reports.pdf import pdf
from reports.published import COLUMNS, as_csv, chapters, lines
from reports.verdicts import pairs

Data = dict[str, Any]


def written(data: Data) -> dict[str, dict[str, str]]:
    text = as_csv(lines(data, pairs(data)))
    return {row["row"]: row for row in csv.DictReader(io.StringIO(text))}


def differences(data: Data, row: int) -> dict[str, dict[str, str]]:
    found = diff(lines(data, pairs(data)), published())
    mine = next(each for each in found["rows"] if each["row"] == row)
    return {each["column"]: each for each in mine["differences"]}


def test_a_row_that_holds_is_written_as_it_was_published(data: Data) -> None:
    assert {name: written(data)["23"][name] for name in COLUMNS} == published()[22]
    assert {name: written(data)["3"][name] for name in COLUMNS} == published()[2]
    assert not differences(data, 23)


def test_evidence_stands_behind_the_published_columns(data: Data) -> None:
    row = written(data)["53"]
    assert (row["verdict"], row["evidence"], row["manufacturer"]) == ("fail", "document", "Sungrow")
    assert row["emulator_document"] == "Bedienhandbuch Größe 1 V1.5"
    assert (row["device_firmware"], row["date"], row["link"]) == ("2.11", "2026-11-22", "rows/row-053.html")


def test_only_the_protocol_that_holds_is_written(data: Data) -> None:
    assert written(data)["65"]["protocols"] == "Modbus/TCP"
    assert "udp: not built" in differences(data, 65)["protocols"]["because"]
    assert written(data)["74"]["protocols"] == ""


def test_columns_of_chargers_and_meters_survive_the_way_through_the_report(data: Data) -> None:
    for number in ("65", "74", "96", "99", "109", "144"):
        row = published()[int(number) - 1]
        proven = ("protocols", "firmware")
        assert {name: written(data)[number][name] for name in COLUMNS if name not in proven} == {
            name: value for name, value in row.items() if name not in proven
        }


def test_every_difference_has_a_verdict_as_its_reason(data: Data) -> None:
    found = diff(lines(data, pairs(data)), published())
    assert found["unexplained"] == 0
    assert found["rows_same"] == 2
    assert found["verdicts"]["not run"] == 148 - 7
    assert "4113 ± 75 W, found 70123" in differences(data, 53)["protocols"]["because"]
    assert differences(data, 41)["listed"]["written"] == "profile only"


def test_a_column_that_changed_without_a_verdict_is_unexplained(data: Data) -> None:
    next(row for row in data["rows"] if row["row"] == 23)["remark"] = "nur bei Vollmond"
    found = diff(lines(data, pairs(data)), published())
    assert found["unexplained"] == 1
    assert differences(data, 23)["remark"]["because"] == ""


def test_a_campaign_at_one_level_proves_only_that_level(data: Data) -> None:
    data["levels"] = ["3.0.0"]
    data["results"] = [entry for entry in data["results"] if entry["level"] == "3.0.0"]
    assert written(data)["23"]["firmware"] == "3.0.0"
    assert "at 1.32.0: not run" in differences(data, 23)["firmware"]["because"]


def test_sections_come_in_the_published_order(data: Data) -> None:
    headings = [(section.number, section.heading[0]) for section, _ in chapters(lines(data, pairs(data)))]
    assert headings[0] == ("1", "PV-Wechselrichter")
    assert headings[4] == ("5", "Wärme- und Kältezähler")
    assert headings[-1] == ("12.3", "Dynamische Stromtarife")


def test_the_paper_is_the_same_to_the_byte_and_speaks_both_languages(data: Data) -> None:
    every = lines(data, pairs(data))
    german = pdf(every, ["Größe"], 1_795_363_237.0)
    assert german.startswith(b"%PDF")
    assert german == pdf(every, ["Größe"], 1_795_363_237.0)
    assert german != pdf(every, ["Größe"], 1_795_363_237.0, "en")
