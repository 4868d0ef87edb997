"""A family's tables in the maker's own words: which register, SunSpec point, object or entry says what, and how.

Read from the family file alone. How the emulator lays out chains, fills spaces and codes values is not asked: that is
what the reader of `scenarios.stories.generic` judges with these words.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from emulators.family.options import holds
from emulators.family.profile import Facts
from emulators.family.sunspec import standard

READS = {"coils": 1, "discrete": 2, "holding": 3, "input": 4}  # function codes
FUNCTIONS = (3, 4, 6, 16)  # of a family that says nothing else
BITS = ("coils", "discrete")
SUNSPEC = {  # SunSpec type -> register type, raw value of a point that is not implemented; the specification, section 4
    "int16": ("S16", -(2**15)), "uint16": ("U16", 2**16 - 1), "count": ("U16", 2**16 - 1), "pad": ("S16", -(2**15)),
    "int32": ("S32", -(2**31)), "uint32": ("U32", 2**32 - 1), "int64": ("S64", -(2**63)), "uint64": ("U64", 2**64 - 1),
    "acc16": ("U16", 0), "acc32": ("U32", 0), "acc64": ("U64", 0), "enum16": ("U16", 2**16 - 1),
    "enum32": ("U32", 2**32 - 1), "bitfield16": ("U16", 2**16 - 1), "bitfield32": ("U32", 2**32 - 1),
    "sunssf": ("S16", -(2**15)), "float32": ("F32", float("nan")), "float64": ("F64", float("nan")),
}  # fmt: skip
FACTS = ("model.", "unit.")  # what nobody can change
NOT_POINTS = frozenset({"id", "length", "at", "when", "wear", "without", "read_only", "modules"})


@dataclass(frozen=True, slots=True)
class Word:
    """One cell of a table. `quantity`: whose value it shows, "=constant", or "" for none.

    Value = raw * `scale`, times ten to the power that stands in the register `factor` (SunSpec). `absent`: the raw
    value that says that there is none. `origin`: the cell of the family file that says so.
    """

    unit: int
    space: str  # holding, input, written, coils, discrete, objects, entries
    address: int | str
    type: str
    order: str
    scale: float
    access: str
    name: str
    quantity: str
    absent: float | None = None
    factor: int | None = None
    origin: tuple[int, str] = (0, "")

    @property
    def text(self) -> bool:
        return self.type.startswith("STR")

    @property
    def words(self) -> int:
        return int(self.type[3:]) if self.text else max(int(self.type[1:]) // 16, 1)

    @property
    def wraps(self) -> bool:
        return "wraps" in self.access.split()

    def allows(self, way: str) -> bool:
        return way in self.access.split(" ", 1)[0]


def words(data: Mapping[str, Any], facts: Facts, unit: int) -> list[Word]:
    """All words of a family file with its options chosen, as a device with these facts has them at its unit ids."""
    found = list(_of_unit(data, data, facts, unit))
    for number, table in data.get("hanging", {}).items():
        there = "of" not in table or holds(data.get("beside", {}).get(table["of"], {}), facts)
        if holds(table, facts) and there and int(number) != unit:
            found += _of_unit(data, table, facts, int(number))
    for name, table in data.items():  # parts at unit ids of their own, as a face's install function puts them
        part = isinstance(table, Mapping) and "registers" in table and f"{name}_unit" in facts.more
        if part and holds(table, facts):
            found += _of_unit(data, {**_rules_of(data), **table}, facts, int(facts.more[f"{name}_unit"]))
    found += [_cell(0, "objects", row, {}) for rows in data.get("objects", {}).values() for row in rows]
    meters = data.get("meters")
    if isinstance(meters, Mapping):
        found += map(_entry, meters[facts.more["meter"]]["entries"])
    return found


Path = tuple[str | int, ...]


def lists(table: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    """Every list of rows or entries in a family file, whoever chooses it, with the way to it."""
    for key, value in table.items():
        if not isinstance(value, Mapping):
            continue
        for name, rows in value.items() if key in ("registers", "objects") else ():
            yield (*path, key, name), rows
        if key == "meters":
            for name, meter in value.items():
                yield (*path, key, name, "entries"), meter["entries"]
        if key not in ("registers", "objects", "meters"):
            yield from lists(value, (*path, key))


def chains(table: Mapping[str, Any], path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every model of every SunSpec chain in a family file, with the way to it."""
    for key, value in table.items():
        if key == "sunspec" and isinstance(value, Mapping):
            yield from (((*path, key, "models", i), model) for i, model in enumerate(value.get("models", ())))
        elif isinstance(value, Mapping):
            yield from chains(value, (*path, key))


