"""What has drifted: differences between a device and its family file, by name, and what the file should say instead."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import log10

from emulators.table.rows import HIGH, LOW, Row

LATE = 3.0  # times the turnaround of the table from which a device is called slower


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that the device has otherwise. `kind`: exception, value, scale, sign, word order."""

    unit: int
    space: str
    row: Row
    kind: str
    expected: str
    found: str
    proposal: str = ""  # the row as the family file should have it

    def __str__(self) -> str:
        where = f'{self.space} {self.row.address} "{self.row.name}" of unit {self.unit}'
        return f"{self.kind}: {where}: expected {self.expected}, found {self.found}"


@dataclass
class Drift:
    """What came of one place. `unjudged`: rows that nothing is known of."""

    place: str
    differences: list[Difference] = field(default_factory=list)
    compared: int = 0
    unjudged: int = 0
    latency: float = 0.0  # s, median of the device
    turnaround: float = 0.0  # s, of the table
    file: str = ""  # of the family

    @property
    def slower(self) -> bool:
        return self.latency > LATE * max(self.turnaround, 0.005)

    def lines(self) -> Iterator[str]:
        """For a person."""
        yield from (f"{self.place}: {each}" for each in self.differences)
        told = f"answers in {1000 * self.latency:.1f} ms, the table says {1000 * self.turnaround:.1f} ms"
        counted = f"{self.compared} rows compared, {len(self.differences)} differ, {self.unjudged} unjudged"
        yield f"{self.place}: {counted}; {told}"

    def proposal(self) -> Iterator[str]:
        """Lines for the family file."""
        by_space: dict[str, list[Difference]] = defaultdict(list)
        for each in self.differences:
            by_space[each.space].append(each)
        if self.slower:
            yield "[modbus]"
            yield f"turnaround = {self.latency:.3f}"
        for space, found in by_space.items():
            yield "[registers]"
            yield f"{space} = ["
            for each in found:
                yield f"  # {each.kind}: expected {each.expected}, found {each.found}"
                yield f"  {each.proposal},"
            yield "]"


def proposed(row: Row, word_order: str, kind: str, expected: str, seen: str) -> str:
    """The row as a family file has it, with what would explain the difference."""
    kinds, scale, quantity = row.type, float(row.scale), row.quantity
    if kind == "exception":
        return f"# {_line(kinds, row, scale, quantity)}: the device does not have it, or it is new"
    if kind == "word order":
        now = kinds.split(" ", 1)[1] if " " in kinds else word_order
        kinds = f"{row.base} {HIGH if now == LOW else LOW}"
    elif kind == "scale" and _number(expected) and _number(seen):
        scale *= 10.0 ** round(log10(abs(float(expected) / float(seen))))
    elif kind == "sign":
        scale = -scale
    elif kind == "value" and row.quantity.startswith("="):
        quantity = "=" + (seen.strip("'") if row.base.startswith("STR") else seen)
    return _line(kinds, row, scale, quantity)


def _line(kinds: str, row: Row, scale: float, quantity: str) -> str:
    return f'[{row.address}, "{kinds}", {scale:g}, "{row.access}", "{row.name}", "{quantity}"]'


def _number(text: str) -> bool:
    try:
        return float(text) != 0
    except ValueError:
        return False
