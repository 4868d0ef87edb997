"""RCT Power's serial protocol over TCP as the inverter speaks it: frames found in a stream, replies built.

Source: svalouch/python-rctclient:docs/protocol_overview.rst. A frame is '+', command, length, id, payload, CRC. What
follows the '+' is escaped: '-' goes before every '+' and '-'. The length counts id and payload before escaping, in
plant frames the address too.
"""

from collections.abc import Iterator
from dataclasses import dataclass

READ, WRITE, LONG_WRITE, RESPONSE, LONG_RESPONSE, READ_PERIODICALLY = 0x01, 0x02, 0x03, 0x05, 0x06, 0x08
PLANT = 0x40
START, ESCAPE = 0x2B, 0x2D
LONGEST_SHORT = 255  # counted by one length byte
_COMMANDS = frozenset({READ, WRITE, LONG_WRITE, RESPONSE, LONG_RESPONSE, READ_PERIODICALLY})


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame without its wrapping. `address` is that of a plant frame, None in a standard one."""

    command: int
    id: int
    payload: bytes = b""
    address: int | None = None


def encode(frame: Frame) -> bytes:
    """The frame as it goes on the line."""
    counted = b"" if frame.address is None else frame.address.to_bytes(4, "big")
    counted += frame.id.to_bytes(4, "big") + frame.payload
    wide = frame.command in (LONG_WRITE, LONG_RESPONSE)
    command = frame.command | (0 if frame.address is None else PLANT)
    body = bytes((command,)) + len(counted).to_bytes(2 if wide else 1, "big") + counted
    body += checksum(body).to_bytes(2, "big")
    escaped = bytearray((START,))
    for byte in body:
        if byte in (START, ESCAPE):
            escaped.append(ESCAPE)
        escaped.append(byte)
    return bytes(escaped)


class Decoder:
    """Finds frames in a stream. What is no frame, or has a wrong CRC, is skipped as the inverter does: silently."""

    def __init__(self) -> None:
        self._body: bytearray | None = None  # None while waiting for a start
        self._escaped = False

    def feed(self, data: bytes) -> Iterator[Frame]:
        for byte in data:
            if self._body is None:
                if byte == START:
                    self._body, self._escaped = bytearray(), False
                continue
            if not self._escaped and byte == ESCAPE:
                self._escaped = True
                continue
            if not self._escaped and byte == START:  # a new frame cuts the old one short
                self._body = bytearray()
                continue
            self._escaped = False
            self._body.append(byte)
            if self._body[0] & ~PLANT not in _COMMANDS:
                self._body = None
                continue
            frame = self._whole()
            if frame is not None:
                yield frame

    def _whole(self) -> Frame | None:
        """The frame, when its last byte has come."""
        body = self._body or b""
        command = body[0] & ~PLANT
        head = 3 if command in (LONG_WRITE, LONG_RESPONSE) else 2
        if len(body) < head:
            return None
        length = int.from_bytes(body[1:head], "big")
        if len(body) < head + length + 2:
            return None
        data, self._body = bytes(body), None
        counted = data[head : head + length]
        own = 8 if data[0] & PLANT else 4
        if length < own or checksum(data[:-2]) != int.from_bytes(data[-2:], "big"):
            return None
        address = int.from_bytes(counted[:4], "big") if data[0] & PLANT else None
        return Frame(command, int.from_bytes(counted[own - 4 : own], "big"), counted[own:], address)


def checksum(data: bytes) -> int:
    """CRC-16/CCITT from 0xFFFF over command to payload, filled with a zero to an even number of bytes."""
    crc = 0xFFFF
    for byte in data + bytes(len(data) % 2):
        crc = (crc << 8 & 0xFFFF) ^ _CRC[crc >> 8 ^ byte]
    return crc


def _table() -> tuple[int, ...]:
    entries = []
    for byte in range(256):
        crc = byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
        entries.append(crc)
    return tuple(entries)


_CRC = _table()
