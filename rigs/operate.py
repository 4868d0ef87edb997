"""Runs the controller on a site: in virtual time, against emulators on this machine, or on real devices."""

import asyncio
import contextlib
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from controller.compatibility.levels import Level
from controller.errors import ConfigurationError
from controller.hem import Event, Hem
from controller.strategy.household import Household
from rigs import sites
from rigs.channels import check_serial
from rigs.physical import RealClock, hang_up

BUSES = ("simulated", "loopback", "physical")
Say = Callable[[str], None]


def run(path: str, bus: str, firmware: str, hours: float, say: Say) -> None:
    """Run a site file's house. `firmware` replaces the file's level, `hours` 0 means until a signal comes."""
    if bus not in BUSES:
        raise ConfigurationError(f"one of {', '.join(BUSES)}, not {bus!r}", key="bus")
    site = sites.load(path)
    if firmware:
        place = site.site.model_copy(update={"firmware": str(Level.parse(firmware))})
        site = site.model_copy(update={"site": place})
    if bus == "simulated":
        _virtual(site, hours or 24.0, say)
    elif bus == "loopback":
        asyncio.run(_loopback(site, hours, say))
    else:
        asyncio.run(_physical(site, hours, say))


def shown(event: Event) -> str:
    when = datetime.fromtimestamp(event.time, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return f"{when} {event.device}: {event.what}"


def _virtual(site: sites.Site, hours: float, say: Say) -> None:
    from rigs import home as house

    home = house.home(site, days=max(1, round(hours / 24)))
    home.start()
    home.run(float(home.rig.env.now) + 3600 * hours)
    home.hem.stopping = True
    home.run(float(home.rig.env.now) + 30.0)
    for event in home.hem.events:
        say(shown(event))


async def _loopback(site: sites.Site, hours: float, say: Say) -> None:
    from rigs.estate import settle
    from rigs.loopback import LoopbackRig

    clock = RealClock()
    estate = settle(site, clock.now)
    async with LoopbackRig() as rig:
        lines = await estate.wire_up(rig.connect)
        await _operate(Hem(clock, sites.members(site, lines, clock), _strategy(site)), hours, say)


async def _physical(site: sites.Site, hours: float, say: Say) -> None:
    clock = RealClock()
    for number, device in enumerate(site.device):
        if device.line is not None and device.line.device:
            check_serial(device.line.device, f"device[{number}].line.device", site.file)
    lines = sites.lines(site)
    try:
        await _operate(Hem(clock, sites.members(site, lines, clock), _strategy(site)), hours, say)
    finally:
        for line, _ in lines:
            await hang_up(line)


def _strategy(site: sites.Site) -> Household:
    from controller.strategy.household import Settings

    return Household(Settings(ripple=site.ripple(), fuse=site.site.fuse))


async def _operate(hem: Hem, hours: float, say: Say) -> None:
    """Start a process for each line, say what happens, release every device at the end."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    tasks: list[asyncio.Task[Any]] = [loop.create_task(hem.serve(line)) for line in hem.lines]
    tasks.append(loop.create_task(hem.steer()))
    said = 0
    end = loop.time() + 3600 * hours if hours else float("inf")
    while not told.is_set() and loop.time() < end and not any(task.done() for task in tasks):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), min(1.0, max(end - loop.time(), 0.01)))
        for event in hem.events[said:]:
            say(shown(event))
        said = len(hem.events)
    hem.stopping = True
    await asyncio.gather(*tasks)
    for event in hem.events[said:]:
        say(shown(event))
