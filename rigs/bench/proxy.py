"""Faults of a real line, put there from outside: a proxy between driver and device, on TCP and on a serial line.

It hands on what comes; while a fault is on, what the device says is late, broken, doubled or lost, as the same fault
does it to an emulated one. The guard stands before it: a proxy only sees what may be written.
"""

import asyncio
import contextlib
import os
import tty
from dataclasses import replace

from controller.errors import ConfigurationError, LineClosed, LineTimeout
from emulators.faults.known import Faults
from emulators.wires.linefaults import HANGING, TAKEN, spoil
from emulators.wires.wire import Out
from rigs.channels import SerialChannel
from rigs.physical import PORTS, Wiring

TURNS = 4
ON_TCP = (
    "connect-refused", "half-open", "reset-mid-reply", "split-reply", "duplicate-reply", "noise", "late-reply",
)  # fmt: skip
ON_SERIAL = ("half-open", "split-reply", "noise", "late-reply")


class TcpProxy:
    """Listens on this machine, hands on to the device. `faults` are those that are on."""

    possible = ON_TCP

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self.faults = Faults()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, wiring: Wiring) -> Wiring:
        """How the device is reached through the proxy."""
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        host, port = self._server.sockets[0].getsockname()[:2]
        return replace(wiring, host=host, port=port)

    def begin(self, fault: str, **parameters: float) -> None:
        """Switch a fault on; those who are connected are thrown out where it says so."""
        self.faults.on(fault, **parameters)
        if fault in TAKEN | HANGING:
            self.drop()

    def end(self, fault: str) -> None:
        """Switch a fault off; who was left hanging is thrown out."""
        self.faults.off(fault)
        self.drop()

    def drop(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def close(self) -> None:
        self.drop()
        if self._server is not None:
            self._server.close()
        await asyncio.gather(*self._tasks)  # each ends with its connections
        for _ in range(TURNS):  # transports close their sockets in later turns of the loop
            await asyncio.sleep(0)

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._writers.add(writer)
        try:
            if TAKEN & self.faults.active.keys():
                writer.transport.abort()
                return
            there, device = await asyncio.open_connection(self._host, self._port)
            self._writers.add(device)
            back = asyncio.ensure_future(self._back(there, writer))
            try:
                while data := await reader.read(4096):
                    device.write(data)
            finally:
                self._writers.discard(device)
                device.transport.abort()
                await back
        except OSError:  # the device has gone: so does the client's connection
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _back(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(4096):
                for out in _spoiled(self.faults, data):
                    if out.delay:
                        await asyncio.sleep(out.delay)
                    if writer.transport.is_closing():
                        return
                    writer.write(out.data)
                    if out.close:
                        writer.transport.abort()
                        return
        writer.close()


class SerialProxy:
    """A pty for the driver, the real serial line behind it."""

    possible = ON_SERIAL

    def __init__(self, channel: SerialChannel) -> None:
        self._channel = channel
        self.faults = Faults()
        self._fd = self._slave = -1
        self._work: asyncio.Task[None] | None = None
        self._said = asyncio.Event()

    async def start(self, wiring: Wiring) -> Wiring:
        self._fd, self._slave = os.openpty()
        tty.setraw(self._fd)
        os.set_blocking(self._fd, False)
        asyncio.get_running_loop().add_reader(self._fd, self._said.set)
        pipe = await self._channel.open()
        pipe.listener = self._heard
        self._work = asyncio.ensure_future(self._forward())
        return replace(wiring, device=os.ttyname(self._slave))

    def begin(self, fault: str, **parameters: float) -> None:
        self.faults.on(fault, **parameters)

    def end(self, fault: str) -> None:
        self.faults.off(fault)

    async def close(self) -> None:
        if self._work is not None:
            self._work.cancel()
            await asyncio.gather(self._work, return_exceptions=True)
        if self._fd >= 0:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            os.close(self._slave)
        self._channel.close()

    async def _forward(self) -> None:
        """What the driver says, in one breath with what it says next."""
        while True:
            await self._said.wait()
            self._said.clear()
            with contextlib.suppress(BlockingIOError):
                data = os.read(self._fd, 4096)
                with contextlib.suppress(LineClosed, LineTimeout):  # the driver's time-out tells it
                    await self._channel.write(data)

    def _heard(self, data: bytes) -> None:
        loop, due = asyncio.get_running_loop(), 0.0
        for out in _spoiled(self.faults, data):
            due += out.delay
            if due:
                loop.call_later(due, self._say, out.data)
            else:
                self._say(out.data)

    def _say(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError, OSError):  # nobody reads
            os.write(self._fd, data)


Proxy = TcpProxy | SerialProxy


def _spoiled(faults: Faults, data: bytes) -> list[Out]:
    return spoil(faults, data, 0.0) if faults else [Out(data)]


def proxy_for(protocol: str, wiring: Wiring) -> Proxy:
    """The proxy of a line that can have one; ConfigurationError on other wires."""
    if wiring.device:
        return SerialProxy(SerialChannel(wiring.device, baud=wiring.baud, parity=wiring.parity, stop=wiring.stop))
    if protocol in ("modbus-tcp", "tcp"):
        return TcpProxy(wiring.host, wiring.port or PORTS[protocol])
    raise ConfigurationError(f"faults are put on TCP connections and serial lines, not on {protocol}", key="protocol")
