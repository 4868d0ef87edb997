"""The emulators' tables, broken: every register row, SunSpec point, RCT object and SML entry once in each way.

A family file is never changed: a mutant is a copy that shares everything but the list with the broken row.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from emulators.family.profile import Profile
from scenarios.bench.words import Path, chains, lists, stated
from scenarios.mutation.mutants import Mutant

Origin = tuple[int, str]
TURNED = {"high first": "low first", "low first": "high first"}

TEXTS = frozenset({"Mn", "Md", "Opt", "Vr", "SN", "IDStr", "Nam"})  # SunSpec points that have no scale


@dataclass(frozen=True)
class Break:
    """One broken cell. `origin`: as words name it (`Word.origin`), None for what all words of a table share."""

    point: str
    change: str
    origin: Origin | None
    path: Path
    value: Any


def emulator_mutants(profile: Profile, alive: Collection[Origin]) -> Iterator[tuple[Mutant, Origin | None]]:
    """Every single break of a family's tables, as far as one of its devices shows the cell (`alive`)."""
    for each in _breaks(profile.data):
        if each.origin is None or each.origin in alive:
            data = _laid(profile.data, each.path, each.value)
            yield Mutant("emulator", each.point, each.change, profile=replace(profile, data=data)), each.origin


def _breaks(data: Mapping[str, Any]) -> Iterator[Break]:
    for path, rows in lists(data):
        for i, row in enumerate(rows):
            if path[-1] == "entries":
                yield from _entry_breaks(str(path[-2]), (*path, i), row)
                continue
            name = f"{row[0]:08X} {row[4]}" if path[0] == "objects" else f"{_place(path)}{row[0]} {row[4]}"
            for change, broken in _coded(row):
                yield Break(name, change, (id(row), ""), (*path, i), broken)
    for path, model in chains(data):
        yield from _model_breaks(path, model)
    rules = data.get("rules", {})
    if "word_order" in rules:
        turned = TURNED[rules["word_order"]]
        yield Break("rules", "word order turned", None, ("rules", "word_order"), turned)


def _place(path: Path) -> str:
    """What stands before the address of a row that is not the main device's own."""
    if path[0] == "hanging":
        return f"unit {path[1]}: "
    return "" if path[0] in ("registers", "points", "variants") else f"{path[0]}: "


def _coded(row: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    """A row of [address, type, scale, access, name, quantity], broken; constants and empty rows have no scale."""
    address, kind, scale, *rest = row
    yield "address +1", [address + 1, kind, scale, *rest]
    if kind.startswith("STR") or not rest[-1] or rest[-1].startswith("="):
        return
    yield "scale x 10", [address, kind, scale * 10, *rest]
    yield "scale x -1", [address, kind, -scale, *rest]


def _model_breaks(path: Path, model: Mapping[str, Any]) -> Iterator[Break]:
    """A model of a chain: its number, its points, its scale factors, the points of its modules."""
    number, before = model["id"], _place(path) if path[0] != "sunspec" else ""
    yield Break(f"{before}{number}", "id + 1000", (id(model), "id"), (*path, "id"), number + 1000)
    for way, key, value in stated(model):
        owner = model if len(way) == 1 else model["modules"][int(way[1])]
        name = f"{before}{number} {key}" if len(way) == 1 else f"{before}{number} module {int(way[1]) + 1} {key}"
        for change, broken in _point_breaks(key, value):
            yield Break(name, change, (id(owner), key), (*path, *way), broken)


def _point_breaks(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    if key.endswith("_SF") and isinstance(value, int):
        yield "scale factor + 1", value + 1
    elif isinstance(value, list):
        yield "scale x 10", [value[0], value[1] * 10]
        yield "scale x -1", [value[0], -value[1]]
    elif isinstance(value, str) and not value.startswith(("=", "auto", "model.")) and key not in TEXTS:
        yield "scale x 10", [value, 10.0]
        yield "scale x -1", [value, -1.0]


def _entry_breaks(meter: str, path: Path, entry: list[Any]) -> Iterator[Break]:
    """An SML entry [OBIS, type, unit, scaler, status, name, quantity]."""
    code, kind, unit, scaler, *rest = entry
    head, _, last = code.rpartition(".")
    origin, name = (id(entry), ""), f"{meter} {code}"
    yield Break(name, "OBIS code + 1", origin, path, [f"{head}.{_next(last)}", kind, unit, scaler, *rest])
    if unit:
        yield Break(name, "scaler + 1", origin, path, [code, kind, unit, scaler + 1, *rest])


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
