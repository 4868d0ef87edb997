"""Bytes of a wire as a family's words have them: a small decoder of its own, that neither side of the project uses.

Sources: MODBUS Application Protocol V1.1b3 (big-endian registers); BSI TR-03109-1 annex IV (SML 1.04);
svalouch/python-rctclient:docs/protocol_overview.rst.
"""

import struct
from collections.abc import Iterator
from typing import Any

from scenarios.bench.words import Word

FLOATS = {"F32": ">f", "F64": ">d"}
RCT_READ, RCT_WRITE, RCT_START, RCT_ESCAPE = 0x01, 0x02, 0x2B, 0x2D
SML_BEGIN, SML_ESCAPE = b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01", b"\x1b\x1b\x1b\x1b"


def size(word: Word) -> int:
    """Bytes of a number in a register or an object."""
    return int(word.type[1:]) // 8


def said(word: Word, data: bytes) -> Any:
    """What bytes say: the raw number, or a text."""
    if word.text:
        return data.split(b"\0", 1)[0].decode("utf-8", "replace")
    if len(data) != size(word):
        return f"{len(data)} bytes"
    whole = turned(word, data)
    if word.type in FLOATS:
        return struct.unpack(FLOATS[word.type], whole)[0]
    return int.from_bytes(whole, "big", signed=word.type.startswith("S"))


def coded(word: Word, raw: float) -> bytes:
    """A raw number as it is written."""
    if word.type in FLOATS:
        return turned(word, struct.pack(FLOATS[word.type], raw))
    return turned(word, int(raw).to_bytes(size(word), "big", signed=word.type.startswith("S")))


def turned(word: Word, data: bytes) -> bytes:
    """Registers in the order of the number, or back."""
    if word.order != "low first":
        return data
    return b"".join(data[at : at + 2] for at in range(len(data) - 2, -1, -2))


def span(word: Word) -> tuple[float, float]:
    """The least and the most that the type holds."""
    if word.type in FLOATS:
        return float("-inf"), float("inf")
    bits = 8 * size(word)
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if word.type.startswith("S") else (0, (1 << bits) - 1)


# RCT Power


def rct_frame(command: int, number: int, payload: bytes = b"") -> bytes:
    """A request for an object, or with a payload an order to change it."""
    body = bytes((command, 4 + len(payload))) + number.to_bytes(4, "big") + payload
    body += _rct_sum(body).to_bytes(2, "big")
    marks = (RCT_START, RCT_ESCAPE)
    return bytes((RCT_START,)) + b"".join(bytes((RCT_ESCAPE, one)) if one in marks else bytes((one,)) for one in body)


def rct_payload(data: bytes, number: int) -> bytes | None:
    """What the first frame in `data` that is whole and about this object carries."""
    for body in _rct_bodies(data):
        head = 3 if body[0] == 0x06 else 2
        length = int.from_bytes(body[1:head], "big")
        whole = body[: head + length + 2]
        if len(whole) < head + length + 2 or _rct_sum(whole[:-2]) != int.from_bytes(whole[-2:], "big"):
            continue
        if int.from_bytes(whole[head : head + 4], "big") == number:
            return whole[head + 4 : -2]
    return None


def _rct_bodies(data: bytes) -> Iterator[bytes]:
    body, plain = bytearray(), True
    for one in data:
        if plain and one == RCT_START:
            if len(body) > 2:
                yield bytes(body)
            body = bytearray()
        elif plain and one == RCT_ESCAPE:
            plain = False
        else:
            body.append(one)
            plain = True
    if len(body) > 2:
        yield bytes(body)


def _rct_sum(data: bytes) -> int:
    total = 0xFFFF
    for one in data + bytes(len(data) % 2):
        total ^= one << 8
        for _ in range(8):
            total = (total << 1 ^ 0x1021 if total & 0x8000 else total << 1) & 0xFFFF
    return total


# SML


def sml_entries(data: bytes) -> dict[bytes, list[Any]] | None:
    """The entries of the last whole telegram by their OBIS code: [code, status, time, unit, scaler, value, ...]."""
    found = None
    for part in data.split(SML_BEGIN)[1:]:
        body, mark, rest = part.partition(SML_ESCAPE + b"\x1a")
        if mark and len(rest) >= 3:
            body = body.replace(SML_ESCAPE + SML_ESCAPE, SML_ESCAPE)
            found = {entry[0]: entry for entry in _sml_list(body)}
    return found


def _sml_list(body: bytes) -> list[list[Any]]:
    """The value list of the answer to "get list"."""
    at = 0
    while at < len(body):
        if body[at] == 0:
            at += 1
            continue
        message, at = _sml_value(body, at)
        tag, answer = message[3]
        if tag & 0xFFFF == 0x0701:
            entries: list[list[Any]] = answer[4]
            return entries
    return []


def _sml_value(data: bytes, at: int) -> tuple[Any, int]:
    """A value and where the next one begins: bytes, a number, or a list of values."""
    kind, length, start = data[at] >> 4 & 7, data[at] & 15, at
    while data[at] & 0x80:
        at += 1
        length = length << 4 | data[at] & 15
    at += 1
    if kind == 7:
        values = []
        for _ in range(length):
            value, at = _sml_value(data, at)
            values.append(value)
        return values, at
    end = start + length
    octets = data[at:end]
    if kind in (5, 6):
        return int.from_bytes(octets, "big", signed=kind == 5), end
    return octets, end
