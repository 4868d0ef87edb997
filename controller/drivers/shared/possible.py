"""Values that cannot be: what no house can have, and wide integers of which only a part has arrived.

A register that a device is just writing can be read half old and half new. When the new value is "not available", one
of its words is all ones (unsigned) or 7fff or 8000 (signed), the other whatever was there before. What is found here is
absent, and `Doubts` of the driver says why.
"""

from collections.abc import Set as AbstractSet
from functools import lru_cache
from math import isfinite
from sys import float_info

from controller.devices import Kind

Absent = tuple[float, ...] | AbstractSet[float]
NEAR = 0.01  # share of a value from which the next one may look half there, and is meant
Doubts = dict[str, str]  # quantity -> why it is absent although the device told something

# The most that a value of this unit can be, either way; a counter that ran at 10 MW for a century.
MOST = {"W": 1e7, "var": 1e7, "VA": 1e7, "Wh": 1e13, "V": 1e5, "A": 1e5}
# Kinds of device that are on one house connection, in W.
MOST_POWER: dict[Kind, float] = {
    "charging-station": 1e6, "heating-rod": 1e6, "heat-pump": 1e6, "fuel-cell": 1e6, "chp": 1e6,
}  # fmt: skip
WIDE = {"u32": 32, "s32": 32, "acc32": 32, "u64": 64, "s64": 64, "acc64": 64}  # bits
SIGNED = ("s32", "s64")


def most(unit: str, kind: Kind | None = None) -> float:
    """The most that a value in `unit` can be at a device of this kind, either way."""
    if unit == "W" and kind is not None:
        return MOST_POWER.get(kind, MOST["W"])
    return MOST.get(unit, float_info.max)


@lru_cache(1024)
def raw_range(coding: str, scale: float, unit: str, absent: Absent, kind: Kind | None = None) -> tuple[float, float]:
    """Smallest and largest raw value that can be what the device means. Not-a-number and infinity are in no range."""
    end = most(unit, kind) / abs(scale) if scale else float_info.max
    end = end if isfinite(end) else float_info.max
    bits = WIDE.get(coding, 0)
    if not (unit and bits):
        return -end, end
    word = 1 << bits - 16  # one step of the highest word
    if coding in SIGNED:
        return max(-end, -0x7FFF * word), min(end, 0x7FFF * word - 1)
    return 0, min(end, 0xFFFF * word - 1 if (1 << bits) - 1 in absent else end)


@lru_cache(1024)
def halves(coding: str, unit: str, absent: Absent) -> frozenset[int]:
    """Small raw values that a half "not available" looks like; they can also be meant.

    0000 ffff where all ones are the sentinel: 65 535.
    """
    bits = WIDE.get(coding, 0)
    ones = -1 if coding in SIGNED else (1 << bits) - 1
    if not (unit and bits) or ones not in absent:
        return frozenset()
    found = {(1 << low) - 1 for low in range(16, bits, 16)}
    return frozenset(found | {-each - 1 for each in found} if coding in SIGNED else found)


def near(before: object, value: float) -> bool:
    """Whether a value has come to where it is in small steps."""
    return isinstance(before, int | float) and abs(before - value) <= NEAR * abs(value)


def why(raw: float, coding: str, value: float, unit: str) -> str:
    """Why a raw value outside its range, or in `halves`, is not believed."""
    if raw != raw or not isfinite(raw):
        return "is not a number"
    bits = WIDE.get(coding, 0)
    if bits and isinstance(raw, int):
        words = (raw & (1 << bits) - 1).to_bytes(bits // 8, "big").hex(" ", 2)
        if {"ffff", "7fff", "8000"} & {words[:4], words[-4:]}:
            return f"arrived half, the rest says not available: words {words}"
    return f"would be {value:.6g} {unit}, which cannot be"


def believed(
    name: str, value: float | None, unit: str, kind: Kind | None = None, doubts: Doubts | None = None
) -> float | None:
    """A value in `unit` that was told as it is; None, with a doubt, when it cannot be."""
    if value is None or abs(value) <= most(unit, kind):
        return value
    if doubts is not None:
        doubts[name] = why(value, "", value, unit)
    return None
