"""The runner's side of a bench: the journal is its own, the dead man watches it, and everything is put back at the end.

    async with Running(bench) as running: ... running.place("roof").driver() ...

At the end, at Ctrl-C and after a story's failure the devices are put back here; after kill -9 the dead man does it, and
if that is dead as well the next start.
"""

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from controller.errors import ConfigurationError, DeviceError
from rigs.bench import deadman
from rigs.bench.benchfile import Bench
from rigs.bench.guarded import Heard
from rigs.bench.journal import Journal
from rigs.bench.labgrid import Locks
from rigs.bench.places import RealPlace, check_lines, open_place
from rigs.bench.restoring import Restored, restore
from rigs.physical import Shared, Wiring

T = TypeVar("T")
LOST = 60.0  # s for which a lost line is waited for before what stands in the device is left to the next start
AGAIN = 1.0  # s between two attempts


class NotRestored(DeviceError):
    """Something could not be put back; it stands in the journal and is tried again at the next start."""


class Running:
    """A bench that is worked with. `heard`: who keeps what crosses the line of a place, by its name."""

    def __init__(
        self, bench: Bench, *, heard: Callable[[str], Heard | None] = lambda name: None,
        say: Callable[[str], None] = lambda line: None, lost: float = LOST, watched: bool = True,
    ) -> None:  # fmt: skip
        self.bench, self.say = bench, say
        self.restored: list[Restored] = []
        self._heard, self._lost, self._watched = heard, lost, watched
        self._shared, self._locks = Shared(), Locks(bench)
        self._places: dict[str, RealPlace] = {}
        self._beats: asyncio.Task[None] | None = None
        self._dead_man: subprocess.Popen[bytes] | None = None

    async def __aenter__(self) -> "Running":
        check_lines(self.bench)
        self.journal = Journal(self.bench.journal, wait=deadman.WAIT)
        try:
            await self._locks.acquire()
            if self.journal.entries:
                self.say(f"an earlier run has left {len(self.journal.entries)} regions: they are put back first")
                await self._put_back()
            if self._watched and any(place.envelope for place in self.bench.real):
                await self._start_dead_man()
        except BaseException:
            self._end_dead_man(well=False)
            await self._locks.end(release=not self.journal.entries)
            self.journal.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        well = False
        try:
            await _whatever_happens(self._put_back())
            well = True
        finally:
            for place in self._places.values():
                await place.close()
            self._end_dead_man(well=well)
            await self._locks.end(release=well)
            self.journal.close()

    def place(self, name: str, wiring: Wiring | None = None) -> RealPlace:
        """The real place of this name, opened when it is asked for first."""
        if name not in self._places:
            settings = self.bench.at(name)
            if not settings.real:
                raise ConfigurationError(f"{name} is emulated", file=self.bench.file, key="place")
            self._places[name] = open_place(
                settings, self.journal, heard=self._heard(name), wiring=wiring, shared=self._shared,
                timeout=self.bench.bench.timeout,
            )  # fmt: skip
        return self._places[name]

    async def closed(self, name: str) -> None:
        """Hang up at this place; who asks for it next gets a new line and a new guard."""
        if (place := self._places.pop(name, None)) is not None:
            await place.close()

    async def put_back(self) -> list[Restored]:
        """Put everything back now; the bench goes on with an empty journal."""
        await self._put_back()
        return self.restored

    async def _put_back(self) -> None:
        """Everything back; a line that is lost is waited for."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._lost
        while self.journal.entries:
            found = await restore(self.bench, self.journal, self._places)
            failed = [each for each in found if each.failed]
            if not failed:
                self.restored += found
                for place in self._places.values():
                    place.guard.forget()
                for each in found:
                    self.say(str(each))
                return
            if loop.time() >= end:
                raise NotRestored(f"{failed[0]}; it stands in {self.journal.path}, hem bench restore tries again")
            await asyncio.sleep(AGAIN)

    async def _start_dead_man(self) -> None:
        patience = self.bench.bench.patience
        self._dead_man = subprocess.Popen(
            [sys.executable, "-m", deadman.__name__, self.bench.file, str(patience)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
        )  # fmt: skip
        assert self._dead_man.stdout is not None
        ready = await asyncio.to_thread(self._dead_man.stdout.read, 1)
        if ready != deadman.READY:
            raise ConfigurationError("the dead man does not start", file=self.bench.file, key="bench.patience")
        self._beats = asyncio.ensure_future(self._beat(patience / 5))

    async def _beat(self, seconds: float) -> None:
        assert self._dead_man is not None and self._dead_man.stdin is not None
        while True:
            self._dead_man.stdin.write(deadman.BEAT)
            self._dead_man.stdin.flush()
            await asyncio.sleep(seconds)

    def _end_dead_man(self, *, well: bool) -> None:
        """It goes when told, or else has to find the journal free and put back what is in it."""
        if self._beats is not None:
            self._beats.cancel()
        if self._dead_man is None:
            return
        assert self._dead_man.stdin is not None and self._dead_man.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            if well:
                self._dead_man.stdin.write(deadman.WELL)
            self._dead_man.stdin.close()
        self._dead_man.stdout.close()
        if well:
            self._dead_man.wait()


async def _whatever_happens(work: Any) -> None:
    """To its end, also when somebody is impatient: Ctrl-C again does not leave a device as it is."""
    task = asyncio.ensure_future(work)
    while True:
        try:
            await asyncio.shield(task)
            return
        except asyncio.CancelledError:
            if task.done():
                raise


def run(story: Awaitable[T]) -> T:
    """Run a coroutine on a bench to its end; Ctrl-C and SIGTERM end it, and what it wrote is put back."""

    async def whole() -> T:
        task = asyncio.ensure_future(story)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, task.cancel)
        try:
            return await task
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    return asyncio.run(whole())
