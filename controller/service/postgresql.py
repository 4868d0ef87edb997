"""History on a PostgreSQL server: one schema for each site of a fleet, the tables those of the SQLite file.

What has been written is on the server's disk. A connection that is lost is made anew with the next use; until then
`StoreError` says so, and the recorder keeps what it can. What was written when nobody knows whether the commit came
through may be written again: rows replace themselves, events and setpoints stand once. A session's lock on the schema
keeps a second controller out; keepalives let the server notice within a minute that its owner has gone.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from controller.errors import ConfigurationError, StoreError
from controller.service.database import Sql

if TYPE_CHECKING:
    from psycopg import Connection

VERSION = 1
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
READERS = 4  # connections that read at one time
WAIT = 5.0  # s for a connection of theirs, and for an answer to the first word
LOCAL = ("", "localhost", "127.0.0.1", "::1")
LASTING = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3, "tcp_user_timeout": 20_000}
SESSION = {
    "synchronous_commit": "on", "statement_timeout": "30s", "lock_timeout": "5s", "timezone": "UTC",
    "idle_in_transaction_session_timeout": "60s", "tcp_keepalives_idle": "30", "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}  # fmt: skip
SCHEMA = (
    "CREATE TABLE series (id INTEGER PRIMARY KEY, device TEXT NOT NULL, quantity TEXT NOT NULL,"
    " UNIQUE (device, quantity))",
    "CREATE TABLE tens (time BIGINT PRIMARY KEY, value BYTEA NOT NULL)",
    "CREATE TABLE minutes (time BIGINT PRIMARY KEY, value BYTEA NOT NULL)",
    "CREATE TABLE quarters (series INTEGER, day BIGINT, value BYTEA NOT NULL, PRIMARY KEY (series, day))",
    # one number is taken out of a row: not compressed, it is found without the rest
    *(f"ALTER TABLE {table} ALTER value SET STORAGE EXTERNAL" for table in ("tens", "minutes")),
    "CREATE TABLE event (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, time DOUBLE PRECISION NOT NULL,"
    " device TEXT NOT NULL, what TEXT NOT NULL)",
    "CREATE UNIQUE INDEX event_once ON event (time, device, md5(what))",
    "CREATE TABLE setpoint (number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, time DOUBLE PRECISION NOT NULL,"
    " device TEXT NOT NULL, aspect TEXT NOT NULL, command TEXT NOT NULL, value DOUBLE PRECISION, reason TEXT NOT NULL,"
    " chain TEXT NOT NULL)",
    "CREATE UNIQUE INDEX setpoint_once ON setpoint (time, device, aspect)",
    "CREATE TABLE done (job TEXT PRIMARY KEY, until BIGINT NOT NULL)",
    "CREATE TABLE about (version INTEGER NOT NULL, site TEXT NOT NULL)",
)


def named(site: str) -> str:
    """The schema of a site that has not been given another name: `Haus am See` is `haus_am_see`."""
    found = re.sub(r"[^a-z0-9]+", "_", site.lower()).strip("_")[:40]
    return found if NAME.fullmatch(found) else f"site_{found}"[:40]


class Postgresql:
    """One site's schema in a database, made when it does not exist.

    `url`: `postgresql://user@host:port/database`, without a password: that stands in the file that PGPASSFILE names,
    or in ~/.pgpass. ConfigurationError when it cannot be one; nothing is connected before the first use.
    """

    disk = aside = ""

    def __init__(self, url: str, schema: str, site: str) -> None:
        self._settings, self.name = _parsed(url)
        if not NAME.fullmatch(schema):
            raise ConfigurationError(f"small letters, digits and _, not {schema!r}", key="history.name")
        self._schema, self._site = schema, site
        self._writer: Connection[Any] | None = None
        self._idle: list[Connection[Any]] = []
        self._room = threading.BoundedSemaphore(READERS)

    @contextmanager
    def write(self) -> Iterator[Sql]:
        with self._told():
            writer = self._writer or self._writing()
            self._writer = None  # until it has proved itself again
            try:
                with writer.transaction():
                    yield Spoken(writer)
            except BaseException:
                writer.close()
                raise
            self._writer = writer

    @contextmanager
    def read(self) -> Iterator[Sql]:
        if not self._room.acquire(timeout=WAIT):
            raise StoreError(f"{READERS} read already", file=self.name)
        try:
            with self._told():
                reader = self._reading()
                try:
                    yield Spoken(reader)
                except BaseException:
                    reader.close()
                    raise
                self._idle.append(reader)
        finally:
            self._room.release()

    def shrink(self) -> None:
        """The server does that by itself."""

    def close(self) -> None:
        for each in (self._writer, *self._idle):
            if each is not None:
                each.close()
        self._writer = None
        self._idle.clear()

    def _reading(self) -> "Connection[Any]":
        import psycopg

        while self._idle:
            found = self._idle.pop()
            with suppress(psycopg.Error):  # the server has gone and perhaps come back: another connection tells
                found.execute("SELECT 1")
                return found
            found.close()
        return self._connected(read_only=True)

    def _writing(self) -> "Connection[Any]":
        made = self._connected()
        try:
            locked = made.execute("SELECT pg_try_advisory_lock(hashtext('hem'), hashtext(%s))", (self._schema,))
            if not _first(locked):
                raise StoreError(f"another controller writes the schema {self._schema} just now", file=self.name)
            with made.transaction():
                self._prepare(made)
        except BaseException:
            made.close()
            raise
        return made

    def _prepare(self, writer: "Connection[Any]") -> None:
        if not _first(writer.execute("SELECT count(*) FROM pg_namespace WHERE nspname = %s", (self._schema,))):
            writer.execute(f"CREATE SCHEMA {self._schema}".encode())
        tables = _first(writer.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", (self._schema,)))
        if not tables:
            for statement in SCHEMA:
                writer.execute(statement.encode())
            writer.execute("INSERT INTO about VALUES (%s, %s)", (VERSION, self._site))
        if not _first(writer.execute("SELECT to_regclass(%s) IS NOT NULL", (f"{self._schema}.about",))):
            raise StoreError(f"the schema {self._schema} is another program's", file=self.name)
        version, site = writer.execute("SELECT version, site FROM about").fetchone() or (0, "")
        if version > VERSION:
            raise StoreError(f"has schema {version}, this version knows {VERSION} at most", file=self.name)
        if site != self._site:
            raise StoreError(f"the schema {self._schema} keeps {site!r}: history.name is to be another", file=self.name)

    def _connected(self, *, read_only: bool = False) -> "Connection[Any]":
        import psycopg

        made = psycopg.connect(**self._settings, autocommit=True)
        settings = {**SESSION, "search_path": self._schema, "default_transaction_read_only": str(read_only).lower()}
        try:
            for name, value in settings.items():
                made.execute("SELECT set_config(%s, %s, false)", (name, value))
        except BaseException:
            made.close()
            raise
        return made

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What the server cannot do is a StoreError that names the database."""
        import psycopg

        try:
            yield
        except psycopg.Error as error:
            raise StoreError(" ".join(str(error).split()) or type(error).__name__, file=self.name) from error


