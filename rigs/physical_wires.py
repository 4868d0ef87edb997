"""Byte streams, datagrams and HTTP in real time."""

import asyncio
import ipaddress
import os
import socket
from collections import deque
from collections.abc import Mapping
from typing import Any

import httpx

from controller.errors import ConfigurationError, Garbled, LineClosed, LineTimeout
from controller.ports import HttpAnswer
from rigs.channels import Channel, Pipe

Frames = list[tuple[float, str, bytes]]


class Stream:
    """A TCP connection or a serial line that carries a maker's own framing."""

    def __init__(self, channel: Channel, *, frames: Frames | None = None) -> None:
        self._channel = channel
        self._pipe: Pipe | None = None
        self.frames = frames

    async def send(self, data: bytes) -> None:
        if self._pipe is None or self._pipe.closed:
            self._pipe = await self._channel.open()
        _note(self.frames, ">", data)
        try:
            await self._channel.write(data)
        except LineClosed:
            self.close()
            raise

    async def receive(self, timeout: float) -> bytes:
        if self._pipe is None:
            self._pipe = await self._channel.open()
        pipe = self._pipe
        await pipe.wait(timeout)
        data = pipe.take()
        if data:
            _note(self.frames, "<", data)
            return data
        if pipe.closed:
            self.close()
            raise LineClosed("the peer closed the connection")
        raise LineTimeout(f"nothing came in {timeout:g} s")

    def close(self) -> None:
        """Hang up; the next use connects again."""
        self._channel.close()
        self._pipe = None


class UdpPort(asyncio.DatagramProtocol):
    """A local UDP port that several lines share: a datagram goes to the line whose device sent it."""

    def __init__(self) -> None:
        self.lines: list[Datagrams] = []
        self.opening = asyncio.Lock()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, sender: tuple[str | Any, int]) -> None:
        for line in self.lines:
            if line.sender in ("", sender[0]):
                line.arrived(data)


UdpPorts = dict[tuple[str, int, str], UdpPort]


class Datagrams:
    """UDP towards one device, or with `group` a multicast group that it sends to.

    The local port is the device's own: some devices answer there, whatever port they were asked from. Lines that
    need the same local port share it through `ports`. The newest `memory` datagrams are kept.
    """

    def __init__(
        self, host: str, port: int, *, group: str = "", interface: str = "", local: str | None = None,
        ports: UdpPorts | None = None, memory: int = 16, frames: Frames | None = None,
    ) -> None:  # fmt: skip
        self.host, self.port, self._group, self._interface = host, port, group, interface
        self.sender = ""  # address of the device, once its name is resolved
        self._local = local
        self._ports = {} if ports is None else ports
        self._port: UdpPort | None = None
        self._queue: deque[bytes] = deque(maxlen=memory)
        self._pipe = Pipe()
        self.frames = frames

    def arrived(self, data: bytes) -> None:
        self._queue.append(data)
        self._pipe.feed(b".")

    async def send(self, data: bytes) -> None:
        port = await self._open()
        _note(self.frames, ">", data)
        if port.transport is not None:
            port.transport.sendto(data, (self._group or self.sender, self.port))

    async def receive(self, timeout: float) -> bytes:
        await self._open()
        if not self._queue:
            self._pipe.take()
            await self._pipe.wait(timeout)
        if not self._queue:
            raise LineTimeout(f"no datagram in {timeout:g} s")
        data = self._queue.popleft()
        _note(self.frames, "<", data)
        return data

    def close(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            port.lines.remove(self)
            if not port.lines and port.transport is not None:
                port.transport.close()

    async def _open(self) -> UdpPort:
        if self._port is not None and self._port.transport is not None and not self._port.transport.is_closing():
            return self._port
        if self.host:
            self.sender = await _resolve(self.host)
        if self._local is None:
            self._local = _own_address(self.sender)
        key = (self._group or self._local, self.port, self._interface)
        port = self._ports.setdefault(key, UdpPort())
        async with port.opening:  # several lines may want it at the same moment
            if port.transport is None or port.transport.is_closing():
                try:
                    await asyncio.get_running_loop().create_datagram_endpoint(lambda: port, sock=self._socket(key[0]))
                except OSError as error:
                    raise LineClosed(f"no UDP port {self.port} at {key[0] or 'any'}: {error.strerror}") from error
        if self not in port.lines:
            port.lines.append(self)
        self._port = port
        return port

    def _socket(self, local: str) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            bound.setblocking(False)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind((local, self.port))
            if self._group:
                interface = socket.inet_aton(self._interface or "0.0.0.0")
                bound.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(self._group) + interface)
        except OSError:
            bound.close()
            raise
        return bound


class Web:
    """HTTP towards one host. `url` is scheme, host and port; a path in it goes before every request's path."""

    def __init__(self, url: str, *, timeout: float = 5.0, frames: Frames | None = None) -> None:
        self._url, self._timeout = url.rstrip("/"), timeout
        self._client: httpx.AsyncClient | None = None
        self.frames = frames

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        if self._client is None:
            self._client = httpx.AsyncClient(timeout=self._timeout, trust_env=False)
        _note(self.frames, ">", f"{method} {path}\n".encode() + body)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._client.request(method, self._url + path, content=body, headers=dict(headers or {}))
        except (TimeoutError, httpx.TimeoutException) as error:
            raise LineTimeout(
                f"no answer from {self._url} in {self._timeout:g} s: check the address and that the device is on"
            ) from error
        except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            raise ConfigurationError(f"{self._url} is no HTTP address: {error}", key="line.url") from error
        except httpx.RemoteProtocolError as error:
            if "disconnected" in str(error) or "closed connection" in str(error):
                raise LineClosed(f"{self._url} hung up before its answer was whole") from error
            raise Garbled(f"{self._url} answers, but not in HTTP: {error}; check the port") from error
        except httpx.NetworkError as error:
            raise LineClosed(f"no connection to {self._url}: {error}; check address and port") from error
        except httpx.HTTPError as error:
            raise Garbled(f"{self._url} answers, but not in HTTP: {error}; check the port") from error
        _note(self.frames, "<", f"{answer.status_code}\n".encode() + answer.content)
        return HttpAnswer(answer.status_code, answer.content, answer.headers)

    async def aclose(self) -> None:
        """Close the connections that are kept open."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()


async def _resolve(host: str) -> str:
    """The IPv4 address of a host."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, family=socket.AF_INET)
    except OSError as error:
        raise LineClosed(f"unknown host {host}: {error.strerror}") from error
    return str(found[0][4][0])


def _own_address(host: str) -> str:
    """Where to bind for a device at `host`: any address, on loopback one that no emulated device has."""
    if not host or not ipaddress.ip_address(host).is_loopback:
        return ""
    high, low = divmod(os.getpid() % 65000 + 1, 256)
    return f"127.254.{high}.{low}"


def _note(frames: Frames | None, way: str, data: bytes) -> None:
    if frames is not None:
        frames.append((asyncio.get_running_loop().time(), way, data))
