"""Interleaved rounds, medians, and a table of what came of them."""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

ROUNDS = 3


@dataclass(frozen=True)
class Figure:
    """One line of the table. `aim` is what the issue or design asks for, empty where nothing is."""

    what: str
    value: float
    unit: str
    aim: str = ""


def interleaved(ways: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, float]:
    """Median of what each way gives, told in turn so that a machine that drifts drifts for all."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            gc.collect()
            found[name].append(way())
    return {name: statistics.median(values) for name, values in found.items()}


def seconds(action: Callable[[], object]) -> float:
    """CPU seconds of this process that `action` takes."""
    begin = time.process_time()
    action()
    return time.process_time() - begin


def shown(figures: list[Figure]) -> str:
    lines = [f"{'figure':<66}{'value':>12}  {'unit':<10}aim"]
    lines += [f"{each.what:<66}{each.value:>12,.2f}  {each.unit:<10}{each.aim}" for each in figures]
    return "\n".join(lines)
