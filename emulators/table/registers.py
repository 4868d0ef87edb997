"""A device's registers: its maker's table, bound to what is true of the device.

Theory: a table row says where a quantity lies and how it is coded. Binding resolves each quantity once, to an
attribute of the face (the maker's behaviour) or, where the face does not have it, of the twin. A read of a block is
planned once per (space, address, count): a template of bytes and the few packers that fill it (`emulators.table.plan`).
"""

import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from emulators.table.answers import IllegalAddress, IllegalValue
from emulators.table.owners import Named, give
from emulators.table.plan import Plan, Step, View
from emulators.table.rows import Codec, Row, Rules

MEMORY = 1000  # different reads that a unit or a space remembers


class Space:
    """One address space of a device (holding or input registers)."""

    def __init__(self, rows: Sequence[Row], rules: Rules, owners: Sequence[object]) -> None:
        self.rules, self.owners = rules, tuple(owners)
        self._set(tuple(rows))
        self._codecs: dict[int, Codec] = {}  # of the rows that were asked for
        if self._layout.words != len(self._layout.cells):
            ranged = [row for row in rows if "alone" not in row.remarks]
            raise ValueError(f"overlapping rows: {_overlaps(ranged)}")
        plain = [owner for owner in owners if not isinstance(owner, Named)]  # those have names with a dot
        self._owner = {row.address: _owner(row, owners if "." in row.quantity else plain) for row in self._layout.shown}
        self._plans: dict[tuple[int, int], Plan] = {}

    def without(self, holes: Sequence[Sequence[int]]) -> None:
        """Take out the rows that start in these ranges: a device that does not have them."""
        self._set(tuple(row for row in self.rows if not any(first <= row.address <= last for first, last in holes)))
        self._plans.clear()

    def says(self, constants: Mapping[int, str]) -> None:
        """These rows, by address, say constants from now on, whatever is true."""
        self._set(
            tuple(
                Row(row.address, row.type, 1.0, row.access, row.name, constants[row.address])
                if row.address in constants
                else row
                for row in self.rows
            )
        )
        self._owner |= dict.fromkeys(constants)
        self._codecs.clear()
        self._plans.clear()

    def _set(self, rows: tuple[Row, ...]) -> None:
        self.rows, self._layout = rows, _laid_out(rows)

    def read(self, address: int, count: int, view: View | None = None) -> bytes:
        """2 * count bytes, or IllegalAddress / IllegalValue as the device's rules say. `view` falsifies values."""
        plan = self.plan(address, count)
        return plan.fill() if view is None else plan.falsified(view)

    def plan(self, address: int, count: int) -> Plan:
        """How this read is answered, from now on; refusals as for `read`."""
        plan = self._plans.get((address, count))
        if plan is None:
            if len(self._plans) >= MEMORY:  # somebody scans
                self._plans.clear()
            plan = self._plans[address, count] = self._plan(address, count)
        return plan

    def full(self) -> list[float]:
        """Magnitudes that registers have said because the true value did not fit into them."""
        return [codec.full for codec in self._codecs.values() if codec.full is not None]

    def values(self, address: int, data: bytes) -> list[tuple[Row, Any, Any]]:
        """The rows that a write hits, as (row, raw, value); nothing is written yet."""
        first, hits = address, []
        while data:
            row = self._layout.cells.get(address)
            if row is not None and not row.allows("w") and self.rules.read_only == "skipped":
                address, data = address + 1, data[2:]
                continue
            if row is None or not row.allows("w") or (row.address != address and not self.rules.partial):
                raise IllegalAddress(address)
            codec, start = self._codec(row), 2 * (address - row.address)
            part, data = data[: codec.size - start], data[codec.size - start :]
            address += len(part) // 2
            if len(part) < codec.size:
                if not self.rules.partial:
                    raise IllegalValue(f"{row.name} is {codec.size // 2} registers")
                now = codec.pack(self.value(row))
                part = now[:start] + part + now[start + len(part) :]
            hits.append((row, codec.raw(part), codec.unpack(part)))
        if not hits:
            raise IllegalAddress(first)
        return hits

    def value(self, row: Row) -> Any:
        """What a row holds now, whether or not it can be read; None for constants."""
        owner = self._owner.get(row.address)
        return None if owner is None else getattr(owner, row.quantity, None)

    def raw(self, address: int) -> int:
        """The word at an address, as a client reads it."""
        return int.from_bytes(self.read(address, 1), "big")

    def assign(self, row: Row, value: Any) -> None:
        """Give a written value to whoever owns it; its setter may refuse."""
        owner = self._owner.get(row.address)
        if owner is not None:
            give(owner, row.quantity, value)

    def _codec(self, row: Row) -> Codec:
        known = self._codecs.get(row.address)
        if known is None:
            known = self._codecs[row.address] = Codec(row, self.rules)
        return known

    def _plan(self, address: int, count: int) -> Plan:
        rules, layout = self.rules, self._layout
        alone = layout.alone.get((address, count))
        places = range(address, address + count) if 1 <= count <= rules.max_read else ()
        cells = [alone or layout.cells.get(at) for at in places]
        word = len(cells) == 1 and cells[0] is not None and cells[0].words == 1
        if not cells or (rules.even_count and count % 2 and not word):
            raise IllegalValue(f"count {count}")
        known = [row for row in cells if row is not None]
        readable = [row for row in known if row.allows("r")]
        holes = [address + i for i, row in enumerate(cells) if row is None and not rules.exists(address + i)]
        if len(readable) < len(known) or (len(holes) == count and rules.gaps != "zero"):
            raise IllegalAddress(address)
        if holes and rules.gaps == "exception":
            raise IllegalAddress(address)
        first, last = cells[0], cells[-1]
        if rules.one_value and (first is None or first.address != address or first.words != count):
            raise IllegalAddress(address)
        whole = (first is None or first.address == address) and (
            last is None or last.address + last.words == address + count
        )
        if not rules.cut and not whole:
            raise IllegalAddress(address)
        missing = rules.not_available.get("U16", 0) if rules.gaps == "not available" or rules.reserved else 0
        blank = struct.pack(">H", int(missing))
        template = b"".join(b"\0\0" if row else blank for row in cells)
        steps: list[Step] = []
        for row in dict.fromkeys(known):
            codec, owner = self._codec(row), self._owner.get(row.address)
            constant = codec.pack(_constant(row)) if owner is None else None
            steps.append((2 * (row.address - address), codec, owner, row.quantity, constant))
        moving = {id(row.scale): row.scale for row in known if type(row.scale) not in (int, float)}
        return Plan(template, steps, list(moving.values()))


