"""Days of `hem serve` on loopback in fast-forward, with faults and viewers: does anything grow?

    python -m rigs.endurance SITE.toml --days 7       # prints RSS, threads, descriptors and objects at each midnight
    python -m rigs.endurance SITE.toml --trace        # and what of Python's has grown after the first day

Controller, service, history and the emulated devices are one process. Every few minutes a device has a fault for a
while, is read by a browser, or both. Devices on ptys are not for fast-forward. The log of events and Python's table
of names are full from the start, as they are after some weeks: what still grows then grows for ever.
"""

import argparse
import asyncio
import gc
import http.client
import itertools
import json
import random
import sys
import tempfile
import threading
import time
import tracemalloc
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import linear_regression

from controller.explain import explained
from controller.hem import Hem
from controller.installation import controller
from controller.log import LIMIT
from controller.service.access import Access
from controller.service.api import House
from controller.service.app import application
from controller.service.exchange import Exchange
from controller.service.recorder import Recorder
from controller.service.setting import Setting
from controller.service.snapshot import Taker
from controller.sitefile import Site, load
from controller.store_enduring import Enduring
from controller.store_sqlite import Sqlite
from emulators.faults.known import UnfitFault
from emulators.wires.device import Device
from rigs import forward
from rigs.estate import settle
from rigs.find.finder import Finder
from rigs.lasting import frugal
from rigs.loopback import LoopbackRig
from rigs.operate import Keeper, processes
from rigs.physical import RealClock
from rigs.physical_contacts import TruthContacts
from rigs.serve import opened
from rigs.site_files import Files
from rigs.supervise import supervise
from rigs.web import LEAVE, Beside, Server, bound

DAY = 86_400.0
CYCLE = 10.0  # s between two readings
LOOK = 10.0  # s between two snapshots
WRITE = 30.0  # s between two times that history is written
KEPT = 20  # writes that an emulated device remembers: as many as come in a day, so that none remembers more tomorrow
NAMES = 200_000  # that come and go
UNREST = 600.0  # s between two faults, and between two viewers
PATHS = ("readings", "devices", "plan", "events", "setpoints", "signals", "evidence", "series",
         "history?quantity=import&begin=0&end=4000000000&step=2592000")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Footprint:
    """What the process takes after so many days: MiB resident, threads, descriptors.

    And of Python's: objects that may refer to others, and blocks of memory in use.
    """

    day: float
    resident: float
    threads: int
    descriptors: int
    objects: int
    blocks: int
    seconds: float

    @classmethod
    def now(cls, day: float, began: float) -> "Footprint":
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(
            day, pages * 4096 / 2**20, threading.active_count(), len(list(Path("/proc/self/fd").iterdir())),
            len(gc.get_objects()), sys.getallocatedblocks(), time.perf_counter() - began,
        )  # fmt: skip


def endured(
    site: Site, days: float, folder: str, tell: Callable[[Footprint], object], *, every: float = 1.0, seed: int = 1
) -> Hem:
    """Run a site for so many days; `tell` is told its footprint `every` so many days. The controller at the end."""
    frugal()  # as `hem serve` is
    _names()
    return forward.run(_days(site, days, folder, tell, every, random.Random(seed)))


