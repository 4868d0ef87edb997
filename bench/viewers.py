"""(k) The production tick with a hundred viewers, and what `hem serve` takes after 24 virtual hours.

Viewers are a process of their own, python -m bench.viewers PORT TOKEN COUNT: each opens the live stream of the API and
reads all of it. It says so once all of them are shown the house, and ends with its stdin.
"""

import asyncio
import json
import selectors
import socket
import sys
import tempfile
from functools import partial
from pathlib import Path
from statistics import median

from bench.measure import Figure
from bench.tick import Ticks, controlled, hundredth
from controller.explain import explained
from controller.hem import Hem
from controller.service.access import Access
from controller.service.api import House
from controller.service.app import application
from controller.service.exchange import Exchange
from controller.service.history import History
from controller.service.recorder import Recorder
from controller.service.setting import Setting
from controller.service.snapshot import Taker
from controller.sitefile import Site
from controller.store import Memory
from rigs.find.finder import Finder
from rigs.lasting import settled
from rigs.serve import LOOK, SWITCH, WRITE, Repeated
from rigs.web import Beside, Server, bound

VIEWERS = 100
WEEK = Path(__file__).parents[1] / "examples" / "week.toml"


class Served:
    """The service of a controller beside its loop, as `hem serve` has it."""

    def __init__(self, hem: Hem, site: Site, folder: Path) -> None:
        self._hem, self._exchange, self._taker = hem, Exchange(), Taker(hem)
        recorder = Recorder(partial(History, folder / "history.sqlite"), self._exchange)
        access = Access(folder / "secrets.json")
        self.token = access.new_token("viewers", "read")
        house = House(site, explained(site, hem), self._exchange, recorder, Setting(site), Memory)
        gate = bound("127.0.0.1:0")
        self.port = gate.getsockname()[1]
        app = application(house, access, Finder("", site))
        self._beside = Beside(Server(app, timeout_graceful_shutdown=1), gate)
        self._history = Repeated("history", recorder.work, recorder.close, WRITE)
        settled()
        self._looking = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        while True:
            self._exchange.obey(self._hem)
            self._exchange.publish(self._taker.take())
            await asyncio.sleep(LOOK)

    async def close(self) -> None:
        self._looking.cancel()
        for stop in (self._beside.stop, self._history.stop):
            await asyncio.get_running_loop().run_in_executor(None, stop)


async def run(span: float, settle: float, rounds: int, folder: Path) -> tuple[list[Ticks], list[Ticks]]:
    """What was measured in `rounds` spans of `span` s with nobody there, and in those after each with `VIEWERS`."""
    alone, watched = [], []
    async with controlled() as (site, hem, _):
        served = Served(hem, site, folder)
        sys.setswitchinterval(SWITCH)
        for _ in range(rounds):
            await asyncio.sleep(settle)
            with Ticks(hem) as ticks:
                await asyncio.sleep(span)
            alone.append(ticks)
            command = (sys.executable, "-m", "bench.viewers", str(served.port), served.token, str(VIEWERS))
            there = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
            )
            assert there.stdin is not None and there.stdout is not None
            await there.stdout.readline()
            with Ticks(hem) as ticks:
                await asyncio.sleep(span)
            watched.append(ticks)
            there.stdin.close()
            await there.wait()
        await served.close()
    return alone, watched


def viewers(span: float, settle: float, rounds: int) -> list[Figure]:
    """Told in turn; a percentile of a span stands on some thousand ticks."""
    with tempfile.TemporaryDirectory() as folder:
        alone, watched = asyncio.run(run(span, settle, rounds, Path(folder)))
    worse = [hundredth(other.taken()) / hundredth(each.taken()) for each, other in zip(alone, watched, strict=True)]
    return [
        Figure("served tick of 200 TCP devices, p99", 1000 * median(hundredth(each.taken()) for each in alone), "ms"),
        Figure(f"{VIEWERS} viewers: p99 of the tick / p99 before", median(worse), "x", "<= 1.1"),
    ]


async def endured(days: float) -> list[Figure]:
    """What controller, service and the devices of a house take in a process of their own after so many days."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "rigs.endurance", str(WEEK), "--days", str(days), stdout=asyncio.subprocess.PIPE
    )
    told, _ = await process.communicate()
    last = json.loads([line for line in told.decode().splitlines() if line.startswith("{")][-1])
    return [Figure(f"hem serve on loopback after {24 * days:.1f} virtual hours", last["resident"], "MiB", "<= 250")]


def watch(port: int, token: str, count: int) -> None:
    """Look at the live stream so many times at once, until stdin ends."""
    waiting: set[int] = set()
    with selectors.DefaultSelector() as selector:
        for number in range(count):
            made = socket.create_connection(("127.0.0.1", port), 10)
            made.sendall(
                f"GET /api/v1/live HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
            )
            selector.register(made, selectors.EVENT_READ, number)
            waiting.add(number)
        selector.register(sys.stdin, selectors.EVENT_READ, -1)
        while True:
            for key, _ in selector.select():
                if key.data < 0:
                    return
                got = key.fileobj.recv(1 << 20)  # type: ignore[union-attr]
                if not got:
                    raise ConnectionError("the service hung up")
                if b"data:" in got and waiting:
                    waiting.discard(key.data)
                    if not waiting:
                        print("watching", flush=True)


if __name__ == "__main__":
    watch(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
