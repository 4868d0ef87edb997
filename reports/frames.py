"""Frames in words: what crossed a wire, as an engineer reads it. A frame that cannot be understood stays bytes.

`>` goes to the device, `<` comes from it. A Modbus reply does not say which registers it carries, so replies are
told with the address of the request before them. Sources: Modbus Application Protocol V1.1b3, Modbus over Serial Line
V1.02, Modbus Messaging on TCP/IP V1.0b, BSI TR-03109-1 annex (SML 1.04), RCT Power serial communication protocol.
"""

import struct
from collections.abc import Callable, Iterator, Sequence

from reports.sml import sml

FUNCTIONS = {
    1: "read coils",
    2: "read inputs",
    3: "read holding registers",
    4: "read input registers",
    5: "write coil",
    6: "write register",
    15: "write coils",
    16: "write registers",
    17: "report server id",
    23: "read and write registers",
    43: "read device identification",
}
EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "server device failure",
    5: "acknowledge",
    6: "server device busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target did not respond",
}
RCT_COMMANDS = {1: "read", 2: "write", 3: "write, long", 5: "value", 6: "value, long", 8: "read periodically"}
SHOWN_WORDS = 12


def told(protocol: str, frames: Sequence[tuple[float, str, str]]) -> Iterator[tuple[float, str, str, bytes]]:
    """Time, direction, words and bytes of each frame (data comes in hex, as results.json has it)."""
    asked = b""
    for at, way, text in frames:
        data = bytes.fromhex(text)
        if protocol == "modbus-tcp":
            words = modbus_tcp(data, way, asked)
        elif protocol == "modbus-rtu":
            words = modbus_rtu(data, way, asked)
        else:
            words = OTHERS.get(protocol, plain)(data)
        if way == ">":
            asked = data
        yield at, way, words, data


def modbus_tcp(data: bytes, way: str, asked: bytes = b"") -> str:
    """An MBAP frame; `asked` is the request frame before it."""
    if len(data) < 8:
        return f"{len(data)} bytes, less than a header and a function"
    transaction, protocol, length = struct.unpack_from(">HHH", data)
    if protocol:
        return f"protocol {protocol} is not Modbus"
    words = f"#{transaction} unit {data[6]}: {_pdu(data[7:], way, asked[7:])}"
    if way == "<" and asked[:2] and asked[:2] != data[:2]:
        words += f", asked was #{int.from_bytes(asked[:2], 'big')}"
    return words if length == len(data) - 6 else f"{words}, {len(data) - 6} bytes follow the length, {length} announced"


def modbus_rtu(data: bytes, way: str, asked: bytes = b"") -> str:
    """An RTU frame with its CRC; `asked` is the request frame before it."""
    if len(data) < 4:
        return f"{len(data)} bytes, no frame"
    words = f"unit {data[0]}: {_pdu(data[1:-2], way, asked[1:-2])}"
    return words if crc(data[:-2]) == data[-2:] else f"{words}, wrong CRC"


