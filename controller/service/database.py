"""The history's database: what is asked of any, and the SQLite file with one writer and readers that never block it.

A power cut leaves whole records: what `write` has done is on the disk (a write-ahead log, synced at each commit). A
file that is corrupt is set aside, and a new one begun.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from controller.errors import StoreError

OURS = 0x48454D48  # "HEMH"
WAL_LIMIT = 4 << 20  # bytes of write-ahead log that stay on the disk
LOCKED = 5.0  # s to wait for another writer, such as a backup

STEPS: tuple[tuple[str, ...], ...] = (
    (
        "CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, quantity TEXT NOT NULL,"
        " UNIQUE (device, quantity))",
        "CREATE TABLE tens (time INTEGER PRIMARY KEY, value BLOB NOT NULL)",
        "CREATE TABLE minutes (time INTEGER PRIMARY KEY, value BLOB NOT NULL)",
        "CREATE TABLE quarters (series INTEGER, day INTEGER, value BLOB NOT NULL, PRIMARY KEY (series, day))"
        " WITHOUT ROWID",
        "CREATE TABLE event (number INTEGER PRIMARY KEY, time REAL NOT NULL, device TEXT NOT NULL, what TEXT NOT NULL)",
        "CREATE TABLE setpoint (number INTEGER PRIMARY KEY, time REAL NOT NULL, device TEXT NOT NULL,"
        " aspect TEXT NOT NULL, command TEXT NOT NULL, value REAL, reason TEXT NOT NULL, chain TEXT NOT NULL)",
        "CREATE TABLE audit (number INTEGER PRIMARY KEY, time REAL NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL)",
        "CREATE TABLE done (job TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID",
    ),
)
"""What makes each schema version out of the one before it."""


class Sql(Protocol):
    """A connection that takes SQL with `?` for each value, in words that SQLite and PostgreSQL have in common."""

    def execute(self, statement: str, values: Sequence[Any] = ..., /) -> Any: ...

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Any: ...


class Database(Protocol):
    """Where history stands. `disk`: the file on our own disk, empty when there is none. StoreError when it fails."""

    disk: str
    aside: str

    def write(self) -> AbstractContextManager[Sql]:
        """All or nothing, and on the disk when it is done; one thread's."""
        ...

    def read(self) -> AbstractContextManager[Sql]:
        """A connection that only reads, for any thread."""
        ...

    def shrink(self) -> None:
        """Give what is free back to the disk."""
        ...

    def close(self) -> None: ...


class SqliteFile:
    """A file, made when it does not exist. StoreError when it cannot be used. `aside`: where a broken one is now."""

    def __init__(self, file: str | Path) -> None:
        self.file = self.disk = str(file)
        self.aside = ""
        try:
            self._writer = self._opened()
        except StoreError as error:
            if "malformed" not in error.what and "not a database" not in error.what and "corrupt" not in error.what:
                raise
            self.aside = f"{self.file}.broken"
            self._set_aside()
            self._writer = self._opened()

    def _set_aside(self) -> None:
        for end in ("-wal", "-shm"):
            Path(self.file + end).unlink(missing_ok=True)
        try:
            Path(self.file).replace(self.aside)
        except OSError as error:
            raise StoreError(f"is corrupt and cannot be set aside: {error.strerror}", file=self.file) from error

    def _opened(self) -> sqlite3.Connection:
        with self._told():
            writer = sqlite3.connect(self.file, timeout=LOCKED, isolation_level=None, check_same_thread=False)
        try:
            with self._told():
                self._prepare(writer)
        except BaseException:
            writer.close()
            raise
        return writer

    def _prepare(self, writer: sqlite3.Connection) -> None:
        def value(statement: str) -> object:
            return writer.execute(statement).fetchone()[0]

        version, owner = int(str(value("PRAGMA user_version"))), value("PRAGMA application_id")
        if (owner or value("SELECT count(*) FROM sqlite_master")) and owner != OURS:
            raise StoreError("is a database of another program", file=self.file)
        if version > len(STEPS):
            raise StoreError(f"has schema {version}, this version knows {len(STEPS)} at most", file=self.file)
        if version and (found := value("PRAGMA quick_check(1)")) != "ok":
            raise StoreError(f"is corrupt: {found}", file=self.file)
        if not version:
            writer.execute("PRAGMA auto_vacuum = INCREMENTAL")
        if value("PRAGMA journal_mode = WAL") != "wal":
            raise StoreError("cannot have a write-ahead log", file=self.file)
        writer.execute(f"PRAGMA journal_size_limit = {WAL_LIMIT}")
        writer.execute("PRAGMA synchronous = FULL")
        if version < len(STEPS):
            writer.execute("BEGIN IMMEDIATE")
            for step in STEPS[version:]:
                for statement in step:
                    writer.execute(statement)
            writer.execute(f"PRAGMA user_version = {len(STEPS)}")
            writer.execute(f"PRAGMA application_id = {OURS}")
            writer.execute("COMMIT")

    @contextmanager
    def write(self) -> Iterator[Sql]:
        """All or nothing, and on the disk when it is done."""
        with self._told():
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            finally:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")

    @contextmanager
    def append(self) -> Iterator[Sql]:
        """As `write`, for any thread: on a connection of its own."""
        with self._told(), closing(sqlite3.connect(self.file, timeout=LOCKED, isolation_level=None)) as writer:
            writer.execute("PRAGMA synchronous = FULL")
            writer.execute("BEGIN IMMEDIATE")
            yield writer
            writer.execute("COMMIT")

    def read(self) -> AbstractContextManager[Sql]:
        """A connection of its own that only reads, for any thread."""
        return reading(self.file)

    def shrink(self) -> None:
        """Give pages that are free back to the disk."""
        with self._told():
            self._writer.execute("PRAGMA incremental_vacuum").fetchall()
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        with self._told():
            self._writer.close()

    def _told(self) -> AbstractContextManager[None]:
        return _told(self.file)


@contextmanager
def reading(file: str) -> Iterator[Sql]:
    """A connection that only reads a file, also while somebody writes it; StoreError when it is not there."""
    with _told(file), closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=LOCKED)) as reader:
        yield reader


@contextmanager
def _told(file: str) -> Iterator[None]:
    """What SQLite cannot do is a StoreError that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(str(error), file=file) from error
