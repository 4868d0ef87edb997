"""One search: hosts with open ports, unit ids that answer, heads that send, meters that speak. Reads only, in bounds.

At most 512 addresses and `seconds`; several hosts at a time, one connection to each, since many devices have room for
no second one. What the controller itself has a line to is left out.
"""

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

from controller.errors import DeviceError, Garbled, LineClosed, LineTimeout
from controller.ports import Line
from rigs.bench.scanning import answers
from rigs.find.announced import energy_meters, named
from rigs.find.found import Found, objection
from rigs.find.harmless import harmless
from rigs.find.identify import drivers_of, factory_units, identified
from rigs.find.where import Place
from rigs.patience import within
from rigs.physical import PORTS as USUAL
from rigs.physical import Datagrams, Modbus, RealClock, Shared, Stream, Wiring, factory_settings, hang_up, line_for

PORTS = {502: "modbus-tcp", 1502: "modbus-tcp", 8899: "tcp", 80: "http"}
ANY = ("http", "modbus-tcp", "tcp")  # what is tried at a port that was named, who says no soonest first
AT_ONCE = 48  # hosts that are looked at
KNOCK = 0.6  # s for a connection
PATIENCE = 0.4  # s for one answer; gateways and meters take some 100 ms
SLOW = 2.0  # s of rest after connecting, which some data loggers want
SENDS = 4.5  # s in which an optical head has sent something
STRAY = 173  # a unit id that nobody has: who answers there answers anywhere
SERIAL_UNITS = (*range(1, 17), 70, 247)
Tell = Callable[[Found], None]
Say = Callable[[str], None]


@dataclass
class Search:
    """What is looked for and who is told. `known`: addresses and serial lines that the controller itself is using."""

    found: Tell
    said: Say
    firmware: str = "3.0.0"
    known: Collection[str] = ()
    patience: float = PATIENCE
    sends: float = SENDS

    def __post_init__(self) -> None:
        self._room, self._shared = asyncio.Semaphore(AT_ONCE), Shared()
        self._seen: set[tuple[object, ...]] = set()

    async def run(self, places: Sequence[Place], seconds: float = 300.0, network: bool = False) -> None:
        """Look everywhere; `network`: also hear who tells of himself on the network."""
        try:
            async with asyncio.timeout(seconds):
                if network:
                    places = [*places, *await self._heard(places)]
                await asyncio.gather(*(self._guarded(each) for each in places))
        except TimeoutError:
            self.said(f"{seconds:g} s are over, not all has been looked at")

    async def _guarded(self, place: Place) -> None:
        shown = place.host or place.device
        if shown in self.known or os.path.realpath(place.device) in self.known:
            self.said(f"{shown} is left out: the controller uses it")
            return
        async with self._room:
            try:
                await (self._line(place.device) if place.device else self._host(place))
            except Exception as error:  # the boundary: a driver that stumbles over a stranger ends no other look
                self.said(f"{shown}: {type(error).__name__}: {error}")

    async def _heard(self, places: Sequence[Place]) -> list[Place]:
        hosts = {each.host for each in places}
        try:
            told = await named()
        except OSError as error:
            self.said(f"multicast DNS cannot be heard: {error.strerror}")
            told = {}
        for address, name in told.items():
            self.said(f"{address} is called {name}")
        await self.speedwire()
        return [Place(address) for address in told if address not in hosts]

    # networks

    async def _host(self, place: Place) -> None:
        """What stands at the usual ports, or at the one that was named, whatever is spoken there."""
        guesses = [(place.port, each) for each in ANY] if place.port else PORTS.items()
        for port, protocol in guesses:
            if port and await knocked(place.host, port):
                look = self._modbus if protocol == "modbus-tcp" else self._single
                if await look(protocol, Wiring(host=place.host, port=port), f"{place.host}:{port}") and place.port:
                    return
        if not place.port:
            await self._single("udp", Wiring(host=place.host), place.host)

    async def _single(self, protocol: str, wiring: Wiring, shown: str) -> bool:
        """Where there is one device at most."""
        everybody: list[Found] = []
        async with self._open(protocol, wiring, shown) as line:
            everybody = await identified(harmless(line), protocol, None, _said(wiring, protocol), shown)
        for each in everybody:
            self._tell(each)
        return bool(everybody)

    async def _modbus(self, protocol: str, wiring: Wiring, shown: str) -> bool:
        """Each unit id that answers; a device that drops what comes too soon is asked again more slowly."""
        there = False
        async with self._open(protocol, wiring, shown) as line:
            assert isinstance(line, Modbus)
            for pause in (0.0, SLOW) if await _modbus_spoken(line) else ():
                line.connect_pause = pause
                if await _there(line, STRAY):
                    told = _said(wiring, protocol)
                    for each in await identified(harmless(line), protocol, None, told, shown, own=True):
                        self._tell(each)
                        there = True
                    break
                for unit in [each for each in factory_units(protocol) if await _there(line, each)]:
                    await self._unit(line, protocol, unit, wiring, shown)
                    there = True
                if there:
                    break
                line.close()
        return there

    async def _unit(self, line: Line, protocol: str, unit: int, wiring: Wiring, shown: str) -> None:
        """Say who answers at a unit id, or that nobody knows him."""
        shown = f"{shown} unit {unit}"
        everybody = await identified(harmless(line), protocol, unit, _said(wiring, protocol), shown)
        for each in everybody:
            self._tell(each)
        if not everybody:
            self.said(f"{shown} answers, and is no device of the list that this HEM can tell")

    async def speedwire(self, interface: str = "") -> None:
        """Energy meters that speak in the group."""
        wiring = Wiring(interface=interface)
        async with self._open("speedwire", wiring, "Speedwire") as line:
            assert isinstance(line, Datagrams)
            for serial in await energy_meters(line):
                ((number, driver),) = drivers_of("speedwire")
                who = await driver(line, RealClock(), None, row=number, serial=serial).identify()
                self._tell(Found(number, "speedwire", who, _said(wiring, "speedwire"), where=f"Speedwire {serial}"))

    # serial lines

    async def _line(self, device: str) -> None:
        sends = False
        async with self._open("sml", Wiring(device=device), device) as line:
            assert isinstance(line, Stream)
            with contextlib.suppress(LineTimeout):
                sends = bool(await line.receive(self.sends))
        if sends:
            await self._single("sml", Wiring(device=device), device)
            return
        for wiring in _settings(device):
            async with self._open("modbus-rtu", wiring, device) as line:
                assert isinstance(line, Modbus)
                units = [unit for unit in SERIAL_UNITS if await _there(line, unit)]
                for unit in units:
                    await self._unit(line, "modbus-rtu", unit, wiring, f"{device} {wiring.baud} {wiring.parity}")
                if units:
                    return

    @asynccontextmanager
    async def _open(self, protocol: str, wiring: Wiring, shown: str) -> AsyncIterator[Line]:
        """A line for as long as it is looked at; what goes wrong on it is said, and ends this look only."""
        patience = self.patience if protocol.startswith("modbus") else None
        line = line_for(protocol, wiring, timeout=patience, shared=self._shared)
        try:
            yield line
        except DeviceError as error:
            if protocol in ("modbus-tcp", "modbus-rtu", "sml", "speedwire"):
                self.said(f"{shown}: {error}")
        finally:
            await hang_up(line)

    def _tell(self, found: Found) -> None:
        """Once, also when it answers at two ports."""
        who = (found.row, found.identity.serial, found.line.get("host"), found.unit)
        if not found.identity.serial or who not in self._seen:
            self._seen.add(who)
            self.found(replace(found, objection=objection(found, self.firmware)))


