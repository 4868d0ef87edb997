"""Rows of a register table: where a value stands, how it is coded, and how the device answers beyond them."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

CODES = {"U16": "H", "S16": "h", "U32": "I", "S32": "i", "U64": "Q", "S64": "q", "F32": "f", "F64": "d"}
HIGH, LOW = "high first", "low first"


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One line of the maker's table: [address, type, scale, access, maker's name, quantity].

    `address` is the one on the wire. `type` is U16 S16 U32 S32 U64 S64 F32 F64 or STRn (n words), with an optional
    word order of its own ("U32 low first"). Value on the wire = quantity / scale. `access` is r, w or rw, then words
    about it: "flash" wears, "wraps" rolls over instead of saturating, "alone" answers only when exactly this row is
    asked for and may stand where another one has a word, "absent=0x00FFFFFD" is what stands for no value here in place
    of the family's `not_available`. `quantity` is an attribute of face or twin,
    "=1077" a constant, "" a register that exists and has no value.
    """

    address: int
    type: str
    scale: float
    access: str
    name: str
    quantity: str

    @property
    def base(self) -> str:
        return _base(self.type)

    @property
    def words(self) -> int:
        return words_of(self.type)

    def allows(self, way: str) -> bool:
        return way in _ways(self.access)

    @property
    def remarks(self) -> frozenset[str]:
        return _remarks(self.access)


@dataclass(frozen=True, slots=True)
class Rules:
    """How a device answers reads and writes beyond its table."""

    word_order: str = HIGH
    max_read: int = 125
    max_write: int = 123
    gaps: str = "exception"  # exception | zero | not available
    cut: bool = True  # a read may begin or end inside a value
    one_value: bool = False  # exactly one value a request
    even_count: bool = False  # odd register counts are refused, but for one of a single word
    read_only: str = "refused"  # or "skipped": a block with registers to write may cover others, which do not change
    partial: bool = False  # a write may hit a part of a value, the rest of it stays
    not_available: dict[str, int | float] = field(default_factory=dict)  # type -> raw value
    reserved: Sequence[Sequence[int]] = ()  # first and last of ranges that exist even where the table is silent

    def exists(self, address: int) -> bool:
        """Whether a register that the table does not have reads as not available instead of being a hole."""
        return any(first <= address <= last for first, last in self.reserved)


class Codec:
    """Bytes of one row: pack a quantity, unpack what was written."""

    def __init__(self, row: Row, rules: Rules) -> None:
        self.row, self.size = row, 2 * row.words
        self.full: float | None = None  # what the register said instead of a value that it cannot hold
        order = row.type.split(" ", 1)[1] if " " in row.type else rules.word_order
        self._swap = order == LOW and row.words > 1 and not row.base.startswith("STR")
        self._scale = row.scale
        self._string = row.base.startswith("STR")
        own = next((word[7:] for word in row.remarks if word.startswith("absent=")), None)
        self._missing = rules.not_available.get(row.base) if own is None else _raw(own)
        # the document has patterns for no value, and none for this type: it never says that it has none
        self.always_known = self._missing is None and bool(rules.not_available) and not self._string
        if not self._string:
            code = CODES[row.base]
            self._struct = struct.Struct(">" + code)
            self._float = code in "fd"
            bits = 8 * self.size
            signed = code in "hiq"
            self._low, self._high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
            self._wraps = "wraps" in row.remarks

    def pack(self, value: Any) -> bytes:
        """Bytes of `value`; the not-available pattern for None."""
        if self._string:
            text = b"" if value is None else str(value).encode("utf-8")
            return text[: self.size].ljust(self.size, b"\0")
        if value is None:
            if self._missing is None:
                return bytes(self.size)
            return self._swapped(self._struct.pack(self._missing))
        if self._float:
            return self._swapped(self._floating(value / self._scale))
        try:
            raw = round(value / self._scale)
        except (ValueError, OverflowError):  # somebody has set it so: no number, or one without end
            if value != value:
                return self.pack(None)
            raw = self._high if (value > 0) == (self._scale > 0) else self._low
        if not self._low <= raw <= self._high:
            raw = raw % (self._high + 1) if self._wraps else max(self._low, min(self._high, raw))
            self.full = abs(raw * self._scale)
        return self._swapped(self._struct.pack(raw))

    def _floating(self, value: float) -> bytes:
        try:
            return self._struct.pack(value)
        except OverflowError:  # more than a float of this size holds
            return self._struct.pack(float("inf") if value > 0 else float("-inf"))

    def unpack(self, data: bytes) -> Any:
        if self._string:
            return data.rstrip(b"\0").decode("utf-8", "replace")
        raw = self._struct.unpack(self._swapped(data))[0]
        return raw if self._scale == 1 else raw * self._scale

    def raw(self, data: bytes) -> Any:
        return data.hex() if self._string else self._struct.unpack(self._swapped(data))[0]

    def _swapped(self, data: bytes) -> bytes:
        if not self._swap:
            return data
        return b"".join([data[i : i + 2] for i in range(len(data) - 2, -2, -2)])


# Tables have thousands of rows and a handful of types and remarks: what these mean is worked out once.


@cache
def _base(kind: str) -> str:
    return kind.split(" ", 1)[0]


@cache
def _ways(access: str) -> str:
    return access.split(" ", 1)[0]


@cache
def _remarks(access: str) -> frozenset[str]:
    return frozenset(access.split()[1:])


@cache
def words_of(kind: str) -> int:
    """Registers that a value of this type takes."""
    base = _base(kind)
    if base.startswith("STR") and base[3:].isdigit():
        return int(base[3:])
    if base not in CODES:
        raise ValueError(f"{base!r} is no type of a register: {', '.join(CODES)} or STRn")
    return struct.calcsize(">" + CODES[base]) // 2


def _raw(text: str) -> int | float:
    return float(text) if text == "nan" or "." in text else int(text, 0)
