"""What machines must not be asked too often: another power, a start, a stop. A wish that comes too soon waits.

The driver asks each time that a command is repeated; what waits is then given as soon as its time has come.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Steps:
    """Powers no closer in time than `pause` s. `waiting`: what waits, in words, empty when nothing does."""

    pause: float
    waiting: str = ""
    _power: float | None = None
    _since: float = float("-inf")

    def told(self, wanted: float, now: float) -> float:
        """The power to give now, in W."""
        left = self._since + self.pause - now
        if self._power is None or wanted == self._power or left <= 0:
            self.waiting = ""
            return wanted
        self.waiting = f"{wanted:.0f} W wait: its power is changed every {self.pause / 60:.0f} min at most"
        return self._power

    def took(self, power: float, now: float) -> None:
        """It was given."""
        if power != self._power:
            self._power, self._since = power, now

    def forget(self) -> None:
        """Nothing is asked any more; the time of the last change still counts."""
        self.waiting = ""


@dataclass(slots=True)
class Runs:
    """A machine that runs for `least_run` s at least and then stands for `least_stop` s. Times are monotonic.

    A machine whose past nobody knows may be started and stopped.
    """

    least_run: float
    least_stop: float
    waiting: str = ""
    _running: bool | None = None
    _since: float = float("-inf")

    def saw(self, running: bool, now: float) -> None:
        """Whether it runs."""
        if running != self._running:
            self._since = float("-inf") if self._running is None else now
            self._running = running

    def may_run(self, wanted: bool, now: float) -> bool:
        """Whether it is to run now."""
        least = self.least_run if self._running else self.least_stop
        if self._running is None or wanted == self._running or now - self._since >= least:
            self.waiting = ""
            return wanted
        verb = "runs" if self._running else "stands"
        self.waiting = f"a {'stop' if self._running else 'start'} waits: it {verb} for {least / 60:.0f} min at least"
        return self._running

    def forget(self) -> None:
        """Nothing is asked any more."""
        self.waiting = ""
