"""RCT Power's serial protocol on the bytes: frames, escapes, check sum, and the objects that frames read and write.

A frame is + command length id payload CRC. Length counts id and payload and has two bytes in the long commands. A +
or - inside is preceded by -, check sum included. CRC-16 CCITT from FFFF over command to payload before escaping,
with a zero byte added when that is odd; high byte first. Source: svalouch/python-rctclient:docs/protocol_overview.rst.
"""

import struct
from binascii import crc_hqx
from collections.abc import Iterable
from dataclasses import dataclass

from controller.devices import Value
from controller.drivers.shared.declared import Declared
from controller.drivers.shared.possible import Doubts, believed
from controller.errors import Garbled

READ, WRITE, RESPONSE, LONG_RESPONSE = 0x01, 0x02, 0x05, 0x06
LONG = frozenset({0x03, 0x06, 0x43, 0x46})
KNOWN = frozenset(range(0x01, 0x07)) | frozenset(range(0x41, 0x47)) | {0x08, 0x48}
PLANT = 0x40
START, ESCAPE = 0x2B, 0x2D
LONGEST = 4096
CODES = {"u8": "B", "u16": "H", "s16": "h", "u32": "I", "s32": "i", "f32": "f", "f64": "d", "bool": "?"}


@dataclass(frozen=True)
class Object(Declared):
    """A value of the device: its id, its coding (u8 u32 s32 f32 bool str), and value = raw * scale, in `unit`.

    `optional`: not every device has it. One that a device does not know is not answered.
    """

    object_id: int
    coding: str
    scale: float = 1
    unit: str = ""
    optional: bool = False

    @property
    def text(self) -> bool:
        return self.coding == "str"

    def decode(self, payload: bytes, doubts: Doubts | None = None) -> Value:
        """The value in `payload`; None, with a doubt, for one that cannot be."""
        if self.text:
            return payload.split(b"\0", 1)[0].decode("latin-1").strip()
        try:
            (raw,) = struct.unpack(">" + CODES[self.coding], payload)
        except struct.error as no:
            raise Garbled(f"{self.name} has {len(payload)} bytes, not {self.coding}", raw=payload) from no
        if isinstance(raw, bool):
            return raw
        return believed(self.name, raw * self.scale, self.unit, "battery-inverter", doubts)

    def encode(self, value: float) -> bytes:
        code = CODES[self.coding]
        raw = value / self.scale if code in "fd" else round(value / self.scale)
        return struct.pack(">" + code, raw)


@dataclass(frozen=True)
class Frame:
    command: int
    object_id: int
    payload: bytes = b""

    def encode(self) -> bytes:
        length = 4 + len(self.payload)
        body = bytes((self.command,)) + length.to_bytes(2 if self.command in LONG else 1, "big")
        body += self.object_id.to_bytes(4, "big") + self.payload
        return bytes((START,)) + escaped(body + crc(body))


def escaped(data: Iterable[int]) -> bytes:
    out = bytearray()
    for byte in data:
        if byte in (START, ESCAPE):
            out.append(ESCAPE)
        out.append(byte)
    return bytes(out)


def cut(buffer: bytes) -> tuple[list[Frame], bytes, int]:
    """All whole frames in `buffer`, what is left of it, and how many frames were damaged."""
    found: list[Frame] = []
    damaged, at = 0, 0
    while (start := buffer.find(START, at)) >= 0:
        body, at = _unescaped(buffer, start + 1)
        if body is None:
            if len(buffer) - start <= 2 * LONGEST:
                return found, buffer[start:], damaged
            at = start + 1
        frame = None if body is None else _frame(body)
        if frame is None:
            damaged += 1
        else:
            found.append(frame)
    return found, b"", damaged


def _unescaped(buffer: bytes, at: int) -> tuple[bytes | None, int]:
    """The frame that begins at `at`, without escapes, and where it ends; None while it is not whole.

    A frame that breaks off at another's start, or makes no sense, comes as empty bytes.
    """
    body = bytearray()
    wanted = 2
    while len(body) < wanted:
        if at >= len(buffer):
            return None, at
        byte = buffer[at]
        if byte == START:
            return b"", at
        if byte == ESCAPE:
            at += 1
            if at >= len(buffer):
                return None, at
            byte = buffer[at]
        body.append(byte)
        at += 1
        if len(body) == 2:
            if body[0] not in KNOWN:
                return b"", at
            wanted = 3 if body[0] in LONG else 2 + body[1] + 2
        elif len(body) == 3 and body[0] in LONG:
            wanted = 3 + int.from_bytes(body[1:3], "big") + 2
        if wanted > LONGEST:
            return b"", at
    return bytes(body), at


def _frame(body: bytes) -> Frame | None:
    """The frame in these bytes, None when its check sum is wrong or it is too short for an id."""
    if len(body) < 8 or crc(body[:-2]) != body[-2:]:
        return None
    head = 3 if body[0] in LONG else 2
    if body[0] & PLANT:
        head += 4  # the address of a plant's device
    content = body[head:-2]
    if len(content) < 4:
        return None
    return Frame(body[0] & ~PLANT, int.from_bytes(content[:4], "big"), content[4:])


def crc(data: bytes) -> bytes:
    """CRC-16 CCITT, high byte first, over an even number of bytes."""
    return crc_hqx(data + b"\0" * (len(data) % 2), 0xFFFF).to_bytes(2, "big")
