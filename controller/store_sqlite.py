"""States and evidence in one SQLite file: a write-ahead log, one writer, evidence on the disk before it counts.

A power cut leaves either a whole record or none. States may lose the last moment before it (they are written without
waiting for the disk), evidence may not. The file says which schema it has (`user_version`) and whose it is
(`application_id`): an older schema is brought up to date step by step, a later one or a stranger's file is refused.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from controller.errors import StoreError
from controller.store import ORIGIN, Broken, Evidence, Link, Record, broken, ended, linked, read, text

OURS = 0x48454D53  # "HEMS"
LOCKED = 0.25  # s to wait for another program that writes; the controller stands still meanwhile
WAL_LIMIT = 4 << 20  # bytes of write-ahead log that stay on the disk when it has been worked in

STEPS: tuple[tuple[str, ...], ...] = (
    ("CREATE TABLE state (key TEXT PRIMARY KEY, plain TEXT NOT NULL) WITHOUT ROWID",),
    (
        "CREATE TABLE evidence (number INTEGER PRIMARY KEY, plain TEXT NOT NULL, hash TEXT NOT NULL)",
        "CREATE TABLE chain (name TEXT PRIMARY KEY, number INTEGER NOT NULL, hash TEXT NOT NULL) WITHOUT ROWID",
        f"INSERT INTO chain VALUES ('anchor', {ORIGIN.number}, '{ORIGIN.hash}')",
        f"INSERT INTO chain VALUES ('head', {ORIGIN.number}, '{ORIGIN.hash}')",
    ),
)
"""What makes each schema version out of the one before it."""


class Sqlite:
    """A store in a file, made when it does not exist. StoreError whenever it cannot be used."""

    problem = ""

    def __init__(self, file: str | Path, *, locked: float = LOCKED) -> None:
        self._file = str(file)
        self._written: dict[str, str] = {}  # what is known to be in the table, so that nothing is written again
        with self._told():
            self._connection = sqlite3.connect(self._file, timeout=locked, isolation_level=None)
        try:
            with self._told():
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        found = self._value("PRAGMA quick_check(1)")
        if found != "ok":
            raise StoreError(f"is corrupt: {found}", file=self._file)
        version, owner = self._value("PRAGMA user_version"), self._value("PRAGMA application_id")
        if (owner or self._value("SELECT count(*) FROM sqlite_master")) and owner != OURS:
            raise StoreError("is a database of another program", file=self._file)
        if version > len(STEPS):
            raise StoreError(f"has schema {version}, this version knows {len(STEPS)} at most", file=self._file)
        mode = self._value("PRAGMA journal_mode = WAL")
        if mode != "wal":
            raise StoreError(f"cannot have a write-ahead log, its journal is {mode}", file=self._file)
        self._connection.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        if version < len(STEPS):
            with self._lasting():
                for step in STEPS[version:]:
                    for statement in step:
                        self._connection.execute(statement)
                self._connection.execute(f"PRAGMA user_version = {len(STEPS)}")
                self._connection.execute(f"PRAGMA application_id = {OURS}")
        self._connection.execute("PRAGMA synchronous = NORMAL")

    @property
    def head(self) -> Link:
        with self._told():
            return self._link("head")

    def load(self, key: str) -> dict[str, Any] | None:
        with self._told():
            found = self._connection.execute("SELECT plain FROM state WHERE key = ?", (key,)).fetchone()
        try:
            return None if found is None else dict(json.loads(found[0]))
        except (ValueError, TypeError) as error:
            raise StoreError(f"the state {key!r} cannot be read: {error}", file=self._file) from error

    def save(self, key: str, plain: Mapping[str, Any]) -> None:
        written = text(plain)
        if self._written.get(key) == written:
            return
        with self._told():
            self._connection.execute("REPLACE INTO state VALUES (?, ?)", (key, written))
        self._written[key] = written

    def evidence(self, evidence: Evidence) -> None:
        with self._told(), self._lasting():
            written, link = linked(evidence, self._link("head"))
            self._connection.execute("INSERT INTO evidence VALUES (?, ?, ?)", (link.number, written, link.hash))
            self._connection.execute("UPDATE chain SET number = ?, hash = ? WHERE name = 'head'", link)

    def evidence_since(self, n: int) -> list[Record]:
        with self._told():
            return [self._read(row) for row in self._rows(n)]

    def verify(self) -> Broken | None:
        with self._told():
            return broken(self._link("anchor"), self._rows(0), self._link("head"))

    def forget(self, before: float) -> int:
        with self._told(), self._lasting():
            anchor = last = self._link("anchor")
            for row in self._rows(0):
                record = self._read(row)
                if ended(record.evidence) >= before:
                    break
                last = Link(record.number, record.hash)
            if last != anchor:
                self._connection.execute("DELETE FROM evidence WHERE number <= ?", (last.number,))
                self._connection.execute("UPDATE chain SET number = ?, hash = ? WHERE name = 'anchor'", last)
        return last.number - anchor.number

    def close(self) -> None:
        with self._told():
            self._connection.close()

    # the connection

    def _value(self, statement: str) -> Any:
        return self._connection.execute(statement).fetchone()[0]

    def _link(self, name: str) -> Link:
        found = self._connection.execute("SELECT number, hash FROM chain WHERE name = ?", (name,)).fetchone()
        return Link(*found)

    def _rows(self, n: int) -> list[tuple[int, str, str]]:
        """What is kept of the evidence with a number above `n`, in order."""
        statement = "SELECT number, plain, hash FROM evidence WHERE number > ? ORDER BY number"
        return self._connection.execute(statement, (n,)).fetchall()

    def _read(self, row: tuple[int, str, str]) -> Record:
        try:
            return read(*row)
        except (ValueError, TypeError) as error:
            raise StoreError(f"evidence {row[0]} cannot be read: {error}", file=self._file) from error

    @contextmanager
    def _lasting(self) -> Iterator[None]:
        """All or nothing, and on the disk when it is done."""
        self._connection.execute("PRAGMA synchronous = FULL")
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            self._connection.execute("PRAGMA synchronous = NORMAL")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite cannot do is a StoreError that names the file."""
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(str(error), file=self._file) from error
