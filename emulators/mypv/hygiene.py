"""The hygiene programme of a my-PV device: every so many days the water is heated once, against legionella.

Registers 1053 to 1056. ASSUMED: that mode 1 is on and that the programme heats as boost does, from its hour on.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from emulators.faces.settings import one_of, within
from twin.heat import HeatingRod

DAY = 86_400.0


class Hygiene:
    """`now`: the device's own clock. `heat`: begin to heat with all power; it ends when `hot` says so."""

    def __init__(
        self, twin: HeatingRod, clock: Callable[[], float], now: Callable[[], datetime], heat: Callable[[], None]
    ):
        self._twin, self._clock, self._now, self._heat = twin, clock, now, heat
        self._interval, self._start, self._temperature, self._mode = 7, 20, 60, 0
        self._last = float("-inf")  # s; when the water was hot enough
        self._maximum = 0.0  # what the water is usually heated to, while it gets hotter
        self.runs = False

    @property
    def legionella_interval(self) -> int:
        """Days."""
        return self._interval

    @legionella_interval.setter
    def legionella_interval(self, days: int) -> None:
        self._interval = within(days, 1, 30)

    @property
    def legionella_start(self) -> int:
        """Hour of the day."""
        return self._start

    @legionella_start.setter
    def legionella_start(self, hour: int) -> None:
        self._start = within(hour, 0, 23)
        self._plan()

    @property
    def legionella_temperature(self) -> int:
        return self._temperature

    @legionella_temperature.setter
    def legionella_temperature(self, celsius: int) -> None:
        self._temperature = within(celsius, 50, 80)

    @property
    def legionella_mode(self) -> int:
        return self._mode

    @legionella_mode.setter
    def legionella_mode(self, on: int) -> None:
        self._mode = one_of(on, 0, 1)
        self._plan()

    def hot(self) -> bool:
        """Whether the water has been hot enough; the programme is over then."""
        if not self.runs or self._twin.water_temperature < self._temperature - 0.1:
            return False
        self.runs, self._last = False, self._clock()
        if self._twin.maximum_temperature != self._maximum:
            self._twin.maximum_temperature = self._maximum
        return True

    def _plan(self) -> None:
        """Look again when the hour comes."""
        if not self._mode:
            self._twin.cancel("mypv hygiene")
            return
        now = self._now()
        begin = now.replace(hour=self._start, minute=0, second=0, microsecond=0)
        if begin <= now:
            begin += timedelta(days=1)
        self._twin.at("mypv hygiene", self._clock() + (begin - now).total_seconds(), self._hour)

    def _hour(self) -> None:
        if self._clock() - self._last >= (self._interval - 0.5) * DAY:
            self.runs, self._maximum = True, self._twin.maximum_temperature
            if self._maximum < self._temperature:
                self._twin.maximum_temperature = float(self._temperature)
            self._heat()
        self._plan()
