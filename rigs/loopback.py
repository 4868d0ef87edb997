"""The loopback rig: emulated devices served on real sockets and ptys of this machine.

`serve` puts one installation there and says where; the controller reaches it with the lines of `rigs.physical`.
`LoopbackRig` does both for a site, one address 127.x.y.z a device.
"""

import asyncio
import itertools
import json
import os
import signal
import socket
from collections.abc import Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from controller.errors import ConfigurationError
from controller.ports import Line
from emulators.family.build import Installation, Serial, build
from emulators.wires.wire import ConnectionRules, ContactStation, Endpoint, HttpReply, kind_of
from rigs.callers import CallingClient
from rigs.http_station import HttpSession
from rigs.physical import GROUPS, RealClock, Shared, Wiring, hang_up, line_for
from rigs.physical_modbus import Frames
from rigs.serial_settings import agree
from rigs.stations import PtyStation, TcpStation
from rigs.udp_stations import UdpStation

PROTOCOL_PORTS = {"udp": 7090, "speedwire": 9522, "http": 80, "tcp": 8899}
KEBA = 7090  # a station that listens here answers here, whatever port it was asked from
SERIAL = {"modbus-rtu", "sml"}
EVERYBODY_HERE = "127.0.0.0/8"
FIXED = {"udp", "speedwire"}  # clients expect these ports, there is no other


@dataclass
class Served:
    """Where a device is: host and port, or a pty and the link to it. `address` says it in one word.

    Of a device that asks it is where it asks.
    """

    installation: Installation
    host: str = ""
    port: int | None = None
    pty: str = ""
    group: str = ""
    station: "TcpStation | PtyStation | UdpStation | CallingClient | None" = None
    beyond: "list[Served]" = field(default_factory=list)  # what answers at the following ports

    @property
    def address(self) -> str:
        if self.group:
            return f"{self.group}:{self.port}"
        return self.pty or (f"{self.host}:{self.port}" if self.port else "")

    def wiring(self, serial: Serial | None = None) -> Wiring:
        """How the controller reaches it. `serial`: the controller's settings, by default the device's."""
        theirs = self.installation.serial
        if serial is not None and theirs is not None:
            agree(serial, theirs)
        ours = serial or theirs or Serial()
        contacts = self.installation.protocol == "contacts"
        return Wiring(
            host=self.host, port=self.port, device=self.pty, baud=ours.baud, parity=ours.parity, stop=ours.stop,
            interface=self.host if self.group else "", control=self.address if contacts else "",
            allow=(EVERYBODY_HERE,) if isinstance(self.station, CallingClient) else (),
        )  # fmt: skip

    async def close(self) -> None:
        """Throw the clients out, give back ports, pty and link."""
        for each in self.beyond:
            await each.close()
        if self.station is not None:
            await self.station.close()


async def serve(
    installation: Installation, host: str = "127.0.0.1", port: int | None = None, link: str | Path | None = None, *,
    pace: float = 1.0,
) -> Served:  # fmt: skip
    """Put a device on its wire. `port`: None is the device's own, 0 a free one. `pace` stretches all delays.

    ConfigurationError when the address cannot be had. Contacts have no wire: they are served only when a port is
    given, as the part of the control API that tells their truth.
    """
    protocol, wire = installation.protocol, installation.wire
    serial = protocol in SERIAL or installation.serial is not None
    if link is not None and not serial:
        raise ConfigurationError(f"{protocol} has no serial end that a link could show", key="pty")
    if port and protocol in SERIAL:
        raise ConfigurationError(f"{protocol} is a serial line and has no port", key="port")
    if serial:
        settings = installation.serial or Serial()
        pty = PtyStation(wire, installation.main.clock, pace, settings.bits / settings.baud)
        if link is not None:
            try:
                pty.show(Path(link))
            except Exception:
                await pty.close()
                raise
        return _told(Served(installation, pty=str(link) if link else pty.name, station=pty))
    wanted = own_port(installation) if port is None else port
    if calls(installation):
        wanted = wanted or free_port(host)
        main = installation.main
        return _told(
            Served(installation, host, wanted, station=CallingClient(wire, main.twin, main.clock, host, wanted, pace))
        )
    if protocol in ("udp", "speedwire"):
        group = GROUPS.get(protocol)
        reply_port = KEBA if protocol == "udp" and _port(installation) == KEBA else None
        udp = UdpStation(wire, installation.main.clock, pace, (group, wanted) if group else None, reply_port)
        await udp.listen(host, wanted)
        return _told(Served(installation, host, wanted, group=group or "", station=udp))
    if protocol == "contacts" and port is None:
        return _told(Served(installation))
    tcp = TcpStation(_endpoint(installation), pace)
    first = await tcp.listen(host, wanted)
    served = Served(installation, host, first, station=tcp)
    try:
        for number, each in enumerate(installation.beyond, 1):
            served.beyond.append(await serve(each, host, first + number, pace=pace))
    except ConfigurationError:
        await served.close()
        raise
    return _told(served)


