"""How long somebody is waited for, where the time in which this process itself stood still is not held against him."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float, waited: Coroutine[object, None, T], undo: Callable[[T], object]) -> T:
    """What comes of it in so many seconds; TimeoutError when nothing does.

    `undo` closes what comes when nobody takes it any more: the time was over, or the caller has been cancelled.

    A process that is held up (a busy or sleeping machine) finds a connection that has long been made and a time that is
    over, and `asyncio.timeout` lets the time win. In two halves, one such halt takes one half at most.
    """
    task = asyncio.ensure_future(waited)
    try:
        for _ in range(2):
            if (await asyncio.wait({task}, timeout=seconds / 2))[0]:
                return task.result()
        raise TimeoutError
    except (asyncio.CancelledError, TimeoutError):
        task.cancel()
        (came,) = await asyncio.gather(task, return_exceptions=True)
        if not isinstance(came, BaseException):
            undo(came)
        raise
