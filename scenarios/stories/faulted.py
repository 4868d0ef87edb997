"""Every controllable device under every fault: safe in time, back in control, and free when the wish has ended.

The product's controller holds a command that a user has asked for. A fault comes, stays for a minute and a half and
goes; in the middle of it the wish changes. It comes again, and in the middle of it the wish ends. That is told of every
kind of command that the device has. The oracle is power, not registers: under the fault the device does what it was
told before or is told now, or nothing, or what its document says it does when it hears nothing (`when_silent`), no
later than the device's own time-out or a minute; afterwards it does what is wanted now within `BACK` seconds, and where
nothing is wanted any more it is free. A fault that changed nothing on the wire is a failure of the story: it never
showed. Source of the catalogue F1 to F28: emulators/faults/known.py.
"""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from emulators.faults.known import CATALOGUE
from emulators.faults.possible import BESIDE
from scenarios.bench.bench import Bench
from scenarios.bench.commands import (
    controlled,
    fallback_power,
    kinds,
    leaders,
    ready,
    resting_of,
    silent,
    slack,
    slowness,
)  # fmt: skip
from scenarios.bench.record import NotApplicable
from scenarios.bench.story import Story, commanded
from scenarios.kinds.kind import Command
from scenarios.stories.lines import carries
from scenarios.stories.onset import Held, begin, end, held, showed
from scenarios.stories.silence import STARTS

NOTICES = 15.0  # s beyond the reaction in which a contradiction is noticed: 5 of patience, 10 that a value may be old
MINUTE = 60.0  # s after which the latest of all devices is in a safe state
AFTER = 30.0  # s for which a fault stays when the wish has changed
LATER = 15.0  # s after which what is wanted now has to hold still: as long as a reading counts
SLOW = (
    "reboot",
    "write-ignored",
    "write-reverted",
)  # it starts, or is tried ever more rarely: `STARTS` instead of `BACK`
BACK = 45.0  # s for one re-arm sequence: patience of 10 s, a device deaf for 10 s after power-on, connect, arm


async def faulted(bench: Bench, fault: str) -> None:
    """The story of one fault, for each kind of command."""
    ready(bench)
    site = held(bench)
    site.house.start()
    firsts = {command.quantity: command for command in leaders(bench)}
    met = 0
    for group in kinds(bench):
        first = firsts[group[0].quantity]
        other = _other(bench, group, first, fault)
        site.ask(first)
        took = await bench.eventually(lambda: site.in_control, 60.0 + 2 * slowness(bench))
        bench.record.check(f"{first.name} before the fault", took is not None, "commanded power", site.found)
        await bench.sleep(10.0)
        met += await changing(bench, site, fault, other)
        await ending(bench, site, fault)
    await site.house.stop(5.0)
    if fault == "enable-lost" and not met:
        raise NotApplicable("all that is commanded is kept in flash: there is nothing to lose")
    bench.record.check("the fault showed", bool(met), "on the wire, or in what was written", met or "it never showed")


def _other(bench: Bench, group: list[Command], first: Command, fault: str) -> Command:
    """What the wish becomes: something else; where a device ignores it, so that its power shows it."""
    others = [each for each in group if each is not first and each.power(bench) != first.power(bench)]
    return min(others, key=lambda each: abs(each.power(bench))) if fault == "write-ignored" else others[0]


async def changing(bench: Bench, site: Held, fault: str, other: Command) -> bool:
    """The fault comes, the wish becomes another one, the fault goes: the new wish holds. Whether the fault showed."""
    before = site.power
    await begin(bench, site, fault)
    bench.note(site.power, site.command.quantity)
    deadline = min(silent(bench, site.command).seconds or MINUTE, MINUTE)
    await bench.sleep(deadline)
    await watch(bench, site, fault, (before,), MINUTE - deadline, deadline)
    site.ask(other)
    await watch(bench, site, fault, (before,), AFTER, deadline)
    met = showed(bench, site, fault)
    await end(bench, site, fault)
    back = (STARTS if fault in SLOW else BACK) + slowness(bench)

    def restored() -> bool:
        bench.note(site.power, site.command.quantity)
        return site.in_control

    took = await bench.eventually(restored, back)
    found: Any = site.found if took is None else took
    bench.record.check(f"{other.name} after {fault}", took is not None, f"within {back:g} s", found)
    bench.record.figures["recovery_seconds"] = took if took is not None else -1.0
    await bench.sleep(LATER)
    bench.note(site.power, site.command.quantity)
    bench.record.close(f"{other.name} {LATER:g} s later", site.found, site.power, slack(bench), "W")
    return met


