"""The Modbus master's side of the wire: builds requests and believes no reply that is not exactly its answer.

Sans-io; the simulated, the loopback and the physical lines all use it, so that a story meets the same checks
everywhere. Written from the specification (MODBUS Application Protocol V1.1b3, Messaging on TCP/IP V1.0b, Serial Line
V1.02), not from the emulators' codec.
"""

import struct
from binascii import hexlify
from functools import lru_cache

from controller.errors import Garbled, Refused

_MBAP = struct.Struct(">HHHBB")


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

    __slots__ = ("_address", "_expected", "_pdu", "_request", "_size", "_unit", "_wanted")

    def __init__(self, unit: int, pdu: bytes, address: int, wanted: int | None) -> None:
        self._unit, self._pdu, self._address, self._wanted = unit, pdu, address, wanted
        self._request = struct.pack(">HHB", 0, len(pdu) + 1, unit) + pdu
        # what the answer to a read that went well has between its transaction id and its data
        size = wanted or 0
        self._expected = struct.pack(">HHBBB", 0, 3 + size, unit, pdu[0], size) if 0 < size <= 250 else b""
        self._size = 9 + size

    @property
    def shape(self) -> tuple[int, int, int | None]:
        """Replies of the same shape cannot be told apart on a serial line."""
        return self._unit, self._pdu[0], self._wanted

    def tcp(self, transaction: int) -> bytes:
        """The request as an ADU on TCP."""
        return transaction.to_bytes(2, "big") + self._request

    def rtu(self) -> bytes:
        """The request as an ADU on a serial line."""
        body = bytes((self._unit,)) + self._pdu
        return body + crc(body)

    def take_tcp(self, transaction: int, buffer: bytes) -> bytes | None:
        """The data of the answer in `buffer`, None while it is not whole. Raises Garbled or Refused."""
        if buffer[2:9] == self._expected and len(buffer) == self._size and buffer[:2] == transaction.to_bytes(2, "big"):
            return buffer[9:]
        if len(buffer) < 8:
            return None
        found, protocol, length, unit, _ = _MBAP.unpack_from(buffer)
        if protocol or not 3 <= length <= 254:
            raise self._garbled("not a Modbus/TCP header", buffer)
        if found != transaction:
            raise self._garbled(f"answer to transaction {found}, asked with {transaction}", buffer)
        if unit != self._unit:
            raise self._garbled(f"answer of unit {unit}", buffer)
        if len(buffer) < 6 + length:
            return None
        if len(buffer) > 6 + length:
            raise self._garbled("more bytes than one answer", buffer)
        return self._data(buffer[7:])

    def take_rtu(self, buffer: bytes) -> bytes | None:
        """The same for a serial line."""
        if len(buffer) < 2:
            return None
        if buffer[0] != self._unit:
            raise self._garbled(f"answer of unit {buffer[0]}", buffer)
        function = self._pdu[0]
        if buffer[1] == function | 0x80:
            length = 5
        elif buffer[1] != function:
            raise self._garbled(f"answer with function {buffer[1]}", buffer)
        elif self._wanted is None:
            length = 8
        elif len(buffer) < 3:
            return None
        elif buffer[2] != self._wanted:
            raise self._garbled(f"{buffer[2]} data bytes, asked for {self._wanted}", buffer)
        else:
            length = 5 + self._wanted
        if len(buffer) < length:
            return None
        if len(buffer) > length:
            raise self._garbled("more bytes than one answer", buffer)
        if crc(buffer[:-2]) != buffer[-2:]:
            raise self._garbled("wrong CRC", buffer)
        return self._data(buffer[1:-2])

    def _data(self, pdu: bytes) -> bytes:
        """What a whole reply PDU says."""
        function = self._pdu[0]
        if pdu[0] == function | 0x80 and len(pdu) == 2:
            raise Refused(pdu[1], unit=self._unit, address=self._address, raw=pdu)
        if pdu[0] != function:
            raise self._garbled(f"answer with function {pdu[0]}", pdu)
        if self._wanted is None:
            if pdu != self._pdu[:5]:
                raise self._garbled("the echo differs from what was written", pdu)
            return b""
        if len(pdu) != 2 + self._wanted or pdu[1] != self._wanted:
            raise self._garbled(f"{len(pdu) - 2} data bytes, asked for {self._wanted}", pdu)
        return pdu[2:]

    def _garbled(self, what: str, raw: bytes) -> Garbled:
        return Garbled(what, unit=self._unit, address=self._address, raw=raw)

    def __repr__(self) -> str:
        return f"Exchange(unit {self._unit}, {hexlify(self._pdu).decode()})"


@lru_cache(4096)
def read(unit: int, function: int, address: int, count: int) -> Exchange:
    """`count` registers (3, 4) or bits (1, 2)."""
    wanted = (count + 7) // 8 if function in (1, 2) else 2 * count
    return Exchange(unit, read_request(function, address, count), address, wanted)


def write(unit: int, function: int, address: int, data: bytes) -> Exchange:
    return Exchange(unit, write_request(function, address, data), address, None)


class Doubt:
    """What a serial line may still bring from earlier requests. Its answers carry no transaction id.

    Every request that timed out may bring one late answer, until `MEMORY` time-outs later. An answer that could be
    such a one is refused; one that could not shows that the device, which answers in order, owes nothing any more.
    After anything refused the line must have been quiet for two time-outs before it is used again.
    """

    MEMORY = 5  # time-outs

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._owed: dict[int, list[tuple[int, int | None, float]]] = {}  # unit -> function, data bytes, until when
        self.quiet_until = 0.0

    def timed_out(self, exchange: Exchange, now: float) -> None:
        unit, function, wanted = exchange.shape
        self._owed.setdefault(unit, []).append((function, wanted, now + self.MEMORY * self._timeout))

    def disturbed(self, now: float) -> None:
        """Bytes came that were no answer."""
        self.quiet_until = now + 2 * self._timeout

    def take(self, exchange: Exchange, buffer: bytes, now: float) -> bytes | None:
        """`Exchange.take_rtu`; Garbled too when the answer may belong to an earlier request."""
        if not self._owed:
            return exchange.take_rtu(buffer)
        unit, function, wanted = exchange.shape
        owed = [each for each in self._owed.pop(unit, ()) if each[2] > now]
        if owed:
            self._owed[unit] = owed
        try:
            data = exchange.take_rtu(buffer)
        except Refused as no:
            late = next((each for each in owed if each[0] == function), None)
            if late is None:
                raise
            owed.remove(late)
            raise Garbled("may be the late refusal of an earlier request", unit=unit, raw=buffer) from no
        if data is not None:
            late = next((each for each in owed if each[:2] == (function, wanted)), None)
            if late is not None:
                owed.remove(late)
                raise Garbled("may be the late answer to an earlier request", unit=unit, raw=buffer)
            self._owed.pop(unit, None)
        return data


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
