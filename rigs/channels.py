"""Byte pipes in real time, TCP and serial: what the controller's real lines send into and wait on.

No task and no thread: bytes wake the one coroutine that waits for them, and so does a peer that goes away.
"""

import asyncio
import contextlib
import errno
import os
import socket
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, runtime_checkable

import serial

from controller.errors import ConfigurationError, LineClosed, LineTimeout
from rigs.patience import within

KEEP = 65536  # bytes nobody asked for are kept up to here, the newest


class Pipe:
    """Received bytes and whether the peer has gone. One coroutine waits at a time."""

    def __init__(self, memory: int = KEEP) -> None:
        self.received = bytearray()
        self.closed = False
        self.reason = ""  # why the peer has gone, where the system says it
        self.touched = 0.0  # time.monotonic() of the last byte, which is the loop's time too
        self.listener: Callable[[bytes], None] | None = None  # is told of all that comes
        self._memory = memory
        self._waiter: asyncio.Future[None] | None = None

    def feed(self, data: bytes | memoryview) -> None:
        if self.listener is not None:
            self.listener(bytes(data))
        self.received += data
        self.touched = time.monotonic()
        if len(self.received) > self._memory:
            del self.received[: len(self.received) - self._memory]
        self._wake()

    def lose(self, reason: str = "") -> None:
        """The peer has gone."""
        self.closed, self.reason = True, reason
        self._wake()

    def take(self) -> bytes:
        """What has come since the last time."""
        data = bytes(self.received)
        self.received.clear()
        return data

    async def wait(self, seconds: float) -> None:
        """Until bytes come, the peer goes, or the time is over."""
        if self.received or self.closed or seconds <= 0:
            return
        loop = asyncio.get_running_loop()
        self._waiter = loop.create_future()
        alarm = loop.call_later(seconds, self._wake)
        try:
            await self._waiter
        finally:
            alarm.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class _Socket(asyncio.BufferedProtocol):
    """One TCP connection feeding a pipe through a small buffer."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._view = memoryview(bytearray(2048))

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._view

    def buffer_updated(self, count: int) -> None:
        self._pipe.feed(self._view[:count])

    def connection_lost(self, error: Exception | None) -> None:
        self._pipe.lose("" if error is None else "reset")


class TcpChannel:
    """A TCP connection that is made when it is needed."""

    def __init__(self, host: str, port: int, *, timeout: float = 1.0, memory: int = KEEP) -> None:
        self.host, self.port = host, port
        self.character = 0.0
        self._timeout, self._memory = timeout, memory
        self._transport: asyncio.Transport | None = None

    def further(self, ports: int) -> "TcpChannel":
        """A channel to the same host, so many ports further on."""
        return TcpChannel(self.host, self.port + ports, timeout=self._timeout, memory=self._memory)

    async def open(self) -> Pipe:
        """A fresh connection; LineClosed when refused, LineTimeout when never answered."""
        self.close()
        pipe = Pipe(self._memory)
        where = f"{self.host}:{self.port}"
        try:
            connecting = asyncio.get_running_loop().create_connection(lambda: _Socket(pipe), self.host, self.port)
            transport, _ = await within(self._timeout, connecting, lambda made: made[0].abort())
        except TimeoutError as error:
            raise LineTimeout(
                f"nobody answers the connection attempt at {where}: check the address, that the device is on and in "
                "this network, and firewalls"
            ) from error
        except OSError as error:
            raise LineClosed(f"no connection to {where}: {_why(error, self.port)}") from error
        self._transport = transport
        return pipe

    async def write(self, data: bytes) -> None:
        if self._transport is None:
            raise LineClosed("the connection is closed")
        self._transport.write(data)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()
        self._transport = None


class SerialChannel:
    """A serial device that is opened when it is needed. On a pty parity and stop bits do not exist and are not set."""

    def __init__(
        self, device: str, *, baud: int = 9600, parity: str = "N", stop: int = 1, timeout: float = 1.0,
        memory: int = KEEP,
    ) -> None:  # fmt: skip
        self.device, self.baud, self.parity, self.stop = device, baud, parity, stop
        self.character = (9 + stop + (parity != "N")) / baud
        self._timeout, self._memory = timeout, memory
        self._port: serial.Serial | None = None
        self._pipe: Pipe | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def open(self) -> Pipe:
        self.close()
        try:
            plain = _is_pty(self.device)
            port = serial.Serial(
                self.device,
                self.baud,
                parity="N" if plain else self.parity,
                stopbits=1 if plain else self.stop,
                timeout=0,
                exclusive=True,
            )
        except (OSError, serial.SerialException) as error:
            raise LineClosed(f"cannot open {self.device}: {error}") from error
        self._port, self._pipe, self._loop = port, Pipe(self._memory), asyncio.get_running_loop()
        port.reset_input_buffer()
        self._loop.add_reader(port.fileno(), self._readable, port.fileno(), self._pipe)
        return self._pipe

    async def write(self, data: bytes) -> None:
        port = self._port
        if port is None or port.fd is None:
            raise LineClosed("the serial line is closed")
        end = asyncio.get_running_loop().time() + self._timeout
        while data:
            try:
                data = data[os.write(port.fd, data) :]
            except BlockingIOError:
                if asyncio.get_running_loop().time() > end:
                    raise LineTimeout(f"{self.device} takes no bytes") from None
                await asyncio.sleep(self.character * len(data))
            except OSError as error:
                raise LineClosed(f"{self.device} is gone: {error.strerror}") from error

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            if self._loop is not None and port.fd is not None and not self._loop.is_closed():
                self._loop.remove_reader(port.fd)
            port.close()

    def _readable(self, fd: int, pipe: Pipe) -> None:
        try:
            data = os.read(fd, 4096)
        except BlockingIOError:
            return
        except OSError:  # EIO: the other end of a pty, or an adapter that was pulled out
            data = b""
        if data:
            pipe.feed(data)
            return
        if self._loop is not None:
            self._loop.remove_reader(fd)
        pipe.lose()


class Channel(Protocol):
    """A byte pipe in both directions; `character` is s a byte takes on a serial line, 0 on a network."""

    character: float

    async def open(self) -> Pipe: ...

    async def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...


@runtime_checkable
class WithPorts(Protocol):
    """A channel to a host that has more ports."""

    def further(self, ports: int) -> Channel: ...


def check_serial(device: str, key: str, file: str = "") -> None:
    """ConfigurationError when this is no serial line that we may use. Does not open it: that would move DTR."""
    try:
        mode = Path(device).stat().st_mode
    except OSError as error:
        raise ConfigurationError(
            f"a serial line, {device} cannot be used: {error.strerror}", file=file, key=key
        ) from error
    if not stat.S_ISCHR(mode):
        raise ConfigurationError(f"a serial line, {device} is none", file=file, key=key)
    if not os.access(device, os.R_OK | os.W_OK):
        raise ConfigurationError(f"a serial line that may be read and written, {device} may not", file=file, key=key)


def _why(error: OSError, port: int) -> str:
    """Why nobody could be reached, and what to look at."""
    if isinstance(error, socket.gaierror):
        return "this name is unknown; check host and name server"
    words = {
        errno.ECONNREFUSED: f"a computer answers there, but nothing listens at port {port}; check the port, and that "
        "the protocol is switched on in the device",
        errno.EHOSTUNREACH: "nobody has this address; check it, and that the device is on",
        errno.ENETUNREACH: "there is no way into this network; check address and cable",
        errno.ECONNRESET: "the device breaks the connection off; it may serve too few clients",
    }
    for code, said in words.items():
        if error.errno == code or f"[Errno {code}]" in str(error):  # of a name with several addresses asyncio says all
            return said
    return error.strerror or str(error)


def _is_pty(device: str) -> bool:
    with contextlib.suppress(OSError):
        path = Path(device).resolve()
        return path.parent == Path("/dev/pts") and stat.S_ISCHR(path.stat().st_mode)
    return False
