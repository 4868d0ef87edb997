"""What must outlive the controller: states, and evidence in a chain that shows whether somebody has touched it."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from controller.errors import StoreError
from controller.store import Broken, Evidence, Memory
from controller.store_sqlite import STEPS, Sqlite

DAY = 86_400.0
NOON = 1_750_000_000.0


def limited(day: float, percent: float = 30.0, measured: float | None = -2_345.6) -> Evidence:
    """An hour of ripple control at noon of a day."""
    begin = NOON + day * DAY
    return Evidence("ripple control", "feed-in at most", percent, "%", begin, begin + 3600, measured, "K3: 30 %")


@pytest.fixture(params=["memory", "sqlite"])
def store(request, tmp_path):
    found = Memory() if request.param == "memory" else Sqlite(tmp_path / "store.sqlite")
    yield found
    found.close()


def spoilt(file: Path, *statements: str) -> Broken | None:
    """What a store says after somebody else has been at its file."""
    with sqlite3.connect(file) as other:
        for statement in statements:
            other.execute(statement)
    other.close()
    store = Sqlite(file)
    found = store.verify()
    store.close()
    return found


def test_a_state_is_what_was_saved_last_and_nothing_before(store):
    assert store.load("ripple") is None
    store.save("ripple", {"limit": 100.0})
    store.save("ripple", {"limit": -1.5, "since": 70_000, "names": ["K3", "Größe"], "by": {"x": None}})
    assert store.load("ripple") == {"limit": -1.5, "since": 70_000, "names": ["K3", "Größe"], "by": {"x": None}}
    assert store.load("other") is None


@pytest.mark.parametrize("plain", [{"nan": float("nan")}, {"inf": float("-inf")}, {"set": {1, 2}}])
def test_what_is_no_plain_json_is_refused_at_once(store, plain):
    with pytest.raises((ValueError, TypeError)):
        store.save("state", plain)
    assert store.load("state") is None


def test_evidence_is_numbered_chained_and_read_from_where_one_stopped(store):
    for day in range(3):
        store.evidence(limited(day, measured=None if day == 1 else -70_123.4))
    first, second, third = store.evidence_since(0)
    assert [each.number for each in (first, second, third)] == [1, 2, 3]
    assert (second.evidence, third.evidence) == (limited(1, measured=None), limited(2, measured=-70_123.4))
    assert len({first.hash, second.hash, third.hash}) == 3
    assert store.evidence_since(2) == [third]
    assert store.evidence_since(3) == [] == store.evidence_since(99)
    assert store.verify() is None


def test_a_record_that_cannot_be_written_down_leaves_no_gap(store):
    store.evidence(limited(0))
    with pytest.raises(ValueError, match="JSON"):
        store.evidence(limited(1, measured=float("nan")))
    store.evidence(limited(2))
    assert [each.number for each in store.evidence_since(0)] == [1, 2]
    assert store.verify() is None


def test_what_is_older_than_two_years_is_forgotten_and_the_rest_still_proves_itself(store):
    for day in range(0, 1000, 100):
        store.evidence(limited(day))
    assert store.forget(NOON + 250 * DAY) == 3
    assert [each.number for each in store.evidence_since(0)] == [4, 5, 6, 7, 8, 9, 10]
    assert store.verify() is None
    store.evidence(limited(1100))
    assert store.evidence_since(9)[-1].number == 11
    assert store.forget(NOON + 10_000 * DAY) == 8
    assert store.evidence_since(0) == []
    store.evidence(limited(1200))
    assert store.evidence_since(0)[0].number == 12
    assert store.verify() is None


def test_a_limit_that_still_lasts_is_as_old_as_its_beginning(store):
    begun = Evidence("section 14a", "loads at most", 4_200.0, "W", NOON, None, 7_000.5, "K4 closed")
    store.evidence(begun)
    assert store.forget(NOON) == 0
    assert store.forget(NOON + 0.5) == 1


def test_memory_and_disk_chain_alike(tmp_path):
    memory, disk = Memory(), Sqlite(tmp_path / "store.sqlite")
    for day in range(4):
        memory.evidence(limited(day))
        disk.evidence(limited(day))
    assert memory.evidence_since(0) == disk.evidence_since(0)
    assert memory.head == disk.head
    disk.close()


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        ("UPDATE evidence SET plain = replace(plain, '30.0', '60.0') WHERE number = 3", Broken(3, "is not as it was")),
        (
            "UPDATE evidence SET hash = (SELECT hash FROM evidence WHERE number = 1) WHERE number = 2",
            Broken(2, "is not"),
        ),
        ("DELETE FROM evidence WHERE number = 4", Broken(4, "is missing")),
        ("DELETE FROM evidence WHERE number = 1", Broken(1, "is missing")),
        ("DELETE FROM evidence WHERE number = 5", Broken(5, "is missing")),
        ("UPDATE chain SET number = 4 WHERE name = 'head'", Broken(5, "is not the last one")),
        ("UPDATE chain SET hash = '0' WHERE name = 'anchor'", Broken(1, "is not as it was")),
    ],
)
def test_the_first_record_that_somebody_touched_is_named(tmp_path, statement, first):
    store = Sqlite(tmp_path / "store.sqlite")
    for day in range(5):
        store.evidence(limited(day))
    store.close()
    found = spoilt(tmp_path / "store.sqlite", statement)
    assert found is not None
    assert (found.number, found.what[: len(first.what)]) == first


def test_two_records_that_changed_places_are_noticed(tmp_path):
    store = Sqlite(tmp_path / "store.sqlite")
    for day in range(3):
        store.evidence(limited(day))
    store.close()
    moved = [f"UPDATE evidence SET number = {to} WHERE number = {of}" for of, to in ((2, 9), (3, 2), (9, 3))]
    found = spoilt(tmp_path / "store.sqlite", *moved)
    assert found == Broken(2, "is not as it was written")


def test_a_file_is_found_again_as_it_was_left(tmp_path):
    store = Sqlite(tmp_path / "store.sqlite")
    store.save("standing", {"roof": {"command": "limit_power", "value": 3000.5}})
    store.evidence(limited(0))
    store.close()
    again = Sqlite(tmp_path / "store.sqlite")
    assert again.load("standing") == {"roof": {"command": "limit_power", "value": 3000.5}}
    again.evidence(limited(1))
    assert [each.evidence for each in again.evidence_since(0)] == [limited(0), limited(1)]
    assert again.verify() is None
    again.close()


WRITER = """
import sys
from controller.store import Evidence
from controller.store_sqlite import Sqlite
store = Sqlite(sys.argv[1])
while True:
    number = store.head.number + 1
    store.save("state", {"number": number, "padding": "x" * (number * 137 % 5000)})
    store.evidence(Evidence("box", "at most", number * 1.5, "W", number, number + 1.0, -1e6 / number, "x" * 900))
    print(number, flush=True)
