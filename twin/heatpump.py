"""An air/water heat pump with a buffer of water, and what its SG Ready input asks of it.

Its compressor runs at its rated power or not at all. Heat per electric power is a table over ambient and flow
temperature: hplib 1.9, model ECOAIR EVI 3-12kW (regulated, air/water), a fit of Keymark data with a mean error of 3 %.
hplib's generic row of that group falls below 1 in the cold. Database: CC BY 4.0, RE-Lab-Projects/hplib.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

from twin import tank
from twin.ac import AcDevice
from twin.model import INFINITY
from twin.quantity import command, counted, follows
from twin.tank import WATER

Request = Literal["locked", "normal", "raised", "forced"]

AMBIENT = (-15.0, -7.0, 2.0, 7.0, 12.0, 20.0)  # degrees C
FLOW = (35.0, 45.0, 55.0)
COP = (
    (3.162, 3.743, 4.396, 4.759, 5.122, 5.703),
    (2.487, 3.067, 3.721, 4.084, 4.447, 5.028),
    (1.811, 2.392, 3.045, 3.408, 3.771, 4.352),
)
SPREAD = 5.0  # K between the water in the buffer and the flow
COARSE = 1.0  # K that the water may move before the heat is worked out anew
SLACK = 1e-6  # s


def performance(ambient: float, flow: float) -> float:
    """Heat per electric power, between the points of the table; at its edges beyond it."""
    row, part = _place(FLOW, flow)
    column, rest = _place(AMBIENT, ambient)
    low, high = (a + (b - a) * rest for a, b in ((line[column], line[column + 1]) for line in COP[row : row + 2]))
    return low + (high - low) * part


def _place(points: Sequence[float], value: float) -> tuple[int, float]:
    """Between which two points a value lies, and where."""
    value = min(max(value, points[0]), points[-1])
    at = min(bisect_right(points, value) - 1, len(points) - 2)
    return at, (value - points[at]) / (points[at + 1] - points[at])


class HeatPump(AcDevice):
    """Load positive. Commands are assignments: `request` (SG Ready), `draw` (W of heat that the house takes).

    locked: it stands. normal: it keeps the buffer between `set_temperature` and `hysteresis` K below it. raised: the
    same, `raised` K higher. forced: it runs until the buffer is `forced` K higher. The compressor runs and rests for
    `minimum_run` and `minimum_stop` s at least, only a lock stops it at once, and it starts `starts_an_hour` times at
    most. A request counts once the one before it has stood for `dwell` s; a lock at once, and no longer than
    `longest_lock` s. `facts`: these, by name; without them nothing is held back.
    """

    quantities: ClassVar[tuple[str, ...]] = (
        *AcDevice.quantities, "water_temperature", "mode", "heat_power", "heat_energy", "rated_power",
    )  # fmt: skip
    counters: ClassVar[dict[str, tuple[str, int]]] = {"energy": ("power", 1), "heat_energy": ("heat_power", 1)}
    direction: ClassVar[int] = -1

    water_temperature = counted()  # degrees C
    heat_energy = counted()  # Wh
    drawn_energy = counted()  # Wh that the house took
    lost_energy = counted()  # Wh to the room
    request = command[Request]("mode", "heat_power")
    draw = command[float]()
    set_temperature = command[float]()
    ambient_temperature = command[float]()

    def __init__(self, rated_power: float, phases: int = 3, facts: Mapping[str, Any] | None = None) -> None:
        super().__init__(phases)
        told = {} if facts is None else facts
        self.rated_power = float(rated_power)
        self.minimum_run, self.minimum_stop = float(told.get("minimum_run", 0.0)), float(told.get("minimum_stop", 0.0))
        self.dwell, self.longest_lock = float(told.get("dwell", 0.0)), float(told.get("longest_lock", INFINITY))
        self.starts_an_hour = float(told.get("starts_an_hour", INFINITY))
        self.capacity = float(told.get("buffer", 1000.0)) * WATER  # Wh/K
        self.loss, self.room_temperature = 3.0, 20.0  # W/K of a buffer of 1000 l
        self.hysteresis, self.raised, self.forced = 5.0, 4.0, 8.0
        self.running = False
        self.started: tuple[float, ...] = ()  # when, within the last hour
        self.asked: Request = "normal"  # what counts of the requests
        self._since = self._moved = -INFINITY  # of what counts, of the compressor's last start or stop
        self._share = 0.0
        self.__dict__.update(
            _request="normal", _draw=0.0, _set_temperature=45.0, _ambient_temperature=7.0, _water_temperature=43.0
        )
        self.heat_energy = self.drawn_energy = self.lost_energy = 0.0

    def set(self, name: str, value: Any) -> None:
        if name == "power":
            self.running = bool(value and value > 0)
        super().set(name, value)

    def changed(self) -> None:
        self._decide()
        super().changed()

    # what counts of what it is asked for

    def _decide(self) -> None:
        self.catch_up()
        now, request = self.time, self.request
        if request != self.asked and now >= self._heard() - SLACK:
            self.asked, self._since = request, now
        wanted = self._wanted()
        if wanted != self.running and now >= self._may_turn() - SLACK:
            self.running, self._moved = wanted, now
            if wanted:
                self.started = (*(at for at in self.started if at > now - 3600), now)
        self._share = performance(self.ambient_temperature, self.water_temperature + SPREAD)

    def _heard(self) -> float:
        """When a request that differs from what counts comes to count."""
        return -INFINITY if self.request == "locked" else self._since + self.dwell

    @property
    def locked(self) -> bool:
        """Whether a lock counts, which nobody can make last for ever."""
        return self.asked == "locked" and self.time < self._since + self.longest_lock - SLACK

    def _limits(self) -> tuple[float, float]:
        """The temperatures at which it starts and stops."""
        most = self.set_temperature + {"raised": self.raised, "forced": self.forced}.get(self.asked, 0.0)
        return (most if self.asked == "forced" else most - self.hysteresis), most

    def _wanted(self) -> bool:
        """Whether the compressor should run."""
        if self.locked:
            return False
        start, stop = self._limits()
        if self.running:
            return self.water_temperature < stop - 1e-9
        return self.water_temperature < start - (1e-9 if self.asked == "forced" else -1e-9)

    def _may_turn(self) -> float:
        """When the compressor may start or stop next."""
        if self.running:
            return -INFINITY if self.locked else self._moved + self.minimum_run
        recent = [at for at in self.started if at > self.time - 3600 + SLACK]
        full = len(recent) >= self.starts_an_hour
        return max(self._moved + self.minimum_stop, recent[0] + 3600 if full else -INFINITY)

    # time

    def horizon(self) -> float:
        due = INFINITY
        if self.request != self.asked:
            due = min(due, self._heard())
        if self.locked:
            due = min(due, self._since + self.longest_lock)
        if self._wanted() != self.running:
            due = min(due, self._may_turn())
        return max(min(due, self.time + 3600 * self._hours_to_next()), self.time)

    def _hours_to_next(self) -> float:
        """Until the thermostat has something to decide, or the heat is another one."""
        now, rest = self.water_temperature, self._rest()
        start, stop = self._limits()
        target = stop if rest > now else start
        if (rest > now) != (target > now):
            target = now + (COARSE if rest > now else -COARSE)
        step = now + (COARSE if rest > now else -COARSE)
        near = min(target, step) if rest > now else max(target, step)
        return tank.hours_until(near, now, rest, self.loss, self.capacity)

    def reached(self) -> None:
        start, stop = self._limits()
        for edge in (start, stop):
            if abs(self.water_temperature - edge) < 1e-6:
                self.__dict__["_water_temperature"] = edge
        self.free("heat_power")

    def integrate(self, hours: float) -> None:
        super().integrate(hours)
        warmer = tank.after(self.water_temperature, self._rest(), hours, self.loss, self.capacity)
        warmer -= self.water_temperature
        drawn = self.draw * hours
        self.grow("water_temperature", warmer)
        self.grow("drawn_energy", drawn)
        self.grow("lost_energy", float(self.heat_power) * hours - drawn - warmer * self.capacity)

    def _rest(self) -> float:
        return tank.rest(self.room_temperature, float(self.heat_power) - self.draw, self.loss)

    # what follows

    def flow(self) -> float:
        return self.rated_power if self.running else 0.0

    @follows
    def heat_power(self) -> float:
        """W into the buffer."""
        return max(float(self.power), 0.0) * self._share

    @follows
    def mode(self) -> str:
        """locked, normal, raised or forced: what counts of the requests."""
        return "normal" if self.asked == "locked" and not self.locked else self.asked
