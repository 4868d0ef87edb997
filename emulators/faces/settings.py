"""Settings as most faces have them: refused, ignored or kept as written, then obeyed.

    ems_mode = kept("_mode", one_of, AUTO, CHARGE, DISCHARGE)
    lowest_soc = kept("_lowest", within, 0, 100, when="_unlocked", then="_watch")
    export_switch = switch("_export_on", 0xAA, 0x55)

The face keeps the value in the attribute named first; its defaults and its `reboot` put it there without obeying.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, TypeVar

from emulators.table.answers import IllegalValue

Number = TypeVar("Number", int, float)
ROUNDING = 1e-6  # a scaled value at the edge of its range is in it


def one_of(value: Number, *known: int) -> Number:
    """`value`, refused when it is none of the known codes."""
    if value not in known:
        raise IllegalValue(f"{value:g} is none of {', '.join(map(str, known))}")
    return value


def within(value: Number, low: float, high: float) -> Number:
    """`value`, refused when it is not from `low` to `high`."""
    if not low - ROUNDING <= value <= high + ROUNDING:
        raise IllegalValue(f"{value:g} is not from {low:g} to {high:g}")
    return value


def kept(
    place: str, check: Callable[..., Any] | None = None, *bounds: float, when: str = "", then: str = "_apply"
) -> Any:
    """A property kept in `place` once `check(value, *bounds)` lets it pass; the face's method `then` obeys it.

    While the face's attribute `when` is false, what is written is acknowledged and has no effect.
    """

    def write(face: Any, value: Any) -> None:
        value = check(value, *bounds) if check else value
        if not when or getattr(face, when):
            setattr(face, place, value)
            getattr(face, then)()

    return property(attrgetter(place), write)


def up_to_rating(place: str, low: float = 0.0, *, then: str = "_apply") -> Any:
    """A power in W kept in `place`, refused when it is not from `low` to the rated power of the face's twin."""

    def write(face: Any, watts: float) -> None:
        setattr(face, place, within(watts, low, face._twin.rated_power))
        getattr(face, then)()

    return property(attrgetter(place), write)


def switch(place: str, on: int = 1, off: int = 0, *, then: str = "_apply") -> Any:
    """A property that shows the bool in `place` as one of two codes."""

    def read(face: Any) -> int:
        return on if getattr(face, place) else off

    def write(face: Any, code: int) -> None:
        setattr(face, place, one_of(code, on, off) == on)
        getattr(face, then)()

    return property(read, write)


class Stored:
    """Settings that a device keeps as written and that move nothing here: their names, with the values as delivered."""

    def __init__(self, delivered: Mapping[str, Any]) -> None:
        vars(self).update(delivered)
