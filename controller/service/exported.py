"""History for other programs: all series of a grain as CSV or Parquet, a row a value, in the order of time.

Times are UTC, and say so: a column `time_utc` with `2025-06-15T12:00:00Z`, in Parquet a timestamp with its time zone.
What is not known has no row. Nothing is ever whole in memory: a window of time is read, written and forgotten.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import islice
from math import ceil, isnan
from typing import Any, Literal

from controller.errors import ConfigurationError
from controller.service.database import Sql
from controller.service.figures import Key, unit
from controller.service.tiers import DAY, MINUTE, QUARTER, TEN, Series, doubles, quarter_days

Format = Literal["csv", "parquet"]
Grain = Literal["10s", "1min", "15min"]
GRAINS: dict[Grain, int] = {"10s": TEN, "1min": MINUTE, "15min": QUARTER}
HEAD = ("time_utc", "device", "quantity", "unit", "value")
TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
ROWS, DAYS = 60, 4  # of 10 s or minutes, and of quarter-hours, that are read at once
BATCH = 10_000  # values that are written at once

Read = Callable[[], AbstractContextManager[Sql]]
Value = tuple[int, Key, float]


def exported(read: Read, wanted: Format, grain: Grain, begin: float, end: float) -> Iterator[bytes]:
    """History from `begin` until before `end` (s since 1970), piece by piece.

    The device of the house's own figures has no name. ConfigurationError when pyarrow is needed and missing.
    """
    values = known(read, begin, end, GRAINS[grain])
    return _parquet(values, _arrow()) if wanted == "parquet" else _csv(values)


def known(read: Read, begin: float, end: float, grain: int) -> Iterator[Value]:
    """All that is known of all series: begin of the slot, device and quantity, value."""
    with read() as reader:
        keys = list(Series(reader).numbers)
        first, last = _span(reader, grain)
    width = DAYS * DAY if grain >= QUARTER else ROWS * grain
    lower, upper = max(ceil(begin), first), min(ceil(end), last)
    for start in range(lower // width * width, upper, width):
        with read() as reader:
            found = (_quarters if grain >= QUARTER else _rows)(
                reader, keys, max(start, lower), min(start + width, upper), grain
            )
        yield from found


def _span(reader: Sql, grain: int) -> tuple[int, int]:
    """When the first slot that is kept begins, and when the last one is over."""
    minutes, days = ("minutes", "time", MINUTE), ("quarters", "day", DAY)
    spans = []
    for name, column, wide in {TEN: [("tens", "time", TEN)], MINUTE: [minutes]}.get(grain, [minutes, days]):
        first, last = reader.execute(f"SELECT min({column}), max({column}) FROM {name}").fetchone()
        if first is not None:
            spans.append((first, last + wide))
    return (min(first for first, _ in spans), max(last for _, last in spans)) if spans else (0, 0)


def _rows(reader: Sql, keys: list[Key], begin: int, end: int, grain: int) -> list[Value]:
    name = "tens" if grain < MINUTE else "minutes"
    rows = reader.execute(f"SELECT time, value FROM {name} WHERE time >= ? AND time < ? ORDER BY time", (begin, end))
    return [
        (time, key, value)
        for time, blob in rows
        for key, value in zip(keys, doubles(blob), strict=False)  # a row is as long as there were series then
        if not isnan(value)
    ]


def _quarters(reader: Sql, keys: list[Key], begin: int, end: int, grain: int) -> list[Value]:
    found = [
        (time, number, value)
        for number, (_, quantity) in enumerate(keys)
        for day, values in quarter_days(reader, number, quantity, begin, end).items()
        for slot, value in enumerate(values)
        if not isnan(value) and begin <= (time := day + slot * grain) < end
    ]
    return [(time, keys[number], value) for time, number, value in sorted(found)]


def _csv(values: Iterator[Value]) -> Iterator[bytes]:
    rows: Iterable[tuple[object, ...]] = [HEAD]
    while rows:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        yield text.getvalue().encode()
        rows = [
            (datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), *key, unit(*key), repr(value))
            for time, key, value in islice(values, BATCH)
        ]


class Sink(io.RawIOBase):
    """A file that is taken away while it is written."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.pieces.append(bytes(data))
        self._written += len(self.pieces[-1])
        return len(self.pieces[-1])

    def tell(self) -> int:
        return self._written


def _parquet(values: Iterator[Value], arrow: Any) -> Iterator[bytes]:
    text = arrow.dictionary(arrow.int32(), arrow.string())
    types = (arrow.timestamp("s", tz="UTC"), text, text, text, arrow.float64())
    schema = arrow.schema(list(zip(HEAD, types, strict=True)))
    sink = Sink()
    with arrow.parquet.ParquetWriter(sink, schema) as writer:
        while batch := list(islice(values, BATCH)):
            columns = zip(*((time, *key, unit(*key), value) for time, key, value in batch), strict=True)
            arrays = [arrow.array(column, type=each) for column, each in zip(columns, types, strict=True)]
            writer.write_batch(arrow.record_batch(arrays, schema=schema))
            yield b"".join(sink.pieces)
            sink.pieces.clear()
    yield b"".join(sink.pieces)


def _arrow() -> Any:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise ConfigurationError("needs pyarrow: pip install 'hemtwin[parquet]'", key="format") from error
    return pyarrow
