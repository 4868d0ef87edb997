"""The judge of a house: what flows at its connection point, through its fuses and out of its devices, each second.

It looks at the energy balance alone, never at the controller. What flows may lie above a bound for as long as is
declared, counted from when it came to lie there or from when the bound fell: what comes back within `CALM` s has not
ended. `excused` seconds (who is above cannot be reached) count for nothing.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

from scenarios.bench.around import House
from scenarios.bench.record import Record
from twin.meter import ElectricityMeter

STEP = 1.0  # s between two looks
CALM = 5.0  # s below a bound until being above it has ended
NOMINAL = 230.0  # V
INFINITY = float("inf")
AT_THE_METER = frozenset({43, 44, 45, 46, 50, 64})  # rows whose makers limit only what is fed at the grid connection


@dataclass
class Bound:
    """At most `most` may be measured, for longer than `within` s never more than `slack` above it."""

    name: str
    measure: Callable[[], float]
    most: float
    within: float
    slack: float
    excused: Callable[[], bool] | None = None
    since: float | None = None  # when it came to lie above, or when the bound fell
    above_at: float = 0.0
    beyond: float = 0.0  # s above the bound that were not declared
    worst: float = 0.0
    at: float = 0.0

    def order(self, most: float, now: float) -> None:
        """From now on this is the most."""
        if most < self.most:
            self.since = now
            self.above_at = now
        self.most = most

    def look(self, now: float) -> None:
        found = self.measure()
        if found <= self.most + self.slack:
            if self.since is not None and now - self.above_at > CALM:
                self.since = None
            return
        self.above_at = now
        if self.since is None or (self.excused is not None and self.excused()):
            self.since = now
        if now - self.since <= self.within:
            return
        self.beyond += STEP
        if found - self.most > self.worst:
            self.worst, self.at = found - self.most, now


@dataclass
class Judge:
    """Watches a house from `start` on; `bounds` by name."""

    house: House
    bounds: dict[str, Bound] = field(default_factory=dict)

    def start(self) -> None:
        env: Any = self.house.bench.env
        env.process(self._watch(env))

    def _watch(self, env: Any) -> Generator[Any, Any, None]:
        while True:
            yield env.timeout(STEP)
            now = float(env.now)
            self.house.physics.advance(now)
            for bound in self.bounds.values():
                bound.look(now)

    def bound(
        self, name: str, measure: Callable[[], float], most: float = INFINITY, *, within: float, slack: float,
        excused: Callable[[], bool] | None = None,
    ) -> Bound:  # fmt: skip
        """Watch another bound."""
        found = self.bounds[name] = Bound(name, measure, most, within, slack, excused)
        return found

    def export(self, within: float, slack: float) -> Bound:
        """What is fed at the connection point, W."""
        return self.bound("feed-in", lambda: -self.house.physics.grid_power, within=within, slack=slack)

    def generator(self, name: str, within: float, excused: Callable[[], bool] | None = None) -> Bound:
        """What a generator or hybrid feeds, W; of some only that which leaves the house."""
        twin, physics = self.house.twins[name], self.house.physics
        at_meter = self.house.installations[name].main.row in AT_THE_METER

        def measure() -> float:
            power = float(twin.power)
            return min(power, max(-float(physics.grid_power), 0.0)) if at_meter else power

        slack = max(0.015 * float(twin.rated_power), 75.0)
        return self.bound(f"{name} feeds", measure, within=within, slack=slack, excused=excused)

    def dimmed(self, names: Sequence[str], within: float, excused: Callable[[], bool] | None = None) -> Bound:
        """What these loads take of the grid together (netzwirksamer Bezug), W."""
        physics, twins = self.house.physics, [self.house.twins[name] for name in names]

        def measure() -> float:
            taken = sum(max(-each.direction * float(each.power), 0.0) for each in twins)
            return float(min(taken, max(physics.grid_power, 0.0)))

        return self.bound("the loads of section 14a take", measure, within=within, slack=150.0, excused=excused)

    def fuse(self, amperes: float, within: float, names: Sequence[str] = (), label: str = "main fuse",
             excused: Callable[[], bool] | None = None) -> Bound:  # fmt: skip
        """The strongest phase of the main fuse, or of one behind which only `names` hang, A at 230 V."""
        physics = self.house.physics
        if not names:
            return self.bound(
                label, lambda: max(physics.grid_phases) / NOMINAL, amperes, within=within, slack=0.25, excused=excused
            )
        meter = ElectricityMeter(3)
        physics.meter(f"judge of {label}", meter, tuple(names))
        powers = ("power_l1", "power_l2", "power_l3")
        return self.bound(
            label, lambda: max(float(getattr(meter, each) or 0.0) for each in powers) / NOMINAL, amperes,
            within=within, slack=0.25, excused=excused,
        )  # fmt: skip

    def tell(self, record: Record, begin: float, label: str = "") -> None:
        """One check a bound: how long what flowed was above it without being declared."""
        label = f"{label}: " if label else ""
        for each in self.bounds.values():
            where = f", by {each.worst:.0f} at {each.at - begin:.0f} s" if each.beyond else ""
            record.check(
                f"{label}{each.name} no more than declared", each.beyond == 0, f"0 s above it after {each.within:g} s",
                f"{each.beyond:g} s{where}",
            )  # fmt: skip
