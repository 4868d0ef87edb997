"""The files of a report: frames beside the results, none too large, nothing lost when the disk is full."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import reports
from hem import app
from reports import beside, overview, published, rowpage
from reports.files import save
from reports.verdicts import pairs
from scenarios.campaign.every import texts

Data = dict[str, Any]
MOST = 5_000_000
CASE = "53/modbus-rtu/SH5.0RT/follow"


def test_frames_stand_in_a_file_of_their_case_and_come_back(data: Data, report: Path) -> None:
    text = (report / "results.json").read_text()
    assert "000100000006030475630002" not in text
    assert f'"frames_file": "{beside.name(CASE)}"' in text
    assert reports.load(report)["cases"] == data["cases"]


def test_models_that_look_alike_have_files_of_their_own() -> None:
    assert beside.name("23/modbus-tcp/SG 10/read") != beside.name("23/modbus-tcp/SG-10/read")


def test_frames_of_an_earlier_campaign_go_with_it(data: Data, tmp_path: Path) -> None:
    reports.save(data, tmp_path / "results.json")
    before = set(tmp_path.rglob("frames/*.js"))
    gone = data["cases"].pop(CASE)
    reports.save(data, tmp_path / "results.json")
    assert before - set(tmp_path.rglob("frames/*.js")) == {tmp_path / beside.name(CASE)}
    assert gone["frames"]


def failing(data: Data, row: int, models: int, checks: int) -> None:
    """Everything that can be told of a row fails, at great length."""
    found = next(each for each in data["rows"] if each["row"] == row)
    pattern = data["cases"][CASE]
    long = {"what": "w" * 60, "expected": "<" * 200, "found": "&" * 200, "held": False}
    for protocol in found["protocols"]:
        found["profiles"][protocol] = data["rows"][52]["profiles"]["modbus-rtu"]
        for place, model in enumerate(found["variants"][:models]):
            for story in texts() if not place else [each for each in texts() if each["every_model"]]:
                what = {"row": row, "protocol": protocol, "model": model["name"], "story": story["id"]}
                name = "/".join(map(str, what.values()))
                told = {**pattern, "case": what, "checks": [{**long, "what": str(n)} for n in range(checks)]}
                data["cases"][name] = {**told, "detail": "found nothing " * 15, "frames": pattern["frames"] * 200}
                about = {"row": row, "protocol": protocol, "model": model["name"], "scenario": story["id"]}
                data["results"] += [
                    {
                        **about,
                        "level": level,
                        "verdict": "fail",
                        "evidence": "document",
                        "detail": "found nothing " * 15,
                        "case": name,
                    }
                    for level in data["levels"]
                ]


def test_a_row_with_many_models_that_fails_everywhere_has_no_page_over_5_mb(data: Data) -> None:
    data["stories"] = texts()
    failing(data, 30, 100, 107)
    lines = [line for line in published.lines(data, pairs(data)) if line.row["row"] == 30]
    page = rowpage.page(lines[0], None, None, data["levels"])
    assert 1_000_000 < len(page.encode()) < MOST


def test_a_campaign_in_which_everything_fails_has_no_front_page_over_5_mb(data: Data) -> None:
    data["stories"], data["cases"], data["results"] = texts(), {CASE: data["cases"][CASE]}, []
    for row in range(1, 38):
        failing(data, row, 1, 1)
    every = pairs(data)
    page = overview.page(data, every, published.lines(data, every), "caveat", "2026-11-29", ())
    assert 500_000 < len(page.encode()) < MOST / 4  # of a quarter of the list


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    (tmp_path / "list.html").write_text("of yesterday")
    (tmp_path / "list.html.part").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        save("of today", tmp_path / "list.html")
    assert [path.name for path in tmp_path.iterdir()] == ["list.html"]
    assert (tmp_path / "list.html").read_text() == "of yesterday"


def test_a_full_disk_is_one_line_and_what_was_judged_is_kept(tmp_path: Path) -> None:
    command = ["comply", "--rows", "112", "--scenario", "identify,read", "--firmware", "3.0.0", "--out", str(tmp_path)]
    (tmp_path / "results.json.part").symlink_to("/dev/full")
    told = CliRunner().invoke(app, command)
    assert told.exit_code == 2
    assert told.stderr.splitlines() == [
        f"hem: {tmp_path}: out: no report, No space left on device; what was judged is kept in {tmp_path}/cases.jsonl"
    ]
    assert "3.0.0" in told.stdout
    assert CliRunner().invoke(app, command).exit_code == 0
    assert reports.load(tmp_path)["run"]["resumed"] == 2
    assert not (tmp_path / "cases.jsonl").exists()


def test_a_row_that_is_not_built_is_an_error_where_it_has_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from controller.drivers import serving

    monkeypatch.setitem(serving.claims(), (112, "modbus-rtu"), ())
    command = ["comply", "--rows", "112", "--firmware", "3.0.0", "--out", str(tmp_path)]
    assert CliRunner().invoke(app, command).exit_code == 0
    told = CliRunner().invoke(app, [*command, "--require-built"])
    assert told.exit_code == 1
    assert "NOT BUILT row 112 modbus-rtu" in told.stdout
