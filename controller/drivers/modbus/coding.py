"""How a value lies in registers: its address, width, sign, scale and word order.

Word order "low first" is decoded by swapping the bytes of every word once: then the block is little-endian.
"""

import struct
from array import array
from dataclasses import dataclass
from functools import cache
from typing import Literal

from controller.drivers.shared.declared import Declared

Order = Literal["high first", "low first"]
CODES = {"u16": "H", "s16": "h", "u32": "I", "s32": "i", "u64": "Q", "s64": "q", "f32": "f", "f64": "d"}


@dataclass(frozen=True)
class Coded(Declared):
    """Where a value lies and how it is coded: value = raw * scale, in `unit`.

    `coding`: u16 s16 u32 s32 u64 s64 f32 f64, or strN for N words of text. `absent`: raw values that mean "not
    available", besides those of the device. `optional`: not every device of the family has it; an address that the
    device does not know then reads as None. `order` and `function` default to the device's; a text is turned within
    its words only by an order of its own. `each`: every charge point has one, `stride` registers from the one before.
    """

    address: int
    coding: str
    scale: float = 1
    unit: str = ""
    absent: tuple[int, ...] = ()
    optional: bool = False
    order: Order | None = None
    function: int | None = None
    each: bool = False

    @property
    def text(self) -> bool:
        return self.coding.startswith("str")

    @property
    def words(self) -> int:
        return _words(self.coding)

    def encode(self, value: float, order: Order) -> bytes:
        """Bytes of `value` as they go on the line."""
        if self.text:
            raise TypeError(f"{self.name} is text and cannot be written")
        code = CODES[self.coding]
        raw = value / self.scale if code in "fd" else round(value / self.scale)
        if (self.order or order) == "high first":
            return struct.pack(">" + code, raw)
        return swap(struct.pack("<" + code, raw))


@cache
def _words(coding: str) -> int:
    """Registers that a value takes."""
    return int(coding[3:]) if coding.startswith("str") else struct.calcsize(">" + CODES[coding]) // 2


def swap(data: bytes) -> bytes:
    """The bytes of every word exchanged."""
    words = array("H", data)
    words.byteswap()
    return words.tobytes()
