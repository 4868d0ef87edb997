"""A house that is drawn, and what happens to it: signals, sun, loads, cars, users, faults, clock steps, restarts.

One seed is one house and its whole story, so that any tick can be told again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from controller.log import Event
from controller.store import Memory
from emulators.faults.known import LIES
from scenarios.bench.around import Data, House
from scenarios.bench.bench import Bench
from scenarios.bench.estates import FARM, FARM_SITE, HOUSE, STEPS, drawn, stand

BEAT = 30.0  # s between two heartbeats of an energy guard
LOST = 120.0  # s after the last one until its fail-safe counts
FAIL_SAFE = 4200.0  # W
FAULTS = (
    "connect-refused", "connect-hang", "connections-taken", "half-open", "late-reply", "busy", "exception", "noise",
    "short-count", "reset-mid-reply", "reboot", "enable-lost", "write-reverted", "not-available", "frozen", "sign-flip",
)  # fmt: skip


@dataclass
class Guard:
    """An energy guard: the limits it has, what of them was heard and when last, and until when it is silent."""

    limits: dict[str, float] = field(default_factory=dict)
    told: dict[str, float] = field(default_factory=dict)
    heard: float = 0.0
    silent_until: float = 0.0


@dataclass
class World:
    """A house with its story so far. `broken`: fault by device; `mended`: until when a device is not judged.

    `faulty`: whether devices break in it; where none does nobody is excused.
    """

    bench: Bench
    house: House
    random: Random
    guard: Guard | None
    faulty: bool
    alive: bool = True
    started: float = 0.0
    pattern: str = "0000"
    broken: dict[str, str] = field(default_factory=dict)
    mended: dict[str, float] = field(default_factory=dict)
    due: list[tuple[float, Callable[[], object]]] = field(default_factory=list)  # what ends by itself
    told: list[str] = field(default_factory=list)
    said: list[Event] = field(default_factory=list)  # by controllers that have ended

    @property
    def now(self) -> float:
        return float(self.bench.env.now)

    def of(self, *functions: str) -> list[str]:
        return [name for name, member in self.house.hem.members.items() if member.function in functions]

    def can(self, command: str) -> list[str]:
        """Those that take a command and have a twin in the house."""
        members = self.house.hem.members
        return [name for name in self.house.twins if name in members and members[name].can(command)]

    def tell(self, what: str) -> None:
        self.told.append(f"{self.now - self.bench.start:.1f} {what}")


def world(seed: int) -> World:
    """The house of a seed, not yet started."""
    random = Random(seed)
    bench = Bench(143, "contacts")
    match seed % 5:
        case 0:
            devices, site = [*HOUSE], {}
        case 1:
            devices, site = [*FARM], dict(FARM_SITE)
        case _:
            devices, site = drawn(seed), {"fuse": random.choice((25.0, 35.0, 63.0))}
    grid: Data = {**site.get("grid", {})}
    if random.random() < 0.5:
        grid["section14a"] = {"receiver": "operator"}
    if random.random() < 0.3:
        grid |= {"lpc": {"fail_safe_power": FAIL_SAFE}, "lpp": {"fail_safe_power": FAIL_SAFE}}
    if random.random() < 0.3:
        grid |= random.choice(({"export_percent": 60}, {"export_power": 0}, {"export_power": 3000}))
    site["first"] = random.choice(("car", "battery"))
    changed = {each["name"]: _changed(random, each) for each in devices}
    house = stand(bench, devices, random.uniform(200.0, 2000.0), changed, Memory(), {**site, "grid": grid})
    found = World(bench, house, random, Guard() if "lpc" in grid else None, random.random() < 0.5)
    for twin in house.twins.values():
        if hasattr(twin, "soc"):
            twin.set("soc", random.choice((0.0, 15.0, 50.0, 85.0, 100.0)))
    return found


def _changed(random: Random, device: Data) -> Data:
    """Other settings of the reference houses' cars and batteries."""
    if device["row"] in (65, 72, 75, 90) and random.random() < 0.6:
        return {"charging": {"mode": random.choice(("fast", "surplus", "none", "off"))}}
    if device["row"] in (53, 63) and random.random() < 0.5:
        return {"battery": {"regulation": random.choice(("own", "controller")), "charge_power": 3000}}
    return {}


def happen(world: World) -> None:
    """One thing, chosen at random."""
    happening: Mapping[Callable[[World], None], int] = {
        contacts: 5, sun: 5, load: 3, car: 4, wish: 3, fault: 4 if world.faulty else 0, limit: 3 if world.guard else 0,
        silence: 1 if world.guard else 0, clock: 1, restart: 1,
    }  # fmt: skip
    world.random.choices(list(happening), list(happening.values()))[0](world)


def contacts(world: World) -> None:
    world.pattern = world.random.choice((*STEPS, "0000"))
    if world.house.file.of_function("ripple")[0].receiver.coding == "fnn":
        world.pattern = world.random.choice(("0000", "1000", "0100", "0010", "0001", "0101"))
    for number, digit in enumerate(world.pattern, 1):
        world.house.twins["operator"].set(f"k{number}", digit == "1")
    world.tell(f"contacts {world.pattern}")


