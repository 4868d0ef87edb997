"""A bench in a background thread, for programs that do not run asyncio themselves: tests of any controller."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from controller.devices import Identity
from controller.errors import ConfigurationError
from rigs.bench.benchfile import load
from rigs.bench.envelope import EnvelopeViolation
from rigs.bench.places import RealPlace
from rigs.bench.runner import Running

T = TypeVar("T")
COMMANDS = ("limit_power", "charge", "discharge", "limit_current", "pause", "set_power", "release")


class Taken:
    """A real place that a test has taken. `driver` commands are methods: `place.limit_power(3000)`."""

    def __init__(self, sitting: "Sitting", place: RealPlace) -> None:
        self._sitting, self._place, self._driver = sitting, place, place.driver()
        self.name, self.row, self.protocol = place.settings.name, place.settings.row, place.settings.protocol

    def identify(self) -> Identity:
        """Who it is, checked against the bench file; WrongDevice when it is somebody else."""
        self._sitting.run(self._place.identify())
        assert self._place.identity is not None
        return self._place.identity

    def read(self) -> dict[str, Any]:
        """All quantities, in contract names and signs."""
        return dict(self._sitting.run(self._driver.read()))

    def command(self, name: str, *values: float) -> None:
        """One command of its driver, within the envelope; EnvelopeViolation when it is not."""
        if name not in COMMANDS or not callable(getattr(self._driver, name, None)):
            offered = ", ".join(each for each in COMMANDS if hasattr(self._driver, each)) or "none"
            raise ConfigurationError(f"row {self.row} takes no {name}, it takes {offered}", key="command")
        self._sitting.run(getattr(self._driver, name)(*values))

    @property
    def violations(self) -> list[EnvelopeViolation]:
        """What the guard has blocked."""
        return list(self._place.guard.violations)


class Sitting:
    """The places of a bench file, open while this is. `close` puts everything back; NotRestored when it cannot."""

    def __init__(self, file: str) -> None:
        self.bench = load(file)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="hemtwin bench", daemon=True)
        self._thread.start()
        self._running = Running(self.bench)
        self._taken: dict[str, Taken] = {}
        try:
            self.run(self._running.__aenter__())
        except BaseException:
            self._end()
            raise

    def place(self, name: str) -> Taken:
        """The real place of this name."""

        async def opened() -> RealPlace:
            return self._running.place(name)

        if name not in self._taken:
            self._taken[name] = Taken(self, self.run(opened()))
        return self._taken[name]

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The result of a coroutine, run where the lines live."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        """Put everything back and hang up."""
        try:
            self.run(self._running.__aexit__(None, None, None))
        finally:
            self._end()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
