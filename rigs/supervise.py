"""Keeps the controller's processes going in real time: one that dies or hangs is named and started anew.

Nothing of this ends the others. When the controller stops, each process has a while for its farewell. One that hangs
then is started anew too, since that leads straight to the farewell, and is given up when that hangs as well.
"""

import asyncio
import time
import traceback
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

PATIENCE = 60.0  # s without progress after which a process hangs
FAREWELL = 30.0  # s in which all devices have been left, or it is said which have not
LONGEST = 30.0  # s between two starts of a process that dies again and again

Complain = Callable[[str], object]


@dataclass(frozen=True)
class Process:
    """What is kept going. `moved`: monotonic time of its last progress."""

    name: str
    start: Callable[[], Coroutine[Any, Any, None]]
    moved: Callable[[], float]


async def supervise(
    processes: Sequence[Process], stopping: Callable[[], bool], complain: Complain, *, patience: float = PATIENCE,
    farewell: float = FAREWELL, look: float = 1.0,
) -> None:  # fmt: skip
    """Until every process has ended because `stopping()`, or has been given up at the latest `farewell` s after that.

    `look`: s between two looks at each.
    """
    watches = [_Watch(each, stopping, complain, patience, farewell, look) for each in processes]
    await asyncio.gather(*(watch.keep() for watch in watches))


class _Watch:
    """One process and what becomes of it."""

    def __init__(
        self, process: Process, stopping: Callable[[], bool], complain: Complain, patience: float, farewell: float,
        look: float,
    ) -> None:  # fmt: skip
        self._process, self._stopping, self._complain = process, stopping, complain
        self._patience, self._farewell, self._look = patience, farewell, look
        self._stopped: float | None = None  # when it was first seen that the controller stops

    async def keep(self) -> None:
        pause = 0.0
        while True:
            leaving, begun = self._leaving(), time.monotonic()
            task = asyncio.ensure_future(self._process.start())
            try:
                fate = await self._fate(task, begun, 0.45 if leaving is None else 0.95)
            finally:
                task.cancel()
            if not fate:
                return
            self._say(fate)
            if not await self._gone(task) or leaving is not None:
                self._say("there is no farewell to its devices")
                return
            pause = 0.0 if time.monotonic() - begun > self._patience else min(2 * pause + self._look, LONGEST)
            await self._rest(pause)
            self._say("started anew")

    async def _fate(self, task: "asyncio.Future[None]", begun: float, share: float) -> str:
        """What has become of it, empty when it has ended as it should. `share` of the farewell is its."""
        while True:
            await asyncio.wait({task}, timeout=self._look)
            now, stopped = time.monotonic(), self._leaving()
            if task.done():
                return _ended(task, stopped is not None)
            if stopped is not None:
                if now - stopped > share * self._farewell:
                    return "hangs"
            elif now - max(begun, self._process.moved()) > self._patience:
                return f"has not moved for {self._patience:g} s"

    async def _gone(self, task: "asyncio.Future[None]") -> bool:
        """Whether it is really over: two at one device would be worse than none."""
        said = False
        while not task.done():
            leaving = self._leaving() is not None
            await asyncio.wait({task}, timeout=0.05 * self._farewell)
            if leaving:
                break
            if not task.done() and not said:
                said = True
                self._say("does not let go")
        return task.done()

    async def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0 and self._leaving() is None:
            await asyncio.sleep(min(rest, self._look))

    def _leaving(self) -> float | None:
        """Since when the controller stops, None while it does not."""
        if self._stopped is None and self._stopping():
            self._stopped = time.monotonic()
        return self._stopped

    def _say(self, what: str) -> None:
        self._complain(f"{self._process.name}: {what}")


def _ended(task: "asyncio.Future[None]", wanted: bool) -> str:
    if task.cancelled():
        return "was cancelled"
    error = task.exception()
    if error is not None:
        return "died: " + "".join(traceback.format_exception(error)).strip()
    return "" if wanted else "has ended"
