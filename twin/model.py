"""A device's truth: quantities by name, each set from outside or following from physics.

Time is lazy: nothing runs between two looks. Flows are constant between two events (a command, a timer, a store that
is full), so counters and stores have a closed form and are brought up to date only when somebody looks at them.

What kinds of attributes carry this says `twin.quantity`. What follows is worked out once and then known until any
attribute is assigned or physics decides anew. So a rule may depend on whatever is assigned; counters that only move
with time change no flow before the horizon that they set.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Protocol, Self

from twin.quantity import command, counted, follows

INFINITY = float("inf")


class UnknownQuantity(Exception):
    """No such quantity here; `known` lists those that are."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name, self.known = name, known
        super().__init__(f"unknown quantity {name!r}, this device has {', '.join(known)}")


class Surroundings(Protocol):
    """The site a device stands in: its time, and whom to tell when flows change."""

    @property
    def now(self) -> float: ...

    def advance(self, now: float) -> None: ...

    def changed(self) -> None: ...

    def hurry(self, when: float) -> None:
        """Look again at `when` at the latest."""
        ...


class Model:
    """What is true of one device. Subclasses are kinds of devices, never makes.

    `quantities`: the contract names that `truth` shows and `set` takes.
    `counters`: energy quantity -> power quantity whose integral it is, with the sign that counts: ("power", 1).
    """

    quantities: ClassVar[tuple[str, ...]] = ()
    counters: ClassVar[dict[str, tuple[str, int]]] = {}  # -1 counts negative power, +1 positive power
    shown: ClassVar[tuple[str, ...]] = ()  # what any command sets free
    following: ClassVar[frozenset[str]] = frozenset()  # names of what follows
    slots: ClassVar[dict[str, str]] = {}  # where counters and stores stand, by name

    def __init__(self) -> None:
        self.held: dict[str, Any] = {}  # what was set of the quantities that follow
        self.known: list[str] = []  # what has been worked out of them
        self.time = 0.0  # s, UTC; the instant up to which counters are counted
        self.now = 0.0  # the instant to which a device that stands alone was brought
        self.around: Surroundings | None = None
        self._timers: dict[str, tuple[float, Callable[[], None]]] = {}
        self._after: Callable[[], None] = lambda: None

    def __init_subclass__(cls) -> None:
        kinds = {name: getattr(cls, name, None) for name in dir(cls)}
        cls.following = frozenset(name for name, kind in kinds.items() if isinstance(kind, follows))
        cls.slots = {name: kind.slot for name, kind in kinds.items() if isinstance(kind, counted)}

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self.following:
            self.catch_up()
            self.held[name] = value
            self.forget()
            return
        if self.__dict__.get("known"):
            self.forget()
        super().__setattr__(name, value)

    def forget(self) -> None:
        """What follows has to be worked out anew."""
        facts = self.__dict__
        for name in facts["known"]:
            facts.pop(name, None)
        facts["known"] = []

    def truth(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.quantities}

    def set(self, name: str, value: Any) -> None:
        """Set a quantity from outside. It stays until physics or a command changes it, and leaves others alone."""
        if name not in self.quantities:
            raise UnknownQuantity(name, sorted(self.quantities))
        self.catch_up()
        if isinstance(kind := getattr(type(self), name, None), command):
            self.__dict__[kind.slot] = value  # the truth is told, nothing is commanded
        else:
            setattr(self, name, value)
        self.changed()

    def let_go(self, *names: str) -> None:
        """These quantities follow from physics again."""
        for name in names:
            self.held.pop(name, None)
        self.forget()

    def free(self, *names: str) -> None:
        """Physics decides anew about what is shown and about `names`, as after a command."""
        if self.held:
            self.catch_up()
            self.let_go(*self.shown, *names)
        self.changed()

    def changed(self) -> None:
        """Tell the site that flows have to be settled anew."""
        self.forget()
        if self.around is not None:
            self.around.changed()
        self._after()
        self.__dict__["_settled"] = self.known

    def settle(self) -> None:
        """`changed`, unless nothing has been assigned since the site was told."""
        if self.known is not self.__dict__.get("_settled"):
            self.changed()

    def on_change(self, action: Callable[[], None]) -> Self:
        """Do `action` whenever something has been set or decided anew, after what others asked for before."""
        before = self._after

        def both() -> None:
            before()
            action()

        self._after = both
        return self

    # time

    @property
    def deadline(self) -> float:
        """When something changes by itself next: a timer, or a store that is full or empty."""
        facts = self.__dict__
        if "_deadline" not in facts:
            facts["_deadline"] = min(self.next_timer, self.horizon())
            self.known.append("_deadline")
        due: float = facts["_deadline"]
        return due

    @property
    def next_timer(self) -> float:
        return min(at for at, _ in self._timers.values()) if self._timers else INFINITY

    def horizon(self) -> float:
        """When physics, with the flows of this instant, changes something next."""
        return INFINITY

    def reached(self) -> None:
        """What physics changes when the horizon has come."""

    def at(self, name: str, when: float, action: Callable[[], None]) -> None:
        """Do `action` at `when`; a timer of the same name is replaced."""
        self._timers[name] = (when, action)
        self._retimed()
        if self.around is not None:
            self.around.hurry(when)

    def cancel(self, name: str) -> None:
        if self._timers.pop(name, None):
            self._retimed()

    def _retimed(self) -> None:
        """Timers have moved: no flow depends on them, only the deadline is another one."""
        if self.__dict__.pop("_deadline", None) is not None:
            self.known.remove("_deadline")

    def run_timers(self, now: float) -> None:
        """Do what is due by `now`, in its order."""
        while self._timers and self.next_timer <= now:
            name = min(self._timers, key=lambda each: self._timers[each][0])
            _, action = self._timers.pop(name)
            self.forget()
            action()

    def advance(self, now: float) -> None:
        """Bring the device to `now`, and the site it stands in, if any."""
        if self.around is not None:
            self.around.advance(now)
            return
        facts = self.__dict__
        while (due := facts.get("_deadline") or self.deadline) <= now:
            self.count(due)
            if self.next_timer <= due:
                self.run_timers(due)
            else:
                self.reached()
            self.changed()
        facts["now"] = now  # counted when somebody looks

    def catch_up(self) -> None:
        """Count up to the site's time or, alone, to where the device was brought."""
        now = (self.around or self).now
        if now > self.time:
            self.count(now)

    def count(self, now: float) -> None:
        """Count up to `now`; flows have been constant since the last time."""
        then = self.time
        if now > then:
            self.__dict__["time"] = now
            if then:
                self.integrate((now - then) / 3600)

    def integrate(self, hours: float) -> None:
        """Count energies over a span of constant power."""
        facts, slots = self.__dict__, self.slots
        for energy, (power, sign) in self.counters.items():
            watts = sign * (getattr(self, power) or 0.0)
            if watts > 0:
                facts[slots[energy]] += watts * hours  # see `grow`

    def grow(self, counter: str, amount: float) -> None:
        """Time has moved a counter or store: nothing that follows depends on it before the horizon."""
        self.__dict__[self.slots[counter]] += amount
