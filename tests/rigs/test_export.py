"""History as other programs get it."""

import csv
import io
import tracemalloc
from datetime import UTC, datetime

import pyarrow.parquet
import pytest
from typer.testing import CliRunner

import hem
from controller.service.exported import exported
from controller.service.history import History

SITE = '[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\n'
MIDNIGHT = 1_750_032_000  # 2025-06-16 00:00 UTC
ROOF, YIELD, PRICE = ("roof", "power"), ("roof", "energy"), ("", "price")


@pytest.fixture
def site(tmp_path):
    """Half an hour around midnight (UTC), while it is still written; the price is known from midnight on."""
    (tmp_path / "site.toml").write_text(SITE)
    history = History(tmp_path / "site.history.sqlite")
    steps = range(MIDNIGHT - 900, MIDNIGHT + 900, 10)
    rows = {time: {ROOF: -12.5 + n, YIELD: 123_456_789.25 + n} for n, time in enumerate(steps)}
    history.write({time: row | ({PRICE: 31.7} if time >= MIDNIGHT else {}) for time, row in rows.items()})
    while history.tidy(MIDNIGHT + 900.0):
        pass
    yield tmp_path / "site.toml"
    history.close()


def run(*words: str):
    return CliRunner().invoke(hem.app, ["export", *map(str, words)])


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_ten_seconds_stand_in_a_csv_as_they_were_kept(site, tmp_path):
    out = tmp_path / "out.csv"
    done = run(site, out, "--from", "2025-06-15", "--to", "2025-06-16T00:00:10", "--grain", "10s")
    assert (done.exit_code, done.output) == (0, "")
    found = rows(out.read_text())
    assert found[0] == {
        "time_utc": "2025-06-15T23:45:00Z", "device": "roof", "quantity": "power", "unit": "W", "value": "-12.5",
    }  # fmt: skip
    assert [each["value"] for each in found if each["quantity"] == "energy"][:2] == ["123456789.25", "123456790.25"]
    assert found[-1]["time_utc"] == "2025-06-16T00:00:00Z"
    assert (found[-1]["quantity"], found[-1]["unit"], found[-1]["value"]) == ("price", "ct/kWh", "31.7")
    assert len(found) == 2 * 91 + 1
    assert out.stat().st_mode & 0o077 == 0


def test_a_time_zone_in_the_question_is_obeyed_and_the_answer_is_utc(site):
    done = run(site, "-", "--from", "2025-06-16T02:00+02:00", "--to", "2025-06-17", "--grain", "1min")
    found = rows(done.stdout)
    assert found[0]["time_utc"] == "2025-06-16T00:00:00Z"
    assert [each["quantity"] for each in found[:3]] == ["power", "energy", "price"]
    assert found[0]["value"] == str(-12.5 + 90 + 2.5)


def test_parquet_says_its_time_zone_and_holds_the_same_quarter_hours(site, tmp_path):
    wanted = ("--from", "2025-06-01", "--to", "2025-07-01")
    run(site, tmp_path / "out.parquet", *wanted, "--format", "parquet")
    table = pyarrow.parquet.read_table(tmp_path / "out.parquet")
    assert str(table.schema.field("time_utc").type) == "timestamp[ms, tz=UTC]"
    told = rows(run(site, "-", *wanted).stdout)
    assert len(told) == 5
    for kept, each in zip(table.to_pylist(), told, strict=True):
        assert kept["time_utc"] == datetime.fromisoformat(each["time_utc"]).astimezone(UTC)
        assert (kept["device"], kept["quantity"], kept["unit"]) == (each["device"], each["quantity"], each["unit"])
        assert kept["value"] == float(each["value"])


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_what_is_exported_is_never_whole_in_memory(tmp_path, form):
    history = History(tmp_path / "h.sqlite")
    keys = [(f"device {n}", "power") for n in range(50)]
    history.write({MIDNIGHT + 10 * n: dict.fromkeys(keys, 0.5 * n) for n in range(4 * 360)})
    peaks = []
    for hours in (2, 4):
        next(pieces := exported(history.read, form, "10s", MIDNIGHT, MIDNIGHT + 3600.0 * hours))
        tracemalloc.start()
        assert sum(map(len, pieces)) > hours * (500_000 if form == "csv" else 2_000)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    history.close()
    assert peaks[1] < 1.3 * peaks[0]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--from", "yesterday", "--to", "2025-06-16"), "from: a day such as 2025-06-15, or an instant, not 'yest"),
        (("--from", "2025-06-15", "--to", "2025-06-16", "--format", "xlsx"), "format: one of csv, parquet, not 'xlsx'"),
        (("--from", "2025-06-15", "--to", "2025-06-16", "--grain", "1h"), "grain: one of 10s, 1min, 15min, not '1h'"),
    ],
)
def test_a_wrong_wish_is_refused_in_one_line(site, tmp_path, words, expected):
    done = run(site, tmp_path / "out", *words)
    assert (done.exit_code, done.stderr.startswith(f"hem: {expected}"), done.stderr.count("\n")) == (2, True, 1)
    assert not (tmp_path / "out").exists()


def test_a_site_without_history_and_a_file_that_stands_there_are_told(site, tmp_path):
    wanted = ("--from", "2025-06-15", "--to", "2025-06-16")
    done = run(site, site, *wanted)
    assert (done.exit_code, done.stderr) == (2, f"hem: {site}: stands there already\n")
    done = run(site, tmp_path / "out", *wanted, "--folder", tmp_path / "nowhere")
    assert done.exit_code == 2
    assert done.stderr == f"hem: {tmp_path / 'nowhere' / 'site.history.sqlite'}: unable to open database file\n"
    assert not (tmp_path / "out").exists()


def test_parquet_without_pyarrow_is_told_in_one_line(site, tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    done = run(site, tmp_path / "out", "--from", "2025-06-15", "--to", "2025-06-16", "--format", "parquet")
    assert (done.exit_code, done.stderr) == (2, "hem: format: needs pyarrow: pip install 'hemtwin[parquet]'\n")
