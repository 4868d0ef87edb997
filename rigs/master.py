"""The Modbus master's side of the wire: requests, and what counts as the answer to one.

Sans-io; the simulated, the loopback and the physical lines all use it, so that a story meets the same checks
everywhere. Which bytes of what a line brings are the answer is told by `tcp_answers` and `serial_answers`. Written from
the specification (MODBUS Application Protocol V1.1b3, Messaging on TCP/IP V1.0b, Serial Line V1.02), not from the
emulators' codec.
"""

import struct
from binascii import hexlify
from functools import lru_cache

from controller.errors import Garbled, Refused


def read_request(function: int, address: int, count: int) -> bytes:
    """PDU of a read with function 1 to 4."""
    return struct.pack(">BHH", function, address, count)


def write_request(function: int, address: int, data: bytes) -> bytes:
    """PDU of a write: function 5 or 6 with two bytes, 16 with two bytes a register."""
    if function in (5, 6):
        return struct.pack(">BH", function, address) + data
    return struct.pack(">BHHB", function, address, len(data) // 2, len(data)) + data


class Exchange:
    """One request and what counts as its answer. `wanted`: data bytes of a read, None for a write."""

    __slots__ = ("address", "expected", "pdu", "request", "size", "unit", "wanted")

    def __init__(self, unit: int, pdu: bytes, address: int, wanted: int | None) -> None:
        self.unit, self.pdu, self.address, self.wanted = unit, pdu, address, wanted
        # over TCP: what comes behind the transaction id; of the answer to a read that goes well all but id and data
        self.request = struct.pack(">HHB", 0, len(pdu) + 1, unit) + pdu
        size = wanted or 0
        self.expected = struct.pack(">HHBBB", 0, 3 + size, unit, pdu[0], size) if 0 < size <= 250 else b""
        self.size = 9 + size

    @property
    def function(self) -> int:
        return self.pdu[0]

    @property
    def shape(self) -> tuple[int, int, int | bytes]:
        """Unit, function, data bytes or acknowledgement: on a serial line replies of one shape cannot be told apart."""
        return self.unit, self.pdu[0], self.pdu[:5] if self.wanted is None else self.wanted

    def tcp(self, transaction: int) -> bytes:
        """The request as an ADU on TCP."""
        return transaction.to_bytes(2, "big") + self.request

    def rtu(self) -> bytes:
        """The request as an ADU on a serial line."""
        body = bytes((self.unit,)) + self.pdu
        return body + crc(body)

    def data(self, pdu: bytes) -> bytes:
        """What a whole reply PDU of the right unit says. Raises Refused, or Garbled when it is no answer to this."""
        if why := self.unlike(pdu):
            raise self.garbled(why, pdu)
        if pdu[0] != self.pdu[0]:
            raise Refused(pdu[1], unit=self.unit, address=self.address, raw=pdu)
        return b"" if self.wanted is None else pdu[2:]

    def unlike(self, pdu: bytes) -> str:
        """Why a reply PDU is no answer to this request, empty when it is one; a refusal is one too."""
        function = self.pdu[0]
        if pdu[0] == function | 0x80:
            return "" if len(pdu) == 2 else f"a refusal of {len(pdu)} bytes"
        if pdu[0] != function:
            return f"an answer with function {pdu[0]}, asked with {function}"
        if self.wanted is None:
            same = len(pdu) == 5 and pdu == self.pdu[:5]
            return "" if same else "an acknowledgement that differs from what was written"
        if len(pdu) < 2 or len(pdu) != 2 + pdu[1]:
            return f"an answer that says {pdu[1] if len(pdu) > 1 else 'no'} data bytes and has {max(len(pdu) - 2, 0)}"
        return "" if pdu[1] == self.wanted else f"{pdu[1]} data bytes, asked for {self.wanted}"

    def garbled(self, what: str, raw: bytes) -> Garbled:
        return Garbled(what, unit=self.unit, address=self.address, raw=raw)

    def __repr__(self) -> str:
        return f"Exchange(unit {self.unit}, {hexlify(self.pdu).decode()})"


def silence(character: float) -> float:
    """s between two frames on a serial line whose characters take `character` s. Source: serial line V1.02, 2.5.1.1."""
    return max(3.5 * character, 0.00175)


@lru_cache(4096)
def read(unit: int, function: int, address: int, count: int) -> Exchange:
    """`count` registers (3, 4) or bits (1, 2)."""
    wanted = (count + 7) // 8 if function in (1, 2) else 2 * count
    return Exchange(unit, read_request(function, address, count), address, wanted)


def write(unit: int, function: int, address: int, data: bytes) -> Exchange:
    return Exchange(unit, write_request(function, address, data), address, None)


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0xA001 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC = _crc_table()


@lru_cache(1024)  # much is said again
def crc(data: bytes) -> bytes:
    """CRC-16 of the serial line specification, section 2.5.1.2, low byte first."""
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _CRC[(value ^ byte) & 0xFF]
    return bytes((value & 0xFF, value >> 8))
