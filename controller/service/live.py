"""Live values for any number of viewers: each snapshot is written down once, and only what has changed.

Server-sent events (WHATWG HTML, 9.2). A viewer who cannot keep up gets the whole house again instead of what he missed.
"""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator

from controller.service import plain
from controller.service.exchange import Exchange
from controller.service.snapshot import Device, Snapshot

KEPT = 25  # messages that a slow viewer may be behind: five seconds
QUIET = 2.0  # s after which something is said although nothing has changed
LONGEST = 600.0  # s after which a viewer has to come again, and show his credential
MOST = 200  # viewers


class Crowd(Exception):
    """More viewers than are served at once."""


class Live:
    """What viewers of one house see. Everything but `wake` happens in the service's event loop."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = asyncio.Event()
        self._messages: deque[tuple[int, bytes]] = deque(maxlen=KEPT)
        self._shown: dict[str, Device] = {}
        self._last: Snapshot | None = None
        self.viewers = 0
        exchange.woken = self.wake

    def wake(self) -> None:
        """The controller's: there is a new snapshot. Returns at once."""
        if self._loop is not None and self.viewers and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._write)

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
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

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
                snapshot, turn = self._exchange.latest, self._turn
                if snapshot is not None and snapshot.stopping:
                    return
                missed = [(number, text) for number, text in self._messages if number > seen]
                if (seen < 0 and snapshot is not None) or (
                    missed and missed[0][0] == self._messages[0][0] and len(self._messages) == KEPT and snapshot
                ):
                    yield message(snapshot, list(snapshot.devices.values()))
                    seen = snapshot.number
                elif missed:
                    yield b"".join(text for _, text in missed)
                    seen = missed[-1][0]
                try:
                    await asyncio.wait_for(turn.wait(), 2 * QUIET)
                except TimeoutError:
                    yield b": the controller shows nothing new\n\n"
        finally:
            self.viewers -= 1


def message(snapshot: Snapshot, changed: list[Device]) -> bytes:
    """One server-sent event: the house and what has changed in it."""
    told = {
        "number": snapshot.number, "time": round(snapshot.time, 3), "house": plain.house(snapshot),
        "signals": [plain.signal(each) for each in snapshot.signals],
        "devices": {each.name: plain.device(each) for each in changed}, "problem": snapshot.problem,
    }  # fmt: skip
    return f"data: {json.dumps(told, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