async def _days(
    site: Site, days: float, folder: str, tell: Callable[[Footprint], object], every: float, luck: random.Random
) -> Hem:
    clock, files, began = RealClock(), Files.beside("site.toml", folder), time.perf_counter()
    estate = settle(site, clock.now, days=round(days) + 1)
    devices = [each for installation in estate.installations.values() for each in installation.devices]
    for each in devices:
        each.kept = KEPT
    async with LoopbackRig(pace=0.0) as rig:
        store = Enduring(lambda: Sqlite(files.state))
        hem = controller(site, await estate.wire_up(rig.connect), clock, store=store)
        hem.cycle = CYCLE
        _fill(hem, clock.now())
        for line in rig.lines:
            if isinstance(line, TruthContacts):
                line.ask = CYCLE
        exchange, setting, access = Exchange(), Setting(site), Access(files.secrets)
        recorder = Recorder(opened(site, files), exchange)
        house = House(site, explained(site, hem), exchange, recorder, setting, lambda: Sqlite(files.state))
        server = Server(application(house, access, Finder("", site)), timeout_graceful_shutdown=round(LEAVE))
        gate = bound("127.0.0.1:0")
        viewer = Viewer(access, Beside(server, gate), gate.getsockname()[1])
        running = asyncio.ensure_future(supervise(processes(hem), lambda: hem.stopping, print))
        unrest = asyncio.ensure_future(_unrest(devices, luck))
        taker, keeper, begun, told = Taker(hem), Keeper(hem), clock.monotonic(), 0
        for look in itertools.count(1):
            await asyncio.sleep(begun + look * LOOK - clock.monotonic())
            exchange.obey(hem)
            exchange.publish(taker.take())
            keeper.look()
            if look % round(WRITE / LOOK) == 0:
                recorder.work()
            if look % round(UNREST / LOOK) == 0:
                viewer.look(PATHS[look // round(UNREST / LOOK) % len(PATHS)])
            if look * LOOK >= (told + 1) * every * DAY:
                told += 1
                tell(Footprint.now(told * every, began))
            if look * LOOK >= days * DAY or running.done():
                break
        unrest.cancel()
        hem.stop()
        await running
        viewer.close()
        recorder.close()
        store.close()
    return hem


def _fill(hem: Hem, time: float) -> None:
    """As many events of the weeks before as a log holds, each with times of its own and as long as such a line is."""
    for number in range(LIMIT):
        what = f"{number:6} {'an event of the weeks before, as long as such are':80}"
        hem.log.append(time - (LIMIT - number), float(number), "before", what)


def _names() -> None:
    """Python's table of names as large as it gets: it grows once more when as many have come and gone as it holds."""
    for number in range(NAMES):
        sys.intern(f"a name of the weeks before {number}")


class Viewer:
    """A browser that looks at the API of a server, and now and then at what is live."""

    def __init__(self, access: Access, beside: Beside, port: int) -> None:
        self._token, self._beside, self._port = access.new_token("viewer", "read"), beside, port

    def look(self, path: str) -> None:
        """Read one path and the first message of the live stream, and leave. AssertionError when that is refused."""
        for each in (path, "live"):
            with closing(http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)) as connection:
                headers = {"authorization": f"Bearer {self._token}"}
                connection.request("GET", f"/api/v1/{each}", headers=headers)
                answer = connection.getresponse()
                assert answer.status == 200, (each, answer.status, answer.read())
                answer.read1() if each == "live" else answer.read()

    def close(self) -> None:
        self._beside.stop()


async def _unrest(devices: list[Device], luck: random.Random) -> None:
    """One fault after the other, each of some device, for up to a quarter of an hour."""
    while True:
        await asyncio.sleep(luck.uniform(0.2, 1.8) * UNREST)
        device = luck.choice(devices)
        if not device.possible:
            continue
        fault = luck.choice(sorted(device.possible))
        with suppress(UnfitFault):  # one that needs to be told of what
            device.begin(fault)
        await asyncio.sleep(luck.uniform(5.0, 900.0))
        device.end(fault)


def growth(prints: list[Footprint], of: str) -> float:
    """By how much it grows a day, as the straight line through all midnights but the first says."""
    return linear_regression([each.day for each in prints[1:]], [getattr(each, of) for each in prints[1:]]).slope


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m rigs.endurance", description=__doc__)
    parser.add_argument("site")
    parser.add_argument("--days", type=float, default=7.0)
    parser.add_argument("--trace", action="store_true")
    wanted = parser.parse_args()
    prints: list[Footprint] = []
    first: list[tracemalloc.Snapshot] = []

    def tell(found: Footprint) -> None:
        prints.append(found)
        print(json.dumps(asdict(found)), flush=True)
        if wanted.trace:
            taken = tracemalloc.take_snapshot()
            first.append(taken)
            for each in taken.compare_to(first[0], "lineno")[:15]:
                print(f"  {each}", flush=True)

    if wanted.trace:
        tracemalloc.start()
    with tempfile.TemporaryDirectory() as folder:
        hem = endured(load(wanted.site), wanted.days, folder, tell, every=min(wanted.days, 1.0))
    print(f"{hem.log.total - LIMIT} events")
    if len(prints) < 3:
        return
    for of, unit in (("resident", "MiB"), ("threads", ""), ("descriptors", ""), ("objects", ""), ("blocks", "")):
        print(f"{of}: {getattr(prints[-1], of):.1f} {unit}, {growth(prints, of):+.3f} a day")


if __name__ == "__main__":
    main()
