"""Smart Message Language as a meter writes it: values, messages with CRC, and the transport that carries them.

Source: BSI TR-03109-1 annex IV, SML version 1.04. A value is a type-length byte (type in bits 4 to 6, length that
counts the type-length bytes themselves, bit 7 when another one follows) and its octets; of a list the length is the
number of its elements. Integers have as many octets as the meter likes.
"""

from collections.abc import Iterable

from emulators.wires.crc import reflected

ESCAPE = b"\x1b\x1b\x1b\x1b"
BEGIN = ESCAPE + b"\x01\x01\x01\x01"
OMITTED = b"\x01"
END_OF_MESSAGE = b"\x00"

OPEN_RESPONSE, CLOSE_RESPONSE, GET_LIST_RESPONSE = 0x0101, 0x0201, 0x0701

_OCTETS, _SIGNED, _UNSIGNED, _LIST = 0, 5, 6, 7


def octets(data: bytes) -> bytes:
    """An octet string; empty is how an optional value is left out."""
    return _typed(_OCTETS, data)


def unsigned(value: int, size: int = 0) -> bytes:
    """An unsigned integer of `size` bytes, 0 for as few as will do."""
    return _typed(_UNSIGNED, value.to_bytes(size or max(1, (value.bit_length() + 7) // 8), "big"))


def signed(value: int, size: int = 0) -> bytes:
    """A signed integer of `size` bytes, 0 for as few as will do."""
    bits = (value if value >= 0 else ~value).bit_length() + 1
    return _typed(_SIGNED, value.to_bytes(size or (bits + 7) // 8, "big", signed=True))


def signed_octets(data: bytes) -> bytes:
    """A signed integer of these octets, right or wrong."""
    return _typed(_SIGNED, data)


def listing(elements: Iterable[bytes]) -> bytes:
    """A list of encoded values."""
    parts = list(elements)
    return _head(_LIST, len(parts)) + b"".join(parts)


def message(transaction: bytes, tag: int, body: bytes, tag_size: int = 2, start: int = 0xFFFF) -> bytes:
    """One SML message with its CRC and end mark. `start` 0 makes it the Kermit CRC that some meters send."""
    choice = listing((unsigned(tag, tag_size), body))
    head = _head(_LIST, 6) + octets(transaction) + unsigned(0, 1) + unsigned(0, 1) + choice
    return head + _typed(_UNSIGNED, crc16(head, start)) + END_OF_MESSAGE


def index_time(seconds: int, size: int = 4) -> bytes:
    """The meter's seconds index, usually its uptime."""
    return listing((unsigned(1, 1), unsigned(seconds, size)))


def obis(code: str) -> bytes:
    """The six bytes of "1-0:16.7.0*255"."""
    medium, _, rest = code.partition("-")
    channel, _, rest = rest.partition(":")
    value, _, billing = rest.partition("*")
    return bytes((int(medium), int(channel), *(int(each) for each in value.split(".")), int(billing or 255)))


def transport(messages: bytes) -> bytes:
    """Messages as they go on the line: filled to a multiple of four, escaped, with CRC."""
    fill = -len(messages) % 4
    data = BEGIN + (messages + bytes(fill)).replace(ESCAPE, ESCAPE + ESCAPE) + ESCAPE + bytes((0x1A, fill))
    return data + crc16(data)


def _typed(kind: int, data: bytes) -> bytes:
    length = len(data) + 1
    return _head(kind, length if length < 16 else length + 1) + data


def _head(kind: int, length: int) -> bytes:
    """The type-length byte, or two of them."""
    if length < 16:
        return bytes((kind << 4 | length,))
    return bytes((0x80 | kind << 4 | length >> 4, length & 0x0F))


def crc16(data: bytes, start: int = 0xFFFF) -> bytes:
    """CRC-16/X-25 of `data`, low byte first as it goes on the line; from 0 it is CRC-16/KERMIT."""
    return (_remainder(data, start) ^ start).to_bytes(2, "little")


_remainder = reflected(0x8408)
