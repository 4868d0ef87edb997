"""Numbers over time in three grains, each made of the one before it: 10 s, minutes, quarter-hours.

A row of 10 s or of a minute holds all series at one time, as doubles at the place of the series' number, not a number
where nothing is known. Quarter-hours stand a day (UTC) a row for each series, so that a year is read in 365 rows.
Momentary values are means of what is known, counters and states the last one (`figures.lasting`).
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from math import ceil, isnan, nan

from controller.service.database import Sql
from controller.service.figures import Key, lasting

TEN, MINUTE, QUARTER, DAY = 10, 60, 900, 86_400
TENS_KEPT, MINUTES_KEPT, QUARTERS_KEPT = 2 * DAY, 92 * DAY, 3653 * DAY  # s
PORTION = 600  # minutes made in one go, so that catching up holds nobody up
SLOTS = DAY // QUARTER

Points = list[tuple[int, float]]
"""Begin of a slot in s since 1970, and its value."""


class Series:
    """Numbers of the series, by device and quantity; new ones get the next."""

    def __init__(self, reader: Sql) -> None:
        rows = reader.execute("SELECT id, device, quantity FROM series ORDER BY id")
        self.numbers: dict[Key, int] = {(device, quantity): number for number, device, quantity in rows}

    def add(self, writer: Sql, keys: Iterable[Key]) -> None:
        """Give numbers to those that have none; they count once the transaction is done (`numbers`)."""
        new = [key for key in dict.fromkeys(keys) if key not in self.numbers]
        begin = len(self.numbers)
        writer.executemany("INSERT INTO series VALUES (?, ?, ?)", [(begin + n, *key) for n, key in enumerate(new)])
        self.numbers = {**self.numbers, **{key: begin + n for n, key in enumerate(new)}}

    def row(self, values: Mapping[Key, float]) -> bytes:
        """One row of 10 s."""
        found = array("d", [nan]) * len(self.numbers)
        for key, value in values.items():
            found[self.numbers[key]] = value
        return found.tobytes()


def doubles(blob: bytes) -> "array[float]":
    found = array("d")
    found.frombytes(blob)
    return found


def together(values: Sequence[float], last: bool) -> float:
    """What several slots are as one: the mean of what is known, or the last of it."""
    known = [each for each in values if not isnan(each)]
    if not known:
        return nan
    return known[-1] if last else sum(known) / len(known)


def coarser(writer: Sql, series: Series, now: float) -> bool:
    """Make the minutes and quarter-hours that are complete; whether there is more to do at once."""
    last = {number: lasting(quantity) for (_, quantity), number in series.numbers.items()}
    more = _minutes(writer, last, int(now) // MINUTE * MINUTE)
    return _quarters(writer, last, _until(writer, "minutes") // DAY * DAY) or more


def _until(writer: Sql, job: str) -> int:
    found = writer.execute("SELECT until FROM done WHERE job = ?", (job,)).fetchone()
    return int(found[0]) if found else 0


def _done(writer: Sql, job: str, until: int) -> None:
    writer.execute(
        "INSERT INTO done VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET until = excluded.until", (job, until)
    )


def put(writer: Sql, table: str, rows: Iterable[tuple[int, bytes]]) -> None:
    """Rows of 10 s or of minutes, in place of those that stand there."""
    statement = f"INSERT INTO {table} VALUES (?, ?) ON CONFLICT (time) DO UPDATE SET value = excluded.value"
    writer.executemany(statement, rows)


def _before(until: int, end: int) -> int:
    """Where to go on; from the beginning when the clock has been set back since."""
    return until if until <= end else 0


def _minutes(writer: Sql, last: Mapping[int, bool], end: int) -> bool:
    begin = _before(_until(writer, "minutes"), end)
    first: int | None = writer.execute("SELECT min(time) FROM tens WHERE time >= ?", (begin,)).fetchone()[0]
    if first is None or first >= end:
        _done(writer, "minutes", end)
        return False
    begin = max(begin, first // MINUTE * MINUTE)
    stop = min(end, begin + PORTION * MINUTE)
    groups: dict[int, list[array[float]]] = {}
    for time, blob in writer.execute("SELECT time, value FROM tens WHERE time >= ? AND time < ?", (begin, stop)):
        groups.setdefault(time // MINUTE * MINUTE, []).append(doubles(blob))
    rows = []
    for minute, parts in groups.items():
        width = max(len(each) for each in parts)
        made = array("d", (together([p[n] for p in parts if n < len(p)], last.get(n, False)) for n in range(width)))
        rows.append((minute, made.tobytes()))
    put(writer, "minutes", rows)
    _done(writer, "minutes", stop)
    return stop < end


def _quarters(writer: Sql, last: Mapping[int, bool], end: int) -> bool:
    """One day at a time."""
    begin = _before(_until(writer, "quarters"), end)
    first: int | None = writer.execute("SELECT min(time) FROM minutes WHERE time >= ?", (begin,)).fetchone()[0]
    if first is None or first >= end:
        return False
    day = first // DAY * DAY
    packed = quarters_of(writer, day, last)
    writer.executemany(
        "INSERT INTO quarters VALUES (?, ?, ?) ON CONFLICT (series, day) DO UPDATE SET value = excluded.value",
        [(n, day, v.tobytes()) for n, v in packed.items()],
    )
    _done(writer, "quarters", day + DAY)
    return day + DAY < end


def quarters_of(reader: Sql, day: int, last: Mapping[int, bool]) -> "dict[int, array[float]]":
    """The quarter-hours of a day (UTC) out of its minutes, by series; those of which nothing is known are left out."""
    slots: list[list[array[float]]] = [[] for _ in range(SLOTS)]
    statement = "SELECT time, value FROM minutes WHERE time >= ? AND time < ? ORDER BY time"
    for time, blob in reader.execute(statement, (day, day + DAY)):
        slots[(time - day) // QUARTER].append(doubles(blob))
    found = {}
    for number, keeps in last.items():
        values = array("d", (together([p[number] for p in slot if number < len(p)], keeps) for slot in slots))
        if not all(isnan(each) for each in values):
            found[number] = values
    return found


def points(reader: Sql, number: int, quantity: str, begin: float, end: float, grain: int) -> Points:
    """The values of a series that are known, in slots of a grain that begin from `begin` until before `end`."""
    if grain >= QUARTER:
        return _quarter_points(reader, number, quantity, int(begin), int(end))
    table = "tens" if grain < MINUTE else "minutes"
    place = 8 * number + 1
    rows = reader.execute(
        f"SELECT time, substr(value, {place}, 8) FROM {table} WHERE time >= ? AND time < ? ORDER BY time",
        (ceil(begin), ceil(end)),
    )
    found = ((time, doubles(blob)[0]) for time, blob in rows if len(blob) == 8)
    return [(time, value) for time, value in found if not isnan(value)]


def quarter_days(reader: Sql, number: int, quantity: str, begin: int, end: int) -> "dict[int, array[float]]":
    """The quarter-hours of a series by the begin of their day (UTC); those of days that are not over out of minutes."""
    statement = "SELECT day, value FROM quarters WHERE series = ? AND day >= ? AND day < ? ORDER BY day"
    days = {day: doubles(blob) for day, blob in reader.execute(statement, (number, begin // DAY * DAY, end))}
    for day in range(max(_until(reader, "quarters"), begin // DAY * DAY), end, DAY):
        if reader.execute("SELECT 1 FROM minutes WHERE time >= ? LIMIT 1", (day,)).fetchone() is None:
            break
        if values := quarters_of(reader, day, {number: lasting(quantity)}):
            days[day] = values[number]
    return days


def _quarter_points(reader: Sql, number: int, quantity: str, begin: int, end: int) -> Points:
    return [
        (time, value)
        for day, values in quarter_days(reader, number, quantity, begin, end).items()
        for slot, value in enumerate(values)
        if not isnan(value) and begin <= (time := day + slot * QUARTER) < end
    ]


def gathered(found: Points, quantity: str, step: int) -> Points:
    """The same in coarser slots, each `step` s."""
    groups: dict[int, list[float]] = {}
    for time, value in found:
        groups.setdefault(time // step * step, []).append(value)
    return [(time, together(values, lasting(quantity))) for time, values in groups.items()]


def expired(writer: Sql, now: float) -> None:
    """Forget what is older than it is kept."""
    writer.execute("DELETE FROM tens WHERE time < ?", (ceil(now) - TENS_KEPT,))
    writer.execute("DELETE FROM minutes WHERE time < ?", (ceil(now) - MINUTES_KEPT,))
    writer.execute("DELETE FROM quarters WHERE day < ?", (ceil(now) - QUARTERS_KEPT,))


def a_year(series: int) -> int:
    """Bytes that the quarter-hours of a year take on the disk, keys and the slack of pages included."""
    return round(series * 365.25 * (SLOTS * 8 + 16) * 1.3)


def at_most(series: int) -> int:
    """Bytes that all grains together ever take."""
    tens, minutes = TENS_KEPT // TEN, MINUTES_KEPT // MINUTE
    return round(10 * a_year(series) + (tens + minutes) * (8 * series + 12) * 1.3)
