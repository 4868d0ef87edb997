"""Every controllable device under every fault: safe in time, and back in control within one re-arm sequence.

The real controller (`controller.hem.Hem`) holds one command. A fault comes, stays for two minutes and goes. The
oracle is power, not registers: under the fault the device does what it was told, or nothing, or what its document
says it does when it hears nothing (`when_silent`), no later than the device's own time-out or a minute; afterwards it
does what it was told within `BACK` seconds. Source of the catalogue F1 to F28: emulators/faults/known.py.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import simpy

from controller.hem import Hem, Snapshot
from controller.members import PACE, Member, Setpoint
from emulators.faults.known import CATALOGUE
from scenarios.bench.bench import Bench
from scenarios.bench.commands import commands, fallback_power, ready, resting, slack
from scenarios.bench.story import Story
from scenarios.stories.lines import carries
from scenarios.stories.silence import STARTS, boot, dark

LASTS = 120.0  # s that a fault stays
BACK = 45.0  # s for one re-arm sequence: patience of 10 s, a device deaf for 10 s after power-on, connect, arm


class SteppingClock:
    """A clock whose wall time can be set wrong."""

    def __init__(self, clock: Any) -> None:
        self._clock, self.offset = clock, 0.0

    def now(self) -> float:
        return float(self._clock.now()) + self.offset

    def monotonic(self) -> float:
        return float(self._clock.monotonic())

    def sleep(self, seconds: float) -> Awaitable[None]:
        awaitable: Awaitable[None] = self._clock.sleep(seconds)
        return awaitable


@dataclass
class Held:
    """The controller at work on one device with one command that it has to keep."""

    bench: Bench
    quantity: str
    power: float
    hem: Hem
    clock: SteppingClock
    process: simpy.Process | None = None

    def start(self) -> None:
        line = self.hem.lines[0]
        self.hem.decide()
        self.process = self.bench.env.process(_mortal(self.hem.serve(line)))

    def kill(self) -> None:
        """End the controller between two instructions, without a farewell."""
        if self.process is not None and self.process.is_alive:
            self.process.interrupt("killed")

    @property
    def found(self) -> float:
        return float(self.bench.truth(self.quantity) or 0.0)

    @property
    def in_control(self) -> bool:
        return abs(self.found - self.power) <= slack(self.bench)


def _mortal(coroutine: Any) -> Any:
    """The controller as a process that can be killed."""
    try:
        yield from coroutine.__await__()
    except simpy.Interrupt:
        coroutine.close()


def held(bench: Bench, index: int = 1) -> Held:
    """A controller that gives the device its second command for ever."""
    clock = SteppingClock(bench.clock)
    command = commands(bench)[index]
    setpoint = _setpoint(bench, command.name, command.power(bench))
    bench.driver.pace = PACE
    member = Member("device", bench.driver, "other", bench.row.row, bench.protocol, bench.rating)

    def strategy(snapshot: Snapshot) -> Sequence[Setpoint]:
        return [setpoint]

    return Held(bench, command.quantity, command.power(bench), Hem(clock, [[member]], strategy), clock)


def _setpoint(bench: Bench, name: str, power: float) -> Setpoint:
    """The command of `scenarios.bench.commands` as the controller gives it."""
    reason = "the story asks for it"
    match name.split()[0]:
        case "limit" if bench.can("limit_current"):
            return Setpoint("device", "limit_current", float(name.split()[1]), reason)
        case "limit":
            return Setpoint("device", "limit_power", power, reason)
        case "charge":
            return Setpoint("device", "charge", -power, reason)
        case "discharge":
            return Setpoint("device", "discharge", power, reason)
    return Setpoint("device", "set_power", power, reason)


async def faulted(bench: Bench, fault: str) -> None:
    """The story of one fault."""
    ready(bench)
    site = held(bench)
    site.start()
    if fault == "write-ignored":
        bench.device.faults.on(fault)
    else:
        took = await bench.eventually(lambda: site.in_control, 60.0)
        bench.record.check("in control before the fault", took is not None, "commanded power", site.found)
        await bench.sleep(10.0)
    await begin(bench, site, fault)
    bench.note(site.power, site.quantity)
    deadline = min(bench.driver.when_silent.seconds or 60.0, 60.0)
    await watch(bench, site, fault, deadline)
    await end(bench, site, fault)
    back = STARTS if fault in ("reboot", "write-ignored") else BACK  # what is ignored is tried ever more rarely

    def restored() -> bool:
        bench.note(site.power, site.quantity)
        return site.in_control

    took = await bench.eventually(restored, back)
    bench.record.check("back in control", took is not None, f"within {back:g} s", site.found if took is None else took)
    bench.record.figures["recovery_seconds"] = took if took is not None else -1.0
    await bench.sleep(30.0)
    bench.note(site.power, site.quantity)
    bench.record.close("still in control half a minute later", site.found, site.power, slack(bench), "W")
    site.hem.stopping = True
    await bench.sleep(5.0)


async def begin(bench: Bench, site: Held, fault: str) -> None:
    """Switch a fault on, with whatever happens at that instant."""
    device, faults = bench.device, bench.device.faults
    match fault:
        case "controller-killed":
            site.kill()
        case "controller-stalled":
            site.hem.stalled = True
        case "clock-step":
            site.clock.offset = -3600.0
        case "reboot":
            dark(bench)
            return
        case "enable-lost" | "write-reverted":
            getattr(device.face, "reboot", lambda: None)()
        case "second-master":
            other = held(bench, 0)
            other.start()
            await bench.sleep(3.0)
            other.kill()
        case "late-reply":
            faults.on(fault, seconds=5.0)
        case _:
            faults.on(fault)
    if fault in ("connect-refused", "connect-hang", "connections-taken") and device.endpoint is not None:
        device.endpoint.drop_all()
    ready(bench)


async def watch(bench: Bench, site: Held, fault: str, deadline: float) -> None:
    """From the deadline on the device is in a safe state at every look."""
    await bench.sleep(deadline)
    worst: float | None = None
    for _ in range(int((LASTS - deadline) / 5)):
        bench.note(site.power, site.quantity)
        if not safe(bench, site, fault):
            worst = site.found
        await bench.sleep(5.0)
    bench.record.check(
        f"safe from {deadline:g} s on",
        worst is None,
        states(bench, site, fault),
        site.found if worst is None else worst,
    )
    if fault == "write-ignored":
        noticed = any("not followed" in event.what for event in site.hem.events)
        bench.record.check(
            "the controller notices that it is ignored", noticed or site.in_control, "an event", site.hem.events[-1:]
        )


def states(bench: Bench, site: Held, fault: str) -> list[float]:
    """The powers that are safe: as told, none, or what the document says of silence."""
    allowed = [site.power, 0.0]
    told = bench.driver.when_silent
    if told.state == "released":
        allowed.append(resting(bench)[1])
    if told.state == "fallback":
        allowed.append(fallback_power(bench, told.fallback or 0.0))
    if fault in ("write-ignored", "second-master"):
        allowed.append(
            resting(bench)[1]
        )  # the device itself is at fault, or somebody else: it is noticed, not prevented
    return allowed


def safe(bench: Bench, site: Held, fault: str) -> bool:
    found = site.found
    return any(abs(found - power) <= slack(bench) for power in states(bench, site, fault))


async def end(bench: Bench, site: Held, fault: str) -> None:
    """Switch the fault off; a controller that died is started again."""
    bench.device.faults.off(fault)
    match fault:
        case "reboot":
            boot(bench)
        case "controller-killed":
            again = held(bench)
            bench.driver.lost()
            site.hem, site.clock = again.hem, again.clock
            site.start()
        case "controller-stalled":
            site.hem.stalled = False
        case "clock-step":
            site.clock.offset = 3600.0
    ready(bench)


def applicable(bench: Bench, fault: str) -> str:
    """Empty when the fault can happen to this device on its wire."""
    if not bench.controllable or not commands(bench):
        return "the driver only reads this device"
    return "" if carries(bench.protocol, fault) else "this wire has no such thing"


def _story(fault: str, what: str) -> Story:
    tell: Callable[[Bench], Awaitable[None]] = partial(faulted, fault=fault)
    return Story(
        f"fault/{fault}",
        f"Safe and back under: {what}?",
        "Devices and lines fail for years, one by one.",
        "commanded power, none, or the document's silent state within the time-out or a minute; back in 45 s",
        tell,
        partial(applicable, fault=fault),
    )


STORIES = tuple(_story(fault, what) for fault, what in CATALOGUE.items())
