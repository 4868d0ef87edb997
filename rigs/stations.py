"""Emulated devices on real sockets and ptys, one object each, no task and no thread for a request.

All connections are read together; the requests of each are answered in order, at once or, where the device takes its
time, by a timer of the connection. `pace` stretches or shortens every delay: 0 answers at once.
"""

import asyncio
import contextlib
import errno
import os
import socket
import struct
import tty
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from controller.errors import ConfigurationError
from emulators.wires.wire import Connection, Endpoint, NoConnection, Out, PushStation
from rigs.pushes import Pushes
from rigs.readers import readers

_MOST = 260  # bytes that are read at once: a whole request of Modbus, and so few need no memory from the system
_SLACK = 0.0005  # s; what is due within this is sent together
SLICE = 64  # bytes that a read head hands over at a time


class Outlet:
    """Sends a device's output when it is due, in order."""

    __slots__ = ("_character", "_hang_up", "_last", "_loop", "_pace", "_queue", "_timer", "_write")

    def __init__(self, write: Callable[[bytes], None], hang_up: Callable[[], None], pace: float, character: float):
        self._write, self._hang_up, self._pace, self._character = write, hang_up, pace, character
        self._loop = asyncio.get_running_loop()
        self._queue: deque[tuple[float, float, bytes, bool]] = deque()  # due, delay, bytes, close
        self._last = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def put(self, outs: Sequence[Out]) -> None:
        if not (self._pace or self._queue) and len(outs) == 1 and not outs[0].close:
            self._write(outs[0].data)  # as it is most of the time with a device that answers at once
            return
        now = self._loop.time()
        for out in outs:
            delay = self._pace * (out.delay + len(out.data) * self._character)
            self._last = max(self._last, now + delay)
            self._queue.append((self._last, out.delay, out.data, out.close))
        if self._timer is None:
            self._flush()

    def _flush(self) -> None:
        self._timer = None
        horizon = self._loop.time() + _SLACK
        queue = self._queue
        while queue and queue[0][0] <= horizon:
            _, delay, data, close = queue.popleft()
            while queue and not close and queue[0][0] <= horizon and queue[0][1] == delay:  # said in one breath
                _, _, more, close = queue.popleft()
                data += more
            if data:
                self._write(data)
            if close:
                queue.clear()
                self._hang_up()
                return
        if queue:
            self._timer = self._loop.call_at(queue[0][0], self._flush)

    def stop(self) -> None:
        self._queue.clear()
        if self._timer is not None:
            self._timer.cancel()


class TcpClient(asyncio.Protocol):
    """One client of a device's TCP port. Its transport writes and closes; it is read here."""

    _transport: asyncio.Transport
    _outlet: Outlet
    __slots__ = ("_connection", "_fd", "_idle", "_outlet", "_readers", "_station", "_transport")

    def __init__(self, station: "TcpStation") -> None:
        self._station = station
        self._connection: Connection | None = None
        self._fd = -1
        self._idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        station = self._station
        self._transport = transport
        self._outlet = Outlet(transport.write, self.hang_up, station.pace, 0.0)
        station.clients.add(self)
        transport.pause_reading()
        self._fd = transport.get_extra_info("socket").fileno()
        self._readers = readers()
        self._readers.add(self._fd, self._readable)
        try:
            self._connection = station.endpoint.connect(self.reset)
        except NoConnection as no:
            if not no.hang:  # one that hangs stays open and hears nothing
                self.reset()
            return
        if station.endpoint.rules.idle:
            self._watch()

    def connection_lost(self, error: Exception | None) -> None:
        self._readers.drop(self._fd)
        self._outlet.stop()
        if self._idle is not None:
            self._idle.cancel()
        if self._connection is not None:
            self._connection.close()
        self._station.clients.discard(self)

    def hang_up(self) -> None:
        """Close when all is sent; what still comes is not heard."""
        self._readers.drop(self._fd)
        self._transport.close()

    def reset(self) -> None:
        """Throw the client out with a reset."""
        self._readers.drop(self._fd)
        bare: socket.socket = self._transport.get_extra_info("socket")
        with contextlib.suppress(OSError):  # the client may have gone first
            bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, _MOST)
        except BlockingIOError:
            return
        except OSError:  # the client has gone without a word
            data = b""
        connection = self._connection
        if not data:
            self.hang_up()
        elif connection is not None and not connection.closed and (outs := connection.receive(data)):
            self._outlet.put(outs)

    def _watch(self) -> None:
        endpoint, connection = self._station.endpoint, self._connection
        if connection is None or connection.closed:
            return
        if connection.idle_out(endpoint.clock()):
            self.hang_up()
            return
        loop = asyncio.get_running_loop()
        self._idle = loop.call_later(max(endpoint.rules.idle * self._station.pace / 4, 0.01), self._watch)


