"""Machines that follow a power: states, minimum run and stop times, and a power that rises and falls step by step.

A machine is off, starting, running or stopping. What it is told it does as soon as its times allow it: it starts for
`start_time` s and takes `start_power` W meanwhile, runs for `minimum_run` s at least, stops for `stop_time` s and stays
off for `minimum_stop` s. Running, its power moves towards the target by a hundredth of the rating at a time, `ramp` W
a second, so that flows are constant between two events. All times and the ramp are 0 without further facts: it follows
at once.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from twin.ac import AcDevice
from twin.model import INFINITY
from twin.quantity import command, counted, follows

Phase = Literal["off", "starting", "running", "stopping"]
STEPS = 100  # of a ramp, over the whole rating
SLACK = 1e-6  # s; an instant this near has come


class Plant(AcDevice):
    """A machine between `minimum_power` and `rated_power`. Commands: `power_setpoint` (W, None: it decides itself).

    Generators (fuel cell, CHP) and consumers (electrolyser) count power positive in their own direction; what a
    generator takes while it starts or stands is negative. `facts`: `ramp`, the times above, `start_power`,
    `idle_power`, `own_power`, `stands` (off or standby).
    """

    quantities: ClassVar[tuple[str, ...]] = (
        *AcDevice.quantities, "power_setpoint", "water_temperature", "mode", "heat_power", "heat_energy", "rated_power",
    )  # fmt: skip
    counters: ClassVar[dict[str, tuple[str, int]]] = {"energy": ("power", 1), "heat_energy": ("heat_power", 1)}
    direction: ClassVar[int] = -1

    heat_energy = counted()  # Wh
    operating_hours = counted()
    power_setpoint = command[float | None]("mode", "heat_power")
    own_power = command[float]("mode", "heat_power")  # W it takes or gives while nobody commands it

    def __init__(
        self, rated_power: float, phases: int = 3, minimum_power: float = 0.0, facts: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(phases)
        told = {} if facts is None else facts
        self.rated_power, self.minimum_power = float(rated_power), float(minimum_power)
        self.ramp = float(told.get("ramp", 0.0))
        self.start_time, self.stop_time = float(told.get("start_time", 0.0)), float(told.get("stop_time", 0.0))
        self.minimum_run, self.minimum_stop = float(told.get("minimum_run", 0.0)), float(told.get("minimum_stop", 0.0))
        self.start_power, self.idle_power = float(told.get("start_power", 0.0)), float(told.get("idle_power", 0.0))
        self.heat_energy = self.operating_hours = 0.0
        self.water_temperature: float = 45.0
        self.stands = str(told.get("stands", "off"))  # the word for a machine that could run and does not
        self.starts = 0
        self.faulty = False
        self.phase: Phase = "off"
        self.level = 0.0  # W while it runs
        self._since = self._moved = -INFINITY  # of the phase; of the last step, while it is on its way
        self.__dict__.update(_power_setpoint=None, _own_power=float(told.get("own_power", 0.0)))
        self._put(self._own())

    # what it is told

    def changed(self) -> None:
        self._decide()
        super().changed()

    def set(self, name: str, value: Any) -> None:
        if name == "power":  # it has been doing this for long, and goes on by itself
            self.catch_up()
            self.__dict__["_own_power"] = float(value)
            self._put(self._own())
        super().set(name, value)

    def trip(self, on: bool = True) -> None:
        """A fault: it stands at once, until it is repaired."""
        self.catch_up()
        self.faulty = on
        if on:
            self._enter("off")
        self.free("mode", "heat_power")

    def _own(self) -> float:
        own = float(self.__dict__["_own_power"])
        return 0.0 if own <= 0 or own < self.minimum_power else min(own, self.rated_power)

    def _put(self, watts: float) -> None:
        """Let it be running at this power, or off, for as long as anybody can ask."""
        self.phase, self.level = "running" if watts > 0 else "off", watts
        self._since = self._moved = -INFINITY

    @property
    def target(self) -> float:
        """W that it is told or decides itself, 0 for standing still."""
        if self.faulty:
            return 0.0
        told: float | None = self.__dict__["_power_setpoint"]
        if told is None:
            return self._own()
        return 0.0 if told <= 0 or told < self.minimum_power else min(float(told), self.rated_power)

    # what it does

    def _enter(self, phase: Phase) -> None:
        self.phase, self._since = phase, self.time
        self.level = 0.0
        if phase == "starting":
            self.starts += 1
        if phase == "running":
            self._moved = self.time
            self.level = self.minimum_power or min(self.target, self.rated_power / STEPS)

    def _decide(self) -> None:
        """Go on as far as target and times allow at this instant."""
        self.catch_up()
        target = self.target
        while self.time >= self._may_leave(target) - SLACK:
            match self.phase:
                case "off":
                    self._enter("starting")
                case "starting":
                    self._enter("running" if target else "off")
                case "running":
                    self._enter("stopping")
                case "stopping":
                    self._enter("off")
        if self.phase == "running":
            self._move(self._aim(target))

    def _may_leave(self, target: float) -> float:
        """When it goes over into its next state, with the target that there is."""
        match self.phase:
            case "off":
                return self._since + self.minimum_stop if target else INFINITY
            case "starting":
                return self._since + self.start_time if target else self._since
            case "running":
                return INFINITY if target else self._since + self.minimum_run
            case "stopping":
                return self._since + self.stop_time

    def _aim(self, target: float) -> float:
        """Where its power goes while it runs: to the minimum when it would stop and may not yet."""
        return target or self.minimum_power or self.level

    def _move(self, target: float) -> None:
        """One step towards the target, if it is time for one."""
        if not self.ramp:
            self.level = target
        elif self.level == target:
            self._moved = -INFINITY
        elif self._moved == -INFINITY:  # it sets out
            self._moved = self.time
        elif self.time >= self._moved + self._pause - SLACK:
            step = self.rated_power / STEPS
            self.level = min(self.level + step, target) if target > self.level else max(self.level - step, target)
            self._moved = self.time

    @property
    def stops(self) -> bool:
        """Whether it is on its way from running to standing, and nobody has set another state."""
        return self.phase == "stopping" and "status" not in self.held

    @property
    def left(self) -> float:
        """s that its start still takes, 0 when it is not starting."""
        self.catch_up()
        return max(self._since + self.start_time - self.time, 0.0) if self.phase == "starting" else 0.0

    @property
    def _pause(self) -> float:
        """s between two steps."""
        return self.rated_power / STEPS / self.ramp

    def horizon(self) -> float:
        target = self.target
        due = self._may_leave(target)
        if self.phase == "running" and self.ramp and self.level != self._aim(target):
            due = min(due, self._moved + self._pause)
        return max(due, self.time)

    def reached(self) -> None:
        self.free("heat_power")

    def integrate(self, hours: float) -> None:
        super().integrate(hours)
        if self.phase == "running":
            self.grow("operating_hours", hours)

    def flow(self) -> float:
        match self.phase:
            case "running":
                return self.level
            case "starting":
                return -self.direction * self.start_power
        return -self.direction * self.idle_power

    @follows
    def mode(self) -> str:
        """own (it decides itself) or external (it follows the setpoint)."""
        return "own" if self.__dict__["_power_setpoint"] is None else "external"

    @follows
    def status(self) -> str:
        if self.faulty:
            return "fault"
        return self.stands if self.phase in ("off", "stopping") else self.phase

    @follows
    def heat_power(self) -> float:
        """W."""
        return max(float(self.power), 0.0) * self.heat_share()

    def heat_share(self) -> float:
        """Heat per electric power."""
        return 0.0