async def _modbus_spoken(line: Modbus) -> bool:
    """False where something else is spoken at a port."""
    try:
        await line.read(STRAY, 3, 40_000, 1)
    except Garbled:
        return False
    except DeviceError:
        return True  # a refusal, or nobody of this unit id
    return True


async def _there(line: Modbus, unit: int) -> bool:
    """Whether anybody is at a unit id; some hang up on whoever asks for one that is not theirs."""
    try:
        return await answers(line, unit)
    except LineClosed:
        return False


async def knocked(host: str, port: int) -> bool:
    """Whether somebody takes a connection there."""
    try:
        _, writer = await within(KNOCK, asyncio.open_connection(host, port), lambda made: made[1].close())
    except (OSError, TimeoutError):
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True


def _said(wiring: Wiring, protocol: str) -> dict[str, Any]:
    """A wiring as `[device.line]` has it."""
    told: dict[str, Any] = {"device": wiring.device} if wiring.device else {}
    if protocol == "modbus-rtu":
        told |= {"baud": wiring.baud, "parity": wiring.parity, "stop": wiring.stop}
    told |= {key: value for key in ("host", "interface") if (value := getattr(wiring, key))}
    return told | ({"port": wiring.port} if wiring.port not in (None, USUAL.get(protocol)) else {})


def _settings(device: str) -> list[Wiring]:
    """Each way in which devices leave their makers, the most usual first."""
    found = Counter(factory_settings(driver) for _, driver in drivers_of("modbus-rtu"))
    return [
        Wiring(device=device, baud=each.baud, parity=each.parity, stop=each.stop) for each, _ in found.most_common()
    ]
