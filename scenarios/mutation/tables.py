"""The emulators' tables, broken: every register row, SunSpec point, RCT object and SML entry once in each way.

A family file is never changed: a mutant is a copy that shares everything but the list with the broken row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from controller.devices import Driver
from controller.drivers.modbus.points import Setting
from emulators.family.profile import Profile
from emulators.family.sunspec import standard
from scenarios.mutation.mutants import TURNED, Mutant

Path = tuple[str | int, ...]
SPACES = {3: "holding", 4: "input"}
NOT_POINTS = frozenset({"id", "length", "at", "when", "wear", "without", "read_only", "modules", "N"})


@dataclass(frozen=True)
class Place:
    """Where a row of a table stands for a driver: a register, a point of a SunSpec model, an object or an OBIS code."""

    kind: str  # register | sunspec | object | obis
    at: Any  # (first, words), (model, offset), object id, code
    unit: int | None = None  # of a device that hangs beside the main one
    space: str = "both"  # holding, input or both


@dataclass(frozen=True)
class Break:
    """One broken row."""

    point: str
    change: str
    place: Place | None
    path: Path
    value: Any


def emulator_mutants(profile: Profile) -> Iterator[tuple[Mutant, Place | None]]:
    """Every single break of a family's tables, with where a driver would meet it."""
    for each in _breaks(profile.data):
        data = _laid(profile.data, each.path, each.value)
        yield Mutant("emulator", each.point, each.change, profile=replace(profile, data=data)), each.place


def _breaks(data: Mapping[str, Any]) -> Iterator[Break]:
    for path, rows, unit in _register_tables(data):
        for i, row in enumerate(rows):
            yield from _row_breaks((*path, i), row, unit)
    for path, chain, unit in _chains(data):
        for i, model in enumerate(chain["models"]):
            yield from _model_breaks((*path, "models", i), model, unit)
    for space, rows in data.get("objects", {}).items():
        for i, row in enumerate(rows):
            for change, broken in _coded(row):
                place = Place("object", row[0])
                yield Break(f"{row[0]:08X} {row[4]}", change, place, ("objects", space, i), broken)
    meters = data.get("meters", {})
    for name, meter in meters.items() if isinstance(meters, Mapping) else ():
        for i, entry in enumerate(meter.get("entries", ())):
            yield from _entry_breaks(name, ("meters", name, "entries", i), entry)
    rules = data.get("rules", {})
    if "word_order" in rules:
        turned = TURNED[rules["word_order"]]
        yield Break("rules", "word order turned", None, ("rules", "word_order"), turned)


def _register_tables(data: Mapping[str, Any]) -> Iterator[tuple[Path, list[list[Any]], int | None]]:
    """Lists of rows: of the device, of what hangs beside it, of the variants that an option chooses."""
    for space, rows in data.get("registers", {}).items():
        yield ("registers", space), rows, None
    for unit, table in data.get("hanging", {}).items():
        for space, rows in table.get("registers", {}).items():
            yield ("hanging", unit, "registers", space), rows, int(unit)
    for option, values in data.get("variants", {}).items():
        for value, table in values.items():
            for path, rows, unit in _register_tables(table):
                yield ("variants", option, value, *path), rows, unit


def _chains(data: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any], int | None]]:
    if "sunspec" in data:
        yield ("sunspec",), data["sunspec"], None
    for unit, table in data.get("hanging", {}).items():
        if "sunspec" in table:
            yield ("hanging", unit, "sunspec"), table["sunspec"], int(unit)


