"""How SunSpec values are coded, and which requests fetch a set of them.

Source: SunSpec Device Information Model Specification 1.1, section 4 (types and their "not implemented" values).
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

LAYOUT = {
    "u16": "H", "s16": "h", "enum16": "H", "bits16": "H", "sunssf": "h", "acc16": "H", "u32": "I", "s32": "i",
    "bits32": "I", "acc32": "I", "u64": "Q", "s64": "q", "acc64": "Q", "f32": "f", "f64": "d",
}  # fmt: skip
ABSENT = {
    "u16": (0xFFFF,), "s16": (-0x8000,), "enum16": (0xFFFF,), "bits16": (0xFFFF,), "sunssf": (-0x8000,),
    "u32": (0xFFFFFFFF,), "s32": (-0x80000000,), "bits32": (0xFFFFFFFF,), "u64": (2**64 - 1,), "s64": (-(2**63),),
    # an accumulator that is not kept reads 0; some devices send all ones instead
    "acc16": (0, 0xFFFF), "acc32": (0, 0xFFFFFFFF), "acc64": (0, 2**64 - 1), "f32": (), "f64": (),
}  # fmt: skip
Raw = float | int | bytes


@dataclass(frozen=True, slots=True, order=True)
class Model:
    """A model in a device's chain: `address` of its id word, `length` in words after the two of the head."""

    address: int
    id: int
    length: int

    @property
    def start(self) -> int:
        return self.address + 2

    @property
    def end(self) -> int:
        return self.address + 2 + self.length


class Fields:
    """Values to be fetched, by address, each once."""

    def __init__(self) -> None:
        self.codings: dict[int, str] = {}
        self.models: set[Model] = set()

    def add(self, address: int, coding: str, model: Model) -> None:
        known = self.codings.setdefault(address, coding)
        if known != coding:
            raise ValueError(f"{address} is declared as {known} and as {coding}")
        self.models.add(model)

    def requests(self, most: int, whole: bool, across: bool) -> "list[Block]":
        """Requests of at most `most` words: whole models where they fit, or just what was asked for."""
        places = [(address, address + words(coding)) for address, coding in sorted(self.codings.items())]
        for (_, end), (start, _) in pairwise(places):
            if end > start:
                raise ValueError(f"the value at {start} overlaps the one before it")
        runs: list[list[int]] = []
        for model in sorted(self.models) if whole else []:
            if model.length > most:
                continue
            if runs and across and model.start - runs[-1][1] <= 2 and model.end - runs[-1][0] <= most:
                runs[-1][1] = model.end
            else:
                runs.append([model.start, model.end])
        rest: list[list[int]] = []
        borders = [model.address for model in self.models]
        for start, end in places:
            if any(low <= start and end <= high for low, high in runs):
                continue
            same = bool(rest) and not any(rest[-1][0] < border <= start for border in borders)
            near = bool(rest) and (whole or rest[-1][1] == start)  # a model too long for one request is cut
            if same and near and end - rest[-1][0] <= most:
                rest[-1][1] = end
            else:
                rest.append([start, end])
        return [
            Block(low, high, {at: self.codings[at] for at, _ in places if low <= at < high})
            for low, high in runs + rest
        ]


class Block:
    """A request and how its answer is taken apart, with one unpack."""

    def __init__(self, start: int, end: int, codings: Mapping[int, str]) -> None:
        self.address, self.count = start, end - start
        self._codings = dict(codings)
        layout, at = ">", start
        for address, coding in codings.items():
            layout += f"{2 * (address - at)}x"
            layout += f"{2 * words(coding)}s" if coding.startswith("str") else LAYOUT[coding]
            at = address + words(coding)
        self._struct = struct.Struct(layout + f"{2 * (end - at)}x")
        self._addresses: Sequence[int] = tuple(codings)

    @property
    def divisible(self) -> bool:
        """Whether it asks for more than one value's own words."""
        return len(self._codings) > 1 or any(words(coding) < self.count for coding in self._codings.values())

    def apart(self) -> "list[Block]":
        """The same values, each in a request of its own."""
        return [Block(at, at + words(coding), {at: coding}) for at, coding in self._codings.items()]

    def take(self, data: bytes, raws: dict[int, Raw]) -> None:
        """Put the raw values of an answer under their addresses."""
        raws.update(zip(self._addresses, self._struct.unpack(data), strict=True))


def words(coding: str) -> int:
    """Registers that a value takes."""
    return int(coding[3:]) if coding.startswith("str") else struct.calcsize(">" + LAYOUT[coding]) // 2
