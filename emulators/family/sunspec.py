"""A SunSpec chain as a device shows it: models in the maker's order become register rows.

    [sunspec]
    base = 40000                      where "SunS" stands
    space = "holding"                 or "both": function 4 reads it too
    end = true                        false: the chain ends in an exception, without the end model
    models = [
      { id = 1, length = 65, Mn = "=Maker", Md = "model.md" },
      { id = 103, at = 40069, A = "current", A_SF = -2, W = "power", W_SF = "auto" },
      { id = 123, wear = { WMaxLim_Ena = "flash" }, WMaxLimPct = "limit_percent", WMaxLimPct_SF = -2 },
      { id = 160, N = 2, modules = [{ DCW = "dc_power" }, {}], DCW_SF = 0 },
      { id = 126, length = 64 },      known by length only: every point is unimplemented
    ]

A point is a quantity, "=text", a number (raw), or [quantity, factor] with house value = factor * wire value. A point
that is not named is unimplemented and shows its type's pattern. A scale factor "auto" (or "auto -1", its floor)
follows the values, as devices do that change it while running; "model.w_sf" takes a scale factor, or a wear, from the
device's model. `at` states where the head must lie, `read_only` refuses writes, `without` names points that are no
registers at all, `when` is as in emulators.family.options.
Source of patterns and types: SunSpec Device Information Model Specification V1.1, section 4.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from emulators.family.options import holds
from emulators.family.profile import Facts
from emulators.table.owners import directly

TYPES: dict[str, tuple[str, str]] = {  # SunSpec type -> (register type, pattern of an unimplemented point)
    "int16": ("S16", "-0x8000"), "uint16": ("U16", "0xFFFF"), "count": ("U16", "0xFFFF"), "pad": ("S16", "-0x8000"),
    "int32": ("S32", "-0x80000000"), "uint32": ("U32", "0xFFFFFFFF"),
    "int64": ("S64", "-0x8000000000000000"), "uint64": ("U64", "0xFFFFFFFFFFFFFFFF"),
    "acc16": ("U16", "0"), "acc32": ("U32", "0"), "acc64": ("U64", "0"),
    "enum16": ("U16", "0xFFFF"), "enum32": ("U32", "0xFFFFFFFF"),
    "bitfield16": ("U16", "0xFFFF"), "bitfield32": ("U32", "0xFFFFFFFF"), "sunssf": ("S16", "-0x8000"),
    "float32": ("F32", "nan"), "float64": ("F64", "nan"),
}  # fmt: skip
_WORDS = frozenset({"id", "length", "at", "when", "wear", "without", "read_only", "modules"})
FACTS = ("model.", "unit.")  # quantities that nobody can change
_LARGEST = {"S16": 32767, "U16": 65534, "S32": 2**31 - 1, "U32": 2**32 - 2}

RowData = list[Any]


class BrokenChain(ValueError):
    """A chain that cannot be; names model and point."""


@cache
def standard() -> Mapping[str, Mapping[str, Any]]:
    """The standard models by id, as sunspec_models.toml and sunspec_curves.toml have them."""
    texts = (
        Path(__file__).with_name(name).read_text(encoding="utf-8")
        for name in ("sunspec_models.toml", "sunspec_curves.toml")
    )
    return {number: model for text in texts for number, model in tomllib.loads(text).items()}


class Shown:
    """A quantity of the first owner that has it. Who that is is found out when it is asked for, and stays."""

    def __init__(self, owners: Sequence[object], quantity: str) -> None:
        self._owners, self._quantity = owners, quantity
        self._owner: object | None = None  # who is asked

    def value(self) -> Any:
        if self._owner is None:
            owner = next((each for each in self._owners if hasattr(each, self._quantity)), None)
            if owner is None:
                raise BrokenChain(f"nobody has {self._quantity}")
            self._owner, self._quantity = directly(owner, self._quantity)
        return getattr(self._owner, self._quantity)


class Follows:
    """An exponent that follows the values of the points that share it: small enough, never overflowing."""

    def __init__(self, floor: int) -> None:
        self._floor = floor
        self._sources: list[tuple[Shown, float, float]] = []

    def join(self, owners: Sequence[object], quantity: str, factor: float, kind: str) -> "Scale":
        """One more point that shares it; its scale."""
        self._sources.append((Shown(owners, quantity), factor, _LARGEST[kind]))
        return Scale.of(self, factor)

    @property
    def exponent(self) -> int:
        exponent = self._floor
        for shown, factor, largest in self._sources:
            value = shown.value()
            while value is not None and abs(value / factor) / 10.0**exponent > largest:
                exponent += 1
        return exponent


class Scale(float):
    """The scale of a row whose exponent follows: a quantity divided by it is the raw value of this moment."""

    group: Follows
    _factor: float

    @classmethod
    def of(cls, group: Follows, factor: float) -> "Scale":
        new = cls(factor)
        new.group, new._factor = group, factor
        return new

    def __rtruediv__(self, value: float) -> float:
        return value / self._factor / 10.0**self.group.exponent


class ScaleFactors:
    """The scale factors that change while the device runs, by register name."""

    def __init__(self) -> None:
        self.groups: dict[str, Follows] = {}

    def __getattr__(self, name: str) -> int:
        groups = self.__dict__.get("groups", {})
        if name not in groups:
            raise AttributeError(name)
        exponent: int = groups[name].exponent
        return exponent


def rows_of(table: Mapping[str, Any], facts: Facts, owners: Sequence[object]) -> tuple[list[RowData], ScaleFactors]:
    """Register rows of a `[sunspec]` table, and the owner of its changing scale factors."""
    factors = ScaleFactors()
    address = int(table.get("base", 40000))
    rows: list[RowData] = [[address, "U32 high first", 1.0, "r", "SunS", "=0x53756E53"]]
    address += 2
    for model in table["models"]:
        if not holds(model, facts):
            continue
        if model.get("at", address) != address:
            raise BrokenChain(f"model {model['id']} lies at {address}, not at {model['at']}")
        part, length = _model(_filled(model, facts), address, owners, factors)
        rows += part
        address += 2 + length
    if table.get("end", True):
        rows += [[address, "U16", 1.0, "r", "end", "=0xFFFF"], [address + 1, "U16", 1.0, "r", "end length", "=0"]]
    return rows, factors


def _filled(model: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """A model whose scale factors and wear are stated by the facts of the device's model ("model.w_sf")."""

    def fact(value: Any) -> Any:
        named = isinstance(value, str) and value.startswith("model.")
        return facts.more[value.removeprefix("model.")] if named else value

    filled = {key: fact(value) if key.endswith("_SF") else value for key, value in model.items()}
    return {**filled, "wear": {point: fact(wear) for point, wear in model.get("wear", {}).items()}}


