"""`hem serve`: the controller of `hem run` and beside it, in a thread of its own, what its users look at.

The loop publishes a snapshot five times a second and takes what has been asked; it never waits for the service, and the
service never touches it. The service manager is told that all is well only while every line and the decision move.
"""

import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from functools import partial
from operator import methodcaller
from typing import Protocol

from controller.errors import ConfigurationError
from controller.explain import explained
from controller.hem import Hem
from controller.log import Event
from controller.service import health
from controller.service.access import Access
from controller.service.api import House
from controller.service.app import application
from controller.service.exchange import Exchange
from controller.service.history import History
from controller.service.mqtt import Broker, Mqtt
from controller.service.postgresql import Postgresql, named
from controller.service.recorder import Recorder
from controller.service.setting import Setting
from controller.service.shadow import Shadow
from controller.service.snapshot import Taker
from controller.service.topics import Topics
from controller.sitefile import Site, load
from controller.store_sqlite import Sqlite
from rigs.find.finder import Finder
from rigs.lasting import frugal
from rigs.operate import Tell, chosen, operate, wired
from rigs.resolve import unwired
from rigs.site_files import Files
from rigs.systemd import Manager
from rigs.tls import Tls
from rigs.voice import Voice
from rigs.web import LEAVE, Beside, Server, bound

LOOK = 0.15  # s between two snapshots, so that the last viewer sees a reading within 0.2 s
SAY = 1.0  # s between two looks at what is said over MQTT
WRITE = 2.0  # s between two looks at what history has to keep
SWITCH = 0.0002  # s after which a thread of the service lets the loop go on that waits for it


def serve(
    path: str, bus: str, listen: str, firmware: str = "", folder: str = "", hours: float = 0.0, tls: Tls | None = None,
    tell: Tell | None = None, mqtt: str = "", allowed: Sequence[str] = (), shadow: str = "",
) -> None:  # fmt: skip
    """Run a site file's house with its service until a signal comes, or for so many hours.

    `folder`: where it keeps what must outlive the process; beside the site file by default, for emulated devices in a
    folder that is removed in the end. `shadow`: a site file by which a second controller decides and does nothing.
    """
    frugal()
    site = chosen(path, bus, firmware, ("loopback", "physical"))
    other = load(shadow) if shadow else None
    broker = Broker.parse(mqtt) if mqtt else None
    with ExitStack() as stack:
        if not folder and bus == "loopback":
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="hem-"))
        files = Files.beside(path, folder or None)
        gate = stack.enter_context(closing(bound(listen, "listen")))
        pair = (tls or Tls()).pair(listen, files.state)
        where = "{}://{}:{}/".format("https" if pair else "http", *gate.getsockname()[:2])
        access, history = Access(files.secrets), opened(site, files)
        sys.setswitchinterval(SWITCH)

        async def use(hem: Hem, site: Site) -> None:
            exchange = Exchange()
            recorder = Recorder(history, exchange)
            setting = Setting(site)
            second = Shadow(other, hem, unwired) if other else None
            house = House(site, explained(site, hem), exchange, recorder, setting, lambda: Sqlite(files.state), second)
            app = application(house, access, Finder(path, site), secure=bool(pair))
            beside = Beside(Server(app, timeout_graceful_shutdown=round(LEAVE), **pair), gate)
            repeated = [Repeated("history", recorder.work, recorder.close, WRITE)]
            problems = {"history": partial(_first, recorder, repeated[0])}
            if broker:
                if unknown := sorted(set(allowed) - set(hem.members)):
                    raise ConfigurationError(f"the name of a device, not {unknown[0]!r}", key="mqtt-allow")
                spoken = Mqtt(broker, Topics(site.site.name, frozenset(allowed)), exchange, recorder.audit, setting)
                repeated.append(Repeated("mqtt", spoken.work, spoken.close, SAY))
                problems["mqtt"] = partial(_first, spoken, repeated[1])
            if second:
                hem.decided = second.see
                repeated.append(Repeated("shadow", partial(_compared, second, exchange), lambda: None, WRITE))
                problems["shadow"] = partial(_first, second, repeated[-1])
            looker = Looker(hem, exchange, recorder, beside, where, problems, setting, code=access.code, tell=tell)
            try:
                await operate(hem, hours, site.site.time_zone, beside=looker.look, look=LOOK, tell=tell)
            finally:
                for stop in (beside.stop, *(each.stop for each in reversed(repeated))):
                    await asyncio.get_running_loop().run_in_executor(None, stop)

        asyncio.run(wired(site, bus, files.state, use))


def opened(site: Site, files: Files) -> Callable[[], History]:
    """What opens a site's history: in its file, or on a server."""
    return partial(History, files.history, server(site))


