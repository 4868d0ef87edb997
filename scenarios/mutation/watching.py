"""Which points of a driver does a story touch, and what does it write there? Asked of the healthy driver, once.

The points are replaced by their own like that note when they are looked at. A story that never looks at a point
cannot tell a broken one, and need not be told to judge it.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Any

from controller.devices import Driver
from controller.drivers.modbus.points import ModbusDevice
from scenarios.bench.declared import Helper, helpers, in_place, points
from scenarios.mutation.mutants import as_kind, swapped

LOOKS = frozenset({"address", "offset", "object_id", "index", "key", "obis", "path"})
GIVES = frozenset({"encode", "told"})


@dataclass
class Seen:
    """What a story did with a driver: points it looked at, values it gave, unit ids it spoke to."""

    points: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)  # those that were asked for with a function code
    given: dict[str, set[float]] = field(default_factory=dict)
    units: set[int] = field(default_factory=set)


@contextmanager
def watched(driver: type[Driver], seen: Seen) -> Iterator[type[Driver]]:
    """A driver class that notes in `seen` what is done with its points, and those of its helpers."""
    spied: list[Helper] = []
    for helper in helpers(driver):
        kind = _spied(helper.kind, points(helper.kind), seen, f"{helper.name}.")
        spied.append(replace(helper, kind=kind))
    with swapped(spied):
        yield _spied(driver, points(driver), seen, "", listening=True)


def _spied(owner: type, declared: Mapping[str, Any], seen: Seen, before: str, *, listening: bool = False) -> type[Any]:
    spies = {name: _spy(point, seen, before + name) for name, point in declared.items()}
    kind: Any = type(owner.__name__, (owner,), {**in_place(owner, spies), "__module__": owner.__module__})
    for name, spy in spies.items():
        if hasattr(spy, "__set_name__"):
            spy.__set_name__(kind, name)
    if listening:
        healthy: Any = owner.__init__  # type: ignore[misc]

        @wraps(healthy)  # what it takes is what the bench gives it
        def __init__(self: Any, line: Any, *rest: Any, **options: Any) -> None:
            healthy(self, _Listening(line, seen) if issubclass(owner, ModbusDevice) else line, *rest, **options)

        kind.__init__ = __init__
    return kind  # type: ignore[no-any-return]


_KINDS: dict[type, type] = {}


def _spy(point: Any, seen: Seen, name: str) -> Any:
    base = type(point)
    kind = _KINDS.get(base)
    if kind is None:
        kind = _KINDS[base] = type(base.__name__, (base,), {"__getattribute__": _looked(), "_seen": None})
    spy = as_kind(point, kind)
    object.__setattr__(spy, "_note", (seen, name))
    return spy


def _looked() -> Any:
    """Attribute access that notes which point is used, and the values that are encoded."""

    def __getattribute__(self: Any, what: str) -> Any:
        found = object.__getattribute__(self, what)
        if what in LOOKS or what in GIVES or what == "function":
            note = object.__getattribute__(self, "__dict__").get("_note")
            if note is not None:
                seen, name = note
                seen.points.add(name)
                if what == "function":
                    seen.read.add(name)
                if what in GIVES or (what == "path" and self.method == "POST"):
                    given = seen.given.setdefault(name, set())
                    return _noting(found, given) if callable(found) else found
        return found

    return __getattribute__


def _noting(encode: Any, given: set[float]) -> Any:
    def noted(value: float, *rest: Any) -> Any:
        given.add(value)
        return encode(value, *rest)

    return noted


class _Listening:
    """A Modbus line that notes which unit ids are spoken to."""

    def __init__(self, line: Any, seen: Seen) -> None:
        vars(self).update(_line=line, _seen=seen)

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        self._seen.units.add(unit)
        answer: bytes = await self._line.read(unit, function, address, count)
        return answer

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        self._seen.units.add(unit)
        await self._line.write(unit, function, address, data)

    def __getattr__(self, name: str) -> Any:
        return getattr(vars(self)["_line"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(vars(self)["_line"], name, value)
