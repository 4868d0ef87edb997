"""What every wire has in common: bytes in, bytes and a delay out, connection rules. No sockets here.

A rig opens a session for each client (`Endpoint.connect`), gives it the bytes that arrive and sends what comes back.
Time-driven output (a meter that pushes, a delayed answer) is asked for with `due`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol


class Out(NamedTuple):
    """Bytes to send after `delay` seconds; `close` ends the connection after them."""

    data: bytes
    delay: float = 0.0
    close: bool = False


class NoConnection(Exception):
    """The device does not take this connection: refused, or never answered when `hang`."""

    def __init__(self, reason: str, hang: bool = False) -> None:
        self.hang = hang
        super().__init__(reason)


class Session(Protocol):
    """One client's connection as the device sees it."""

    def feed(self, data: bytes) -> list[Out]:
        """Bytes from the client; what the device sends back, in order."""
        ...


@dataclass(frozen=True, slots=True)
class ConnectionRules:
    """How many clients, and what happens to one too many (`refuse`, `kick` the oldest, or `starve` it)."""

    limit: int = 8
    policy: str = "refuse"
    idle: float = 0.0  # s without traffic after which the device closes, 0 = never
    quiet: float = 0.0  # s after connecting in which requests are not answered


@dataclass
class Endpoint:
    """A TCP port or a serial line of one station.

    `open` makes the sans-io session; `kicked` of a connection is called when the device throws it out.
    """

    open: Callable[[], Session]
    clock: Callable[[], float]
    rules: ConnectionRules = field(default_factory=ConnectionRules)
    gate: Callable[[], None] = lambda: None  # may raise NoConnection (faults, a board that is off at night)
    connections: list["Connection"] = field(default_factory=list)

    def connect(self, kicked: Callable[[], None] = lambda: None) -> "Connection":
        """A new client; NoConnection when the device does not take it."""
        self.gate()
        connection = Connection(self, self.open(), kicked, self.clock())
        if len(self.connections) >= self.rules.limit:
            if self.rules.policy == "refuse":
                raise NoConnection(f"device takes {self.rules.limit} clients")
            if self.rules.policy == "kick":
                oldest = self.connections[0]
                oldest.close()
                oldest.kicked()
            else:
                connection.starve()
        self.connections.append(connection)
        return connection

    def drop_all(self) -> None:
        """The device restarts or its line breaks: every client is thrown out."""
        for connection in list(self.connections):
            connection.close()
            connection.kicked()


@dataclass(eq=False, slots=True)
class Connection:
    """One client at an endpoint. `receive` takes bytes from it; nothing comes back when the device ignores it."""

    endpoint: Endpoint
    session: Session
    kicked: Callable[[], None]
    since: float
    closed: bool = False
    last: float = 0.0
    idle: float = field(init=False)  # s without traffic after which the device drops it, 0 = never
    receive: Callable[[bytes], list[Out]] = field(init=False)

    def __post_init__(self) -> None:
        rules = self.endpoint.rules
        self.idle = rules.idle
        self.receive = self._timed if rules.quiet or rules.idle else self.session.feed

    def starve(self) -> None:
        """Never answer."""
        self.receive = lambda data: []

    def _timed(self, data: bytes) -> list[Out]:
        self.last = now = self.endpoint.clock()
        return [] if now - self.since < self.endpoint.rules.quiet else self.session.feed(data)

    def idle_out(self, now: float) -> bool:
        """Whether the device drops this connection for silence."""
        return bool(self.idle) and now - max(self.last, self.since) > self.idle

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.endpoint.connections.remove(self)


class DatagramStation(Protocol):
    """A device that speaks UDP. `due` gives what it sends unasked, as (data, time of the next look)."""

    def datagram(self, data: bytes) -> list[Out]: ...

    def due(self, now: float) -> tuple[list[bytes], float]: ...


class PushStation(Protocol):
    """A device that only sends: the next bytes and when the following ones come (s, absolute)."""

    def due(self, now: float) -> tuple[list[bytes], float]: ...


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer after `delay` seconds; `broken` closes the connection after that share of the body's bytes."""

    status: int
    body: bytes
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0
    broken: float | None = None


class HttpStation(Protocol):
    """A device with a web API; `path` carries the query. `handle` raises NoConnection when it takes no connection."""

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> HttpReply: ...


class ContactStation(Protocol):
    """A relay: which contacts are closed now, None for one that cannot be read."""

    def closed(self) -> tuple[bool | None, ...]: ...


def kind_of(wire: object, protocol: str, *, serial: bool) -> str:
    """What a wire is, by what can be done to it: a device may have another than its protocol suggests."""
    if isinstance(wire, Endpoint):
        if protocol.startswith("modbus"):
            return "modbus-rtu" if serial else "modbus-tcp"
        return "serial" if serial else "tcp"
    found = {"handle": "http", "closed": "contacts", "heard": "calling"}
    return next((name for method, name in found.items() if hasattr(wire, method)), protocol)


Wire = Any  # Endpoint | DatagramStation | PushStation | HttpStation | ContactStation | calling.CallingStation
