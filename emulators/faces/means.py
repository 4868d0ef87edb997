"""Sliding means as meters show them beside the values of this moment: what changes now is seen there later."""

from collections.abc import Callable, Sequence
from math import exp
from typing import Any


class Means:
    """`mean_<quantity>` and `peak_<quantity>` (the highest mean since the last reset) of whoever of `sources` has it.

    A mean follows its value with the time constant `seconds`; it is that value when it is looked at first.
    """

    def __init__(self, sources: Sequence[object], clock: Callable[[], float], seconds: float) -> None:
        self._sources, self._clock, self._seconds = sources, clock, seconds
        self._seen: dict[str, tuple[float, float, float]] = {}  # quantity -> time, value, mean
        self._peaks: dict[str, float] = {}
        self._owners: dict[str, object] = {}  # who has a quantity, once somebody has asked for it

    def forget_peaks(self) -> None:
        self._peaks.clear()

    def forget(self) -> None:
        """Means begin anew, as after a restart; peaks are kept."""
        self._seen.clear()

    def __getattr__(self, name: str) -> Any:
        kind, _, quantity = name.partition("_")
        if kind not in ("mean", "peak"):
            raise AttributeError(name)
        owner = self._owners.get(quantity) or next((each for each in self._sources if hasattr(each, quantity)), None)
        if owner is None:
            raise AttributeError(name)
        self._owners[quantity] = owner
        value = getattr(owner, quantity)
        if value is None:
            return None
        mean = self._mean(quantity, float(value))
        if kind == "mean":
            return mean
        self._peaks[quantity] = max(mean, self._peaks.get(quantity, mean))
        return self._peaks[quantity]

    def _mean(self, quantity: str, value: float) -> float:
        now = self._clock()
        then, last, mean = self._seen.get(quantity, (now, value, value))
        mean = last + (mean - last) * exp((then - now) / self._seconds)
        self._seen[quantity] = now, value, mean
        return mean
