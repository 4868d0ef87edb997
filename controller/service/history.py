"""History of a house: numbers in three grains, events, setpoints with their chain of reasons, and who asked for what.

It is the first thing to go when the disk fills up: while less than `RESERVE` is free nothing is written and the oldest
numbers are shed, so that what the controller itself must keep, and evidence, still find room. Nothing of this is ever
waited for by the loop.
"""

import json
import os
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.errors import StoreError
from controller.log import Event
from controller.members import Setpoint
from controller.service import tiers
from controller.service.database import Database, Sql, SqliteFile
from controller.service.figures import Key

RESERVE = 64 << 20  # bytes that stay free on the disk for state and evidence
SHED = 0.1  # share of the oldest numbers that goes when the disk is full
YEAR = 366 * tiers.DAY
LISTS: Mapping[str, tuple[int, int]] = {
    "event": (2 * YEAR, 200_000), "setpoint": (YEAR, 500_000), "audit": (10 * YEAR, 100_000),
}  # fmt: skip
"""How long what is listed is kept, in s and in records."""

Plain = dict[str, Any]


class Full(StoreError):
    """The disk has no room for history."""


@dataclass(frozen=True, slots=True)
class Given:
    """A setpoint that a device has taken, or with None its release."""

    time: float
    device: str
    aspect: str
    setpoint: Setpoint | None

    @property
    def row(self) -> tuple[object, ...]:
        given = self.setpoint
        if given is None:
            return self.time, self.device, self.aspect, "release", None, "", "[]"
        chain = [
            {"rank": each.rank.name.lower(), "source": each.source, "bound": each.bound, "value": each.value,
             "reason": each.reason}
            for each in given.chain
        ]  # fmt: skip
        told = json.dumps(chain, ensure_ascii=False)
        return self.time, self.device, self.aspect, given.command, given.value, given.reason, told


def free(file: str) -> int:
    """Bytes that are free on the disk of a file."""
    found = os.statvfs(Path(file).parent)
    return found.f_bavail * found.f_frsize


