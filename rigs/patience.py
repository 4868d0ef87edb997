"""How long somebody is waited for, where the time in which this process itself stood still is not held against him."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


async def within(seconds: float, waited: Coroutine[object, None, T]) -> T:
    """What comes of it in so many seconds; TimeoutError when nothing does.

    A process that is held up (a busy or sleeping machine) finds a connection that has long been made and a time that is
    over, and `asyncio.timeout` lets the time win. In two halves, one such halt takes one half at most.
    """
    task = asyncio.ensure_future(waited)
    try:
        for _ in range(2):
            if (await asyncio.wait({task}, timeout=seconds / 2))[0]:
                return task.result()
        raise TimeoutError
    finally:
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
