"""Between the loop and the service: snapshots go one way, commands the other. Neither side ever waits for the other.

The loop publishes and takes what has been asked; everything else is called from the service's threads. A command that
the loop has not taken yet can be lost with the process, and whoever asked is told nothing then but that it timed out.
"""

import queue
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from controller.hem import Hem
from controller.service.snapshot import Snapshot

WAITING = 32  # commands that may wait for the loop
UNSEEN = 3000  # snapshots that wait for whoever keeps history: ten minutes of five a second


class Busy(Exception):
    """More is asked than the loop takes: nothing has been done."""


@dataclass(frozen=True, slots=True)
class Command:
    """What the loop is asked to do. `done`: what came of it, or the ValueError with which it was refused."""

    work: Callable[[Hem], Any]
    done: "Future[Any]" = field(default_factory=Future)


class Exchange:
    """One controller's. `latest`: the last snapshot, None before the first."""

    def __init__(self) -> None:
        self.latest: Snapshot | None = None
        self.unseen: deque[Snapshot] = deque(maxlen=UNSEEN)
        self.woken: Callable[[], object] = lambda: None  # called by the loop after each snapshot; returns at once
        self._commands: queue.Queue[Command] = queue.Queue(WAITING)

    def publish(self, snapshot: Snapshot) -> None:
        """The loop's: show this from now on."""
        self.latest = snapshot
        self.unseen.append(snapshot)
        self.woken()

    def obey(self, hem: Hem) -> None:
        """The loop's: do what has been asked. What a command cannot do is its asker's matter."""
        while True:
            try:
                command = self._commands.get_nowait()
            except queue.Empty:
                return
            try:
                command.done.set_result(command.work(hem))
            except Exception as error:  # the boundary: a command must not end the loop, its asker is told
                command.done.set_exception(error)

    def ask(self, work: Callable[[Hem], Any]) -> "Future[Any]":
        """Ask the loop to do something; Busy when too much waits already."""
        command = Command(work)
        try:
            self._commands.put_nowait(command)
        except queue.Full:
            raise Busy(f"{WAITING} commands wait for the controller already") from None
        return command.done
