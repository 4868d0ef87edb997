"""Runs the controller on a site: in virtual time, against emulators on this machine, or on real devices.

What happens is said on stdout, an event a line, what is wrong with the controller itself on stderr. Neither has to be
read by anybody: the controller goes on.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from controller import changes
from controller.compatibility.levels import Level
from controller.errors import ConfigurationError, StoreError
from controller.hem import Hem
from controller.installation import Lines, controller
from controller.log import Event, Log
from controller.members import Member
from controller.sitefile import Site, load
from controller.store import YEARS_KEPT, Memory, Store
from controller.store_enduring import Enduring
from controller.store_sqlite import Sqlite
from rigs import local, sites
from rigs.channels import check_serial
from rigs.lasting import settled
from rigs.physical import RealClock, hang_up
from rigs.physical_contacts import check_files
from rigs.supervise import FAREWELL, PATIENCE, Process, supervise
from rigs.voice import Voice

BUSES = ("simulated", "loopback", "physical")
DAY = 86_400.0
WRITES = 1000  # that an emulated device remembers, of which nobody tells a story
SPREAD = 0.0025  # s between two lines: hundreds of devices that are all asked at one instant would wait for each other


Tell = Callable[[Event], str]
"""A line out of an event."""
Use = Callable[[Hem, Site], Awaitable[None]]
"""What is done with a site's controller while its lines stand."""


def run(path: str, bus: str, firmware: str, hours: float, store: str = "") -> None:
    """Run a site file's house. `firmware` replaces the file's level, `hours` 0 means until a signal comes.

    `store`: the database of what must outlive the process; for real devices one beside the site file by default.
    """
    site = chosen(path, bus, firmware)
    if bus == "simulated":
        _virtual(site, hours or 24.0, _kept(store))
        return

    async def use(hem: Hem, site: Site) -> None:
        await operate(hem, hours, site.site.time_zone)

    asyncio.run(wired(site, bus, store, use))


def chosen(path: str, bus: str, firmware: str = "", buses: Sequence[str] = BUSES) -> Site:
    """A site file's house at a firmware level; ConfigurationError when it cannot be run on this bus."""
    if bus not in buses:
        raise ConfigurationError(f"one of {', '.join(buses)}, not {bus!r}", key="bus")
    site = load(path)
    if firmware:
        place = site.site.model_copy(update={"firmware": str(Level.parse(firmware))})
        site = site.model_copy(update={"site": place})
    return site


async def wired(site: Site, bus: str, store: str, use: Use) -> None:
    """Do something with a site's controller in real time: against emulators on this machine, or on real devices."""
    if bus == "loopback":
        await _loopback(site, store, use)
    else:
        await _physical(site, store or str(Path(site.file).with_suffix(".sqlite")), use)


def _kept(file: str) -> Store:
    return Enduring(lambda: Sqlite(file)) if file else Memory()


def _virtual(site: Site, hours: float, store: Store) -> None:
    from rigs import home as house

    home = house.home(site, days=max(1, round(hours / 24)), store=store)
    teller = Teller(home.hem.log, site.site.time_zone)
    home.start()
    end = float(home.rig.env.now) + 3600 * hours
    while float(home.rig.env.now) < end:
        home.run(min(float(home.rig.env.now) + 3600, end))
        teller.tell()
    home.hem.stop()
    home.run(float(home.rig.env.now) + FAREWELL)
    teller.tell()
    store.close()


def _set(site: Site, lines: Lines, clock: RealClock, store: Store) -> tuple[Hem, Site]:
    """The controller with what its users have set, and the site as its file says."""
    wanted, misfit = changes.restored(site, store)
    hem = controller(wanted, lines, clock, store=store)
    if misfit:
        hem.note("settings", misfit)
    return hem, site


async def _loopback(site: Site, file: str, use: Use) -> None:
    from rigs.estate import settle
    from rigs.loopback import LoopbackRig

    clock = RealClock()
    estate = settle(site, clock.now)
    for each in estate.installations.values():
        for device in each.devices:
            device.kept = WRITES
    async with LoopbackRig() as rig:
        lines = await estate.wire_up(rig.connect)
        store = _kept(file)
        try:
            await use(*_set(site, lines, clock, store))
        finally:
            store.close()


async def _physical(site: Site, file: str, use: Use) -> None:
    for number, device in enumerate(site.device):
        if device.line is not None and device.line.device:
            check_serial(device.line.device, f"device[{number}].line.device", site.file)
        if device.line is not None and device.protocol == "contacts":
            check_files(device.line.files, f"device[{number}].line.files", site.file)
    clock, lines = RealClock(), sites.lines(site)
    store = _kept(file)
    try:
        await use(*_set(site, lines, clock, store))
    finally:
        store.close()
        for line, _ in lines:
            await hang_up(line)


