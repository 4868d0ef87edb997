"""SML telegrams in words: the OBIS entries of a piece of one, with their numbers and units.

A serial head delivers a telegram in pieces, so this looks for whole entries and passes over what is cut.
"""

from collections.abc import Iterator

ESCAPE = b"\x1b\x1b\x1b\x1b"
UNITS = {27: "W", 28: "VA", 29: "var", 30: "Wh", 32: "varh", 33: "A", 35: "V", 44: "Hz"}  # IEC 62056-62 units
OCTETS, BOOLEAN, SIGNED, UNSIGNED, LIST = 0, 4, 5, 6, 7


def sml(data: bytes) -> str:
    """The telegram's beginning or end, and the entries in it."""
    parts = ["start"] if ESCAPE + b"\x01\x01\x01\x01" in data else []
    parts += list(entries(data))
    parts += ["end"] if ESCAPE + b"\x1a" in data else []
    return f"SML, {len(data)} bytes" + (": " + ", ".join(parts) if parts else "")


def entries(data: bytes) -> Iterator[str]:
    """`1-0:16.7.0 = -938 W` for each list entry that is whole."""
    at = data.find(b"\x77\x07")
    while at >= 0:
        end, value = _value(data, at, 0)
        if end and isinstance(value, list) and isinstance(value[0], bytes) and len(value[0]) == 6:
            yield _entry(value)
            at = data.find(b"\x77\x07", end)
        else:
            at = data.find(b"\x77\x07", at + 1)


def _entry(fields: list[object]) -> str:
    code, unit, scale, value = fields[0], fields[3], fields[4], fields[5]
    assert isinstance(code, bytes)
    name = f"{code[0]}-{code[1]}:{code[2]}.{code[3]}.{code[4]}"
    if isinstance(value, int):
        number = value * 10.0 ** (scale if isinstance(scale, int) else 0)
        return f"{name} = {number:.10g} {UNITS.get(unit, '') if isinstance(unit, int) else ''}".rstrip()
    return f"{name} = {value.hex()}" if isinstance(value, bytes) and value else name


def _value(data: bytes, at: int, depth: int) -> tuple[int, object]:
    """The value at `at` and where the next begins; 0 when it is cut off or nested too deep."""
    if at >= len(data) or depth > 3:
        return 0, None
    kind, length, size = data[at] >> 4 & 7, data[at] & 15, 1
    while data[at + size - 1] & 0x80:
        if at + size >= len(data) or size > 3:
            return 0, None
        length = length << 4 | data[at + size] & 15
        size += 1
    if kind == LIST:
        fields, place = [], at + size
        for _ in range(length):
            place, value = _value(data, place, depth + 1)
            if not place:
                return 0, None
            fields.append(value)
        return (place, fields) if len(fields) == 7 or depth else (0, None)
    end = at + max(length, 1)
    if end > len(data):
        return 0, None
    body = data[at + size : end]
    if kind in (SIGNED, UNSIGNED):
        return end, int.from_bytes(body, "big", signed=kind == SIGNED)
    return end, body