def _model(
    model: Mapping[str, Any], head: int, owners: Sequence[object], factors: ScaleFactors
) -> tuple[list[RowData], int]:
    number = model["id"]
    known = standard().get(str(number))
    if known is not None and "like" in known:
        known = standard()[str(known["like"])]
    if known is None:
        if "length" not in model:
            raise BrokenChain(f"model {number} is no standard one and says no length")
        length = int(model["length"])
        points = [[2 + i, f"word {2 + i}", "uint16"] for i in range(length)]
        return [*_head(head, number, length), *_rows(number, model, points, model, head, owners, factors)], length
    modules = model.get("modules", [])
    length = known["length"] + len(modules) * known.get("repeat_words", 0)
    shown = int(model.get("length", length))  # a common model of 65 lacks its last word
    points = [each for each in known["points"] if each[0] < 2 + shown]
    rows = [*_head(head, number, shown), *_rows(number, model, points, model, head, owners, factors)]
    for k, module in enumerate(modules):
        start = head + 2 + known["length"] + k * known["repeat_words"]
        rows += _rows(number, module, known["repeat"], model, start, owners, factors, first=head)
    names = {each[1] for each in known["points"]} | _WORDS
    if wrong := sorted((set(model) | set(model.get("without", ())) | set(model["wear"])) - names):
        raise BrokenChain(f"model {number} has no point {wrong[0]}")
    return rows, shown


def _head(address: int, number: int, length: int) -> Iterator[RowData]:
    yield [address, "U16", 1.0, "r", f"{number} ID", f"={number}"]
    yield [address + 1, "U16", 1.0, "r", f"{number} L", f"={length}"]


def _rows(
    number: int, given: Mapping[str, Any], points: Sequence[Sequence[Any]], model: Mapping[str, Any], start: int,
    owners: Sequence[object], factors: ScaleFactors, first: int | None = None,
) -> Iterator[RowData]:  # fmt: skip
    head, without = start if first is None else first, frozenset(model.get("without", ()))
    for offset, name, kind, *more in points:
        if name in without:
            continue
        factor_name, access = more[0] if more else "", "rw" if "rw" in more else "r"
        address, value = start + offset, given.get(name)
        if kind.startswith("string"):
            words = int(kind[6:])
            yield [address, f"STR{words}", 1.0, "r", f"{number} {name}", "" if value is None else value]
            continue
        code, absent = TYPES[kind]
        word = code if code.endswith("16") else f"{code} high first"  # whatever the device does elsewhere
        words_about = f" absent={absent}" + (" wraps" if kind.startswith("acc") else "")
        if isinstance(value, str) and value.startswith("auto"):
            _group(head, name, value, factors)
            yield [address, code, 1.0, "r", f"{number} {name}", f"{head}:{name}"]
            continue
        if value is None or isinstance(value, int | float):
            # what nobody owns cannot be written
            constant = "" if value is None else f"={_number(value)}"
            yield [address, word, 1.0, "r" + words_about, f"{number} {name}", constant]
            continue
        quantity, factor = (value, 1.0) if isinstance(value, str) else (value[0], float(value[1]))
        stated = model.get(factor_name, factor_name) if isinstance(factor_name, str) else factor_name
        scale: float
        if isinstance(stated, str) and stated.startswith("auto"):
            scale = _group(head, factor_name, stated, factors).join(owners, quantity, factor, code)
        elif stated == "":
            scale = factor
        elif isinstance(stated, int):
            scale = factor * 10.0**stated
        else:
            raise BrokenChain(f"model {number} point {name}: its scale factor {factor_name} is not stated")
        if model.get("read_only") or quantity.startswith(FACTS):
            access = "r"
        wear = model.get("wear", {}).get(name, "volatile") if access == "rw" else ""
        yield [address, word, scale, f"{access} {wear}{words_about}".replace("  ", " "), f"{number} {name}", quantity]


def _group(head: int, name: str, text: str, factors: ScaleFactors) -> Follows:
    """The points of the model at `head` that share the changing scale factor `name`; `text` is "auto FLOOR"."""
    floor = int(text.split()[1]) if " " in text else -3
    return factors.groups.setdefault(f"{head}:{name}", Follows(floor))


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(value)
