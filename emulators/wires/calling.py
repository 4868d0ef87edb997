"""A device that asks: the client of a Modbus/TCP line on which the controller answers.

Theory: everywhere else a station waits to be asked. A calling station says when it asks next (`due`), gives the
request as it goes on the wire (`call`), and is told what came of it (`heard`) before it is asked for another one. A rig
connects where it is told to and tries again and again; the station does not know of connections.

Source: MODBUS Application Protocol V1.1b3; MODBUS Messaging on TCP/IP V1.0b.
"""

import struct
from dataclasses import dataclass
from typing import Protocol

from emulators.wires.wire import Out

HEADER = struct.Struct(">HHHB")
REFUSED = 0x80


class CallingStation(Protocol):
    """`patience`: s that it waits for an answer."""

    patience: float

    def due(self, now: float) -> float:
        """When it asks next (s, absolute), infinite when it has nothing to ask."""
        ...

    def call(self) -> Out:
        """Its request; `close` ends the connection behind it."""
        ...

    def heard(self, reply: bytes) -> None:
        """What came to its request: an ADU, or nothing when nobody is there or answers in time."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """One request to a unit. `purpose`: what it is for."""

    purpose: str
    unit: int
    pdu: bytes


class NoAnswer(Exception):
    """What came is no answer to what was asked."""


def read(address: int, count: int) -> bytes:
    """PDU that reads holding registers."""
    return struct.pack(">BHH", 3, address, count)


def write(address: int, data: bytes) -> bytes:
    """PDU that writes registers, two bytes each."""
    return struct.pack(">BHHB", 16, address, len(data) // 2, len(data)) + data


def write_one(address: int, word: int) -> bytes:
    return struct.pack(">BHH", 6, address, word)


def framed(transaction: int, request: Request) -> bytes:
    return HEADER.pack(transaction, 0, len(request.pdu) + 1, request.unit) + request.pdu


def answered(transaction: int, request: Request, reply: bytes) -> bytes:
    """The reply PDU to a request, a refusal among them; NoAnswer when it is something else. What follows is dropped."""
    if len(reply) < HEADER.size + 2:
        raise NoAnswer("nothing")
    found, protocol, length, unit = HEADER.unpack_from(reply)
    pdu = reply[HEADER.size : HEADER.size - 1 + length]
    if (found, protocol, unit) != (transaction, 0, request.unit) or length != len(pdu) + 1:
        raise NoAnswer(reply.hex())
    if pdu[0] & ~REFUSED != request.pdu[0]:
        raise NoAnswer(f"function {pdu[0]}")
    return pdu
