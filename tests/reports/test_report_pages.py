"""The report on disk: what is shown, that it needs nothing else, and that it is the same each time."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import reports
from controller.errors import ConfigurationError
from reports.plot import setpoint_plot
from reports.rowpage import asks
from reports.words import GERMAN
from scenarios.campaign.every import texts
from scenarios.mutation.fates import Found, Judged, plain

Data = dict[str, Any]


def everything(folder: Path) -> Mapping[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_failing_case_is_shown_red_and_named_on_both_pages(report: Path) -> None:
    index = (report / "index.html").read_text()
    failures = index[index.index('class="failures"') : index.index('class="filters"')]
    assert 'class="fail">✗ <a href="rows/row-053.html#modbus-rtu-sh5-0rt-follow">follow</a>' in failures
    assert "power &lt;after&gt; limit: expected 4113 ± 75 W, found 70123" in failures
    page = (report / "rows" / "row-053.html").read_text()
    assert '<details id="modbus-rtu-sh5-0rt-follow" open' in page
    assert '<td class="fail">70123</td>' in page


def test_what_is_not_built_is_never_shown_as_passed(report: Path) -> None:
    index = (report / "index.html").read_text()
    row = next(line for line in index.split("<tr ") if line.startswith('data-row="74"'))
    assert 'data-standing="not built"' in row
    assert 'data-verdicts="not built,not built,not built,not built"' in row
    assert "✓" not in row
    assert "noch kein Emulator" in (report / "rows" / "row-074.html").read_text()


def test_a_page_tells_oracle_evidence_frames_and_plot(report: Path) -> None:
    page = (report / "rows" / "row-023.html").read_text()
    for told in ("the twin&#39;s power", "Bedienhandbuch Größe 1, V1.5", "owner/repo:path", "-938.5 ± 12 W"):
        assert told in page
    told = (report / re.findall(r'data-frames="../([^"]+)"', page)[0]).read_text()
    assert "#1 unit 3: read input registers 30051..30052 (2)" in told
    assert "30051: ffff fc56 = 4294966358" in told
    assert '<svg class="plot"' in page
    assert "battery_power ×2" in page


def test_a_report_rendered_again_from_its_results_is_the_same_to_the_byte(report: Path, tmp_path: Path) -> None:
    reports.write(reports.load(report), tmp_path)
    assert everything(report) == everything(tmp_path)


def test_several_jobs_write_the_same_report(data: Data, report: Path, tmp_path: Path) -> None:
    reports.write(data, tmp_path, jobs=2)
    assert everything(report) == everything(tmp_path)


def test_what_stands_in_the_way_of_another_job_is_told(data: Data, tmp_path: Path) -> None:
    (tmp_path / "rows").mkdir()
    (tmp_path / "rows" / "row-023.html").mkdir()
    with pytest.raises(OSError, match="row-023"):
        reports.write(data, tmp_path, jobs=2)


def test_results_come_back_as_they_were_written_one_line_each(data: Data, report: Path) -> None:
    assert reports.load(report) == data
    lines = (report / "results.json").read_text().splitlines()
    assert sum('"scenario": "follow"' in line for line in lines) == 9 * 4
    assert not list(report.rglob("*.part"))


def test_pages_ask_for_nothing_outside_their_folder(report: Path) -> None:
    for path in report.rglob("*.html"):
        text = path.read_text()
        assert "default-src 'none'" in text
        for target in re.findall(r'(?:src|href)="([^"#]*)', text):
            assert not target or (path.parent / target).exists(), f"{path.name}: {target}"


def test_mutants_bring_a_score_and_the_names_of_those_that_lived(data: Data, tmp_path: Path) -> None:
    def judged(fate: str, change: str) -> Judged:
        return Judged(23, "modbus-tcp", "driver", "SungrowSG", (23,), "power", change, fate)

    reports.write(data, tmp_path)
    lived = [judged("survived", "s32 as u32"), judged("identical", "u16 as s16"), judged("masked", "function = 4")]
    index = reports.add_mutants(plain(Found([judged("killed", "address +1")] * 2 + lived)), tmp_path)
    assert index is not None
    text = index.read_text()
    assert "50.0 %" in text  # 2 of 4; the identical one does not count
    assert "s32 as u32" in text and "function = 4" in text
    assert "u16 as s16" not in text


def test_mutants_without_a_report_are_put_nowhere(tmp_path: Path) -> None:
    assert reports.add_mutants({}, tmp_path) is None
    assert not list(tmp_path.iterdir())


def test_recovery_times_stand_in_the_fault_table(report: Path) -> None:
    index = (report / "index.html").read_text()
    table = index[index.index('id="recovery"') :]
    assert "F4 die Gegenseite ist fort und niemand erfuhr es" in table
    assert '<td class="n">6.6</td>' in table


def test_a_folder_without_results_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"results\.json"):
        reports.load(tmp_path)
    (tmp_path / "results.json").write_text("{")
    with pytest.raises(ConfigurationError, match="no JSON"):
        reports.load(tmp_path)


def test_a_plot_has_steps_for_the_setpoint_and_a_gap_where_there_is_none() -> None:
    picture = setpoint_plot([[0.0, 12000.0, 11900.0], [40.0, None, 0.0], [80.0, -7000.0, -7000.0], [90.0, 0.0, 0.0]])
    wanted = re.search(r'class="wanted" d="([^"]*)"', picture)
    assert wanted is not None
    assert wanted[1].count("M") == 2
    assert picture.count("<circle") == 4
    assert "P / kW" in picture


def test_a_trace_of_one_point_is_no_plot() -> None:
    assert setpoint_plot([[0.0, 1.0, 1.0]]) == ""


def test_every_story_asks_in_german_too() -> None:
    """The words are in reports/german.py; why and oracle may stay English."""
    assert not [each["asks"] for each in texts() if asks(each["asks"]) not in GERMAN]
