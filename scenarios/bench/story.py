"""A story: what it asks of a device, why, of which devices, and who is the judge."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from scenarios.kinds.kind import Kind

if TYPE_CHECKING:
    from scenarios.bench.bench import Bench


def any_kind(kind: Kind) -> bool:
    return True


def any_wire(protocol: str) -> bool:
    return True


def anywhere(row: int, protocol: str) -> bool:
    return True


def answering(kind: Kind) -> bool:
    """Kinds whose devices are asked, and answer."""
    return not kind.asks


def commanded(kind: Kind) -> bool:
    """Kinds that are commanded at all."""
    return bool(kind.commands)


@dataclass(frozen=True)
class Story:
    """`kinds` and `wires` say of which devices it is told at all; of others it is no question.

    `applies` says "" for yes, otherwise what of this device, the list or its maker leaves nothing to ask: it never asks
    the driver. `every_model`: told for each printed model, not only the first. `rows`: told of these rows alone;
    `places`: of these rows on these protocols.

    `real`: what it does to a real device of which it may be told: it only reads, gives commands within the envelope,
    breaks the line from outside (`faults`), or gives a command and then breaks it (`silence`); empty: it is told of
    emulated ones only. `placed`: how it is told of a real one, without a truth; without it as of an emulated one, which
    then gets a `Subject` too.
    """

    id: str
    asks: str
    why: str
    oracle: str
    tell: "Callable[[Any], Awaitable[None]]"
    applies: "Callable[[Bench], str]" = lambda bench: ""
    every_model: bool = False
    kinds: Callable[[Kind], bool] = any_kind
    wires: Callable[[str], bool] = any_wire
    rows: frozenset[int] | None = None
    places: Callable[[int, str], bool] = anywhere
    real: Literal["", "reads", "commands", "faults", "silence"] = ""
    placed: "Callable[[Any], Awaitable[None]] | None" = None

    def offered(self, row: int, section: Kind, protocol: str) -> bool:
        """Whether it is told of a row at all."""
        mine = self.rows is None or row in self.rows
        return self.kinds(section) and self.wires(protocol) and mine and self.places(row, protocol)
