"""JUnit as a CI viewer reads it."""

from pathlib import Path
from typing import Any

from junitparser import Failure, Skipped
from junitparser.xunit2 import JUnitXml

from reports.junit import junit, save
from reports.verdicts import pairs

Data = dict[str, Any]


def parsed(data: Data, folder: Path) -> Any:
    save(junit(pairs(data), data["run"]["times"]), folder / "junit.xml")
    return JUnitXml.fromfile(str(folder / "junit.xml"))


def cases(document: Any) -> dict[tuple[str, str], Any]:
    return {(each.classname, each.name): each for suite in document for each in suite}


def test_a_suite_for_each_row_and_protocol_with_its_evidence(data: Data, tmp_path: Path) -> None:
    suites = {suite.name: {each.name: each.value for each in suite.properties()} for suite in parsed(data, tmp_path)}
    assert len(suites) == 11
    assert suites["row 053 modbus-rtu"]["evidence"] == "document"
    assert suites["row 053 modbus-rtu"]["manufacturer"] == "Sungrow"
    assert "row 112 modbus-rtu" not in suites


def test_a_failure_is_named_with_row_protocol_model_story_and_level(data: Data, tmp_path: Path) -> None:
    document = parsed(data, tmp_path)
    failed = {key: each for key, each in cases(document).items() if any(isinstance(r, Failure) for r in each.result)}
    assert ("row-053.modbus-rtu", "follow [SH5.0RT] at 1.32.0") in failed
    assert len(failed) == document.failures == 4
    assert "found 70123" in failed["row-053.modbus-rtu", "follow [SH5.0RT] at 3.1.0"].result[0].message


def test_a_failure_has_the_checks_the_last_frames_and_the_command_that_repeats_it(data: Data, tmp_path: Path) -> None:
    failed = cases(parsed(data, tmp_path))["row-053.modbus-rtu", "follow [SH5.0RT] at 3.1.0"]
    lines = failed.result[0].text.splitlines()
    assert "power <after> limit: expected 4113 ± 75 W, found 70123" in lines
    assert any(line.endswith("000100000006030475630002") for line in lines)
    assert lines[-1] == "hem comply --rows 53 --protocol modbus-rtu --scenario follow --firmware 3.1.0"


def test_every_case_that_was_told_has_its_time_once_and_its_command(data: Data, tmp_path: Path) -> None:
    told = cases(parsed(data, tmp_path))
    spent = [each.time for (row, name), each in told.items() if row == "row-023.modbus-tcp" and "follow" in name]
    assert spent == [0.8125, 0.0, 0.0, 0.0]
    commands = {each.value for case in told.values() for each in case.properties() if each.name == "repeat"}
    assert "hem comply --rows 23 --protocol modbus-tcp --scenario fault/half-open --firmware 2.0.0" in commands


def test_a_right_refusal_passes_and_says_so(data: Data, tmp_path: Path) -> None:
    found = cases(parsed(data, tmp_path))
    case = next(each for (name, what), each in found.items() if name == "row-003.modbus-tcp" and "identify" in what)
    assert not case.result
    assert {each.name: each.value for each in case.properties()} == {
        "level": "1.32.0", "evidence": "document", "verdict": "refused",
        "repeat": "hem comply --rows 3 --protocol modbus-tcp --scenario identify --firmware 1.32.0",
    }  # fmt: skip
    assert "needs 3.0.0" in case.system_out


def test_what_was_not_built_is_skipped_and_no_pass(data: Data, tmp_path: Path) -> None:
    unbuilt = [each for (name, _), each in cases(parsed(data, tmp_path)).items() if name == "row-074.modbus-tcp"]
    assert len(unbuilt) == 4
    assert all(isinstance(each.result[0], Skipped) and "no emulator" in each.result[0].message for each in unbuilt)


def test_noise_in_a_message_leaves_the_file_readable(data: Data, tmp_path: Path) -> None:
    for entry in data["results"]:
        if entry["verdict"] == "fail":
            entry["detail"] = "garbled \x00\x1b<&"
    failed = [each for each in cases(parsed(data, tmp_path)).values() if each.result and each.is_failure]
    assert failed[0].result[0].message == "garbled \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}<&"
