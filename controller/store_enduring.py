"""A store that goes on in memory while the one on the disk fails, and catches up when that works again.

Nothing that happens to a disk may end or hold up the controller: what could not be written waits here, and `problem`
says why. A store that fails is tried again ever more rarely, counted in uses, since the controller has no clock here.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from controller.errors import StoreError
from controller.store import ORIGIN, Broken, Evidence, Link, Memory, Record, Store, ended, text

T = TypeVar("T")
RARELY = 64  # uses between two attempts at a store that goes on failing: about an hour, or a minute of busy times


class Enduring:
    """The store that `opens` gives, as long and as often as it works."""

    def __init__(self, opens: Callable[[], Store]) -> None:
        self._opens = opens
        self._store: Store | None = None
        self._states: dict[str, dict[str, Any]] = {}  # as they were saved last
        self._unsaved: set[str] = set()
        self._pending: list[Evidence] = []
        self._head = ORIGIN  # the last record that is known to be in the store
        self._failures = self._rest = 0
        self.problem = ""
        self._use(lambda store: None, None)

    def load(self, key: str) -> dict[str, Any] | None:
        if key not in self._states:
            found = self._use(lambda store: store.load(key), None)
            if found is None:
                return None
            self._states[key] = found
        return _copy(self._states[key])

    def save(self, key: str, plain: Mapping[str, Any]) -> None:
        self._states[key] = _copy(plain)
        self._unsaved.add(key)
        self._use(lambda store: None, None)

    @property
    def head(self) -> Link:
        return self._use(lambda store: store.head, self._here().head)

    def evidence(self, evidence: Evidence) -> None:
        Memory().evidence(evidence)  # what is no plain JSON is its author's mistake, not the store's
        self._pending.append(evidence)
        self._use(lambda store: None, None)

    def evidence_since(self, n: int) -> list[Record]:
        """While the store fails only what waits for it."""
        found = self._use(lambda store: store.evidence_since(n), None)
        return self._here().evidence_since(n) if found is None else found

    def verify(self) -> Broken | None:
        """While the store fails nothing can be said for its records: the first one counts as broken."""
        found: Broken | None = Broken(1, "cannot be verified now")
        return self._use(lambda store: store.verify(), found)

    def forget(self, before: float) -> int:
        found = self._use(lambda store: store.forget(before), None)
        if found is not None:
            return found
        waiting = len(self._pending)
        self._pending = [each for each in self._pending if ended(each) >= before]
        return waiting - len(self._pending)

    def close(self) -> None:
        """Write what still waits, if that can be done now."""
        self._rest = 0
        self._use(lambda store: store.close(), None)
        self._store = None

    def _here(self) -> Memory:
        """What waits, chained as it will be in the store."""
        chain = Memory(self._head)
        for each in self._pending:
            chain.evidence(each)
        return chain

    def _use(self, work: Callable[[Store], T], otherwise: T) -> T:
        """Do it with the store when that works and has all that waited, else `otherwise`."""
        if self._rest > 0:
            self._rest -= 1
            return otherwise
        try:
            if self._store is None:
                self._store = self._opens()
                self._head = self._store.head
            self._catch_up(self._store)
            found = work(self._store)
        except StoreError as error:
            self._lose(error)
            return otherwise
        self.problem, self._failures = "", 0
        return found

    def _catch_up(self, store: Store) -> None:
        for key in sorted(self._unsaved):
            store.save(key, self._states[key])
            self._unsaved.discard(key)
        while self._pending:
            store.evidence(self._pending[0])
            del self._pending[0]  # first: what is written is never written twice
            self._head = store.head

    def _lose(self, error: StoreError) -> None:
        self.problem = str(error)
        self._failures += 1
        self._rest = min(2**self._failures, RARELY) - 1
        store, self._store = self._store, None
        if store is not None:
            with suppress(StoreError):  # of a store that is given up: what was wrong with it has been said
                store.close()


def _copy(plain: Mapping[str, Any]) -> dict[str, Any]:
    return dict(json.loads(text(plain)))
