"""A store whose disk fails: the controller goes on in memory, and the disk catches up."""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.store import Evidence, Memory
from controller.store_enduring import RARELY, Enduring
from controller.store_sqlite import Sqlite


def limited(number: int) -> Evidence:
    return Evidence("marketer", "feed-in at most", number * -1.5, "W", number, number + 900.0, None, "set value")


def enduring(file: Path) -> Enduring:
    return Enduring(lambda: Sqlite(file, locked=0.0))


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Another program writes for a while."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


def test_while_the_disk_is_locked_all_is_there_and_afterwards_it_is_on_the_disk(tmp_path):
    file = tmp_path / "store.sqlite"
    store = enduring(file)
    store.evidence(limited(1))
    with locked(file):
        store.save("peak", {"watts": 70_123.5})
        store.evidence(limited(2))
        assert store.problem == f"{file}: database is locked"
        assert store.load("peak") == {"watts": 70_123.5}
        assert [each.number for each in store.evidence_since(1)] == [2]
        assert store.verify() is not None
    store.close()
    assert store.problem == ""
    disk = Sqlite(file)
    assert disk.load("peak") == {"watts": 70_123.5}
    assert [each.evidence for each in disk.evidence_since(0)] == [limited(1), limited(2)]
    assert disk.verify() is None
    disk.close()


@pytest.mark.parametrize("content", [b"\x00garbage" * 1000, b""])
def test_a_file_that_can_never_be_used_is_said_once_and_harms_nothing(tmp_path, content):
    file = tmp_path / "store.sqlite"
    if content:
        file.write_bytes(content)
    else:
        file.mkdir()
    store, said = enduring(file), set()
    for number in range(3000):
        store.save("state", {"number": number})
        store.evidence(limited(number))
        said.add(store.problem)
    assert len(said) == 1
    assert next(iter(said)).startswith(f"{file}: ")
    assert store.load("state") == {"number": 2999}
    assert store.evidence_since(2990)[-1].number == 3000
    assert store.forget(2000.0) == 1100
    store.close()
    assert file.is_dir() or file.read_bytes() == content


def test_a_disk_that_comes_back_after_years_is_noticed_within_some_uses(tmp_path):
    file = tmp_path / "store.sqlite"
    file.mkdir()
    store = enduring(file)
    for number in range(5 * RARELY):
        store.save("state", {"number": number})
    file.rmdir()
    uses = next(use for use in range(2 * RARELY) if store.save("state", {"use": use}) or not store.problem)
    assert uses < RARELY
    store.close()
    disk = Sqlite(file)
    assert disk.load("state") == {"use": uses}
    disk.close()


def test_what_was_loaded_or_saved_is_nobody_elses_to_change(tmp_path):
    store, mine = enduring(tmp_path / "store.sqlite"), {"names": ["roof"]}
    store.save("state", mine)
    mine["names"].append("garage")
    found = store.load("state")
    assert found == {"names": ["roof"]}
    found["names"].clear()
    assert store.load("state") == {"names": ["roof"]}
    store.close()


def test_evidence_that_is_no_plain_json_is_its_authors_mistake_and_stops_nothing(tmp_path):
    store = enduring(tmp_path / "store.sqlite")
    with pytest.raises(ValueError, match="JSON"):
        store.evidence(Evidence("x", "x", float("inf"), "W", 0.0, None, None, ""))
    store.evidence(limited(7))
    assert (store.problem, [each.evidence for each in store.evidence_since(0)]) == ("", [limited(7)])
    store.close()


steps = st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from("seef"), max_size=6)), max_size=5)


@settings(max_examples=25, deadline=None)
@given(steps)
def test_after_any_outages_the_disk_holds_what_a_store_holds_that_never_failed(plan):
    with tempfile.TemporaryDirectory() as folder:
        file, number = Path(folder) / "store.sqlite", 0
        store, never = enduring(file), Memory()
        for out, uses in plan:
            with locked(file) if out else locked(Path(folder) / "other.sqlite"):
                for use in uses:
                    number += 1
                    for each in (store, never):
                        if use == "s":
                            each.save(f"state {number % 3}", {"number": number})
                        elif use == "e":
                            each.evidence(limited(number))
                        else:
                            each.load("state 1")
                assert store.load("state 2") == never.load("state 2")
        store.close()
        disk = Sqlite(file)
        assert disk.evidence_since(0) == never.evidence_since(0)
        assert [disk.load(f"state {key}") for key in range(3)] == [never.load(f"state {key}") for key in range(3)]
        disk.close()
