"""Would we have noticed? Every point of a driver and every row of an emulator's table is broken once, in each way that
happens to people: address, scale, sign, width, word order, function code, a step of the enable chain or the refresh
left out. The stories then have to fail.

A driver's points are found by what they are, not by who wrote them: frozen dataclasses among the class attributes.
"""

import copy
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from controller.devices import Driver
from emulators.profile import Profile

SIGNS = {"u16": "s16", "s16": "u16", "u32": "s32", "s32": "u32", "u64": "s64", "s64": "u64"}
WIDTHS = {
    "u16": "u32",
    "s16": "s32",
    "u32": "u16",
    "s32": "s16",
    "u64": "u32",
    "s64": "s32",
    "f32": "u32",
    "f64": "f32",
}
PLACES = ("address", "offset", "id", "object_id", "index")
KEYS = ("key", "obis", "path")


@dataclass(frozen=True)
class Mutant:
    """One break: of which point, in which way."""

    side: str  # driver | emulator
    point: str
    change: str
    driver: type[Driver] | None = None
    profile: Profile | None = None


def points(driver: type) -> dict[str, Any]:
    """Declared points by attribute name: frozen dataclass instances with an address, an offset or a key."""
    found: dict[str, Any] = {}
    for owner in reversed(driver.__mro__):
        found.update({name: each for name, each in vars(owner).items() if _is_point(each)})
    return found


def _is_point(each: Any) -> bool:
    return is_dataclass(each) and not isinstance(each, type) and bool(_names(each) & {*PLACES, *KEYS})


def _names(point: Any) -> set[str]:
    return {field.name for field in fields(point)}


def driver_mutants(driver: type[Driver], written: Collection[int]) -> Iterator[Mutant]:
    """Every single break of a driver class; `written`: register addresses that it writes to."""
    for name, point in points(driver).items():
        for change, broken in breaks(point):
            yield Mutant("driver", name, change, driver=_with(driver, name, broken))
        if getattr(point, "address", None) in written:
            yield Mutant("driver", name, "is never written", driver=_deaf(driver, point))
    for name, value in _class_breaks(driver):
        yield Mutant("driver", "class", f"{name} = {value!r}", driver=_with(driver, name, value))


def breaks(point: Any) -> Iterator[tuple[str, Any]]:
    """What can be wrong about one point, as (change, broken point)."""
    names = _names(point)
    for place in PLACES:
        if place in names and isinstance(getattr(point, place), int):
            for step in (1, -1, 2, -2):
                yield f"{place} {step:+d}", replace(point, **{place: getattr(point, place) + step})
    for key in KEYS:
        if key in names and isinstance(getattr(point, key), str) and getattr(point, key):
            yield f"{key} misspelt", replace(point, **{key: getattr(point, key) + "x"})
    if "scale" in names and isinstance(point.scale, int | float) and not getattr(point, "text", False):
        for factor in (10, 0.1, -1):
            yield f"scale x {factor:g}", replace(point, scale=point.scale * factor)
    coding = getattr(point, "coding", None)
    if coding in SIGNS:
        yield f"{coding} as {SIGNS[coding]}", replace(point, coding=SIGNS[coding])
    if coding in WIDTHS:
        yield f"{coding} as {WIDTHS[coding]}", replace(point, coding=WIDTHS[coding])


def _class_breaks(driver: type) -> Iterator[tuple[str, Any]]:
    order = getattr(driver, "word_order", None)
    if order in ("high first", "low first"):
        yield "word_order", "low first" if order == "high first" else "high first"
    function = getattr(driver, "function", None)
    if function in (3, 4):
        yield "function", 7 - function
    if getattr(driver, "refresh", None):
        yield "refresh", None
    unit = getattr(driver, "default_unit", None)
    if isinstance(unit, int):
        yield "default_unit", unit + 1
    if getattr(driver, "absent", None):
        yield "absent", {}


def _with(driver: type[Driver], name: str, value: Any) -> type[Driver]:
    """The driver with one attribute replaced."""
    broken = type(driver.__name__, (driver,), {name: value, "__module__": driver.__module__})
    if hasattr(value, "__set_name__"):
        value.__set_name__(broken, name)
    return broken


def _deaf(driver: type[Driver], point: Any) -> type[Driver]:
    """The driver on a line that loses every write to this point."""
    target = getattr(point, "address", None)

    healthy_init: Any = driver.__init__

    def __init__(self: Any, line: Any, *args: Any, **options: Any) -> None:
        healthy_init(self, _Lossy(line, target), *args, **options)

    return type(driver.__name__, (driver,), {"__init__": __init__, "__module__": driver.__module__})


class _Lossy:
    """A line on which one address cannot be written: the write looks done and never left."""

    def __init__(self, line: Any, address: int | None) -> None:
        self._line, self._address = line, address

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        if address != self._address:
            await self._line.write(unit, function, address, data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._line, name)


def emulator_mutants(profile: Profile) -> Iterator[Mutant]:
    """Every single break of a register table."""
    for path, rows in _tables(profile.data):
        for i, row in enumerate(rows):
            for change, broken in _row_breaks(row):
                data = copy.deepcopy(dict(profile.data))
                _at(data, path)[i] = broken
                yield Mutant("emulator", f"{row[0]} {row[4]}", change, profile=replace(profile, data=data))
    rules = profile.data.get("rules", {})
    if "word_order" in rules:
        data = copy.deepcopy(dict(profile.data))
        data["rules"]["word_order"] = "low first" if rules["word_order"] == "high first" else "high first"
        yield Mutant("emulator", "rules", "word order turned", profile=replace(profile, data=data))


def _tables(data: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], list[list[Any]]]]:
    for space, rows in data.get("registers", {}).items():
        yield ("registers", space), rows
    for unit, table in data.get("hanging", {}).items():
        for space, rows in table.get("registers", {}).items():
            yield ("hanging", unit, "registers", space), rows


def _at(data: Any, path: tuple[str, ...]) -> list[Any]:
    for key in path:
        data = data[key]
    found: list[Any] = data
    return found


def _row_breaks(row: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """A row of a table, broken; constants and empty rows have no scale."""
    address, kind, scale, *rest = row
    yield "address +1", [address + 1, kind, scale, *rest]
    if kind.startswith("STR") or not rest[-1] or rest[-1].startswith("="):
        return
    yield "scale x 10", [address, kind, scale * 10, *rest]
    yield "scale x -1", [address, kind, -scale, *rest]
