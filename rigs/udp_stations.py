"""Emulated devices that speak UDP, on real sockets."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from controller.errors import ConfigurationError
from emulators.wires.wire import DatagramStation, PushStation
from rigs.pushes import Pushes


class UdpStation(asyncio.DatagramProtocol):
    """A device that speaks UDP, to whoever asks or, with `group`, to a multicast group.

    `reply_port`: where it answers, whatever port the question came from.
    """

    def __init__(
        self, station: DatagramStation | PushStation, clock: Callable[[], float], pace: float,
        group: tuple[str, int] | None, reply_port: int | None,
    ) -> None:  # fmt: skip
        self._station, self._clock, self._pace = station, clock, pace
        self._peer, self._reply_port = group, reply_port
        self._group = group
        self._transport: asyncio.DatagramTransport | None = None
        self._pushes: Pushes | None = None

    async def listen(self, host: str, port: int) -> int:
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            bound.setblocking(False)
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if self._group is not None:
                interface = socket.inet_aton(host)
                bound.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, interface)
                bound.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 1)
                bound.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
            bound.bind((host, port))
            await asyncio.get_running_loop().create_datagram_endpoint(lambda: self, sock=bound)
        except OSError as error:
            bound.close()
            raise ConfigurationError(f"cannot use UDP {host}:{port}: {error.strerror}", key="port") from error
        return int(bound.getsockname()[1])

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport
        self._pushes = Pushes(self._station, self._clock, self._pace, self._push)

    def datagram_received(self, data: bytes, sender: tuple[str | Any, int]) -> None:
        answer = getattr(self._station, "datagram", None)
        if answer is None or self._group is not None:
            return
        self._peer = peer = (sender[0], self._reply_port or sender[1])
        loop = asyncio.get_running_loop()
        for out in answer(data):
            if out.delay * self._pace > 0:
                loop.call_later(out.delay * self._pace, self._send, out.data, peer)
            else:
                self._send(out.data, peer)
        if self._pushes is not None:
            self._pushes.again()

    async def close(self) -> None:
        if self._pushes is not None:
            self._pushes.stop()
        if self._transport is not None:
            self._transport.close()
        await asyncio.sleep(0)

    def _push(self, data: bytes) -> None:
        if self._peer is not None:
            self._send(data, self._peer)

    def _send(self, data: bytes, peer: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(data, peer)
