"""A house for a controller that is not ours: emulated devices on real sockets, sun and load as a story wants them.

Time is the computer's. The truth is the twin's: power at the grid connection, import positive.
"""

import asyncio
import itertools
import os
import re
import shutil
import sys
import tempfile
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx

from controller.errors import ConfigurationError
from emulators.family.build import Installation
from rigs.choose import built
from rigs.loopback import FIXED, Served, free_port, serve
from scenarios.blackbox.adapter import Adapter, Ask, configured, filled
from twin.site import Site as Physics

LOOK = 0.02  # s between two looks
VOLTS = 230.0
KEPT = 200  # lines of what the controller says
_HOUSES = itertools.count(1)


class NotReady(ConfigurationError):
    """The controller does not start, or has ended."""


@dataclass
class House:
    """Use as `async with`: it stands, and the controller runs in it.

    `mode`: how it is told to charge, where it can be told. `said`: its last lines.
    """

    adapter: Adapter
    load: float = 500.0
    mode: Literal["surplus", "full"] = "surplus"
    said: list[str] = field(default_factory=list)

    async def __aenter__(self) -> "House":
        self.physics = Physics(time.time(), self.load)
        self.installations: dict[str, Installation] = {}
        self._served: list[Served] = []
        self._folder = tempfile.TemporaryDirectory()
        self.work = Path(self._folder.name)
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None
        try:
            await self._stand()
            await self._start()
        except BaseException:
            await self._close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    # what a story does

    def twin(self, role: str) -> Any:
        return self.installations[role].main.twin

    def sun(self, watts: float) -> None:
        """What the sun offers from now on, on the roof."""
        twin = self.twin("pv")
        twin.available = watts
        twin.let_go("power")
        self.physics.changed()

    @property
    def rating(self) -> float:
        """W of the PV."""
        return float(self.twin("pv").rated_power)

    def grid(self) -> float:
        """W at the grid connection now, import positive."""
        for installation in self.installations.values():
            for device in installation.devices:
                device.wake()
        self.physics.advance(time.time())
        return self.physics.grid_power

    def phases(self) -> tuple[float, float, float]:
        """A at the grid connection now, by phase, import positive."""
        self.grid()
        return tuple(watts / VOLTS for watts in self.physics.grid_phases)  # type: ignore[return-value]

    async def ask(self, ask: Ask) -> None:
        """Write what the adapter says, whole, and send what it says; NotReady when the controller does not take it."""
        for name, text in ask.files.items():
            part = self.work / f"{name}.part"
            part.write_text(text, encoding="utf-8")
            part.replace(self.work / name)
        for request in ask.http:
            url = filled(request.url, self._here)
            try:
                async with httpx.AsyncClient(trust_env=False, timeout=self.adapter.patience) as client:
                    answer = await client.request(request.method, url, content=request.body)
            except httpx.HTTPError as error:
                raise NotReady(f"no answer to {request.method} {url}: {error}", file=self.adapter.file) from error
            if answer.is_error:
                raise NotReady(f"{answer.status_code} to {request.method} {url}", file=self.adapter.file)

    async def within(self, periods: float, holds: Callable[[], bool]) -> float | None:
        """Periods of the controller until `holds`, and it still does two periods later; None when it never does."""
        began, since = time.monotonic(), None
        period = self.adapter.period
        while (now := time.monotonic()) - began <= periods * period:
            if not holds():
                since = None
            elif since is None:
                since = now
            elif now - since >= 2 * period:
                return (since - began) / period
            await asyncio.sleep(LOOK)
        return None

    async def longest(self, periods: float, holds: Callable[[], bool]) -> float:
        """Periods for which `holds` did not hold in one go, of so many that are looked at."""
        began, since, worst = time.monotonic(), None, 0.0
        period = self.adapter.period
        while (now := time.monotonic()) - began <= periods * period:
            if holds():
                since = None
            else:
                since = now if since is None else since
                worst = max(worst, now - since)
            await asyncio.sleep(LOOK)
        return worst / period

    def lose(self, role: str) -> None:
        """The device breaks every connection, and has forgotten what it was told and does not keep in flash (F21)."""
        device = self.installations[role].main
        if device.endpoint is not None:
            device.endpoint.drop_all()
        device.begin("enable-lost")
        device.end("enable-lost")

    # what stands

    async def _stand(self) -> None:
        network = f"127.{30 + os.getpid() % 20}.{next(_HOUSES) % 250}"
        for number, (role, standing) in enumerate(self.adapter.house.items(), 1):
            made = built(
                standing.row, standing.protocol, time.time, standing.options, model=standing.model, unit=standing.unit
            )
            self.installations[role] = made
            port = standing.port or (None if standing.protocol in FIXED else 0)
            self._served.append(await serve(made, f"{network}.{number}", port, pace=0.0))
            twin: Any = made.main.twin
            if role == "meter":
                self.physics.meter("meter", twin)
            else:
                self.physics.add(role, twin)

    def _known(self) -> dict[str, dict[str, Any]]:
        """What a configuration can say of each device."""
        found = {}
        for (role, made), there in zip(self.installations.items(), self._served, strict=True):
            main = made.main
            found[role] = {
                "host": there.host, "port": there.port or "", "device": there.pty, "unit": main.unit, "name": role,
                "model": main.model, "rated_power": f"{float(getattr(main.twin, 'rated_power', 0.0) or 0.0):g}",
            }  # fmt: skip
        return found

    async def _start(self) -> None:
        asked = self.adapter.asks.mode.get(self.mode)
        here = self._here = {
            **lasting(self.adapter), "work": str(self.work), "api": str(free_port("127.0.0.1")),
            "mode": asked.mode if asked is not None else "",
        }  # fmt: skip
        config = self.work / self.adapter.configuration.file
        config.write_text(configured(self.adapter, self._known(), here), encoding="utf-8")
        if self.adapter.asks.release is not None:  # what is in files stands before it starts
            await self.ask(self.adapter.asks.release.model_copy(update={"http": ()}))
        command = [filled(each, here | {"config": str(config)}) for each in self.adapter.command]
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=PIPE, stderr=STDOUT, cwd=self.work
            )
        except OSError as error:
            raise NotReady(f"{command[0]}: {error.strerror}", file=self.adapter.file, key="command") from error
        ready = asyncio.Event()
        self._reading = asyncio.ensure_future(self._listen(ready))
        ended = asyncio.ensure_future(self._process.wait())
        waiting = asyncio.ensure_future(ready.wait())
        await asyncio.wait({ended, waiting}, timeout=self.adapter.patience, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not ready.is_set():
            ended.cancel()
            last = self.said[-1] if self.said else "it said nothing"
            raise NotReady(
                f"no sign {self.adapter.ready!r} in {self.adapter.patience:g} s; {last}", file=self.adapter.file,
                key="ready",
            )  # fmt: skip
        self._ended = ended
        if asked is not None:
            await self.ask(asked)

    @property
    def running(self) -> bool:
        """Whether the controller still runs."""
        return not self._ended.done()

    async def _listen(self, ready: asyncio.Event) -> None:
        assert self._process is not None and self._process.stdout is not None
        sign = re.compile(self.adapter.ready)
        if not self.adapter.ready:
            ready.set()
        async for line in self._process.stdout:
            text = line.decode("utf-8", "replace").rstrip()
            self.said = [*self.said[-KEPT:], text]
            if self.adapter.ready and sign.search(text):
                ready.set()

    async def _close(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), self.adapter.patience)
            except TimeoutError:
                process.kill()
                await process.wait()
        if self._reading is not None:
            await self._reading
        for each in self._served:
            await each.close()
        self._folder.cleanup()


def lasting(adapter: Adapter) -> dict[str, str]:
    """The placeholders that are the same in every run."""
    here, programs = Path(adapter.file).resolve().parent, Path(sys.executable).parent
    return {"here": str(here), "bin": str(programs), "fuse": f"{adapter.fuse:g}"}


def check_installed(adapter: Adapter) -> None:
    """ConfigurationError when the program is not on this machine."""
    program = filled(adapter.command[0], lasting(adapter))
    if shutil.which(program) is None:
        raise ConfigurationError(
            f"{program} is not installed on this machine: nothing was asked of it", file=adapter.file, key="command"
        )
