"""Evidence of what was asked of the house from outside: a record when a signal begins, and one when it ends.

A limit that the house sets itself because nobody can be heard is told apart from an order (`what`).
"""

from collections.abc import Sequence

from controller.store import Evidence, Store
from controller.strategy.signals import Kind, Signal
from controller.strategy.view import View

OWN = ("fail-safe", "not read yet")
"""States of a signal in which the house limits itself."""


class Record:
    """What stands now of each source, and the store that it is written to. `changed`: since somebody last asked."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._standing: dict[tuple[str, Kind], Signal] = {}
        self.changed = False

    def keep(self, signals: Sequence[Signal], view: View) -> None:
        """Write down what has begun and what has ended since the last time."""
        now = {(each.source, each.kind): each for each in signals if each.limits}
        if now != self._standing:
            self.changed = True
            for key, before in self._standing.items():
                if now.get(key) != before:
                    self._store.evidence(evidence(before, view, view.time))
            for key, each in now.items():
                if self._standing.get(key) != each:
                    self._store.evidence(evidence(each, view, None))
            self._standing = now


def evidence(signal: Signal, view: View, until: float | None) -> Evidence:
    """A signal's record: its beginning, or with `until` its end; what the grid meter shows at that instant."""
    what = f"{signal.kind}, set by the house itself ({signal.state})" if signal.state in OWN else signal.kind
    return Evidence(signal.source, what, signal.value, signal.unit, signal.time, until, view.grid_power, signal.reason)