class TcpStation:
    """A device's TCP port."""

    def __init__(self, endpoint: Endpoint, pace: float) -> None:
        self.endpoint, self.pace = endpoint, pace
        self.clients: set[TcpClient] = set()
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> int:
        """Returns the port, which is a free one for 0."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(lambda: TcpClient(self), host, port, reuse_address=True)
        except OSError as error:
            raise ConfigurationError(f"cannot listen at {host}:{port}: {unable(error, port)}", key="port") from error
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for client in list(self.clients):
            client.reset()
        await asyncio.sleep(0)


def unable(error: OSError, port: int) -> str:
    """Why a port cannot be had, and the way out where it is a port that only root may have."""
    if error.errno in (errno.EACCES, errno.EPERM) and 0 < port < 1024:
        return f"{error.strerror}; ports below 1024 are root's: take another with --port, for a site with --port-offset"
    return error.strerror or str(error)


class PtyStation:
    """A device's serial line as a pty, with `link` pointing at it while it is there.

    The device is an endpoint that answers, or a station that only sends. What nobody reads is lost.
    """

    def __init__(self, wire: Endpoint | PushStation, clock: Callable[[], float], pace: float, character: float) -> None:
        self._wire, self._pace, self._character = wire, pace, character
        self._loop = asyncio.get_running_loop()
        self._fd, self._slave = os.openpty()  # the slave stays open, so that clients may come and go
        tty.setraw(self._slave)
        os.set_blocking(self._fd, False)
        self.name = os.ttyname(self._slave)
        self.link: Path | None = None
        self._outlet = Outlet(self._write, lambda: None, pace, character)
        self._heard = 0.0
        self._pushes: Pushes | None = None
        self._connection: Connection | None = None
        self._open = True
        self._loop.add_reader(self._fd, self._readable)
        if not isinstance(wire, Endpoint):
            self._pushes = Pushes(wire, clock, pace, self._push)

    def show(self, link: Path) -> None:
        """Make the link; a stale one is replaced, anything else refused."""
        if link.is_symlink() and not link.exists():
            link.unlink()
        try:
            link.symlink_to(self.name)
        except OSError as error:
            raise ConfigurationError(f"cannot make the link {link}: {error.strerror}", key="pty") from error
        self.link = link

    async def close(self) -> None:
        if not self._open:
            return
        self._open = False
        if self._pushes is not None:
            self._pushes.stop()
        self._outlet.stop()
        self._loop.remove_reader(self._fd)
        if self._connection is not None:
            self._connection.close()
        if self.link is not None and self.link.is_symlink() and str(self.link.readlink()) == self.name:
            self.link.unlink()
        os.close(self._fd)
        os.close(self._slave)

    def _readable(self) -> None:
        data = os.read(self._fd, 4096)
        if not isinstance(self._wire, Endpoint):
            return
        if self._connection is None or self._connection.closed:
            try:
                self._connection = self._wire.connect()
            except NoConnection:  # a serial line takes everybody; the device on it is deaf
                return
        now = self._loop.time()
        if now - self._heard > 0.1:  # far more than 3.5 characters at any rate, also for a late scheduler
            getattr(self._connection.session, "silence", lambda: None)()
        self._heard = now
        outs = self._connection.receive(data)
        if outs:
            self._outlet.put(outs)

    def _push(self, telegram: bytes) -> None:
        parts = [telegram[at : at + SLICE] for at in range(0, len(telegram), SLICE)]
        sent = 0
        for part in parts:
            self._outlet.put([Out(part, sent * self._character)])
            sent += len(part)

    def _write(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError):  # nobody reads: a UART loses the bytes as well
            os.write(self._fd, data)