async def ending(bench: Bench, site: Held, fault: str) -> None:
    """The fault comes, the wish ends, the fault goes: the device is free."""
    await begin(bench, site, fault)
    await bench.sleep(20.0)
    site.end()
    await bench.sleep(20.0)
    await end(bench, site, fault)
    if fault == "controller-killed":
        site.end()
    back = STARTS if fault in SLOW else BACK
    back += bench.driver.reaction
    within = max(back, getattr(bench.driver, "lets_go", 0.0))

    def free() -> bool:
        ready(bench)
        bench.note(None, site.command.quantity)
        return site.free

    took = await bench.eventually(free, within, 5.0)
    bench.record.check(
        f"free after {fault} in which the wish for {site.command.name} ended", took is not None,
        f"{resting_of(bench, site.command)[1]:.0f} W within {within:g} s", site.found,
    )  # fmt: skip


async def watch(
    bench: Bench, site: Held, fault: str, before: tuple[float, ...], seconds: float, deadline: float
) -> None:
    """For so long the device is in a safe state at every look."""
    worst: float | None = None
    for _ in range(int(seconds / 5)):
        bench.note(site.power, site.command.quantity)
        if not safe(bench, site, fault, before):
            worst = site.found
        await bench.sleep(5.0)
    bench.record.check(
        f"safe from {deadline:g} s on", worst is None, states(bench, site, fault, before),
        site.found if worst is None else worst,
    )  # fmt: skip
    if fault == "write-ignored":
        noticed = await bench.eventually(  # a device that falls back by itself may have done so just now
            lambda: site.in_control or bool(site.house.said("not followed")), bench.driver.reaction + NOTICES, 1.0
        )
        told = site.house.hem.log.since(0)[-1:] if noticed is None else "noticed"
        bench.record.check("the controller notices that it is ignored", noticed is not None, "an event", told)


def states(bench: Bench, site: Held, fault: str, before: tuple[float, ...]) -> list[float]:
    """The powers that are safe: as told now or before, none, or what the document says of silence."""
    allowed = [site.power, *before, 0.0]
    told = silent(bench, site.command)
    if told.state == "released":
        allowed.append(resting_of(bench, site.command)[1])
    if told.state == "fallback":
        allowed.append(fallback_power(bench, told.fallback or 0.0))
    if fault in ("write-ignored", "second-master", "write-reverted", "enable-lost"):
        # the device itself is at fault, or somebody else: it is noticed and mended, not prevented
        allowed.append(resting_of(bench, site.command)[1])
    return allowed


def safe(bench: Bench, site: Held, fault: str, before: tuple[float, ...]) -> bool:
    found, allowed = site.found, states(bench, site, fault, before)
    if slowness(bench):  # on its way from one to another
        return min(allowed) - slack(bench) <= found <= max(allowed) + slack(bench)
    return any(abs(found - power) <= slack(bench) for power in allowed)


def _possible(bench: Bench, fault: str) -> str:
    why = controlled(bench)
    if why or fault in BESIDE or fault in bench.device.possible:
        return why
    return "nothing that this device can have"


def _story(fault: str, what: str) -> Story:
    tell: Callable[[Bench], Awaitable[None]] = partial(faulted, fault=fault)
    return Story(
        f"fault/{fault}",
        f"Safe and back under: {what}?",
        "Devices and lines fail for years, one by one, and what is wanted changes meanwhile.",
        "commanded power, none, or the document's silent state within the time-out or a minute; the new wish in 45 s",
        tell,
        partial(_possible, fault=fault),
        kinds=commanded,
        wires=partial(carries, fault=fault),
    )


STORIES = tuple(_story(fault, what) for fault, what in CATALOGUE.items())
