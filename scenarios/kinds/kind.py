"""A kind of device as the stories see it: what is demanded of every driver of it, and how the world around it is.

One record a section of the list, `KIND` in a module of the section's name (`heat-pump`: `heat_pump.py`); nothing has to
be registered. What a driver of the kind must read and command stands here, so a driver that lacks it fails. What a
device cannot do its family file says, with the maker's statement (`[cannot]`), or the list's remark does.

`Bench` is `Any` here: kinds stand below the bench.
"""

import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Bench = Any
Truth = dict[str, Any]


@dataclass(frozen=True)
class Command:
    """One command of a kind of device: how to give it, and the power that must follow, in W.

    `method` and `value` as the driver and a user's wish have them.
    """

    name: str
    method: str
    value: float | None
    power: Callable[[Bench], float]
    quantity: str = "power"

    async def give(self, bench: Bench) -> None:
        method = getattr(bench.driver, self.method)
        await (method() if self.value is None else method(self.value))


@dataclass(frozen=True)
class Impossible:
    """A command beyond what any device of the kind can do. `still`: nothing may flow, or nothing negative, after it."""

    name: str
    method: str
    value: float
    most: float = float("inf")  # W that may flow in either direction after it


def nothing(bench: Bench) -> None:
    """The world needs no preparation."""


def at_rest(bench: Bench) -> tuple[str, float]:
    return "power", 0.0


@dataclass(frozen=True)
class Kind:
    """`demanded` quantities and `commands` of every driver; `function`: what a site file calls it.

    `besides`: quantities that are demanded too where the device tells them.

    `truth(rating, phases, turn, sun)`: telling values, see `scenarios.kinds.truths`.
    `orders(bench)`: commands to judge by. `ready(bench)`: the world in which they show. `resting(bench)`: what a
    released device does in it. `most(bench)`: W by which a fallback in the device's own unit is capped.
    `signed`: quantities with two directions. `states`: a quantity and the words that the twin can be set to.
    `fault`: what makes `status` say so, where the states do not.
    `tell_states`: a story of its own where states come of physics. `budget`: s that a reading may take on a network.
    `partner`: a listed device of the kind as a site file has it. `left_alone`: keys of the site file with which no rule
    wants anything of it. `installer`: what only an installer can tell its driver, by keyword: table of the site file,
    value. `asks`: the device is the one that asks, and the controller answers; what it asks wrongly is a story of its
    own. `roles`: house stories in which it plays its part.
    """

    section: str
    function: str
    demanded: tuple[str, ...]
    truth: Callable[[float, int, int, bool], Truth]
    commands: tuple[str, ...] = ()
    orders: Callable[[Bench], list[Command]] = lambda bench: []
    impossible: Callable[[Bench], list[Impossible]] = lambda bench: []
    ready: Callable[[Bench], None] = nothing
    resting: Callable[[Bench], tuple[str, float]] = at_rest
    fallback: Callable[[Bench, float], float] = lambda bench, value: value
    dark: Callable[[Bench], None] = nothing
    besides: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    states: tuple[str, tuple[str, ...]] | None = None
    fault: Mapping[str, Any] = field(default_factory=dict)
    tell_states: Callable[[Bench], Awaitable[None]] | None = None
    budget: float = 1.5
    partner: Mapping[str, Any] = field(default_factory=dict)
    left_alone: Mapping[str, Any] = field(default_factory=dict)
    installer: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    asks: bool = False
    roles: frozenset[str] = frozenset()


@cache
def kind_of(section: str) -> Kind:
    """The record of a section of the list; KeyError when its module is missing."""
    try:
        module = importlib.import_module(f"scenarios.kinds.{section.replace('-', '_')}")
    except ModuleNotFoundError as error:
        raise KeyError(f"no scenarios/kinds/{section.replace('-', '_')}.py") from error
    found: Kind = module.KIND
    return found