def crc(data: bytes) -> bytes:
    """The Modbus CRC-16, as it stands on the wire."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xA001 if value & 1 else 0)
    return value.to_bytes(2, "little")


def _pdu(data: bytes, way: str, asked: bytes) -> str:
    if not data:
        return "no function"
    function, body = data[0], data[1:]
    if function & 0x80 and way == "<":
        code = body[0] if body else 0
        return f"{_name(function & 0x7F)} refused: {EXCEPTIONS.get(code, 'exception')} ({code})"
    try:
        return _request(function, body) if way == ">" else _reply(function, body, asked)
    except (IndexError, struct.error):
        return f"{_name(function)}, cut off after {len(body)} bytes"


def _request(function: int, body: bytes) -> str:
    if function in (1, 2, 3, 4):
        return f"{_name(function)} {_span(*struct.unpack_from('>HH', body))}"
    if function == 5:
        return f"{_name(function)} {int.from_bytes(body[:2], 'big')}: {'on' if body[2] else 'off'}"
    if function == 6:
        return f"{_name(function)} {int.from_bytes(body[:2], 'big')}: {_words(body[2:4])}"
    if function == 16:
        return f"{_name(function)} {_span(*struct.unpack_from('>HH', body))}: {_words(body[5:])}"
    if function == 23:
        read, written = struct.unpack_from(">HH", body), struct.unpack_from(">HH", body, 4)
        return f"read {_span(*read)}, write {_span(*written)}: {_words(body[9:])}"
    return f"{_name(function)} {body.hex(' ')}".rstrip()


def _reply(function: int, body: bytes, asked: bytes) -> str:
    foreign = f", asked was function {asked[0]}" if asked and asked[0] != function else ""
    if function in (3, 4, 23):
        start = int.from_bytes(asked[1:3], "big") if len(asked) >= 5 and not foreign else None
        wanted = int.from_bytes(asked[3:5], "big") * 2 if start is not None else body[0]
        odd = f", {body[0]} bytes announced" if body[0] != len(body) - 1 else ""
        odd = odd or (f", {wanted // 2} registers were asked for" if wanted != body[0] else "")
        place = f"{start}: " if start is not None else ""
        return f"{place}{_words(body[1:])}{odd}{foreign}"
    if function in (1, 2):
        return f"bits {body[1:].hex(' ')}{foreign}"
    if function in (5, 6):
        return f"{_name(function)} {int.from_bytes(body[:2], 'big')} done: {_words(body[2:4])}{foreign}"
    if function in (15, 16):
        return f"{_name(function)} {_span(*struct.unpack_from('>HH', body))} done{foreign}"
    return f"{_name(function)} {body.hex(' ')}{foreign}".rstrip()


def _name(function: int) -> str:
    return FUNCTIONS.get(function, f"function {function}")


def _span(start: int, count: int) -> str:
    return f"{start}" if count == 1 else f"{start}..{start + count - 1} ({count})"


def _words(data: bytes) -> str:
    """Registers in hex, and as a number or text where there are few or all are letters."""
    shown = data[: SHOWN_WORDS * 2].hex(" ", 2)
    tail = " ..." if len(data) > SHOWN_WORDS * 2 else ""
    if len(data) == 2:
        return f"{shown} = {int.from_bytes(data, 'big')}"
    if len(data) == 4:
        return f"{shown} = {int.from_bytes(data, 'big')}"
    text = data.rstrip(b"\0 ")
    letters = f' "{text.decode("ascii")}"' if len(text) > 3 and all(32 <= byte < 127 for byte in text) else ""
    return f"{shown}{tail}{letters}"


def plain(data: bytes) -> str:
    """Text of a protocol that speaks in letters, otherwise how many bytes."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return f"{len(data)} bytes"
    if not text.isprintable() and any(not each.isprintable() and each not in "\r\n\t" for each in text):
        return f"{len(data)} bytes"
    return " ".join(text.split()) or f"{len(data)} bytes"


def rct(data: bytes) -> str:
    """A frame of RCT Power: start, command, length, object id, data, CRC; 0x2D escapes."""
    raw, escaped = bytearray(), False
    for byte in data[data.find(b"\x2b") + 1 :] if b"\x2b" in data else b"":
        if byte == 0x2D and not escaped:
            escaped = True
            continue
        raw.append(byte)
        escaped = False
    if len(raw) < 8:
        return f"{len(data)} bytes, no frame"
    start = 2 if raw[0] not in (3, 6) else 3
    body = raw[start + 4 : -2]
    words = f"{RCT_COMMANDS.get(raw[0], f'command {raw[0]}')} object {raw[start : start + 4].hex().upper()}"
    if len(body) == 4:
        words += f": {body.hex()} = {struct.unpack('>f', body)[0]:.6g} as float"
    elif body:
        words += f": {len(body)} bytes"
    return words


def speedwire(data: bytes) -> str:
    """A datagram of SMA's Speedwire: the device and its clock, then OBIS values."""
    if data[:4] != b"SMA\0" or len(data) < 28:
        return plain(data)
    (protocol,) = struct.unpack_from(">H", data, 16)
    if protocol not in (0x6069, 0x6081):
        return f"Speedwire, protocol {protocol:04X}, {len(data)} bytes"
    susy, serial, ticker = struct.unpack_from(">HII", data, 18)
    found: list[str] = []
    at = 28
    while at + 8 <= len(data):
        channel, index, kind, tariff = data[at : at + 4]
        if kind not in (4, 8):
            at += 8
            continue
        value = int.from_bytes(data[at + 4 : at + 4 + kind], "big")
        if value and index % 20 in (1, 2) and len(found) < 8:  # active power and energy; the total, then L1 to L3
            unit = value / 10 if kind == 4 else value / 3600
            found.append(f"{channel}:{index}.{kind}.{tariff} = {unit:.8g} {'W' if kind == 4 else 'Wh'}")
        at += 4 + kind
    return f"Speedwire meter {susy}/{serial} at {ticker} ms: " + (", ".join(found) or "all zero")


OTHERS: dict[str, Callable[[bytes], str]] = {"sml": sml, "tcp": rct, "speedwire": speedwire}
