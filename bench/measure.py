"""Rounds in turn, and what is made of them.

Things that are compared are measured in turn, round after round, so that a slow moment of the machine hits all of
them. A figure is the median of the rounds; a ratio is the median of the ratios of each round. Work in one process is
measured in CPU time, because a virtual day has no other, and work between processes in real time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any

ROUNDS = 3


@dataclass(frozen=True)
class Figure:
    """One printed line. `aim` is what the design asks for, None where it only wants to know."""

    name: str
    value: float
    unit: str
    aim: float | None = None
    at_most: bool = False  # the aim is an upper bound

    @property
    def reached(self) -> bool | None:
        if self.aim is None:
            return None
        return self.value <= self.aim if self.at_most else self.value >= self.aim

    def __str__(self) -> str:
        aim = ""
        if self.aim is not None:
            word = "at most " if self.at_most else ""
            aim = f"aim {word}{_short(self.aim)}: {'reached' if self.reached else 'missed'}"
        return f"  {self.name:<58} {_short(self.value):>10} {self.unit:<12} {aim}".rstrip()


@dataclass
class Report:
    """What one part of the bench found."""

    title: str
    figures: list[Figure] = field(default_factory=list)

    def add(self, name: str, value: float, unit: str, aim: float | None = None, *, at_most: bool = False) -> None:
        self.figures.append(Figure(name, value, unit, aim, at_most))

    def __str__(self) -> str:
        return "\n".join([self.title, *map(str, self.figures)])

    def plain(self) -> list[dict[str, Any]]:
        """For results.json."""
        return [
            {"name": each.name, "value": each.value, "unit": each.unit, "aim": each.aim, "reached": each.reached}
            for each in self.figures
        ]


def in_turn(things: Mapping[str, Callable[[], float]], rounds: int = ROUNDS) -> dict[str, list[float]]:
    """The figures of each thing, round by round."""
    found: dict[str, list[float]] = {name: [] for name in things}
    for _ in range(rounds):
        for name, measured in things.items():
            found[name].append(measured())
    return found


def ratio(above: list[float], below: list[float]) -> float:
    """How many times more the first is, round by round."""
    return median(a / b for a, b in zip(above, below, strict=True))


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}"
