"""A story: what it asks of a device, why, of which devices, and who is the judge."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scenarios.bench.bench import Bench


@dataclass(frozen=True)
class Story:
    """`applies` says "" for yes, otherwise why not. `every_model`: told for each printed model, not only the first."""

    id: str
    asks: str
    why: str
    oracle: str
    tell: "Callable[[Bench], Awaitable[None]]"
    applies: "Callable[[Bench], str]" = lambda bench: ""
    every_model: bool = False
