"""A device's truth: quantities by name, each set from outside or following from physics.

Time is lazy: nothing runs between two looks. `advance(now)` brings counters up to date in closed form, stopping at
every timer on the way, so that a watchdog that expired an hour ago has its effect from then on.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Self

INFINITY = float("inf")


class UnknownQuantity(Exception):
    """No such quantity here; `known` lists those that are."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name, self.known = name, known
        super().__init__(f"unknown quantity {name!r}, this device has {', '.join(known)}")


class follows:
    """A quantity that follows from others by `rule` until somebody sets it."""

    def __init__(self, rule: Callable[[Any], Any]) -> None:
        self._rule = rule
        self.__doc__ = rule.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, model: "Model | None", owner: type) -> Any:
        if model is None:
            return self
        held = model.held
        return held[self.name] if self.name in held else self._rule(model)

    def __set__(self, model: "Model", value: Any) -> None:
        model.held[self.name] = value


class Model:
    """What is true of one device. Subclasses are kinds of devices, never makes.

    `quantities`: the contract names that `truth` shows and `set` takes.
    `counters`: energy quantity -> power quantity whose integral it is, with the sign that counts: ("power", 1).
    """

    quantities: ClassVar[tuple[str, ...]] = ()
    counters: ClassVar[dict[str, tuple[str, int]]] = {}  # -1 counts negative power, +1 positive power

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}
        self.time = 0.0  # s, UTC; the instant up to which counters are counted
        self._timers: dict[str, tuple[float, Callable[[], None]]] = {}
        self._after: Callable[[], None] = lambda: None

    def truth(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.quantities}

    def set(self, name: str, value: Any) -> None:
        """Set a quantity from outside. It stays until physics or a command changes it."""
        if name not in self.quantities:
            raise UnknownQuantity(name, sorted(self.quantities))
        setattr(self, name, value)
        self.changed()

    def let_go(self, *names: str) -> None:
        """These quantities follow from physics again."""
        for name in names:
            self.held.pop(name, None)

    def changed(self) -> None:
        """Tell the site that flows have to be settled anew."""
        self._after()

    def on_change(self, action: Callable[[], None]) -> Self:
        self._after = action
        return self

    # time

    @property
    def deadline(self) -> float:
        """When something changes by itself next: a timer, or a store that is full or empty."""
        horizon = self.horizon()
        return min(horizon, min(at for at, _ in self._timers.values())) if self._timers else horizon

    def horizon(self) -> float:
        """When physics, with the flows of this instant, changes something next."""
        return INFINITY

    def reached(self) -> None:
        """What physics changes when the horizon has come."""

    def at(self, name: str, when: float, action: Callable[[], None]) -> None:
        """Do `action` at `when`; a timer of the same name is replaced."""
        self._timers[name] = (when, action)

    def cancel(self, name: str) -> None:
        self._timers.pop(name, None)

    def advance(self, now: float) -> None:
        """Bring the device to `now`."""
        while (due := self.deadline) <= now:
            self._count(max(due, self.time))
            self._happen(due)
            self.changed()
        self._count(now)

    def _happen(self, due: float) -> None:
        """The one timer that is due, or what physics does."""
        name = min(self._timers, key=lambda each: self._timers[each][0], default=None)
        if name is not None and self._timers[name][0] <= due:
            _, action = self._timers.pop(name)
            action()
        else:
            self.reached()

    def _count(self, now: float) -> None:
        hours = (now - self.time) / 3600
        if hours > 0:
            if self.time:
                self.integrate(hours)
            self.time = now

    def integrate(self, hours: float) -> None:
        """Count energies over a span of constant power."""
        for energy, (power, sign) in self.counters.items():
            watts = sign * (getattr(self, power) or 0.0)
            if watts > 0:
                setattr(self, energy, getattr(self, energy) + watts * hours)