def sun(world: World) -> None:
    share = world.random.choice((0.0, 0.1, world.random.random(), 1.0))
    for name in world.of("pv", "battery"):
        installation = world.house.installations.get(name)
        if installation is None:
            continue
        solar = installation.main.row in installation.profile.data.get("solar", ())
        if solar or world.house.hem.members[name].function == "pv":
            world.house.sun(share * float(world.house.twins[name].rated_power), name)
    world.tell(f"sun {share:.2f}")


def load(world: World) -> None:
    watts = world.random.choice((150.0, 900.0, 3000.0, world.random.uniform(100.0, 16_000.0)))
    world.house.load(watts)
    world.tell(f"load {watts:.0f}")


def car(world: World) -> None:
    points = [name for name in world.of("charger") if name in world.house.twins]
    if not points:
        return
    name = world.random.choice(points)
    twin = world.house.twins[name]
    there = not twin.plugged or world.random.random() < 0.3
    twin.authorized, twin.vehicle_current = True, world.random.choice((10.0, 16.0, 32.0))
    twin.vehicle_phases = world.random.choice((1, 2, 3, 3))
    twin.set("plugged", there)
    world.tell(f"{name} {'plugged' if there else 'unplugged'}")


def wish(world: World) -> None:
    if not world.alive:
        return
    commands: dict[str, tuple[float | None, ...]] = {
        "limit_power": (0.0, 1500.0, 1e6), "charge": (800.0, 1e5), "discharge": (1200.0, -5.0, 1e5),
        "limit_current": (6.0, 13.0, 63.0, 2.0), "pause": (None,), "set_power": (500.0, 1e5, -3.0),
        "release": (None,),
    }  # fmt: skip
    command = world.random.choice(list(commands))
    able = world.can(command)
    if able:
        name, value = world.random.choice(able), world.random.choice(commands[command])
        world.house.plan.ask(name, command, value, world.random.choice((None, 20.0, 90.0)))
        world.tell(f"{name} {command} {value}")


def fault(world: World) -> None:
    """A fault comes to a device and goes after a while."""
    able = [name for name in world.house.installations if name not in world.broken and name != "operator"]
    if not able:
        return
    name = world.random.choice(able)
    device = world.house.installations[name].main
    known = [each for each in FAULTS if each in device.possible]
    if not known:
        return
    what, lasts = world.random.choice(known), world.random.uniform(2.0, 60.0)
    device.begin(what, **({"seconds": 5.0} if what == "late-reply" else {}))
    world.broken[name] = what
    world.due.append((world.now + lasts, lambda: _mend(world, name, what)))
    world.tell(f"{name} {what} for {lasts:.0f} s")


def _mend(world: World, name: str, what: str) -> None:
    device = world.house.installations[name].main
    device.end(what)
    world.broken.pop(name, None)
    # a grid meter that has lied is believed again only when it and the others have agreed
    world.mended[name] = world.now + (180.0 if what in LIES else 45.0)
    world.tell(f"{name} mended")


def limit(world: World) -> None:
    """The guard says another limit, heartbeat before it."""
    assert world.guard is not None
    use = world.random.choice(("LPC", "LPP"))
    world.guard.limits[use] = world.random.choice((0.0, 2500.0, 7000.0, 50_000.0))
    speak(world)
    world.tell(f"{use} {world.guard.limits[use]:.0f}")


def silence(world: World) -> None:
    assert world.guard is not None
    world.guard.silent_until = world.now + world.random.choice((60.0, 115.0, 200.0))
    world.tell(f"the guard is silent until {world.guard.silent_until - world.bench.start:.0f}")


def speak(world: World) -> None:
    """Heartbeat and both limits again, unless nobody is there to hear it."""
    guard: Any = world.guard
    if guard is None or not world.alive or world.now < guard.silent_until:
        return
    uses: tuple[Any, ...] = ("LPC", "LPP")
    for use in uses:
        watts = guard.limits.setdefault(use, 50_000.0)
        world.house.plan.guard(use)
        world.house.plan.guard(use, watts if use == "LPC" else -watts)
    guard.heard, guard.told = world.now, dict(guard.limits)


def clock(world: World) -> None:
    seconds = world.random.choice((-3600.0, 3600.0, -1.0, 90_000.0, -86_400.0))
    world.bench.clock.step(seconds)
    world.tell(f"clock {seconds:+.0f} s")


def restart(world: World) -> None:
    """Killed or stopped, and started again after a while."""
    if not world.alive:
        return
    killed, away = world.random.random() < 0.7, world.random.choice((0.2, 3.0, 25.0))
    world.alive = False
    if killed:
        world.house.kill()
        world.due.append((world.now + away, lambda: _again(world)))
    else:
        world.house.hem.stop()
        world.due.append((world.now + 20.0 + away, lambda: _again(world)))
    world.tell(f"{'killed' if killed else 'stopped'} for {away:g} s")


def _again(world: World) -> None:
    world.said += world.house.hem.log
    world.house.control()
    world.house.start()
    world.alive, world.started = True, world.now
    speak(world)
    world.tell("started")
