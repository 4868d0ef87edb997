"""History in three grains, in a real file."""

import math
import os
import random
import signal
import sqlite3
from pathlib import Path

import pytest

from controller.errors import StoreError
from controller.log import Event
from controller.members import Setpoint
from controller.service import tiers
from controller.service.history import RESERVE, Full, Given, History
from controller.strategy.claims import Claim, Rank

MIDNIGHT = 1_750_032_000  # 2025-06-16 00:00 UTC
ROOF, YIELD, GRID = ("roof", "power"), ("roof", "energy"), ("", "import")


@pytest.fixture
def history(tmp_path):
    made = History(tmp_path / "history.sqlite")
    yield made
    made.close()


def fill(history: History, begin: int, seconds: int, series: int = 1) -> None:
    """Power that rises by 1.5 W every 10 s, and a counter above 16 MWh that a single float could not tell apart."""
    steps = range(begin, begin + seconds, 10)
    more = {(f"device {n}", "power"): 0.5 * n for n in range(series - 2)}
    history.write({time: {ROOF: 1.5 * n, YIELD: 123_456_789.25 + n, **more} for n, time in enumerate(steps)})


def test_what_was_written_is_read_in_the_same_grain(history):
    history.write({MIDNIGHT: {ROOF: -12.5}, MIDNIGHT + 10: {ROOF: 70_000.125, GRID: 3.0}, MIDNIGHT + 20: {GRID: 4.0}})
    assert history.points(*ROOF, MIDNIGHT, MIDNIGHT + 60, 10) == [(MIDNIGHT, -12.5), (MIDNIGHT + 10, 70_000.125)]
    assert history.points(*GRID, MIDNIGHT, MIDNIGHT + 20, 10) == [(MIDNIGHT + 10, 3.0)]
    assert history.points("rad", "power", MIDNIGHT, MIDNIGHT + 60, 10) == []


def test_a_minute_is_the_mean_of_power_and_the_last_of_a_counter(history):
    fill(history, MIDNIGHT, 180)
    history.tidy(MIDNIGHT + 150.0)
    assert history.points(*ROOF, MIDNIGHT, MIDNIGHT + 300, 60) == [(MIDNIGHT, 3.75), (MIDNIGHT + 60, 12.75)]
    assert history.points(*YIELD, MIDNIGHT, MIDNIGHT + 300, 60)[0] == (MIDNIGHT, 123_456_794.25)


def test_quarter_hours_of_a_day_that_is_not_over_are_there_too(history):
    fill(history, MIDNIGHT - 3600, 2 * 3600)
    while history.tidy(MIDNIGHT + 3600.0):
        pass
    found = history.points(*ROOF, MIDNIGHT - 3600, MIDNIGHT + 3600, 900)
    assert [time for time, _ in found] == [MIDNIGHT - 3600 + 900 * n for n in range(8)]
    assert [value for _, value in found] == pytest.approx([1.5 * (90 * n + 44.5) for n in range(8)])
    assert history.points(*ROOF, MIDNIGHT - 3600, MIDNIGHT + 3600, 3600)[1] == (
        MIDNIGHT, pytest.approx(1.5 * (360 + 179.5)),
    )  # fmt: skip


def test_each_grain_is_kept_as_long_as_it_says(history):
    fill(history, MIDNIGHT, 3600)
    for later, grains in ((2.5, (0, 60, 4)), (93, (0, 0, 4)), (3655, (0, 0, 0))):
        while history.tidy(MIDNIGHT + later * 86_400.0):
            pass
        found = [len(history.points(*ROOF, MIDNIGHT, MIDNIGHT + 3600, step)) for step in (10, 60, 900)]
        assert found == list(grains), later


def test_a_clock_that_is_set_back_does_not_stop_history(history):
    fill(history, MIDNIGHT + 86_400, 600)
    history.tidy(MIDNIGHT + 86_400 + 600.0)
    fill(history, MIDNIGHT, 600)
    history.tidy(MIDNIGHT + 600.0)
    assert len(history.points(*ROOF, MIDNIGHT, MIDNIGHT + 3600, 60)) == 10


def test_a_new_device_finds_its_place_and_old_rows_know_nothing_of_it(history):
    history.write({MIDNIGHT: {ROOF: 1.0}})
    history.write({MIDNIGHT + 10: {GRID: 5.0, ("rod", "power"): 7.0}})
    assert history.points("rod", "power", MIDNIGHT, MIDNIGHT + 60, 10) == [(MIDNIGHT + 10, 7.0)]
    assert history.series == [ROOF, GRID, ("rod", "power")]


def test_a_year_of_quarter_hours_takes_no_more_than_is_promised(tmp_path):
    made, series = History(tmp_path / "h.sqlite"), 24
    with made._database.write() as writer:
        made._series().add(writer, [(f"device {n}", "power") for n in range(series)])
        blob = tiers.array("d", [random.random() for _ in range(96)]).tobytes()
        rows = [(n, MIDNIGHT + day * 86_400, blob) for day in range(365) for n in range(series)]
        writer.executemany("INSERT INTO quarters VALUES (?, ?, ?)", rows)
        writer.execute("REPLACE INTO done VALUES ('quarters', ?)", (MIDNIGHT + 365 * 86_400,))
    assert len(made.points("device 7", "power", MIDNIGHT, MIDNIGHT + 365 * 86_400, 900)) == 35_040
    made._database.shrink()
    made.close()
    size = (tmp_path / "h.sqlite").stat().st_size
    assert 0.6 * tiers.a_year(series) < size < tiers.a_year(series)


