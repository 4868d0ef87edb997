"""What the controller needs from the world. `rigs` implements these, in virtual and in real time.

A port method that waits raises `LineTimeout`, `LineClosed`, `Garbled` or `Refused` from `controller.errors`.
Time-outs, pacing and reconnecting live in the line, never in a driver.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


class Nap(Protocol):
    """A sleep that somebody else can end. One sleeper at a time; a call of `wake` while nobody sleeps is forgotten."""

    def sleep(self, seconds: float) -> Awaitable[None]: ...

    def wake(self) -> None:
        """Whoever sleeps goes on now."""
        ...


class Clock(Protocol):
    """Time, real or virtual."""

    def now(self) -> float:
        """Seconds since 1970-01-01 UTC. May step; durations are measured with `monotonic`."""
        ...

    def monotonic(self) -> float:
        """Seconds that never step."""
        ...

    def sleep(self, seconds: float) -> Awaitable[None]: ...

    def nap(self) -> Nap: ...


class ModbusLine(Protocol):
    """A Modbus master on one socket or serial line: one exchange at a time, every reply checked."""

    def read(self, unit: int, function: int, address: int, count: int) -> Awaitable[bytes]:
        """`count` registers (function 3 or 4) as 2 * count bytes, or coils and inputs (1 or 2) as packed bits."""
        ...

    def write(self, unit: int, function: int, address: int, data: bytes) -> Awaitable[None]:
        """Function 5 or 6 with 2 bytes, 16 with 2 bytes a register."""
        ...


@runtime_checkable
class PausingLine(Protocol):
    """A line that leaves a new connection alone for `connect_pause` s; a driver raises it where its device needs it."""

    connect_pause: float


@dataclass(frozen=True, slots=True)
class SerialSettings:
    """How a serial device is set when it comes from its maker. A driver of such a device says it, if not this."""

    baud: int = 9600
    parity: str = "N"
    stop: int = 1


@runtime_checkable
class Ported(Protocol):
    """A line to a device that answers at several TCP ports: a controller of its own for each of its charge points."""

    def beyond(self, ports: int) -> ModbusLine:
        """The line to the port so many further on, the same one each time; ConfigurationError where there is none."""
        ...


@runtime_checkable
class HangingUp(Protocol):
    """A line that can hang up; its next use connects again.

    A driver does so where a late answer could not be told from the one to its next request.
    """

    def close(self) -> None: ...


@runtime_checkable
class Noticing(Protocol):
    """A line that has something to tell the installer: an adapter that echoes, answers that come twice, noise."""

    @property
    def notices(self) -> list[str]:
        """Each thing once, in the order in which it was seen."""
        ...


class ByteStream(Protocol):
    """A TCP connection or a serial line that carries a maker's own framing."""

    def send(self, data: bytes) -> Awaitable[None]: ...

    def receive(self, timeout: float) -> Awaitable[bytes]:
        """At least one byte, or `LineTimeout` after `timeout` seconds."""
        ...


class Datagrams(Protocol):
    """UDP towards one device, or a multicast group."""

    def send(self, data: bytes) -> Awaitable[None]: ...

    def receive(self, timeout: float) -> Awaitable[bytes]:
        """The next datagram, or `LineTimeout` after `timeout` seconds."""
        ...


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Http(Protocol):
    """HTTP towards one host. `path` starts with a slash and carries the query."""

    def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Awaitable[HttpAnswer]: ...


class Contacts(Protocol):
    """Digital inputs. `problem`: why one of them could not be read the last time, empty when all could."""

    @property
    def problem(self) -> str: ...

    def read(self) -> Awaitable[tuple[bool | None, ...]]:
        """One entry a contact, True when closed, None when the input itself cannot be read."""
        ...

    def changed(self, timeout: float) -> Awaitable[None]:
        """Until any contact differs from what `read` returned last, `timeout` s at most. At once when one does."""
        ...


class Listening(Protocol):
    """A Modbus server's place: somebody else's requests arrive here. See docs/decisions/a-server-in-the-hem.md.

    Framing, connections and who may connect are the rig's; what is answered is the driver's.
    """

    def answer(self, handler: Callable[[int, bytes], bytes]) -> None:
        """From now on `handler(unit, PDU)` answers each request with a PDU, an empty one for no answer."""
        ...

    def asked(self, timeout: float) -> Awaitable[None]:
        """Until another request has been answered, `timeout` s at most."""
        ...


Line = ModbusLine | ByteStream | Datagrams | Http | Contacts | Listening