def server(site: Site) -> Postgresql | None:
    """The server that keeps a site's history, which has to answer only when it is used; None when a file does."""
    wanted, name = site.history, site.site.name
    if not wanted.postgresql:
        return None
    try:
        return Postgresql(wanted.postgresql, wanted.name or named(name), name)
    except ConfigurationError as error:
        raise ConfigurationError(error.expectation, file=site.file, key=error.key) from error


def _compared(second: Shadow, exchange: Exchange) -> None:
    """Look at what has been decided, and have the first controller's log tell what differed for long."""
    for each in second.work():
        exchange.ask(methodcaller("note", each.device, each.said))


class Troubled(Protocol):
    """Something that may not work just now."""

    problem: str


def _first(*parts: Troubled) -> str:
    """What is wrong with the first of them that does not work, empty when all do."""
    return next((each.problem for each in parts if each.problem), "")


class Repeated:
    """Work that is done again and again in a thread of its own: a slow disk or network holds up nobody."""

    def __init__(self, name: str, work: Callable[[], None], end: Callable[[], None], seconds: float) -> None:
        self._work, self._finish, self._seconds = work, end, seconds
        self._end = threading.Event()
        self.problem = ""
        self._thread = threading.Thread(target=self._run, name=f"hem {name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Do what there is, and end."""
        self._end.set()
        self._thread.join(2 * LEAVE)

    def _run(self) -> None:
        self._do(self._work)
        while not self._end.wait(self._seconds):
            self._do(self._work)
        self._do(self._finish)

    def _do(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # the boundary: it is tried again
            self.problem = f"{type(error).__name__}: {error}"
        else:
            self.problem = ""


class Looker:
    """The loop's side of the service: publishes, obeys, and tells the service manager how the controller is."""

    def __init__(
        self, hem: Hem, exchange: Exchange, recorder: Recorder, beside: Beside, where: str,
        problems: Mapping[str, Callable[[], str]], setting: Setting, manager: Manager | None = None,
        code: str = "", tell: Tell | None = None,
    ) -> None:  # fmt: skip
        self._hem, self._exchange, self._recorder = hem, exchange, recorder
        self._beside, self._where, self._code = beside, where, code
        self._taker, self._manager = Taker(hem), manager or Manager()
        self._voice, self._tell = Voice(sys.stdout), tell
        self._ready = self._failed = self._stopping = False
        self._told = ("", float("-inf"))
        self._problems, self._troubles = problems, dict.fromkeys(problems, "")
        self._size, self._setting = "", setting

    def look(self) -> None:
        """Called by the loop; whatever goes wrong here is said once, and the controller goes on."""
        try:
            self._look()
        except Exception as error:  # the boundary: control does not depend on who looks at it
            self._fails(f"{type(error).__name__}: {error}")

    def _look(self) -> None:
        self._exchange.obey(self._hem)
        snapshot = self._taker.take()
        self._exchange.publish(snapshot)
        if self._beside.failed:
            self._fails(self._beside.failed)
        if not self._ready and snapshot.settled and self._beside.started:
            self._ready = True
            self._manager.tell(READY="1")
            self._say(f"ready: {self._where}")
            if self._code:
                self._say(f"nobody has set this site up: the code is {self._code}")
        if snapshot.stopping and not self._stopping:
            self._stopping = True
            self._manager.tell(STOPPING="1")
        well, words = health.line(snapshot, snapshot.monotonic, self._keeps())
        self._setting.watch(well, snapshot, self._hem)
        self._alive(well, words)

    def _say(self, words: str) -> None:
        """Outside the log: a code is nothing to keep."""
        clock = self._hem.clock
        self._voice(self._tell(Event(clock.now(), clock.monotonic(), "service", words)) if self._tell else words)

    def _keeps(self) -> str:
        """Why no history is kept just now. What is wrong beside the loop is said when that changes, once."""
        for name, problem in self._problems.items():
            if (found := problem()) != self._troubles[name]:
                self._troubles[name] = found
                self._hem.note(name, f"{found}; the controller goes on" if found else "works again")
        history = self._recorder.history
        if not self._size and history is not None and self._recorder.size:
            self._size = self._recorder.size
            self._hem.note("history", self._size)
            if history.aside:
                self._hem.note("history", f"the file was corrupt and is now {history.aside}, a new one has begun")
        return self._troubles.get("history", "")

    def _alive(self, well: bool, words: str) -> None:
        """A sign of life in each watchdog interval, only while all moves; what is wrong when that changes."""
        said, at = self._told
        now, pause = time.monotonic(), self._manager.watchdog
        due = pause is not None and now - at >= min(pause, 10.0)
        if words != said or due:
            self._told = words, now
            self._manager.tell(STATUS=words, **({"WATCHDOG": "1"} if well and pause is not None else {}))

    def _fails(self, why: str) -> None:
        if not self._failed:
            self._failed = True
            self._hem.note("service", f"{why}; the controller goes on")
