"""Speedwire as an energy meter sends it: one datagram with all momentary values and counters.

Source: SMA, EMETER-Protokoll-TI. All numbers big-endian. After 28 bytes of header come elements: channel, index, type
(4 momentary in 4 bytes, 8 counter in 8 bytes), tariff, value; then the software version, and four zeros.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

GROUP, PORT = "239.12.255.254", 9522
METER, DISCOVERY = 0x6069, 0x6065  # protocol ids
MOMENTARY, COUNTER = 4, 8

_HEADER = struct.Struct(">4sHHIHHHHII")
_END = bytes(4)
_COUNTED_FROM = 16  # the length field counts from here to before the four zeros


@dataclass(frozen=True, slots=True)
class Element:
    """One value: OBIS index, momentary or counter, raw value."""

    index: int
    type: int
    value: int


def datagram(susy: int, serial: int, ticker: int, elements: Iterable[Element], version: bytes) -> bytes:
    """A measurement datagram. `ticker` is in ms and wraps; `version` is four bytes, the last one a letter."""
    body = b"".join(map(_element, elements)) + b"\x90\0\0\0" + version
    length = _HEADER.size + len(body) - _COUNTED_FROM
    return _header(length, METER, susy, serial, ticker) + body + _END


def discovery(susy: int, serial: int, ticker: int) -> bytes:
    """A datagram of an inverter in the same group; no meter reads it."""
    body = bytes(16)
    return _header(_HEADER.size + len(body) - _COUNTED_FROM, DISCOVERY, susy, serial, ticker) + body + _END


def _header(length: int, protocol: int, susy: int, serial: int, ticker: int) -> bytes:
    return _HEADER.pack(b"SMA\0", 4, 0x02A0, 1, length, 0x10, protocol, susy, serial, ticker & 0xFFFFFFFF)


def _element(element: Element) -> bytes:
    head = bytes((0, element.index, element.type, 0))
    if element.type == COUNTER:
        return head + (element.value & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "big")
    return head + (element.value & 0xFFFFFFFF).to_bytes(4, "big")