def stated(model: Mapping[str, Any]) -> Iterator[tuple[Path, str, Any]]:
    """What a model of a chain states of its points and those of its modules."""
    yield from (((key,), key, value) for key, value in model.items() if key not in NOT_POINTS)
    for k, module in enumerate(model.get("modules", ())):
        yield from ((("modules", k, key), key, value) for key, value in module.items())


def origins(data: Mapping[str, Any]) -> set[tuple[int, str]]:
    """Every cell of a family file that a word can come from."""
    found = {(id(row), "") for _, rows in lists(data) for row in rows}
    for _, model in chains(data):
        found.add((id(model), "id"))
        for path, key, _ in stated(model):
            found.add((id(model if len(path) == 1 else model["modules"][path[1]]), key))
    return found


def _rules_of(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: data[key] for key in ("rules", "not_available") if key in data}


def _of_unit(data: Mapping[str, Any], table: Mapping[str, Any], facts: Facts, unit: int) -> Iterator[Word]:
    rows = {space: list(each) for space, each in table.get("registers", {}).items()}
    both, rest = rows.pop("both", []), rows.pop("rest", [])
    for space in ("holding", "input") if both else ():
        rows[space] = [*rows.get(space, []), *both]
    known = {**data.get("modbus", {}), **table.get("modbus", {})}.get("functions", FUNCTIONS)
    found = [_cell(unit, space, row, table) for space, each in rows.items() for row in each]
    if "points" in table:
        found += _of_points(table, facts, unit)
    if "sunspec" in table:
        chain = list(_chain(table["sunspec"], facts, unit))
        found += chain
        if table["sunspec"].get("space") == "both":
            found += [replace(each, space="input") for each in chain]
    for space in ("holding", "input") if rest else ():
        held = [each for each in found if each.space == space]
        taken = {at for each in held for at in cells(each)}
        laid = [_cell(unit, space, row, table) for row in rest] if held else []
        found += [each for each in laid if taken.isdisjoint(cells(each))]
    yield from (each for each in found if READS.get(each.space, known[0]) in known)


def cells(word: Word) -> range:
    start = int(word.address)
    return range(start, start + word.words)


def _of_points(table: Mapping[str, Any], facts: Facts, unit: int) -> Iterator[Word]:
    """The rows of every charge point behind this unit."""
    points = table["points"]
    told = facts.more.get("points", 1)
    count = (told if isinstance(told, int) else len(told)) + len(points.get("also", ()))
    tables = [
        (space, rows)
        for name, rows in points.get("registers", {}).items()
        for space in (("holding", "input") if name == "both" else (name,))
    ]
    for space, rows in tables:
        for number in range(1, count + 1):
            for row in rows:
                word = _cell(unit, space, row, table)
                own = not word.quantity or word.quantity.startswith(("=", "model.", "station."))
                quantity = word.quantity if number == 1 or own else f"point{number}.{word.quantity}"
                yield replace(word, address=row[0] + (number - 1) * int(points.get("stride", 0)), quantity=quantity)


def _cell(unit: int, space: str, row: Sequence[Any], table: Mapping[str, Any]) -> Word:
    """A row [address, type, scale, access, name, quantity] of a table."""
    address, kind, scale, access, name, quantity = row
    base, _, order = kind.partition(" ")
    own = next((each[7:] for each in access.split() if each.startswith("absent=")), None)
    told = table.get("not_available", {}).get(base) if own is None else own
    return Word(
        unit, space, address, base, order or table.get("rules", {}).get("word_order", "high first"), scale, access,
        name, quantity, None if told is None else _number(told), None, (id(row), ""),
    )  # fmt: skip


def _entry(row: Sequence[Any]) -> Word:
    """An SML entry [OBIS code, type, unit, scaler, status, time, quantity]; `factor` tells whether it has a unit."""
    code, kind, unit, scaler, _, _, quantity = row
    return Word(0, "entries", code, kind, "", 10.0**scaler, "r", f"unit {unit}", quantity, None, unit, (id(row), ""))


