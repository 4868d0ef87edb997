"""Keeps history out of snapshots: means of ten seconds, events, and setpoints as devices take them.

What cannot be written waits, within bounds; what is beyond them is lost, the oldest first, and counted. `work` is
called every few seconds by one thread of its own.
"""

import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from controller.errors import StoreError
from controller.log import Event
from controller.members import Setpoint
from controller.service.figures import HOUSE, Key, house, lasting, told
from controller.service.history import Given, History
from controller.service.snapshot import Device, Snapshot
from controller.service.tiers import TEN

ROWS_WAIT = 360  # rows of 10 s
LISTED_WAIT = 10_000  # events, and setpoints
TIDY = 60.0  # s between two looks at what is old


class Unseen(Protocol):
    """Snapshots that nobody has kept yet, oldest first."""

    @property
    def unseen(self) -> deque[Snapshot]: ...


class Recorder:
    """Of one controller. `history` is None while it cannot be used; `problem` says why, `lost` how much is missing.

    `size`: what it takes on the disk, empty until something has been written.
    """

    def __init__(self, opens: Callable[[], History], exchange: Unseen) -> None:
        self._opens, self._exchange = opens, exchange
        self.history: History | None = None
        self.problem = self.size = ""
        self.lost = 0
        self._slot: int | None = None
        self._sums: dict[Key, tuple[float, int]] = {}
        self._devices: dict[str, Device] = {}
        self._stood: dict[tuple[str, str], Setpoint] = {}
        self._rows: dict[int, dict[Key, float]] = {}
        self._events: deque[Event] = deque()
        self._given: deque[Given] = deque()
        self._tidied = float("-inf")

    def work(self) -> None:
        """Take what there is, write what is complete, and tidy up once a minute."""
        unseen, latest = self._exchange.unseen, None
        while unseen:
            latest = unseen.popleft()
            self.see(latest)
        try:
            self._write()
            due = latest is not None and latest.monotonic - self._tidied >= TIDY
            if latest is not None and due and self.history is not None and not self.history.tidy(latest.time):
                self._tidied = latest.monotonic
            self.problem = ""
        except StoreError as error:
            self.problem = str(error)

    def close(self) -> None:
        """Write what is there, also of a slot that is not complete."""
        self.work()
        self._complete()
        try:
            self._write()
            if self.history is not None:
                self.history.close()
        except StoreError as error:
            self.problem = str(error)
        self.history = None

    def audit(self, who: str, what: str) -> None:
        """Note a change before it is made; StoreError when that cannot be done, and then it must not be."""
        if self.history is None:
            raise StoreError(f"changes cannot be noted just now: {self.problem or 'history is starting'}")
        self.history.audit(time.time(), who, what)

    def see(self, snapshot: Snapshot) -> None:
        """Count a snapshot in."""
        slot = int(snapshot.time) // TEN * TEN
        if slot != self._slot:
            self._complete()
            self._slot = slot
        for device in snapshot.devices.values():
            if self._devices.get(device.name) is not device:
                self._devices[device.name] = device
                self._notice(device, snapshot.time)
                for quantity, value in told(device):
                    self._count((device.name, quantity), value)
        for quantity, value in house(snapshot).items():
            self._count((HOUSE, quantity), value)
        self._events.extend(snapshot.events)
        self.lost += snapshot.missed
        for waiting in (self._events, self._given):
            while len(waiting) > LISTED_WAIT:
                waiting.popleft()
                self.lost += 1

    def _count(self, key: Key, value: float) -> None:
        if lasting(key[1]):
            self._sums[key] = value, 1
        else:
            total, count = self._sums.get(key, (0.0, 0))
            self._sums[key] = total + value, count + 1

    def _complete(self) -> None:
        """The slot is over. What a device has not told again in it still counts as it was, while it is fresh."""
        if self._slot is None:
            return
        row = {key: total / count for key, (total, count) in self._sums.items()}
        for device in self._devices.values():
            for quantity, value in told(device):
                row.setdefault((device.name, quantity), value)
        self._sums = {}
        if row:
            self._rows[self._slot] = row
        while len(self._rows) > ROWS_WAIT:
            del self._rows[next(iter(self._rows))]
            self.lost += 1

    def _notice(self, device: Device, at: float) -> None:
        """A setpoint that has come to stand, or that stands no more."""
        for aspect, setpoint in device.stands.items():
            before = self._stood.get((device.name, aspect))
            if before is None or setpoint.differs(before) or _by(setpoint) != _by(before):
                self._stood[device.name, aspect] = setpoint
                self._given.append(Given(at, device.name, aspect, setpoint))
        for key in [key for key in self._stood if key[0] == device.name and key[1] not in device.stands]:
            del self._stood[key]
            self._given.append(Given(at, *key, None))

    def _write(self) -> None:
        if self.history is None:
            self.history = self._opens()
        if self._rows or self._events or self._given:
            self.history.write(self._rows, self._events, self._given)
            self._rows, self._events, self._given = {}, deque(), deque()
            self.size = self.size or self.history.size


def _by(setpoint: Setpoint) -> str:
    """Which rule had the last word."""
    return setpoint.chain[-1].source if setpoint.chain else ""
