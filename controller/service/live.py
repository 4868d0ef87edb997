"""Live values for any number of viewers: each snapshot is written down once, and only what has changed.

Server-sent events (WHATWG HTML, 9.2). A viewer who cannot keep up gets the whole house again instead of what he missed.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Iterable

from controller.service import plain
from controller.service.exchange import Exchange
from controller.service.snapshot import Device, Snapshot

KEPT = 25  # messages that a slow viewer may be behind: four seconds
QUIET = 2.0  # s after which something is said although nothing has changed
LONGEST = 600.0  # s after which a viewer has to come again, and show his credential
MOST = 200  # viewers
PAUSE = 0.01  # s from a snapshot to its message
SPREAD, GROUPS = 0.04, 20  # s from the first viewers who get it to the last, and how many times that is


class Crowd(Exception):
    """More viewers than are served at once."""


class Live:
    """What viewers of one house see. Everything but `wake` happens in the service's event loop.

    The controller has just been busy when there is a new snapshot, and shares its processor with this loop: a message
    is written `pause` s later and given to a few viewers after the other, within `spread` s.
    """

    def __init__(self, exchange: Exchange, *, pause: float = PAUSE, spread: float = SPREAD) -> None:
        self._exchange, self._pause, self._spread = exchange, pause, spread
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[asyncio.Future[bool]] = []
        self._messages: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._shown: dict[str, Device] = {}
        self._last: Snapshot | None = None
        self._whole = -1, b""
        self.viewers = 0
        exchange.woken = self.wake

    def wake(self) -> None:
        """The controller's: there is a new snapshot. Returns at once."""
        if self._loop is not None and self.viewers and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.call_later, self._pause, self._write)

    def _write(self) -> None:
        snapshot, before = self._exchange.latest, self._last
        if snapshot is None or snapshot is before:
            return
        changed = [each for name, each in snapshot.devices.items() if self._shown.get(name) is not each]
        same = before is not None and not changed and not snapshot.stopping and snapshot.signals == before.signals
        if before is not None and same and snapshot.monotonic - before.monotonic < QUIET:
            return
        self._shown = dict(snapshot.devices)
        self._last = snapshot
        self._messages.append((snapshot.number, message(snapshot, changed)))
        self._give()

    def _house(self, snapshot: Snapshot) -> bytes:
        """All of it, written down once for all who come at the same time."""
        if self._whole[0] != snapshot.number:
            self._whole = snapshot.number, message(snapshot, list(snapshot.devices.values()))
        return self._whole[1]

    def _give(self) -> None:
        """Wake all who wait, in some groups."""
        assert self._loop is not None
        waiting, self._waiting = self._waiting, []
        size = -(-len(waiting) // GROUPS) or 1
        for number, begin in enumerate(range(0, len(waiting), size)):
            self._loop.call_later(number * self._spread / GROUPS, _wake, waiting[begin : begin + size])

    async def _turn(self) -> bool:
        """Wait for what is new; False when there was nothing for long."""
        assert self._loop is not None
        waiter: asyncio.Future[bool] = self._loop.create_future()
        self._waiting.append(waiter)
        alarm = self._loop.call_later(2 * QUIET, _wake, [waiter], False)
        try:
            return await waiter
        finally:
            alarm.cancel()
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    async def stream(self) -> AsyncIterator[bytes]:
        """Messages for one viewer, the whole house first."""
        if self.viewers >= MOST:
            raise Crowd
        self._loop = asyncio.get_running_loop()
        if not self.viewers and (begun := self._exchange.latest) is not None:
            self._last, self._shown = begun, dict(begun.devices)  # nobody has seen what changed until now
            self._messages.clear()
        self.viewers += 1
        try:
            seen, end = -1, self._loop.time() + LONGEST
            while self._loop.time() < end:
                snapshot = self._exchange.latest
                if snapshot is not None and snapshot.stopping:
                    return
                missed = [(number, text) for number, text in self._messages if number > seen]
                if (seen < 0 and snapshot is not None) or (
                    missed and missed[0][0] == self._messages[0][0] and len(self._messages) == KEPT and snapshot
                ):
                    yield self._house(snapshot)
                    seen = snapshot.number
                elif missed:
                    yield b"".join(text for _, text in missed)
                    seen = missed[-1][0]
                elif not await self._turn():
                    yield b": the controller shows nothing new\n\n"
        finally:
            self.viewers -= 1


def _wake(waiting: Iterable["asyncio.Future[bool]"], told: bool = True) -> None:
    for waiter in waiting:
        if not waiter.done():
            waiter.set_result(told)


def message(snapshot: Snapshot, changed: list[Device]) -> bytes:
    """One server-sent event: the house and what has changed in it."""
    told = {
        "number": snapshot.number, "time": round(snapshot.time, 3), "house": plain.house(snapshot),
        "signals": [plain.signal(each) for each in snapshot.signals],
        "devices": {each.name: plain.device(each) for each in changed}, "problem": snapshot.problem,
    }  # fmt: skip
    return f"data: {json.dumps(told, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