class History:
    """One writer; what reads may be called from any thread. StoreError when the database cannot be used.

    `file`: where everything stands; with `elsewhere` only who changed what does, since that has to be noted also while
    another machine cannot be reached.
    """

    def __init__(
        self, file: str | Path, elsewhere: Database | None = None, *, free: Callable[[str], int] = free
    ) -> None:  # fmt: skip
        self._here = SqliteFile(file)
        self._database: Database = elsewhere or self._here
        self._free = free
        self.aside = self._here.aside
        self._known: tiers.Series | None = None

    def _series(self) -> tiers.Series:
        """As the database has them, read anew after anything has gone wrong."""
        if self._known is None:
            with self._database.read() as reader:
                self._known = tiers.Series(reader)
        return self._known

    # writing

    def write(
        self, rows: Mapping[int, Mapping[Key, float]], events: Iterable[Event] = (), given: Iterable[Given] = ()
    ) -> None:
        """Rows of 10 s by their begin, events and setpoints; when this returns no power cut takes them away.

        Full when the disk has no room for history; the oldest is shed then, and what was to be written is not.
        """
        disk = self._database.disk
        if disk and self._free(disk) < RESERVE:
            self.shed()
            raise Full("less than 64 MiB is free: the oldest goes, new history is not kept", file=disk)
        try:
            with self._database.write() as writer:
                series = self._known = self._known or tiers.Series(writer)
                series.add(writer, [key for row in rows.values() for key in row])
                tiers.put(writer, "tens", [(time, series.row(row)) for time, row in rows.items()])
                told = [(each.time, each.device, each.what) for each in events]
                writer.executemany(
                    "INSERT INTO event (time, device, what) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", told
                )
                writer.executemany(
                    "INSERT INTO setpoint (time, device, aspect, command, value, reason, chain)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                    [each.row for each in given],
                )
        except StoreError as error:
            self._known = None
            if disk and "full" in error.what:
                self.shed()
            raise

    def audit(self, time: float, who: str, what: str) -> None:
        """Note a change before it is made, from any thread; when this returns no power cut takes it away."""
        with self._here.append() as writer:
            writer.execute("INSERT INTO audit (time, who, what) VALUES (?, ?, ?)", (time, who, what))

    def tidy(self, now: float) -> bool:
        """Make coarser grains, forget what is too old; whether there is more to do at once."""
        with self._database.write() as writer:
            more = tiers.coarser(writer, tiers.Series(writer), now)
            tiers.expired(writer, now)
            for table in ("event", "setpoint"):
                _expired(writer, table, now)
        with self._here.write() as writer:
            _expired(writer, "audit", now)
        return more

    def shed(self) -> None:
        """Forget the oldest numbers, so that the disk has room again. What cannot be shed stays."""
        with self._database.write() as writer:
            for table, column in (("tens", "time"), ("minutes", "time"), ("quarters", "day")):
                first, last = writer.execute(f"SELECT min({column}), max({column}) FROM {table}").fetchone()
                if first is not None and last > first:
                    until = first + max(int(SHED * (last - first)), 1)
                    writer.execute(f"DELETE FROM {table} WHERE {column} < ?", (until,))
        self._database.shrink()

    def close(self) -> None:
        self._here.close()
        if self._database is not self._here:
            self._database.close()

    # reading

    def read(self) -> AbstractContextManager[Sql]:
        """A connection that only reads the numbers, events and setpoints."""
        return self._database.read()

    @property
    def series(self) -> Sequence[Key]:
        """Device and quantity of all that is kept."""
        return list(self._series().numbers)

    @property
    def size(self) -> str:
        """What it takes on the disk: `31 series, 9.1 MB a year, 105 MB at most`."""
        number = len(self._series().numbers)
        return (
            f"{number} series, {tiers.a_year(number) / 1e6:.1f} MB a year, {tiers.at_most(number) / 1e6:.0f} MB at most"
        )

    def points(self, device: str, quantity: str, begin: float, end: float, step: int) -> tiers.Points:
        """What is known of a quantity, in slots of `step` s from `begin` until before `end`."""
        number = self._series().numbers.get((device, quantity))
        if number is None:
            return []
        with self._database.read() as reader:
            found = tiers.points(reader, number, quantity, begin, end, step)
        grain = next(grain for grain in (tiers.QUARTER, tiers.MINUTE, tiers.TEN) if step >= grain or grain == tiers.TEN)
        return found if step <= grain else tiers.gathered(found, quantity, step)

    def quarters(self, device: str, quantity: str, begin: float, end: float) -> "dict[int, array[float]]":
        """Quarter-hours of a quantity by the begin of their day (UTC), no number where nothing is known."""
        number = self._series().numbers.get((device, quantity))
        if number is None:
            return {}
        with self._database.read() as reader:
            return tiers.quarter_days(reader, number, quantity, int(begin), int(end))

    def events(self, before: int | None = None, limit: int = 100, device: str = "") -> list[Plain]:
        """The newest events first, of those with a number below `before`."""
        return _listed(self._database, "event", ("number", "time", "device", "what"), before, limit, device)

    def setpoints(self, before: int | None = None, limit: int = 100, device: str = "") -> list[Plain]:
        """The newest setpoints first, each with its chain of reasons."""
        columns = ("number", "time", "device", "aspect", "command", "value", "reason", "chain")
        return [
            {**each, "chain": json.loads(each["chain"])}
            for each in _listed(self._database, "setpoint", columns, before, limit, device)
        ]

    def audits(self, before: int | None = None, limit: int = 100) -> list[Plain]:
        """Who changed what, the newest first."""
        return _listed(self._here, "audit", ("number", "time", "who", "what"), before, limit, "")


def _listed(
    database: Database, table: str, columns: Sequence[str], before: int | None, limit: int, device: str
) -> list[Plain]:
    where = "number < ?" + (" AND device = ?" if device else "")
    statement = f"SELECT {', '.join(columns)} FROM {table} WHERE {where} ORDER BY number DESC LIMIT ?"
    values = [before if before is not None else (1 << 62), *([device] if device else []), limit]
    with database.read() as reader:
        return [dict(zip(columns, row, strict=True)) for row in reader.execute(statement, values)]


def _expired(writer: Sql, table: str, now: float) -> None:
    """Forget what is too old, and what is too much."""
    seconds, records = LISTS[table]
    writer.execute(f"DELETE FROM {table} WHERE time < ?", (now - seconds,))
    writer.execute(f"DELETE FROM {table} WHERE number <= (SELECT max(number) FROM {table}) - ?", (records,))
