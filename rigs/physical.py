"""The physical rig: the controller's lines to real devices in real time. Needs no simpy, no twin, no emulators.

`Wiring` says where a device is reached, `line_for` opens the line that its protocol asks for. Lines connect when
they are first used and again after anything went wrong; every failure is a typed error of `controller.errors`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from controller.errors import ConfigurationError
from controller.ports import Line, SerialSettings
from rigs.channels import Channel, SerialChannel, TcpChannel
from rigs.physical_contacts import FileContacts, TruthContacts
from rigs.physical_listening import ModbusListening
from rigs.physical_modbus import Frames, Modbus
from rigs.physical_wires import Datagrams, Stream, UdpPorts, Web

PORTS = {"modbus-tcp": 502, "tcp": 8899, "udp": 7090, "speedwire": 9522, "http": 80}
GROUPS = {"speedwire": "239.12.255.254"}
PARITIES = ("N", "E", "O")


Around = Callable[[Channel], Channel]


def _bare(channel: Channel) -> Channel:
    return channel


class RealClock:
    """The computer's clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> Awaitable[None]:
        return asyncio.sleep(seconds)

    def nap(self) -> "RealNap":
        return RealNap()


class RealNap:
    """A sleep that something else in the same event loop can end early: a future and a timer, no task."""

    __slots__ = ("_asleep",)

    def __init__(self) -> None:
        self._asleep: asyncio.Future[None] | None = None

    def sleep(self, seconds: float) -> Awaitable[None]:
        loop = asyncio.get_running_loop()
        self._asleep = asleep = loop.create_future()
        alarm = loop.call_later(max(seconds, 0.0), _end, asleep)
        asleep.add_done_callback(lambda _: alarm.cancel())
        return asleep

    def wake(self) -> None:
        """Whoever sleeps goes on now."""
        if self._asleep is not None:
            _end(self._asleep)


def _end(asleep: "asyncio.Future[None]") -> None:
    if not asleep.done():
        asleep.set_result(None)


@dataclass(frozen=True, slots=True)
class Wiring:
    """Where a device is reached. What a protocol does not need is left empty.

    `device`: serial device. `interface`: address of the network interface that listens to multicast. `url`: for HTTP,
    instead of host and port. `files`: one for each contact. `control`: control API of an emulated relay block.
    `any_transaction`: a Modbus/TCP gateway that puts transaction ids of its own. `allow`: addresses and networks of
    those who may ask, where the controller is the one that is asked; `host` and `port` are then its own.
    """

    host: str = ""
    port: int | None = None
    device: str = ""
    baud: int = 9600
    parity: str = "N"
    stop: int = 1
    interface: str = ""
    url: str = ""
    files: tuple[str, ...] = ()
    active_low: bool = False
    control: str = ""
    any_transaction: bool = False
    allow: tuple[str, ...] = ()


def factory_settings(driver: type) -> SerialSettings:
    """How the serial line to a driver's device is set unless somebody has set it otherwise."""
    found = getattr(driver, "serial_settings", None)
    return found if isinstance(found, SerialSettings) else SerialSettings()


@dataclass
class Shared:
    """What several lines of one process share: local UDP ports."""

    ports: UdpPorts = field(default_factory=dict)


def line_for(
    protocol: str, wiring: Wiring, *, timeout: float | None = None, shared: Shared | None = None,
    frames: Frames | None = None, around: Around = _bare,
) -> Line:  # fmt: skip
    """A line for one device; ConfigurationError when the wiring does not say what the protocol needs.

    `around` puts something around the channel that carries the line's bytes, where it has one.
    """
    patience = 1.0 if timeout is None else timeout
    port = wiring.port or PORTS.get(protocol, 0)
    if protocol == "modbus-tcp" and wiring.allow:
        return ModbusListening(wiring.host, port, allow=wiring.allow, frames=frames)
    if protocol == "modbus-tcp":
        channel = around(TcpChannel(_need(wiring.host, "host"), port, timeout=patience))
        return Modbus(channel, timeout=patience, any_transaction=wiring.any_transaction, frames=frames)
    if protocol == "modbus-rtu":
        return Modbus(around(_serial(wiring, patience)), timeout=patience, frames=frames)
    if protocol == "sml":
        return Stream(around(_serial(wiring, patience, memory=1024)), frames=frames)
    if protocol == "udp" and wiring.device:  # the same commands on a serial line
        return Stream(around(_serial(wiring, patience, memory=1024)), frames=frames)
    if protocol == "tcp":
        return Stream(around(TcpChannel(_need(wiring.host, "host"), port, timeout=patience)), frames=frames)
    if protocol in ("udp", "speedwire"):
        group = GROUPS.get(protocol, "")
        host = wiring.host if group else _need(wiring.host, "host")
        interface = wiring.interface or (host if group and host.startswith("127.") else "")
        return Datagrams(
            host, port, group=group, interface=interface, memory=4 if group else 16,
            ports=None if shared is None else shared.ports, frames=frames,
        )  # fmt: skip
    if protocol == "http":
        url = wiring.url or f"http://{_need(wiring.host, 'host')}:{port}"
        return Web(url, timeout=5.0 if timeout is None else timeout, frames=frames)
    if protocol == "contacts":
        if wiring.control:
            return TruthContacts(Web(f"http://{wiring.control}", frames=frames))
        if not wiring.files:
            raise ConfigurationError("one file for each contact, or the control API of an emulator", key="line.files")
        return FileContacts(wiring.files, active_low=wiring.active_low)
    raise ConfigurationError(f"no line for protocol {protocol!r}", key="protocol")


async def hang_up(line: Line) -> None:
    """Close a line for good."""
    if isinstance(line, Web | TruthContacts | ModbusListening):
        await line.aclose()
    elif isinstance(line, Modbus | Stream | Datagrams):
        for each in line.further.values() if isinstance(line, Modbus) else ():
            each.close()
        line.close()


def _serial(wiring: Wiring, timeout: float, memory: int = 65536) -> SerialChannel:
    if wiring.parity not in PARITIES:
        raise ConfigurationError(f"one of {', '.join(PARITIES)}, not {wiring.parity!r}", key="line.parity")
    if wiring.stop not in (1, 2):
        raise ConfigurationError(f"1 or 2, not {wiring.stop}", key="line.stop")
    device = _need(wiring.device, "device")
    return SerialChannel(
        device, baud=wiring.baud, parity=wiring.parity, stop=wiring.stop, timeout=timeout, memory=memory
    )


def _need(value: str, key: str) -> str:
    if not value:
        raise ConfigurationError("is missing", key=f"line.{key}")
    return value


__all__ = [
    "Datagrams", "FileContacts", "Modbus", "ModbusListening", "RealClock", "RealNap", "SerialChannel", "Shared",
    "Stream", "TcpChannel", "TruthContacts", "Web", "Wiring", "factory_settings", "hang_up", "line_for",
]  # fmt: skip
