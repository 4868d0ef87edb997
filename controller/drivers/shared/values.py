"""From what a device tells to what the house means: values that are no numbers are absent, shares are rounded down."""

from collections.abc import Iterable, Mapping
from math import floor

from controller.devices import Value
from controller.drivers.shared.possible import Doubts


def number(value: Value) -> float | None:
    """The value as a number, None when it is absent or a text."""
    if type(value) is float:  # as most are
        return value
    return float(value) if isinstance(value, int | float) else None


def magnitude(value: Value) -> float | None:
    """The value without its sign."""
    return abs(value) if isinstance(value, int | float) else None


def worded(words: Mapping[int, str], code: Value, unknown: str | None = None) -> str | None:
    """What a code of the device means; `unknown` for a code without a word, None for no code at all."""
    if type(code) is int:  # as nearly all are
        return words.get(code, unknown)
    return words.get(int(code), unknown) if isinstance(code, int | float) else None


def total(values: Iterable[Value]) -> float | None:
    """The sum, None when one of the values is missing."""
    numbers = [number(value) for value in values]
    known = [each for each in numbers if each is not None]
    return sum(known) if known and len(known) == len(numbers) else None


def total_of_known(values: Iterable[Value]) -> float | None:
    """The sum of the values that are there, None when none is."""
    known = [each for each in map(number, values) if each is not None]
    return sum(known) if known else None


def total_of(name: str, values: Mapping[str, Value], parts: Iterable[str], doubts: Doubts) -> float | None:
    """Quantity `name` as the sum of those of its parts that are there. None when none is, or one is not believed."""
    parts = tuple(parts)
    doubtful = [doubts[part] for part in parts if part in doubts]
    doubts.pop(name, None)
    if doubtful:
        doubts[name] = doubtful[0]
        return None
    return total_of_known(values.get(part) for part in parts)


def difference(plus: Value, minus: Value) -> float | None:
    """A signed value from two that are never negative, None when one is missing."""
    one, other = number(plus), number(minus)
    return None if one is None or other is None else one - other


def percentage(watts: float, rated_power: float, decimals: int = 0) -> float:
    """% of the rated power, from 0 to 100, rounded down to what the device can be told."""
    steps: int = 10**decimals
    return floor(100 * steps * min(max(watts / rated_power, 0.0), 1.0) + 1e-6) / steps