def _row_breaks(path: Path, row: list[Any], unit: int | None) -> Iterator[Break]:
    base = row[1].split(" ", 1)[0]
    words = int(base[3:]) if base.startswith("STR") else max(int(base[1:]) // 16, 1)
    place = Place("register", (row[0], words), unit, str(path[-2]))
    name = f"{row[0]} {row[4]}" if unit is None else f"unit {unit}: {row[0]} {row[4]}"
    for change, broken in _coded(row):
        yield Break(name, change, place, path, broken)


def _coded(row: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """A row of [address, type, scale, access, name, quantity], broken; constants and empty rows have no scale."""
    address, kind, scale, *rest = row
    yield "address +1", [address + 1, kind, scale, *rest]
    if kind.startswith("STR") or not rest[-1] or rest[-1].startswith("="):
        return
    yield "scale x 10", [address, kind, scale * 10, *rest]
    yield "scale x -1", [address, kind, -scale, *rest]


def _model_breaks(path: Path, model: Mapping[str, Any], unit: int | None) -> Iterator[Break]:
    """A model of a chain: its number, its points, its scale factors, the points of its modules."""
    number = model["id"]
    before = "" if unit is None else f"unit {unit}: "
    known = _standard(number)
    yield Break(f"{before}{number}", "id + 1000", Place("sunspec", (number, 0), unit), (*path, "id"), number + 1000)
    for key, value in model.items():
        if key not in NOT_POINTS:
            place = Place("sunspec", (number, known.get(key, -1)), unit)
            for change, broken in _point_breaks(key, value):
                yield Break(f"{before}{number} {key}", change, place, (*path, key), broken)
    for k, module in enumerate(model.get("modules", ())):
        for key, value in module.items():
            place = Place("sunspec", (number, _standard(number, "repeat").get(key, -1)), unit)
            for change, broken in _point_breaks(key, value):
                name = f"{before}{number} module {k + 1} {key}"
                yield Break(name, change, place, (*path, "modules", k, key), broken)


def _standard(number: int, part: str = "points") -> dict[str, int]:
    """Offsets of a standard model's points by name; those of the modules count from the model's head."""
    known = standard().get(str(number), {})
    known = standard().get(str(known["like"]), {}) if "like" in known else known
    start = 2 + int(known.get("length", 0)) if part == "repeat" else 0
    return {each[1]: start + int(each[0]) for each in known.get(part, ())}


def _point_breaks(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    if key.endswith("_SF") and isinstance(value, int):
        yield "scale factor + 1", value + 1
    elif isinstance(value, list):
        yield "scale x 10", [value[0], value[1] * 10]
        yield "scale x -1", [value[0], -value[1]]
    elif isinstance(value, str) and not value.startswith(("=", "auto", "model.")):
        yield "scale x 10", [value, 10.0]
        yield "scale x -1", [value, -1.0]


def _entry_breaks(meter: str, path: Path, entry: list[Any]) -> Iterator[Break]:
    """An SML entry [OBIS, type, unit, scaler, status, name, quantity]."""
    code, kind, unit, scaler, *rest = entry
    place = Place("obis", (meter, code))
    head, _, last = code.rpartition(".")
    yield Break(f"{meter} {code}", "OBIS code + 1", place, path, [f"{head}.{_next(last)}", kind, unit, scaler, *rest])
    if unit:
        yield Break(f"{meter} {code}", "scaler + 1", place, path, [code, kind, unit, scaler + 1, *rest])


def _next(text: str) -> str:
    number, star, storage = text.partition("*")
    return f"{(int(number) + 1) % 256}{star}{storage}"


def _laid(data: Any, path: Path, value: Any) -> Any:
    """A copy of nested tables with another value at `path`; what is beside the path is shared."""
    if not path:
        return value
    first, *rest = path
    if isinstance(data, list):
        copied = list(data)
        copied[int(first)] = _laid(data[int(first)], tuple(rest), value)
        return copied
    return {**data, first: _laid(data[first], tuple(rest), value)}


def asked_with(driver: type[Driver], points: Mapping[str, Any]) -> dict[str, Any]:
    """Points with the function code that their driver asks with, where they have none of their own."""
    function = getattr(driver, "function", 3)
    return {
        name: replace(point, function=point.function or function) if hasattr(point, "function") else point
        for name, point in points.items()
    }


def reaches(points: Mapping[str, Any], place: Place | None) -> bool:
    """Whether one of a driver's points lies where a broken row does."""
    if place is None:
        return True
    return any(_meets(point, place) for point in points.values())


def _meets(point: Any, place: Place) -> bool:
    match place.kind:
        case "register":
            start, (first, words) = getattr(point, "address", None), place.at
            here = isinstance(start, int) and start < first + words and first < start + point.words
            return here and (place.space in ("both", SPACES.get(point.function)) or isinstance(point, Setting))
        case "sunspec":
            number, offset = place.at
            models = getattr(point, "models", ())
            return number in models and (offset == 0 or offset in (point.offset, point.factor))
        case "object":
            return bool(getattr(point, "object_id", None) == place.at)
        case "obis":
            return bool(getattr(point, "obis", "") == obis(place.at[1]))
    return False


def obis(code: str) -> str:
    """1-0:16.7.0 as an SML meter numbers it, without its storage."""
    medium, _, rest = code.partition(":")
    a, _, b = medium.partition("-")
    numbers = [int(a), int(b), *(int(each) for each in rest.partition("*")[0].split("."))]
    return bytes(numbers).hex() + f"{int(rest.partition('*')[2] or 255):02x}"
