"""What a fuzzed house is judged by: envelopes of setpoints, the operator's limits and the fuse, each second.

Nobody is judged by what he cannot know or reach: a device while it is broken and 45 s after it, a limit of several
devices while one of them or the grid meter is broken, anything before a new controller has had its start.
"""

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from scenarios.bench.estates import STEPS
from scenarios.bench.judge import INFINITY, Judge
from scenarios.bench.staging import LEAST, within
from scenarios.fuzz.world import FAIL_SAFE, LOST, World

STARTS = 15.0  # s that a new controller has until all stands as it should
METER = 3.0  # s until the meter shows a load, it has been read and decided on
FNN = {"0000": 100, "1000": 60, "0100": 30, "0010": 0, "0001": 100, "0101": 30}
METERLESS = (69,)  # stations that do not say what the car takes
LEAST_LARGE = 4200.0  # W above which a load is controllable


@dataclass
class Verdict:
    """One house's count. `outside`: setpoints outside the envelope; `above`, `overdrawn`: s."""

    seed: int
    ticks: int = 0
    outside: int = 0
    above: float = 0.0
    overdrawn: float = 0.0
    first: list[str] = field(default_factory=list)

    @property
    def held(self) -> bool:
        return not (self.outside or self.above or self.overdrawn)


class Watch:
    """The judge of one world."""

    def __init__(self, world: World) -> None:
        self.world, self.verdict = world, Verdict(world.bench.row.row)
        self.outside: set[tuple[str, str]] = set()
        house = world.house
        self.judge = Judge(house)
        self.generators = [name for name in world.can("limit_power") if name in house.twins]
        self.cars = [name for name in world.of("charger") if name in house.twins]
        self.takers = [name for name in world.of("charger", "battery", "heater") if name in house.twins]
        for name in self.generators:
            self.judge.generator(name, within(house, name), lambda name=name: self.unsure(name))  # type: ignore[misc]
        slow = within(house, *self.takers) + METER if self.takers else 0.0
        everybody = (*self.takers, *self.generators, "grid")
        if house.file.grid.section14a is not None and self.cars:
            # what the rule divides: a car's reaction, and the seconds over which the least surplus counts
            self.judge.dimmed(self.dimmable(), slow + 15.0, lambda: self.unsure(*everybody))
        if world.guard is not None:
            self.judge.bound(
                "import", lambda: house.physics.grid_power - self.others(), within=slow + 15.0, slack=300.0,
                excused=lambda: self.unsure(*everybody) or self.idle(),
            )  # fmt: skip
            self.judge.bound(
                "feed-in", lambda: -house.physics.grid_power, within=slow + 10.0, slack=300.0,
                excused=lambda: self.unsure(*everybody) or self.dark(),
            )  # fmt: skip
        if self.cars:
            fuse = float(house.file.site.fuse)
            meterless = any(device.row in METERLESS for device in house.file.device)
            slow += within(house, *self.cars) if meterless else 0.0  # lowered first, then paused
            self.judge.fuse(fuse, slow, excused=lambda: self.unsure(*self.takers, "grid") or self.idle())

    def unsure(self, *names: str) -> bool:
        """Whether one of these is broken or was a moment ago, or the controller has not had its start."""
        world = self.world
        if not world.alive or world.now < world.started + STARTS:
            return True
        broken = {name for name in names if name in world.broken or world.now < world.mended.get(name, 0.0)}
        return bool(broken)

    def idle(self) -> bool:
        """Whether no load that can be steered takes anything."""
        return all(self.takes(name) < 150.0 for name in self.takers)

    def dark(self) -> bool:
        """Whether no generator that can be limited feeds anything."""
        return all(float(self.world.house.twins[name].power) < 150.0 for name in self.generators)

    def takes(self, name: str) -> float:
        twin = self.world.house.twins[name]
        return max(-float(twin.direction) * float(twin.power), 0.0)

    def others(self) -> float:
        """W that come from the grid for what nobody steers, beyond what the guard allows: not the controller's."""
        bound = self.judge.bounds["import"].most
        steered = sum(self.takes(name) for name in self.takers)
        return max(self.world.house.physics.grid_power - steered - bound, 0.0) if bound < INFINITY else 0.0

    def dimmable(self) -> list[str]:
        return [name for name in self.takers if name in self.controllable()]

    def controllable(self) -> list[str]:
        """Loads of section 14a: above 4.2 kW, by what the installer allows a car and by what others are rated."""
        found = []
        for name in self.takers:
            twin: Any = self.world.house.twins[name]
            function = self.world.house.hem.members[name].function
            power = 11_000.0 if function == "charger" else float(getattr(twin, "rated_power", 0.0))
            if power > LEAST_LARGE:
                found.append(name)
        return found

    def orders(self) -> None:
        """What the operator and the guard ask for now."""
        world, now = self.world, self.world.now
        fnn = world.house.file.of_function("ripple")[0].receiver.coding == "fnn"
        percent = (FNN if fnn else STEPS)[world.pattern]
        for name in self.generators:
            self._order(f"{name} feeds", percent / 100 * float(world.house.twins[name].rated_power), now)
        if "the loads of section 14a take" in self.judge.bounds:
            dims = world.pattern[3] == "1" if fnn else world.pattern == "0001"
            least = LEAST[min(max(len(self.controllable()), 1), 9)]
            self._order("the loads of section 14a take", float(least) if dims else INFINITY, now)
        if world.guard is not None:
            lost = now - world.guard.heard >= LOST or world.guard.heard < world.started
            for use, name in (("LPC", "import"), ("LPP", "feed-in")):
                told = world.guard.told.get(use, INFINITY)
                self._order(name, max(FAIL_SAFE, told) if lost else told, now)

    def _order(self, name: str, most: float, now: float) -> None:
        bound = self.judge.bounds[name]
        if most != bound.most:
            bound.order(most, now)

    def look(self) -> None:
        """One second later."""
        world, verdict = self.world, self.verdict
        self.orders()
        world.house.physics.advance(world.now)
        for bound in self.judge.bounds.values():
            before = bound.beyond
            bound.look(world.now)
            if bound.beyond > before and before == 0:
                self.tell(f"{bound.name}: {bound.measure():.0f} above {bound.most:.0f}")
        self._envelopes()
        verdict.ticks += 1

    def _envelopes(self) -> None:
        """Setpoints outside, of one that runs; what was decided before a rating was known is none in a second."""
        if not self.world.alive:
            self.outside = set()
            return
        found = {
            (device, aspect): f"{device}: {setpoint.said} {why}"
            for device, aspects in self.world.house.hem.wanted.items()
            for aspect, setpoint in aspects.items()
            if (why := self.wrong(device, setpoint))
        }
        for key, what in found.items():
            if key in self.outside:
                self.verdict.outside += 1
                self.tell(what)
        self.outside = set(found)

    def tell(self, what: str) -> None:
        if len(self.verdict.first) < 5:
            self.verdict.first.append(f"{self.world.now - self.world.bench.start:.0f} s: {what}")

    def wrong(self, device: str, setpoint: Any) -> str:
        """Why a setpoint is outside of what the installer and the name plate allow, empty when it is not."""
        value = setpoint.value
        if value is None:
            return ""
        if not isfinite(value):
            return "is no number"
        house = self.world.house
        settings = next((each for each in house.file.device if each.name == device), None)
        if settings is None or device not in house.twins:
            return ""
        rated = float(getattr(house.twins[device], "rated_power", 0.0) or 0.0)
        rated = rated or INFINITY
        member = house.hem.members[device]
        known = member.rated_power > 0 and member.state != "waiting"
        match setpoint.command:
            case "limit_power":
                low, high = 0.0, rated if known else INFINITY
            case "charge":
                low, high = 0.0, settings.battery.charge_power or (rated if known else INFINITY)
            case "discharge":
                low, high = 0.0, settings.battery.discharge_power or (rated if known else INFINITY)
            case "limit_current":
                low, high = settings.charging.minimum_current, settings.charging.maximum_current
            case _:
                low, high = 0.0, settings.heating.maximum_power or (rated if known else INFINITY)
        return "" if low - 1e-6 <= value <= 1.001 * high + 1.0 else f"outside {low:g} to {high:g}"

    def done(self, seed: int) -> Verdict:
        verdict = self.verdict
        verdict.seed = seed
        for name, bound in self.judge.bounds.items():
            if name == "main fuse":
                verdict.overdrawn += bound.beyond
            else:
                verdict.above += bound.beyond
        return verdict
