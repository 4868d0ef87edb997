"""Evidence of what was asked of the house from outside: a record when a signal begins, and one when it ends.

A limit that the house sets itself because nobody can be heard is told apart from an order (`what`). What had begun when
the process before this one ended has its end when this one starts: nobody has seen what was asked for in between.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace

from controller.store import Evidence, Store
from controller.strategy.signals import Kind, Signal
from controller.strategy.view import View

OPEN = "evidence open"  # the records that have begun and not ended, in the store
CUT = " (until the controller ended)"
OWN = ("fail-safe", "not read yet")
"""States of a signal in which the house limits itself."""


class Record:
    """What stands now of each source, and the store that it is written to. `changed`: since somebody last asked.

    `time`: when the process begins, s since 1970 (UTC).
    """

    def __init__(self, store: Store, time: float) -> None:
        self._store = store
        self._standing: dict[tuple[str, Kind], Signal] = {}
        self._open: dict[tuple[str, Kind], Evidence] = {}
        self.changed = False
        for plain in (store.load(OPEN) or {}).get("records", ()):
            left = Evidence(**plain)
            store.evidence(
                replace(left, until_time=max(time, left.from_time), measured=None, reason=f"{left.reason}{CUT}")
            )
        self._save()

    def keep(self, signals: Sequence[Signal], view: View) -> None:
        """Write down what has begun and what has ended since the last time."""
        now = {(each.source, each.kind): each for each in signals if each.limits}
        if now != self._standing:
            self.changed = True
            for key, before in self._standing.items():
                if now.get(key) != before:
                    self._store.evidence(evidence(before, view, view.time))
                    del self._open[key]
            for key, each in now.items():
                if self._standing.get(key) != each:
                    self._open[key] = evidence(each, view, None)
                    self._store.evidence(self._open[key])
            self._standing = now
            self._save()

    def _save(self) -> None:
        self._store.save(OPEN, {"records": [asdict(each) for each in self._open.values()]})


def evidence(signal: Signal, view: View, until: float | None) -> Evidence:
    """A signal's record: its beginning, or with `until` its end; what the grid meter shows at that instant."""
    what = f"{signal.kind}, set by the house itself ({signal.state})" if signal.state in OWN else signal.kind
    return Evidence(signal.source, what, signal.value, signal.unit, signal.time, until, view.grid_power, signal.reason)
