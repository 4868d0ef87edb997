"""What a word has to say for a value: the number, the text or the pattern that stands in for none, within its step."""

from math import copysign, isfinite, isnan
from typing import Any

from scenarios.bench.decoding import span
from scenarios.bench.words import Word

SINGLE = 1e-6  # relative: what a float of 32 bits resolves
TRUNCATED = ("objects", "entries")  # these wires cut where registers round


def expected(word: Word, value: Any) -> str:
    return f"{word.quantity or 'nothing'} {'' if word.quantity.startswith('=') else value} / {word.scale:g}"


def between(word: Word, raw: Any, before: Any, after: Any, ten: int) -> bool:
    """Whether a value that runs meanwhile, a clock or a counter, was met on its way."""
    if not all(isinstance(each, int | float) for each in (raw, before, after)):
        return False
    ends = sorted(each / word.scale / 10.0**ten for each in (before, after))
    return bool(ends[0] - 1 <= raw <= ends[1] + 1 and before != after)


def fits(word: Word, raw: Any, value: Any, ten: int = 0) -> bool:
    """Whether a raw number or text is what a word has to say for a value."""
    if word.quantity.startswith("=") or not word.quantity:
        told = constant(word)
        if isinstance(raw, float) and isinstance(told, float):
            return near(word, raw, told) or (isnan(raw) and isnan(told))
        return bool(raw == told)
    if word.quantity == "auto":
        return isinstance(raw, int) and -10 <= raw <= 10
    if isinstance(value, bytes):
        return bool(raw == value)
    if word.text or word.type == "octets":
        return bool(raw == clipped(word, "" if value is None else str(value)))
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return missing(word, raw)
    if not isinstance(raw, int | float):
        return False
    return near(word, raw, float(value) / word.scale / 10.0**ten)


def near(word: Word, raw: float, exact: float) -> bool:
    if word.space == "entries":
        return abs(raw - exact) <= 1.0 or (word.type.startswith("u") and exact < 0 and raw == 0)
    low, high = span(word)
    if word.type.startswith("F"):
        if exact == 0:
            return raw == 0 and copysign(1, raw) == copysign(1, exact)
        return abs(raw - exact) <= SINGLE * abs(exact)
    if word.wraps:
        exact %= high + 1
    else:
        exact = min(max(exact, low), high)
    return abs(raw - exact) <= (1.0 if word.space in TRUNCATED else 0.5) + 1e-9 * abs(exact)


def missing(word: Word, raw: Any) -> bool:
    """Whether it says that there is no value, as far as the document has a way to say so."""
    if word.absent is None:
        return bool(raw == 0) or (word.space == "objects" and raw != raw)
    return bool(raw == word.absent or (raw != raw and word.absent != word.absent))


def constant(word: Word) -> Any:
    """The raw number or text that a word always says."""
    if not word.quantity:
        return "" if word.text else (word.absent if word.absent is not None else 0)
    told = word.quantity[1:]
    if word.type == "octets":
        return bytes.fromhex(told)
    if word.text:
        return clipped(word, told)
    return float(told) if word.type.startswith("F") else int(told, 0)


def clipped(word: Word, text: str) -> str:
    """A text as far as the registers hold it."""
    if word.space in TRUNCATED:
        return text
    return text.encode()[: 2 * word.words].decode("utf-8", "replace").split("\0", 1)[0]
