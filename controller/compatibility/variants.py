"""The model names a row prints, each selectable, with the rating where the name itself tells it.

The list prints series ("Plenticore Plus 4.2, 5.5"), slashes and placeholders ("SE XXXX"), so the names stand one by
one in `variants.csv`. Its `printed` column is the passage of the list that the name was read from.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from controller.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Variant:
    """One model. `rated_power` in W and `phases` are what the name says, None where it says nothing."""

    name: str
    rated_power: float | None = None
    phases: int | None = None
    printed: str = ""


@cache
def variants_by_row() -> Mapping[int, tuple[Variant, ...]]:
    """All variants, by row of the list, in the order they are printed."""
    found: dict[int, list[Variant]] = defaultdict(list)
    text = (files("controller.compatibility") / "variants.csv").read_text(encoding="utf-8")
    for line in csv.DictReader(text.splitlines()):
        found[int(line["row"])].append(
            Variant(
                name=line["name"],
                rated_power=float(line["rated_power"]) if line["rated_power"] else None,
                phases=int(line["phases"]) if line["phases"] else None,
                printed=line["printed"],
            )
        )
    return {row: tuple(variants) for row, variants in found.items()}


def choose(variants: Sequence[Variant], name: str) -> Variant:
    """The variant called `name`, in full or as printed ("SB 2.5" or "2.5"); case and spaces do not matter."""
    for variant in variants:
        if _plain(name) in (_plain(variant.name), _plain(variant.printed)):
            return variant
    known = ", ".join(variant.name for variant in variants)
    raise ConfigurationError(f"unknown model {name!r}, expected one of {known}", key="model")


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
