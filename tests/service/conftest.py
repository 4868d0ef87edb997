"""A house in virtual time with what its service sees of it."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from controller.explain import explained
from controller.hem import Hem
from controller.service.access import Access
from controller.service.api import House
from controller.service.app import application
from controller.service.exchange import Exchange
from controller.service.history import History
from controller.service.recorder import Recorder
from controller.service.setting import Setting
from controller.service.snapshot import Snapshot, Taker
from controller.sitefile import check
from rigs import home as house
from rigs.find.finder import Finder
from rigs.home import Home
from rigs.loopback import LoopbackRig

NOON = 12 * 3600.0
HOUSE: dict[str, Any] = {
    "site": {"name": "Haus am See", "annual_load": 4_200_000},
    "device": [
        {"name": "roof", "row": 1, "model": "STP 8.0", "peak_power": 9200},
        {"name": "battery", "row": 53, "capacity": 9600, "peak_power": 5400},
        {"name": "wallbox", "row": 65, "protocol": "modbus-tcp", "car": 8000},
        {"name": "grid", "row": 112, "function": "grid-meter"},
        {"name": "rod", "row": 136, "hot_water": 7000},
        {"name": "operator", "row": 143, "patterns": {"0000": 100, "1000": 100, "0100": 60, "0010": 30, "0001": 0}},
        {"name": "prices", "row": 147},
    ],
}


class Served:
    """A house and its exchange. Time passes only here; every second a snapshot is published and commands are taken."""

    def __init__(
        self, data: dict[str, Any] | None = None, at: float = NOON, exchange: "Prompt | None" = None
    ) -> None:  # fmt: skip
        self.home: Home = house.home(check(data or HOUSE), days=2, start=house.MIDNIGHT + at)
        self.exchange = exchange or Exchange()
        if exchange is not None:
            exchange.hem = self.home.hem
        self.taker = Taker(self.home.hem)
        self.home.start()
        self.home.rig.run(self.now + 0.001)

    @property
    def now(self) -> float:
        return float(self.home.rig.env.now)

    def run(self, seconds: float, each: float = 1.0) -> Snapshot:
        """The last snapshot after so many seconds, one `each` s."""
        end = self.now + seconds
        while self.now < end:
            self.home.rig.run(min(self.now + each, end))
            self.exchange.obey(self.home.hem)
            self.exchange.publish(self.taker.take())
        assert self.exchange.latest is not None
        return self.exchange.latest


@pytest.fixture
def house_of() -> type[Served]:
    """For tests that need more than one house."""
    return Served


@pytest.fixture
def served() -> Served:
    return Served()


class Prompt(Exchange):
    """An exchange whose loop takes each command at once, since no other time passes in a test."""

    hem: Hem

    def ask(self, work: Callable[[Hem], Any]) -> "Future[Any]":
        done = super().ask(work)
        self.obey(self.hem)
        return done


class Client:
    """Somebody who asks over HTTP, without a socket. `host`: from where."""

    def __init__(self, app: Any, headers: dict[str, str], host: str = "127.0.0.1") -> None:
        transport = httpx.ASGITransport(app, client=(host, 50_000))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://hem.local", headers=headers)
        self.cookies = self._client.cookies

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return asyncio.run(self._client.request(method, path, **more))

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("POST", path, **more)


class Door:
    """A served house's API, its first user and a way in for others. `client()` knows nobody."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.served = served
        self.access = Access(folder / "secrets.json")
        self.recorder = Recorder(lambda: History(folder / "h.sqlite"), served.exchange)
        self.recorder.work()
        home = served.home
        self.house = House(
            home.site, explained(home.site, home.hem), served.exchange, self.recorder,
            Setting(home.site), lambda: home.hem.store
        )  # fmt: skip
        self.site_file = folder / "site.toml"
        self.finder = Finder(str(self.site_file), home.site)
        self.app = application(self.house, self.access, self.finder)
        self.code = self.access.code

    def client(self, token: str = "", host: str = "127.0.0.1") -> Client:
        """Somebody; with a token a program, else a browser on our own page."""
        return Client(self.app, {"authorization": f"Bearer {token}"} if token else {"origin": "http://hem.local"}, host)

    def program(self, role: Any) -> Client:
        return self.client(self.access.new_token(role, role))

    def close(self) -> None:
        self.recorder.close()


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    """A house and who may look at it."""
    made = Door(Served(exchange=Prompt()), tmp_path)
    yield made
    made.close()


@contextmanager
def _serving(folder: Path, *more: str) -> Iterator[tuple["subprocess.Popen[str]", int]]:
    """`hem serve` on a house of one inverter, once it is ready, and its port; killed at the end if it still runs."""
    (folder / "site.toml").write_text(ONE)
    command = [sys.executable, "-m", "hem", "serve", str(folder / "site.toml"), "--bus", "loopback"]
    command += ["--listen", "127.0.0.1:0", "--hours", "0.02", *more]  # whatever happens, it ends
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = next((line for line in process.stdout if line.startswith("ready: ")), "")
            yield process, int(line.rpartition(":")[2].strip("/\n") or 0)
        finally:
            process.kill()


ONE = '[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\npeak_power = 9200\n'


@pytest.fixture
def serving() -> Any:
    """`hem serve` in a folder, see `_serving`."""
    return _serving


@contextmanager
def _emulated(*devices: tuple[int, str]) -> Iterator[list[str]]:
    """Where these devices stand on this machine, in a thread of their own."""
    there: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event, list[str]]] = Future()

    async def stand() -> None:
        async with LoopbackRig(pace=0.1) as rig:
            for each in devices:
                await rig.emulate(*each)
            end = asyncio.Event()
            there.set_result((asyncio.get_running_loop(), end, [each.address for each in rig.served]))
            await end.wait()

    thread = threading.Thread(target=lambda: asyncio.run(stand()), daemon=True)
    thread.start()
    loop, end, addresses = there.result(30)
    try:
        yield addresses
    finally:
        loop.call_soon_threadsafe(end.set)
        thread.join()


@pytest.fixture
def emulated() -> Any:
    """Devices to be found, see `_emulated`."""
    return _emulated
