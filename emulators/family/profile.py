"""A device family as its TOML file tells it: which rows it serves, from which document, with which models.

serves = { 23 = ["modbus-tcp", "modbus-rtu"] }     rows of the list, with their protocols
kind = "pv-inverter"
document = "...", revision = "...", evidence = "document" | "clients" | "capture" | "assumed", sources = ["..."]
face = "tripower:Tripower"        class in the maker's package, built as Face(twin, facts, device); or in full,
                                  "emulators.faces.controls:Limited"
twin = "turbine:WindTurbine"      see emulators.family.twins
install = "rct:install"           function in the maker's package where the generic Modbus station does not do
models = [{ name = "SG10RT", row = 30, rated_power = 10000, code = 0x2433 }, ...]
[behaviour] watchdog = 60                   what is the same for all models, and the face's parameters: `facts.more`
include, [options], [variants]              see emulators.family.options and laying
[modbus] [serial] [connections] [registers] ...     see emulators.family.build
"""

import importlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from emulators.family.laying import included

EVIDENCE = ("document", "clients", "capture", "assumed")
ROOT = Path(__file__).parents[1]


class BrokenProfile(Exception):
    """A family file that cannot be used; names file and key."""

    def __init__(self, file: str, key: str, expectation: str) -> None:
        super().__init__(file, key, expectation)  # as it was made, so that it can cross to another process

    def __str__(self) -> str:
        return ": ".join(self.args)


@dataclass(frozen=True)
class Facts:
    """One model of a family: its printed name, row, rating in W, phases, and whatever else its file says."""

    name: str
    row: int
    rated_power: float
    phases: int
    more: Mapping[str, Any]


@dataclass(frozen=True)
class Profile:
    """A family file, checked."""

    file: str
    package: str
    serves: Mapping[int, tuple[str, ...]]
    kind: str
    document: str
    revision: str
    evidence: str
    sources: tuple[str, ...]
    models: tuple[Facts, ...]
    data: Mapping[str, Any]

    def models_of(self, row: int) -> tuple[Facts, ...]:
        return tuple(each for each in self.models if each.row == row)

    def object(self, key: str, table: Mapping[str, Any] | None = None) -> Any:
        """The Python object that `key` of the file, or of a table in it, names as "module:name"; None without it."""
        named = self.data if table is None else table
        if key not in named:
            return None
        module, _, name = str(named[key]).partition(":")
        path = module if module.startswith("emulators.") else f"{self.package}.{module}"
        return getattr(importlib.import_module(path), name)


def load(path: Path) -> Profile:
    """Read one family file."""
    file = str(path.relative_to(ROOT.parent))
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BrokenProfile(file, "", str(error)) from error

    data = included(data, path.parent)

    def need(key: str) -> Any:
        if key not in data:
            raise BrokenProfile(file, key, "is missing")
        return data[key]

    if need("evidence") not in EVIDENCE:
        raise BrokenProfile(file, "evidence", f"one of {', '.join(EVIDENCE)}, not {data['evidence']!r}")
    serves = {int(row): tuple(protocols) for row, protocols in need("serves").items()}
    behaviour = data.get("behaviour", {})
    models = tuple(_facts(file, {**behaviour, **each}, serves) for each in need("models"))
    if missing := sorted(set(serves) - {each.row for each in models}):
        raise BrokenProfile(file, "models", f"no model for row {missing[0]}")
    package = f"emulators.{path.parent.name}"
    return Profile(
        file, package, serves, need("kind"), need("document"), str(data.get("revision", "")), data["evidence"],
        tuple(data.get("sources", ())), models, data,
    )  # fmt: skip


def _facts(file: str, entry: Mapping[str, Any], serves: Mapping[int, tuple[str, ...]]) -> Facts:
    more = dict(entry)
    try:
        name, row = str(more.pop("name")), int(more.pop("row", next(iter(serves))))
    except KeyError as error:
        raise BrokenProfile(file, "models", f"an entry without {error}") from error
    return Facts(name, row, float(more.pop("rated_power", 0.0)), int(more.pop("phases", 3)), more)


@cache
def profiles() -> tuple[Profile, ...]:
    """Every family, in the order of their files."""
    return tuple(load(path) for path in sorted(path for path in ROOT.glob("*/*.toml") if path.parent.name != "family"))


def profile_for(row: int, protocol: str) -> Profile | None:
    """The family that claims this row on this protocol."""
    return next((each for each in profiles() if protocol in each.serves.get(row, ())), None)
