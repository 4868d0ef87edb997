"""Cuts SML telegrams out of what an optical head brings, and vouches for them.

Transport protocol version 1 (BSI TR-03109-1, annex on SML 1.04): a telegram begins with 1b1b1b1b 01010101 and ends
with 1b1b1b1b 1a nn cc cc, where nn counts the fill bytes and cc cc is CRC-16/X-25 over all before it, low byte first.
A 1b1b1b1b in between is sent twice. Nothing here trusts a length that was received: `sound` walks the structure once
before anybody builds lists from it.
"""

ESCAPE = b"\x1b" * 4
START = ESCAPE + b"\x01" * 4
LONGEST = 2048  # bytes of a telegram; 212 to 528 have been seen
DEEPEST = 8  # lists in lists; a meter reading nests five


def cut(buffer: bytes) -> tuple[list[bytes], bytes, int]:
    """The contents of all whole telegrams in `buffer`, what is left of it, and how many telegrams were damaged."""
    found: list[bytes] = []
    damaged = 0
    while (start := buffer.find(START)) >= 0:
        buffer = buffer[start:]
        end = _end(buffer)
        if end is None and len(buffer) <= LONGEST:
            return found, buffer, damaged
        content = _content(buffer[:end]) if end else None
        if content is None:
            damaged += 1
            buffer = buffer[len(START) :]  # what follows may hold the next one's start
            continue
        found.append(content)
        buffer = buffer[end:]
    return found, buffer[-len(START) + 1 :], damaged


def _end(buffer: bytes) -> int | None:
    """Where the telegram at the start of `buffer` ends, 0 when it breaks off, None while it is not whole."""
    at = len(START)
    while (at := buffer.find(ESCAPE, at, LONGEST)) >= 0:
        after = buffer[at + 4 : at + 8]
        if len(after) < 4:
            return None
        if after == ESCAPE:
            at += 8
        elif at % 4:
            at += 1  # the last bytes of the content may be 1b too
        else:
            return at + 8 if after[0] == 0x1A else 0
    return None


def _content(telegram: bytes) -> bytes | None:
    """What a whole telegram carries, None when its check sum is wrong."""
    fill = telegram[-3]
    if fill > 3 or crc(telegram[:-2]) != telegram[-2:]:
        return None
    return telegram[len(START) : -8].replace(ESCAPE + ESCAPE, ESCAPE)[: -fill or None]


def sound(content: bytes) -> bool:
    """Whether every length in `content` stays within it and within a sensible depth."""
    open_lists: list[int] = []
    at, size = 0, len(content)
    while at < size:
        head, first = at, content[at]
        length = first & 0x0F
        at += 1
        while content[at - 1] & 0x80:
            if at >= size or at - head > 3:
                return False
            length = length << 4 | content[at] & 0x0F
            at += 1
        if first & 0x70 == 0x70:
            if length > size - at or len(open_lists) >= DEEPEST:
                return False
            if length:
                open_lists.append(length)
                continue
        elif first:  # 00 is the end of a message
            at = max(head + length, at)
        while open_lists:
            open_lists[-1] -= 1
            if open_lists[-1]:
                break
            open_lists.pop()
    return at == size and not open_lists


def _crc_table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x8408 if value & 1 else 0)
        table.append(value)
    return tuple(table)


_CRC = _crc_table()


def crc(data: bytes) -> bytes:
    """CRC-16/X-25, low byte first."""
    value = 0xFFFF
    for byte in data:
        value = (value >> 8) ^ _CRC[(value ^ byte) & 0xFF]
    return (value ^ 0xFFFF).to_bytes(2, "little")