def test_setpoints_keep_their_chain_of_reasons(history):
    chain = (
        Claim("roof", "feed_in", "at most", 2400.0, Rank.GRID, "ripple control", "K3 geschlossen: 30 %"),
        Claim("roof", "feed_in", "at most", 1800.0, Rank.CONNECTION, "export", "60 %"),
    )
    given = Setpoint("roof", "limit_power", 1800.0, "60 %", chain)
    history.write(
        {}, [], [Given(MIDNIGHT + 0.5, "roof", "feed_in", given), Given(MIDNIGHT + 9.5, "roof", "feed_in", None)]
    )
    released, told = history.setpoints()
    assert (released["command"], released["value"], released["chain"]) == ("release", None, [])
    assert (told["command"], told["value"], told["reason"]) == ("limit_power", 1800.0, "60 %")
    assert [(each["rank"], each["source"], each["value"]) for each in told["chain"]] == [
        ("grid", "ripple control", 2400.0), ("connection", "export", 1800.0),
    ]  # fmt: skip


def test_events_are_listed_newest_first_and_in_pages(history):
    history.write({}, [Event(MIDNIGHT + n, 7.0 + n, "roof" if n % 2 else "rod", f"event {n}") for n in range(10)])
    first = history.events(limit=3)
    assert [each["what"] for each in first] == ["event 9", "event 8", "event 7"]
    assert history.events(before=first[-1]["number"], limit=1)[0]["what"] == "event 6"
    assert [each["what"] for each in history.events(limit=2, device="rod")] == ["event 8", "event 6"]


def test_a_disk_that_runs_full_sheds_the_oldest_numbers_and_keeps_room_for_others(tmp_path):
    room = [RESERVE + 1]
    made = History(tmp_path / "h.sqlite", free=lambda file: room[0])
    fill(made, MIDNIGHT, 1000)
    room[0] = RESERVE - 1
    with pytest.raises(Full, match="less than 64 MiB is free"):
        made.write({MIDNIGHT + 1000: {ROOF: 1.0}})
    left = made.points(*ROOF, MIDNIGHT, MIDNIGHT + 2000, 10)
    assert (left[0][0], left[-1][0]) == (MIDNIGHT + 100, MIDNIGHT + 990)
    room[0] = RESERVE
    made.write({MIDNIGHT + 1000: {ROOF: 1.0}})
    assert made.points(*ROOF, MIDNIGHT, MIDNIGHT + 2000, 10)[-1] == (MIDNIGHT + 1000, 1.0)
    made.close()


def test_a_database_that_may_not_grow_loses_nothing_that_was_acknowledged(tmp_path):
    made = History(tmp_path / "h.sqlite")
    fill(made, MIDNIGHT, 3000)
    made._database._writer.execute("PRAGMA max_page_count = 40")
    with pytest.raises(StoreError, match="full"):
        for n in range(100):
            fill(made, MIDNIGHT + 3000 * (n + 1), 3000, series=40)
    made.close()
    again = History(tmp_path / "h.sqlite")
    assert again.points(*ROOF, MIDNIGHT, MIDNIGHT + 3000, 10)[-1] == (MIDNIGHT + 2990, 1.5 * 299)
    again.close()


def test_a_corrupt_file_is_set_aside_and_a_new_one_begun(tmp_path):
    file = tmp_path / "h.sqlite"
    file.write_bytes(b"no database at all" * 400)
    made = History(file)
    made.write({MIDNIGHT: {ROOF: 1.0}})
    made.close()
    assert made.aside == f"{file}.broken"
    assert Path(made.aside).read_bytes().startswith(b"no database")


def test_a_strangers_database_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "h.sqlite") as other:
        other.execute("CREATE TABLE photos (name TEXT)")
    other.close()
    with pytest.raises(StoreError, match="database of another program"):
        History(tmp_path / "h.sqlite")


def test_a_writer_that_is_killed_at_any_point_loses_no_acknowledged_record(tmp_path):
    for number in range(40):
        file = tmp_path / f"{number}.sqlite"
        acknowledged = killed(file, random.Random(number))
        again = History(file)
        kept = [int(each["what"]) for each in again.events(limit=100_000)][::-1]
        assert kept == list(range(len(kept)))
        assert len(kept) >= acknowledged
        rows = again.points(*ROOF, 0, 1e12, 10)
        assert [value for _, value in rows] == [float(n) for n in range(len(kept))]
        again.close()


def killed(file: Path, luck: random.Random) -> int:
    """Let a process write until it is killed at a random point; how many records it had acknowledged."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            history, n = History(file), 0
            while True:
                history.write({MIDNIGHT + 10 * n: {ROOF: float(n)}}, [Event(MIDNIGHT + n, n, "roof", str(n))])
                os.write(writing, b".")
                n += 1
                if n % 7 == 0:
                    history.tidy(MIDNIGHT + 10.0 * n)
        finally:
            os._exit(1)
    os.close(writing)
    heard = len(os.read(reading, 1)) if luck.random() < 0.9 else 0
    wanted = luck.randrange(1, 12)
    while 0 < heard < wanted and (more := os.read(reading, 64)):
        heard += len(more)
    spin = luck.randrange(3000)
    while spin:
        spin -= 1
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while more := os.read(reading, 4096):
        heard += len(more)
    os.close(reading)
    return heard


def test_nothing_known_is_no_number():
    assert math.isnan(tiers.together([math.nan, math.nan], last=True))
    assert tiers.together([1.0, math.nan, 4.0], last=False) == 2.5
    assert tiers.together([1.0, 4.0, math.nan], last=True) == 4.0
