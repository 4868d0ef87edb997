"""KMTronic relay boards on their wires: LAN with UDP, USB with one or two, four or eight relays, RS485 with eight.

What a board answers to a switch no document says, so that nothing depends on it: the relays are asked for again. A
board has no watchdog: its relays stay as they are when nobody speaks any more.

Sources: domoticz/domoticz:hardware/KMTronicUDP.cpp, KMTronicSerial.cpp; z4rn0x/jeedom_docs:plugins/kmtronic;
info.kmtronic.com, USB commands.
"""

from collections.abc import Sequence
from typing import Protocol

from controller.errors import ConfigurationError, Garbled, LineTimeout
from controller.ports import ByteStream, Datagrams

PATIENCE = 1.0  # s for an answer
ATTEMPTS = 3
QUIET = 0.02  # s in which what is still on its way arrives


class Relays(Protocol):
    """A board of relays, counted from 1."""

    async def closed(self) -> tuple[bool, ...]: ...

    async def switch(self, relay: int, on: bool) -> None:
        """Close a relay, or open it; whether it has followed `closed` tells."""
        ...


class UdpRelays:
    """ASCII in datagrams: FF, the relay, the state; the status is a character a relay, always for as many relays."""

    def __init__(self, line: Datagrams) -> None:
        self._line = line
        self._count = 0  # relays of the board, 0 before it was heard

    async def closed(self) -> tuple[bool, ...]:
        for _ in range(ATTEMPTS):
            await self._drain()
            await self._line.send(b"FF0000")
            if (found := await self._answer()) is not None:
                return found
        raise LineTimeout(f"no state of the relays in {ATTEMPTS} times {PATIENCE:g} s")

    async def switch(self, relay: int, on: bool) -> None:
        await self._line.send(f"FF{relay:02d}{on:02d}".encode())

    async def _answer(self) -> tuple[bool, ...] | None:
        """The state of the relays, None when no datagram is one."""
        try:
            while True:
                told = (await self._line.receive(PATIENCE)).strip(b"\0\r\n\t ")
                if len(told) in (self._count or 8, self._count or 4, self._count or 2) and not set(told) - set(b"01"):
                    self._count = len(told)
                    return tuple(each == ord("1") for each in told)
        except LineTimeout:
            return None

    async def _drain(self) -> None:
        """Let pass what was an answer to something else."""
        try:
            while True:
                await self._line.receive(QUIET)
        except LineTimeout:
            return


class SerialRelays:
    """Three bytes a command, 9600 8N1. `ask`: the status command, `head`: what its answer begins with.

    A board of one or two relays is asked for each of them.
    """

    def __init__(self, line: ByteStream, relays: int, ask: Sequence[bytes], head: Sequence[bytes]) -> None:
        self._line, self._relays = line, relays
        self._ask, self._head = ask, head

    async def closed(self) -> tuple[bool, ...]:
        found: list[bool] = []
        for ask, head in zip(self._ask, self._head, strict=True):
            await self._drain()
            await self._line.send(ask)
            told = await self._bytes(len(head) + self._relays // len(self._ask))
            states = told[len(head) :]
            if told[: len(head)] != head or set(states) - {0, 1}:
                raise Garbled(f"no state of relays in the answer to {ask.hex()}", raw=told)
            found += [each == 1 for each in states]
        return tuple(found)

    async def switch(self, relay: int, on: bool) -> None:
        await self._line.send(bytes((0xFF, relay, on)))

    async def _bytes(self, count: int) -> bytes:
        told = b""
        while len(told) < count:
            told += await self._line.receive(PATIENCE)
        if len(told) > count:
            raise Garbled(f"{len(told)} bytes instead of {count}", raw=told)
        return told

    async def _drain(self) -> None:
        try:
            while True:
                await self._line.receive(QUIET)
        except LineTimeout:
            return


def relays(line: object, board: str) -> Relays:
    """The board as its name says: udp, usb (two relays), usb-8, rs485 (board 1)."""
    stream: ByteStream = line  # type: ignore[assignment]  # what the rig gives for this board
    if board == "udp":
        return UdpRelays(line)  # type: ignore[arg-type]
    if board == "usb":
        heads = (b"\xff\x01", b"\xff\x02")
        return SerialRelays(stream, 2, [head + b"\x03" for head in heads], heads)
    if board == "usb-8":
        return SerialRelays(stream, 8, (b"\xff\x09\x00",), (b"",))
    if board == "rs485":
        return SerialRelays(stream, 8, (b"\xff\xa1\x00",), (b"\xff\xa1",))
    raise ConfigurationError(f"one of udp, usb, usb-8, rs485, not {board!r}", key="relays.board")