def _number(told: Any) -> float:
    if not isinstance(told, str):
        return float(told) if isinstance(told, float) else int(told)
    return float(told) if told == "nan" or "." in told else int(told, 0)


# SunSpec


def _chain(table: Mapping[str, Any], facts: Facts, unit: int) -> Iterator[Word]:
    """The marker, the models that this device has, one behind the other, and the end."""
    space = "input" if table.get("space") == "input" else "holding"

    def word(address: int, kind: str, name: str, quantity: str, origin: Any, key: str, **more: Any) -> Word:
        told: dict[str, Any] = {"scale": 1.0, "access": "r", **more}
        return Word(
            unit, space, address, kind, "high first", name=name, quantity=quantity, origin=(id(origin), key), **told
        )

    address = int(table.get("base", 40000))
    yield word(address, "U32", "SunS", "=0x53756E53", None, f"SunS {unit}")
    address += 2
    for model in table["models"]:
        if holds(model, facts):
            length = _length(model)
            number = model["id"]
            yield word(int(model.get("at", address)), "U16", f"{number} ID", f"={number}", model, "id")
            yield word(address + 1, "U16", f"{number} L", f"={length}", model, "id")
            for offset, name, kind, factor, given, key, write in _points(model, length):
                yield from _point(word, model, facts, address, (offset, name, kind, factor), given, key, write)
            address += 2 + length
    if table.get("end", True):
        yield word(address, "U16", "end", "=0xFFFF", None, f"end {unit}")
        yield word(address + 1, "U16", "end length", "=0", None, f"end {unit}")


def _layout(number: int) -> Mapping[str, Any] | None:
    known = standard().get(str(number))
    return standard()[str(known["like"])] if known is not None and "like" in known else known


def _length(model: Mapping[str, Any]) -> int:
    known = _layout(model["id"])
    if "length" in model or known is None:
        return int(model["length"])
    return int(known["length"]) + len(model.get("modules", ())) * int(known.get("repeat_words", 0))


def _points(model: Mapping[str, Any], length: int) -> Iterator[tuple[Any, ...]]:
    """Offset, name, type, scale factor, what the table says of it and where, and whether it can be written."""
    known = _layout(model["id"])
    if known is None:
        yield from ((2 + at, f"word {2 + at}", "uint16", "", None, model, False) for at in range(length))
        return
    parts = [(0, known["points"], model)]
    for k, module in enumerate(model.get("modules", ())):
        parts.append((2 + known["length"] + k * known["repeat_words"], known["repeat"], module))
    for start, points, given in parts:
        for offset, name, kind, *more in points:
            if name not in model.get("without", ()) and start + offset < 2 + length:
                write = "rw" in more and not model.get("read_only")
                yield start + offset, name, kind, more[0] if more else "", given.get(name), given, write


def _point(
    word: Any, model: Mapping[str, Any], facts: Facts, head: int, point: tuple[int, str, str, Any], value: Any,
    given: Any, write: bool,
) -> Iterator[Word]:  # fmt: skip
    offset, name, kind, factor = point
    whole = f"{model['id']} {name}"
    if isinstance(value, str) and value.startswith("model.") and name.endswith("_SF"):
        value = facts.more[value.removeprefix("model.")]
    if kind.startswith("string"):
        yield word(head + offset, f"STR{kind[6:]}", whole, value or "", given, name)
        return
    code, absent = SUNSPEC[kind]
    more: dict[str, Any] = {"absent": absent}
    if kind.startswith("acc"):
        more["access"] = "r wraps"
    if isinstance(value, str) and value.startswith("auto"):
        yield word(head + offset, code, whole, "auto", given, name, **more)
        return
    if value is None or isinstance(value, int | float):
        yield word(head + offset, code, whole, "" if value is None else f"={value!r}", given, name, **more)
        return
    quantity, scale = (value, 1.0) if isinstance(value, str) else (value[0], float(value[1]))
    where = None
    if isinstance(factor, int):
        scale *= 10.0**factor
    elif factor:
        where = head + next(each[0] for each in _points(model, _length(model)) if each[1] == factor)
    if write and not quantity.startswith(FACTS):
        more["access"] = "rw" + more.get("access", "r")[1:]
    yield word(head + offset, code, whole, quantity, given, name, scale=scale, factor=where, **more)