class Spoken:
    """A connection that takes `?` for each value."""

    def __init__(self, connection: "Connection[Any]") -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[Any] = (), /) -> Any:
        return self._connection.execute(_marked(statement), values, binary=True)

    def executemany(self, statement: str, rows: Iterable[Sequence[Any]], /) -> Any:
        with self._connection.cursor() as cursor:
            cursor.executemany(_marked(statement), rows)


def _marked(statement: str) -> bytes:
    return statement.replace("?", "%s").encode()


def _first(found: Any) -> Any:
    return found.fetchone()[0]


def _parsed(url: str) -> tuple[dict[str, Any], str]:
    """What the driver takes, and how the database is called in what is said: no user, no password."""
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise ConfigurationError(
            "needs psycopg: pip install 'hemtwin[postgresql]'", key="history.postgresql"
        ) from error
    wanted = "postgresql://user@host/database, the password in the file that PGPASSFILE names"
    try:
        found = dict(conninfo_to_dict(url)) if url.startswith(("postgresql://", "postgres://")) else {}
    except ProgrammingError:
        found = {}  # the driver's words would repeat the URL
    if not found.get("dbname") or found.get("password"):
        raise ConfigurationError(wanted, key="history.postgresql")
    host = str(found.get("host") or "")
    if not (host in LOCAL or host.startswith("/")):
        found.setdefault("sslmode", "require")
    name = f"postgresql {host or 'local'}/{found['dbname']}"
    return {**LASTING, "connect_timeout": round(WAIT), "application_name": "hem", **found}, name