"""


def test_a_process_killed_at_any_moment_leaves_whole_records_and_all_that_it_had_acknowledged(tmp_path):
    file, chance = tmp_path / "store.sqlite", random.Random(7)
    for _ in range(8):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            told = [int(writer.stdout.readline()) for _ in range(chance.randrange(1, 60))]
            os.kill(writer.pid, signal.SIGKILL)
            told += [int(line) for line in writer.stdout.read().splitlines()]
        store = Sqlite(file)
        kept = store.evidence_since(0)
        assert store.verify() is None
        assert len(kept) in (told[-1], told[-1] + 1)
        assert kept[-1].evidence.value == len(kept) * 1.5
        state = store.load("state")
        assert state is not None
        assert state["number"] >= len(kept)
        assert len(state["padding"]) == state["number"] * 137 % 5000
        store.close()


def test_a_file_copied_while_it_is_open_and_torn_anywhere_is_a_whole_beginning(tmp_path):
    store, chance = Sqlite(tmp_path / "store.sqlite"), random.Random(11)
    for day in range(60):
        store.evidence(limited(day))
        copy = tmp_path / f"{day}.sqlite"
        copy.write_bytes((tmp_path / "store.sqlite").read_bytes())
        log = (tmp_path / "store.sqlite-wal").read_bytes()
        torn = chance.randrange(len(log)) if day % 2 else len(log)
        Path(f"{copy}-wal").write_bytes(log[:torn])
        found = Sqlite(copy)
        assert found.verify() is None
        kept = [each.evidence for each in found.evidence_since(0)]
        assert kept == [limited(number) for number in range(len(kept))]
        assert len(kept) == day + 1 or torn < len(log)
        found.close()
    store.close()


def test_another_writer_is_told_after_a_moment(tmp_path):
    store = Sqlite(tmp_path / "store.sqlite", locked=0.01)
    other = sqlite3.connect(tmp_path / "store.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"store\.sqlite: database is locked"):
        store.evidence(limited(0))
    with pytest.raises(StoreError, match="locked"):
        store.save("state", {"x": 1})
    assert store.load("state") is None
    other.execute("ROLLBACK")
    store.evidence(limited(0))
    store.save("state", {"x": 1})
    assert (len(store.evidence_since(0)), store.load("state")) == (1, {"x": 1})
    other.close()
    store.close()


FILLER = """
import resource, sys
from controller.errors import StoreError
from controller.store import Evidence
from controller.store_sqlite import Sqlite
store = Sqlite(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
try:
    for number in range(1000):
        store.evidence(Evidence("box", "x", 1.0, "W", number, None, None, "x" * 1000))
except StoreError as error:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    kept = len(store.evidence_since(0))
    print(number == kept, store.verify(), error)
    store.evidence(Evidence("box", "x", 1.0, "W", number, None, None, "room again"))
    print(store.evidence_since(0)[-1].number == kept + 1)
"""


def test_a_disk_without_room_takes_no_half_record_and_goes_on_when_there_is_room(tmp_path):
    program = [sys.executable, "-c", FILLER, str(tmp_path / "store.sqlite")]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stdout.splitlines()
    assert told[0].startswith(f"True None {tmp_path / 'store.sqlite'}: ")
    assert told[0].endswith(("database or disk is full", "disk I/O error"))
    assert told[1] == "True"


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"no database at all, but a text of some length" * 99, "not a database"), (None, "unable to open")],
)
def test_what_is_no_database_is_said_with_its_name(tmp_path, content, what):
    file = tmp_path / "store.sqlite"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content)
    with pytest.raises(StoreError, match=rf"store\.sqlite: .*{what}"):
        Sqlite(file)


def test_a_damaged_page_is_found_at_the_start(tmp_path):
    file = tmp_path / "store.sqlite"
    store = Sqlite(file)
    for day in range(120):
        store.evidence(limited(day))
    store.close()
    with file.open("r+b") as disk:
        disk.seek(8 * 4096 + 3)
        disk.write(b"\xff" * 200)
    with pytest.raises(StoreError, match=r"store\.sqlite: .*(corrupt|malformed)"):
        Sqlite(file)


def test_a_state_that_is_no_state_any_more_is_said_with_its_key(tmp_path):
    Sqlite(tmp_path / "store.sqlite").close()
    with sqlite3.connect(tmp_path / "store.sqlite") as other:
        other.execute("INSERT INTO state VALUES ('ripple', '{half')")
        other.execute("INSERT INTO evidence VALUES (1, '{}', 'x')")
    other.close()
    store = Sqlite(tmp_path / "store.sqlite")
    with pytest.raises(StoreError, match="the state 'ripple' cannot be read"):
        store.load("ripple")
    with pytest.raises(StoreError, match="evidence 1 cannot be read"):
        store.evidence_since(0)
    store.close()


def made(file: Path, version: int, *statements: str, owner: int = 0x48454D53) -> Path:
    with sqlite3.connect(file) as old:
        for statement in (*statements, f"PRAGMA user_version = {version}", f"PRAGMA application_id = {owner}"):
            old.execute(statement)
    old.close()
    return file


@pytest.mark.parametrize("version", range(1, len(STEPS)))
def test_an_older_schema_is_brought_up_to_date_with_all_that_is_in_it(tmp_path, version):
    steps = [statement for step in STEPS[:version] for statement in step]
    plain = json.dumps({"limit": 60.5})
    file = made(tmp_path / "old.sqlite", version, *steps, f"INSERT INTO state VALUES ('ripple', '{plain}')")
    store = Sqlite(file)
    assert store.load("ripple") == {"limit": 60.5}
    store.evidence(limited(0))
    store.close()
    again = Sqlite(file)
    assert (again.load("ripple"), len(again.evidence_since(0))) == ({"limit": 60.5}, 1)
    again.close()


def test_a_later_schema_and_a_strangers_file_are_refused_by_name_and_left_alone(tmp_path):
    later = made(tmp_path / "later.sqlite", 70_000)
    with pytest.raises(StoreError, match=r"later\.sqlite: has schema 70000, this version knows 2 at most"):
        Sqlite(later)
    theirs = made(tmp_path / "theirs.sqlite", 1, "CREATE TABLE songs (title TEXT)", owner=0)
    before = theirs.read_bytes()
    with pytest.raises(StoreError, match=r"theirs\.sqlite: is a database of another program"):
        Sqlite(theirs)
    assert theirs.read_bytes() == before
