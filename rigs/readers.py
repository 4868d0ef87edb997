"""Sockets of one event loop whose bytes are waited for together.

asyncio takes many steps for each file that has something to say. Here it takes them once, for all that have, which
with hundreds of devices in one process is a sixth of what an exchange costs (`python -m bench`).
"""

import asyncio
import select
from collections.abc import Callable
from weakref import WeakKeyDictionary


class Readers:
    """Files of one loop, and what to call when they can be read."""

    def __init__(self) -> None:
        self._ready: dict[int, Callable[[], None]] = {}
        self._poll: select.epoll | None = None  # while there is anything to wait for

    def add(self, fd: int, ready: Callable[[], None]) -> None:
        """Call `ready` whenever there is something to read."""
        if self._poll is None:
            self._poll = select.epoll()
            asyncio.get_running_loop().add_reader(self._poll.fileno(), self._look)
        self._poll.register(fd, select.EPOLLIN)
        self._ready[fd] = ready

    def drop(self, fd: int) -> None:
        """Leave this one alone from now on; twice is as good as once."""
        if self._poll is None or self._ready.pop(fd, None) is None:
            return
        self._poll.unregister(fd)
        if not self._ready:
            asyncio.get_running_loop().remove_reader(self._poll.fileno())
            self._poll.close()
            self._poll = None

    def _look(self) -> None:
        for fd, _ in self._poll.poll(0) if self._poll is not None else ():
            if ready := self._ready.get(fd):  # unless it went while the others were served
                ready()


_readers: WeakKeyDictionary[asyncio.AbstractEventLoop, Readers] = WeakKeyDictionary()


def readers() -> Readers:
    """Those of the loop that runs."""
    loop = asyncio.get_running_loop()
    found = _readers.get(loop)
    if found is None:
        found = _readers[loop] = Readers()
    return found