async def operate(
    hem: Hem, hours: float = 0.0, zone: str = local.ZONE, *, patience: float = PATIENCE, farewell: float = FAREWELL,
    beside: Callable[[], object] = lambda: None, look: float = 1.0, tell: "Tell | None" = None,
) -> None:  # fmt: skip
    """Keep a controller's processes going until a signal comes or the time is over; then all devices are left.

    `patience`, `farewell`: as for `supervise`. `beside` is called every `look` s, and once more at the end. `tell`: how
    an event is said.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, hem.stop)
    teller, keeper, complain = Teller(hem.log, zone, tell), Keeper(hem), Voice(sys.stderr)
    begun = hem.clock.monotonic()
    told = partial(_complained, complain, hem, zone)
    settled()
    running = asyncio.ensure_future(
        supervise(processes(hem), lambda: hem.stopping, told, patience=patience, farewell=farewell)
    )
    try:
        while not hem.stopping and not running.done():
            await asyncio.wait({running}, timeout=look)
            keeper.look()
            teller.tell()
            beside()
            if hours and hem.clock.monotonic() - begun >= 3600 * hours:
                break
    finally:
        hem.stop()
        await running
        hem.keep(hem.clock.monotonic())
        keeper.look()
        teller.tell()
        beside()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def processes(hem: Hem) -> list[Process]:
    """What has to be kept going: each line, begun `SPREAD` s after the one before it, and who decides."""
    found = [
        Process(
            line[0].name, partial(_served, hem, line, number * SPREAD % hem.cycle), partial(_moved, hem, line[0].name)
        )
        for number, line in enumerate(hem.lines)
    ]
    return [*found, Process("decision", hem.steer, partial(_moved, hem, "decision"))]


async def _served(hem: Hem, line: Sequence[Member], delay: float) -> None:
    await asyncio.sleep(delay)
    await hem.serve(line)


def _complained(complain: Voice, hem: Hem, zone: str, what: str) -> None:
    complain(f"{local.shown(hem.clock.now(), zone)} {what}")


def _moved(hem: Hem, name: str) -> float:
    return hem.moved.get(name, float("-inf"))


class Keeper:
    """Looks after a controller's store: says when it stops working, and forgets evidence that is old enough."""

    def __init__(self, hem: Hem) -> None:
        self._hem, self._problem, self._forgotten = hem, "", float("-inf")

    def look(self) -> None:
        hem, problem = self._hem, self._hem.store.problem
        if (now := hem.clock.monotonic()) - self._forgotten >= DAY:
            self._forgotten = now
            try:
                hem.store.forget(hem.clock.now() - YEARS_KEPT * 366 * DAY)
            except StoreError as error:
                problem = str(error)
        if problem != self._problem:
            self._problem = problem
            hem.note("store", f"{problem}; the controller goes on" if problem else "works again")


class Teller:
    """Says each event of a log once, on stdout, while somebody listens. `tell` makes a line of it, for programs."""

    def __init__(self, log: Log, zone: str, tell: "Tell | None" = None) -> None:
        self._log, self._zone, self._voice = log, zone, Voice(sys.stdout)
        self._tell = tell
        self._said = 0
        self._begun = tell is not None

    def tell(self) -> None:
        """What has happened since the last time, as far as it can be said at once."""
        if not self._begun:
            self._begun = self._voice(f"times are local time, {self._zone}, with their offset from UTC")
        lost = self._log.dropped - self._said
        if lost > 0 and self._voice(self._missing(lost)):
            self._said += lost
        for event in self._log.since(self._said):
            if not self._voice(self._line(event)):
                return
            self._said += 1

    def _line(self, event: Event) -> str:
        return self._tell(event) if self._tell else shown(event, self._zone)

    def _missing(self, count: int) -> str:
        words, first = f"{count} events were not said in time", self._log[0]
        return self._tell(Event(first.time, first.monotonic, "log", words)) if self._tell else f"({words})"


def as_json(event: Event) -> str:
    """`{"time":"2025-06-15T15:06:40.123Z","device":"roof","what":"limit_power 2400","reason":"K3 closed: 30 %"}`."""
    told = {
        "time": datetime.fromtimestamp(event.time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "device": event.device,
    }
    what, bracket, reason = event.what.partition(" (")
    if bracket and reason.endswith(")"):
        told |= {"what": what, "reason": reason.removesuffix(")")}
    else:
        told["what"] = event.what
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def shown(event: Event, zone: str = local.ZONE) -> str:
    """`2025-06-15 17:06:40+02:00 roof: online: SMA STP 8.0`."""
    return f"{local.shown(event.time, zone)} {event.device}: {event.what}"
