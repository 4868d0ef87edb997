"""How a fault comes to a device under a controller at work and goes again, and whether it has shown in between."""

from dataclasses import dataclass

from emulators.faults.possible import BESIDE
from scenarios.bench.around import House, alone
from scenarios.bench.bench import Bench
from scenarios.bench.commands import commands, kinds, ready, resting_of, slack
from scenarios.kinds.kind import Command
from scenarios.stories.silence import boot, dark


@dataclass
class Held:
    """The controller at work on one device with one command that a user asks for."""

    bench: Bench
    house: House
    command: Command
    since: "Mark | None" = None  # when the fault that is on came

    def ask(self, command: Command) -> None:
        """From now on this is wanted."""
        self.command = command
        self.house.plan.ask(self.house.name, command.method, command.value)
        self.house.hem.hurry()

    def end(self) -> None:
        """Nothing is wanted any more."""
        self.house.plan.ask(self.house.name, "release", None)

    @property
    def power(self) -> float:
        return self.command.power(self.bench)

    @property
    def found(self) -> float:
        return float(self.bench.truth(self.command.quantity) or 0.0)

    @property
    def in_control(self) -> bool:
        return abs(self.found - self.power) <= slack(self.bench)

    @property
    def free(self) -> bool:
        return abs(self.found - resting_of(self.bench, self.command)[1]) <= slack(self.bench)


@dataclass(frozen=True)
class Mark:
    """What had happened when a fault came: frames, writes, and how far the wall clock was ahead of time, in s."""

    frames: int
    writes: int
    ahead: float

    @classmethod
    def of(cls, bench: Bench) -> "Mark":
        ahead = bench.clock.now() - bench.clock.monotonic()
        return cls(len(bench.record.frames), len(bench.writes()), ahead)


def held(bench: Bench) -> Held:
    """A controller, not yet started, of a site in which nobody else wants anything of the device."""
    return Held(bench, alone(bench, **bench.kind.left_alone), commands(bench)[0])


async def begin(bench: Bench, site: Held, fault: str) -> None:
    """Switch a fault on, with whatever happens at that instant."""
    device = bench.device
    device.faults.shown.clear()
    site.since = Mark.of(bench)
    match fault:
        case "controller-killed":
            site.house.kill()
        case "controller-stalled":
            site.house.hem.stalled = True
        case "clock-step":
            bench.clock.step(-3600.0)
        case "reboot":
            dark(bench)
            return
        case "second-master":
            await stranger(bench, site.command)
        case _:
            device.begin(fault)
    ready(bench)


def showed(bench: Bench, site: Held, fault: str) -> bool:
    """Whether the fault that is on has made a difference since it came."""
    now, then = Mark.of(bench), site.since
    assert then is not None
    match fault:
        case "controller-killed":
            return all(way != ">" for _, way, _ in bench.record.frames[then.frames :])
        case "controller-stalled":
            return now.writes == then.writes
        case "second-master":
            return now.writes > then.writes
        case "clock-step":
            return abs(now.ahead - then.ahead) > 3000.0
    return fault in bench.device.faults.shown


async def stranger(bench: Bench, standing: Command) -> None:
    """Another controller commands the device once and goes away."""
    mine, bench.driver = bench.driver, bench.newcomer()
    try:
        contrary = next(
            each for group in kinds(bench) for each in group
            if each.quantity == standing.quantity and each.power(bench) != standing.power(bench)
        )  # fmt: skip
        await bench.attempt(bench.identify)
        await bench.attempt(lambda: contrary.give(bench))
    finally:
        bench.driver = mine


async def end(bench: Bench, site: Held, fault: str) -> None:
    """Switch the fault off; a controller that died is started again."""
    if fault not in BESIDE and fault != "reboot":
        bench.device.end(fault)
    match fault:
        case "reboot":
            boot(bench)
        case "controller-killed":
            site.house.control()
            site.house.start()
            site.ask(site.command)
        case "controller-stalled":
            site.house.hem.stalled = False
        case "clock-step":
            bench.clock.step(7200.0)
    ready(bench)
