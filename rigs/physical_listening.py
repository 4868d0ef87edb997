"""A place where somebody else's requests arrive, in real time: a Modbus/TCP server for those who may ask.

It listens when the controller first asks for what has come, at loopback unless an address is given, and turns away
everybody who is not allowed.
"""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Sequence

from controller.errors import ConfigurationError, LineClosed
from rigs.answering import Answering, Handler
from rigs.channels import Pipe

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Frames = list[tuple[float, str, bytes]]
CLIENTS = 4  # at the same time
LOOPBACK = "127.0.0.1"


def networks(allow: Sequence[str], key: str = "line.allow") -> tuple[Network, ...]:
    """Addresses and networks of who may ask; ConfigurationError for what is neither."""
    found = []
    for text in allow:
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError as error:
            raise ConfigurationError(f"an address or network such as 192.168.1.7, not {text!r}", key=key) from error
    return tuple(found)


class _Client(asyncio.BufferedProtocol):
    """One connection."""

    def __init__(self, line: "ModbusListening") -> None:
        self._line = line
        self._view = memoryview(bytearray(1024))
        self._transport: asyncio.Transport | None = None
        self._answering: Answering | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        peer = str(transport.get_extra_info("peername")[0])
        if not self._line.takes(peer):
            transport.abort()
            return
        self._transport = transport
        self._line.clients.add(self)
        self._answering = Answering(self._line.handle)

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view

    def buffer_updated(self, count: int) -> None:
        answering, transport = self._answering, self._transport
        if answering is None or transport is None:
            return
        before = answering.answered
        data = bytes(self._view[:count])
        self._line.note("<", data)
        reply = answering.feed(data)
        if reply:
            self._line.note(">", reply)
            transport.write(reply)
        if answering.closed:
            transport.abort()
        if answering.answered > before:
            self._line.woken()

    def connection_lost(self, error: Exception | None) -> None:
        self._line.clients.discard(self)

    def end(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class ModbusListening:
    """A Modbus/TCP server of the controller. `notices`: who was turned away, each once."""

    def __init__(
        self, host: str, port: int, *, allow: Sequence[str] = (LOOPBACK,), frames: Frames | None = None
    ) -> None:
        self.host, self.port = host or LOOPBACK, port
        self._allowed = networks(allow)
        self._handler: Handler | None = None
        self._server: asyncio.Server | None = None
        self._pipe = Pipe()
        self.clients: set[_Client] = set()
        self.notices: list[str] = []
        self.frames = frames

    def answer(self, handler: Callable[[int, bytes], bytes]) -> None:
        self._handler = handler

    async def asked(self, timeout: float) -> None:
        await self._listen()
        self._pipe.take()
        await self._pipe.wait(timeout)

    def close(self) -> None:
        """Hang up on everybody; they connect again."""
        for client in list(self.clients):
            client.end()

    async def aclose(self) -> None:
        """Listen no longer."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        self.close()
        await asyncio.sleep(0)

    async def _listen(self) -> None:
        if self._server is not None:
            return
        try:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(lambda: _Client(self), self.host, self.port, reuse_address=True)
        except OSError as error:
            raise LineClosed(f"cannot listen at {self.host}:{self.port}: {error.strerror or error}") from error

    # of its connections

    def takes(self, peer: str) -> bool:
        """Whether a client may connect."""
        address = ipaddress.ip_address(peer)
        if not any(address in network for network in self._allowed):
            self._say(f"a client at {peer} was turned away: it is not in allow")
            return False
        if len(self.clients) >= CLIENTS:
            self._say(f"more than {CLIENTS} clients at the same time")
            return False
        return True

    def handle(self, unit: int, pdu: bytes) -> bytes:
        return self._handler(unit, pdu) if self._handler is not None else b""

    def woken(self) -> None:
        self._pipe.feed(b".")

    def note(self, way: str, data: bytes) -> None:
        if self.frames is not None:
            self.frames.append((time.time(), way, data))

    def _say(self, what: str) -> None:
        if what not in self.notices:
            self.notices.append(what)
