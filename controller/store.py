"""What must outlive the controller: states by key, and evidence of what the grid operator asked for, chained by hashes.

A state is plain JSON: what stands in devices, what a strategy remembers, counters, the peak of a year. Evidence is only
ever appended: a limit that begins is a record without `until_time`, one that ends a second record with it. Each
record's hash covers the record and the hash before it, so that a record that was changed or taken away shows. What is
older than it has to be kept (two years, section 14a) is forgotten from the beginning; the number and hash of the last
one that was forgotten anchor the rest.

`Memory` keeps it all until the process ends; `controller.store_sqlite` keeps it on a disk, and what
`controller.store_enduring` opens goes on in memory while the disk fails.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

YEARS_KEPT = 2  # of evidence, BNetzA BK6-22-300, annex 1, 7.2


@dataclass(frozen=True, slots=True)
class Evidence:
    """Who wanted what from when to when (s UTC), and what the grid meter showed meanwhile.

    `value` in `unit`, None where there is none. `until_time` is None while it lasts. `measured` in W at the grid
    connection, import positive, None when it was not known.
    """

    who: str
    what: str
    value: float | None
    unit: str
    from_time: float
    until_time: float | None
    measured: float | None
    reason: str


class Link(NamedTuple):
    """A place in the chain: the number of a record, counted from 1, and its hash."""

    number: int
    hash: str


ORIGIN = Link(0, "0" * 64)


@dataclass(frozen=True, slots=True)
class Record:
    """Evidence as it is kept: its number, what it says, and its hash."""

    number: int
    evidence: Evidence
    hash: str


class Broken(NamedTuple):
    """The first record of the chain that is not as it was written, and what is wrong about it."""

    number: int
    what: str


class Store(Protocol):
    """Where states and evidence are kept. Whatever cannot be kept or read is a `StoreError`."""

    @property
    def problem(self) -> str:
        """Why nothing outlives the process just now, empty when all is well."""
        ...

    @property
    def head(self) -> Link:
        """The last record of the chain."""
        ...

    def load(self, key: str) -> dict[str, Any] | None:
        """The state that was saved last under this key, None when there is none."""
        ...

    def save(self, key: str, plain: Mapping[str, Any]) -> None:
        """Keep a state; ValueError or TypeError when it is no plain JSON."""
        ...

    def evidence(self, evidence: Evidence) -> None:
        """Append a record; when this returns no power cut takes it away."""
        ...

    def evidence_since(self, n: int) -> list[Record]:
        """The records with a number above `n`, in order."""
        ...

    def verify(self) -> Broken | None:
        """The first record that is not as it was written, None when all are."""
        ...

    def forget(self, before: float) -> int:
        """Forget evidence that had ended before then (s UTC), oldest first; how many records that were."""
        ...

    def close(self) -> None: ...


def text(plain: Mapping[str, Any]) -> str:
    """Canonical JSON: sorted keys, no spaces, no NaN."""
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def hashed(number: int, written: str, before: str) -> str:
    """The hash of a record whose evidence is `written` as canonical JSON, behind the record with the hash `before`."""
    return sha256(f"{before}\n{number}\n{written}".encode()).hexdigest()


def linked(evidence: Evidence, before: Link) -> tuple[str, Link]:
    """What is written of new evidence, and its place in the chain behind `before`."""
    written, number = text(asdict(evidence)), before.number + 1
    return written, Link(number, hashed(number, written, before.hash))


def read(number: int, written: str, told: str) -> Record:
    """A record out of what is kept of it; ValueError or TypeError when that is none."""
    return Record(number, Evidence(**json.loads(written)), told)


def broken(anchor: Link, kept: Iterable[tuple[int, str, str]], head: Link) -> Broken | None:
    """The first of the kept records (number, canonical JSON, hash) that does not follow from the one before it.

    `anchor`: the last record that was forgotten; `head`: the last one that was written.
    """
    last = anchor
    for number, written, told in kept:
        if number != last.number + 1:
            return Broken(last.number + 1, "is missing")
        if hashed(number, written, last.hash) != told:
            return Broken(number, "is not as it was written")
        last = Link(number, told)
    if last.number < head.number:
        return Broken(last.number + 1, "is missing")
    return None if last == head else Broken(last.number, "is not the last one that was written")


def ended(evidence: Evidence) -> float:
    """When what it tells was over, s UTC; of one that only tells a beginning, when that was."""
    return evidence.from_time if evidence.until_time is None else evidence.until_time


class Memory:
    """A store that lasts as long as the process."""

    problem = ""

    def __init__(self, head: Link = ORIGIN) -> None:
        self._states: dict[str, str] = {}
        self._records: list[tuple[int, str, str]] = []
        self._anchor = self._head = head

    @property
    def head(self) -> Link:
        return self._head

    def load(self, key: str) -> dict[str, Any] | None:
        found = self._states.get(key)
        return None if found is None else dict(json.loads(found))

    def save(self, key: str, plain: Mapping[str, Any]) -> None:
        self._states[key] = text(plain)

    def evidence(self, evidence: Evidence) -> None:
        written, self._head = linked(evidence, self._head)
        self._records.append((self._head.number, written, self._head.hash))

    def evidence_since(self, n: int) -> list[Record]:
        return [read(*each) for each in self._records[max(n - self._anchor.number, 0) :]]

    def verify(self) -> Broken | None:
        return broken(self._anchor, self._records, self._head)

    def forget(self, before: float) -> int:
        lasting = (place for place, each in enumerate(self._records) if ended(read(*each).evidence) >= before)
        old = next(lasting, len(self._records))
        if old:
            number, _, told = self._records[old - 1]
            self._anchor, self._records = Link(number, told), self._records[old:]
        return old

    def close(self) -> None:
        """Nothing is open."""