def calls(installation: Installation) -> bool:
    """Whether the device is the one that asks."""
    return kind_of(installation.wire, installation.protocol, serial=False) == "calling"


def free_port(host: str) -> int:
    """A port that nobody has."""
    with socket.socket() as bound:
        bound.bind((host, 0))
        return int(bound.getsockname()[1])


def told_to_end() -> asyncio.Event:
    """Set by SIGTERM or SIGINT from now on, so that a program can take its links away before it ends."""
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    return told


class LoopbackRig:
    """Devices of one site on this machine, with the controller's real lines to them. Use as `async with`."""

    _sites = itertools.count(1)

    def __init__(self, *, pace: float = 1.0, record: bool = False, timeout: float | None = None) -> None:
        self.clock = RealClock()
        self.served: list[Served] = []
        self.installations: list[Installation] = []
        self.lines: list[Line] = []
        self.frames: list[Frames] = []
        self._pace, self._record, self._timeout = pace, record, timeout
        self._shared = Shared()
        self._network = f"127.{100 + os.getpid() % 100}.{next(self._sites) % 250}"  # nobody else's
        self._tasks: list[asyncio.Task[Any]] = []

    async def __aenter__(self) -> "LoopbackRig":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def emulate(self, row: int, protocol: str, **options: Any) -> Line:
        """Build a listed device, serve it and connect it; options as for `emulators.family.build.build`."""
        options.setdefault("clock", self.clock.now)
        return await self.connect(build(row, protocol, **options))

    async def connect(self, installation: Installation, serial: Serial | None = None) -> Line:
        """Serve a device and open the controller's line to it."""
        host = f"{self._network}.{len(self.served) + 1}"
        port = None if installation.protocol in FIXED and installation.serial is None else 0
        served = await serve(installation, host, port, pace=self._pace)
        self.served.append(served)
        frames: Frames = []
        line = line_for(
            installation.protocol, served.wiring(serial), timeout=self._timeout, shared=self._shared,
            frames=frames if self._record else None,
        )  # fmt: skip
        self.installations.append(installation)
        self.lines.append(line)
        self.frames.append(frames)
        return line

    def start(self, process: Awaitable[Any]) -> "asyncio.Task[Any]":
        """Let a coroutine run from now on: one for every line."""
        task = asyncio.ensure_future(process)
        self._tasks.append(task)
        return task

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for line in self.lines:
            await hang_up(line)
        for served in self.served:
            await served.close()


class _Truth:
    """The part of a control API that a reader of contacts needs."""

    def __init__(self, installation: Installation, station: ContactStation) -> None:
        self._main, self._station = installation.main, station

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> HttpReply:
        if method != "GET" or path not in ("/devices", f"/devices/{self._main.id}/truth"):
            return HttpReply(404, b"{}")
        if path == "/devices":
            return HttpReply(200, json.dumps([{"id": self._main.id, "protocol": "contacts"}]).encode())
        self._main.wake()
        states = {f"k{number}": closed for number, closed in enumerate(self._station.closed(), 1)}
        return HttpReply(200, json.dumps(states).encode())


def _endpoint(installation: Installation) -> Endpoint:
    wire, clock = installation.wire, installation.main.clock
    if isinstance(wire, Endpoint):
        return wire
    station = _Truth(installation, wire) if installation.protocol == "contacts" else wire
    return Endpoint(lambda: HttpSession(station), clock, ConnectionRules(limit=64))


def own_port(installation: Installation) -> int:
    """The port that the device itself has."""
    return installation.port if installation.protocol == "modbus-tcp" else _port(installation)


def _port(installation: Installation) -> int:
    """The port of a wire other than Modbus: the one its family names, else the protocol's."""
    own = installation.port
    return own if own != 502 else PROTOCOL_PORTS.get(installation.protocol, 0)


def _told(served: Served) -> Served:
    for each in (served, *served.beyond):
        for device in each.installation.devices:
            device.address = each.address
    return served
