"""What a row may be called, given what was seen of it."""

from typing import Any

import pytest

from reports.published import Line, lines
from reports.verdicts import Pair, cell, pairs

Data = dict[str, Any]


def pair(data: Data, row: int, protocol: str) -> Pair:
    return next(each for each in pairs(data) if (each.row["row"], each.protocol) == (row, protocol))


def line(data: Data, row: int) -> Line:
    return next(each for each in lines(data, pairs(data)) if each.row["row"] == row)


def test_one_failure_among_many_passes_makes_a_cell_fail() -> None:
    entries = [{"verdict": "pass", "detail": "20 checks"}] * 99 + [{"verdict": "fail", "detail": "the sign"}]
    assert cell(entries).verdict == "fail"
    assert cell(entries).detail == "the sign"
    assert cell(entries).number == "1/100"


def test_a_cell_without_results_is_not_run_and_never_a_pass() -> None:
    assert cell([]).verdict == "not run"


@pytest.mark.parametrize(
    ("row", "standing"),
    [
        (3, "compatible"), (23, "compatible"), (41, "profile only"), (53, "fail"), (64, "planned"), (65, "partly"),
        (74, "not built"), (112, "not run"),
    ],
)  # fmt: skip
def test_every_row_stands_where_its_evidence_puts_it(data: Data, row: int, standing: str) -> None:
    assert line(data, row).standing[0] == standing


def test_a_row_is_proven_from_its_first_level_on(data: Data) -> None:
    assert pair(data, 3, "modbus-tcp").proven_from == "3.0.0"
    assert pair(data, 3, "modbus-tcp").cells["2.0.0"].verdict == "refused"
    assert line(data, 3).columns["firmware"] == "3.0"


def test_a_wrong_acceptance_below_the_level_is_a_failure_of_the_row(data: Data) -> None:
    for entry in data["results"]:
        if (entry["row"], entry["level"], entry["scenario"]) == (3, "1.32.0", "identify"):
            entry |= {"verdict": "fail", "detail": "accepted at 1.32.0 although the list asks for 3.0.0"}
    assert line(data, 3).standing[0] == "fail"
    assert "accepted at 1.32.0" in line(data, 3).standing[1]


def test_a_story_that_was_left_out_is_no_proof(data: Data) -> None:
    data["cases"] = {name: case for name, case in data["cases"].items() if not name.endswith("/follow")}
    assert line(data, 23).standing[0] == "not run"
    assert "follow" in line(data, 23).standing[1]


def test_a_model_that_was_left_out_is_no_proof(data: Data) -> None:
    next(row for row in data["rows"] if row["row"] == 23)["profiles"]["modbus-rtu"]["models"].append("SG99")
    assert "identify of SG99" in pair(data, 23, "modbus-rtu").standing[1]


def test_faults_are_an_extra_that_the_list_does_not_need(data: Data) -> None:
    data["cases"] = {name: case for name, case in data["cases"].items() if "/fault/" not in name}
    assert line(data, 23).standing[0] == "compatible"


def test_a_planned_row_that_fails_says_so(data: Data) -> None:
    for entry in data["results"]:
        if (entry["row"], entry["level"], entry["scenario"]) == (64, "3.1.0", "follow"):
            entry["detail"] = "fail: power after limit"
    assert line(data, 64).standing[0] == "planned"
    assert (
        "2 results fail" in pair(data, 64, "modbus-tcp").standing[1] or "1 results fail" in line(data, 64).standing[1]
    )


def test_the_weakest_evidence_of_the_protocols_is_that_of_the_row(data: Data) -> None:
    assert line(data, 23).evidence == "capture"