class Layout(NamedTuple):
    """Where rows stand. `alone`: those that answer only when exactly they are asked for, by address and words.

    `cells`: the others, by register. `words`: registers that these take together; more than there are when some
    overlap. `shown`: those that have a quantity of somebody.
    """

    alone: Mapping[tuple[int, int], Row]
    cells: Mapping[int, Row]
    words: int
    shown: tuple[Row, ...]


@lru_cache(128)  # devices of one family have the same rows
def _laid_out(rows: tuple[Row, ...]) -> Layout:
    alone: dict[tuple[int, int], Row] = {}
    cells: dict[int, Row] = {}
    count = 0
    for row in rows:
        address, words = row.address, row.words
        if "alone" in row.remarks:
            alone[address, words] = row
            continue
        count += words
        for at in range(address, address + words):
            cells[at] = row
    return Layout(alone, cells, count, tuple(row for row in rows if row.quantity and not row.quantity.startswith("=")))


def _constant(row: Row) -> Any:
    if not row.quantity:
        return None
    text = row.quantity[1:]
    if row.base.startswith("STR"):
        return text
    return float(text) * row.scale if row.base.startswith("F") else int(text, 0) * row.scale


def _owner(row: Row, owners: Sequence[object]) -> object:
    for owner in owners:
        if hasattr(owner, row.quantity):
            return owner
    raise TypeError(
        f"{row.address} {row.name}: neither of {[type(each).__name__ for each in owners]} has {row.quantity}"
    )


def _overlaps(rows: Sequence[Row]) -> list[tuple[str, str]]:
    ordered = sorted(rows, key=lambda row: row.address)
    return [(a.name, b.name) for a, b in pairwise(ordered) if a.address + a.words > b.address]
