"""What a request in bytes asks of a device: which function of which unit, which registers, which bytes stand for them.

Sans-io, written from the specification (MODBUS Application Protocol V1.1b3): the guard believes no driver and no line.
"""

import struct
from dataclasses import dataclass, replace

from rigs import master

READS = frozenset({1, 2, 3, 4, 7, 11, 12, 17, 20, 24, 0x2B})
WRITES = frozenset({5, 6, 15, 16, 22, 23})


class NotARequest(Exception):
    """Bytes that are no whole request."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `data` are two bytes a register, or one byte a coil, `at` where they stand in the whole request.

    `coils`: the addresses are coils. `whole` is the request as it is on the wire.
    """

    whole: bytes
    unit: int
    function: int
    address: int = 0
    data: bytes = b""
    at: int = 0
    coils: bool = False
    head: int = 1  # where the function stands

    @property
    def writes(self) -> bool:
        return self.function not in READS

    @property
    def count(self) -> int:
        return len(self.data) if self.coils else len(self.data) // 2


def over_tcp(data: bytes) -> list[Asked]:
    """The requests in what is sent on a TCP connection; NotARequest when it is not whole requests."""
    found = []
    while data:
        if len(data) < 8:
            raise NotARequest("a Modbus/TCP request has at least 8 bytes")
        protocol, length = struct.unpack(">HH", data[2:6])
        if protocol or not 2 <= length <= 254 or len(data) < 6 + length:
            raise NotARequest("no whole Modbus/TCP request")
        found.append(_asked(data[: 6 + length], 6))
        data = data[6 + length :]
    return found


def over_serial(data: bytes) -> list[Asked]:
    """The request in what is sent on a serial line; NotARequest when its checksum is not right."""
    if len(data) < 4 or master.crc(data[:-2]) != data[-2:]:
        raise NotARequest("no whole Modbus request of a serial line")
    return [_asked(data, 0, 2)]


def _asked(whole: bytes, head: int, tail: int = 0) -> Asked:
    """`head`: where the unit id stands; `tail`: bytes behind the request."""
    unit, function = whole[head], whole[head + 1]
    body = whole[head + 2 : len(whole) - tail]
    start = head + 2
    try:
        return replace(_taken(whole, unit, function, body, start), head=head + 1)
    except (struct.error, IndexError) as error:
        raise NotARequest(f"function {function} with {len(body)} bytes") from error


def _taken(whole: bytes, unit: int, function: int, body: bytes, start: int) -> Asked:
    if function in (5, 6):
        (address,) = struct.unpack(">H", body[:2])
        if len(body) != 4:
            raise NotARequest(f"function {function} with {len(body)} bytes")
        if function == 6:
            return Asked(whole, unit, 6, address, body[2:], start + 2)
        return Asked(whole, unit, 5, address, bytes((body[2] != 0,)), start + 2, coils=True)
    if function in (15, 16):
        address, count, size = struct.unpack(">HHB", body[:5])
        data = body[5:]
        if len(data) != size or size != (2 * count if function == 16 else (count + 7) // 8) or not count:
            raise NotARequest(f"function {function} with {count} and {len(data)} bytes")
        if function == 16:
            return Asked(whole, unit, 16, address, data, start + 5)
        bits = bytes(data[place // 8] >> place % 8 & 1 for place in range(count))
        return Asked(whole, unit, 15, address, bits, start + 5, coils=True)
    if function == 22:
        address, _, _ = struct.unpack(">HHH", body)
        return Asked(whole, unit, 22, address, body[2:4], start + 2)
    if function == 23:
        address, count, size = struct.unpack(">HHB", body[4:9])
        if len(body) != 9 + size or size != 2 * count:
            raise NotARequest(f"function 23 with {len(body)} bytes")
        return Asked(whole, unit, 23, address, body[9:], start + 9)
    return Asked(whole, unit, function)
