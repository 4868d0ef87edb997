"""A second controller beside the first, on the same readings: it commands nothing, and says where it would differ.

It looks at each decision of the first one with what that one knew, decides by its own site file, and compares. Whatever
users ask for by hand or set holds for both. What it would do does not show in the readings, so that a difference that
lasts is what counts: of one that has lasted `LEAST` s the first controller's log tells when it is over.
"""

from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from controller import changes
from controller.errors import ConfigurationError
from controller.hem import Hem
from controller.members import Setpoint
from controller.ports import Nap
from controller.service import plain
from controller.sitefile import Site
from controller.store import Evidence, Memory, Store
from controller.strategy.claims import Aspect, Claim
from controller.strategy.plan import Plan
from controller.strategy.view import Seen, View

WAITING = 3000  # decisions that may wait to be looked at
KEPT = 1000  # differences that are over
LEAST = 10.0  # s
TOLD = "shadow: "  # how what is told of it begins

Wanted = Mapping[str, Mapping[Aspect, Setpoint]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is asked of a device and what would be, from `begin` (s since 1970) for `seconds`; None asks nothing."""

    device: str
    aspect: Aspect
    begin: float
    seconds: float
    is_asked: Setpoint | None
    would_be: Setpoint | None

    @property
    def said(self) -> str:
        """`shadow: for 320 s would be charge 3000 [...] instead of nothing`."""
        return f"{TOLD}for {self.seconds:.0f} s would be {_said(self.would_be)} instead of {_said(self.is_asked)}"

    @property
    def data(self) -> dict[str, Any]:
        """For JSON."""
        is_asked, would_be = (each and plain.setpoint(each) for each in (self.is_asked, self.would_be))
        return {
            "device": self.device, "aspect": self.aspect, "begin": self.begin, "seconds": round(self.seconds, 3),
            "is_asked": is_asked, "would_be": would_be,
        }  # fmt: skip


class Instant:
    """The time of the decision that is looked at."""

    def __init__(self, time: float, monotonic: float) -> None:
        self.time, self.since = time, monotonic

    def now(self) -> float:
        return self.time

    def monotonic(self) -> float:
        return self.since

    def sleep(self, seconds: float) -> Awaitable[None]:
        return _never()

    def nap(self) -> Nap:
        return _never()


def _never() -> NoReturn:
    raise RuntimeError("a shadow only looks")


class Beginning(Memory):
    """Begins with what another store holds, and keeps nothing."""

    def __init__(self, of: Store) -> None:
        super().__init__()
        self._of = of

    def load(self, key: str) -> dict[str, Any] | None:
        return self._of.load(key)

    def save(self, key: str, plain: Mapping[str, Any]) -> None:
        """Not kept."""

    def evidence(self, evidence: Evidence) -> None:
        """None: nothing has been done."""


class Shadow:
    """Of one controller. `see` belongs to its loop and returns at once, all else to one thread of its own.

    `build` makes the controller of a site file, without wires. `name`: of that file.
    """

    def __init__(self, site: Site, hem: Hem, build: Callable[[Site, Instant, Store], Hem]) -> None:
        self.name, self._file, self._first = site.file, site, hem
        self._clock = Instant(hem.clock.now(), hem.clock.monotonic())
        wanted, self.misfit = changes.restored(site, hem.store)
        self._hem = build(wanted, self._clock, Beginning(hem.store))
        self._looks: deque[tuple[View, Wanted, Mapping[Any, Claim], dict[str, Any] | None]] = deque(maxlen=WAITING)
        self._site: Site | None = None
        self._last: float | None = None
        self.now: dict[tuple[str, Aspect], Difference] = {}
        self.past: deque[Difference] = deque(maxlen=KEPT)
        self.apart: dict[str, float] = {}  # s by device
        self.watched = 0.0  # s
        self.problem = ""

    def see(self) -> None:
        """The loop's: a decision has been made."""
        hem, plan = self._first, self._first.strategy
        if hem.looked is None or not isinstance(plan, Plan):
            return
        changed = None
        if plan.site is not self._site:
            self._site, changed = plan.site, changes.kept(hem.store)["now"]
        self._looks.append((hem.looked, hem.wanted, dict(plan.wishes), changed))

    def work(self) -> list[Difference]:
        """Look at what has been decided since; the differences that are over now and have lasted."""
        over = []
        while self._looks:
            over += self._look(*self._looks.popleft())
        return over

    def _look(
        self, view: View, wanted: Wanted, wishes: Mapping[Any, Claim], changed: dict[str, Any] | None
    ) -> list[Difference]:  # fmt: skip
        hem, plan = self._hem, self._hem.strategy
        assert isinstance(plan, Plan)
        self._clock.time, self._clock.since = view.time, view.monotonic
        plan.wishes = dict(wishes)
        if changed is not None:
            self._settle(plan, changed)
        seen = {name: self._seen(name, view) for name in hem.members}
        would: dict[str, dict[Aspect, Setpoint]] = {}
        try:
            found = plan(View(view.time, view.monotonic, seen))
            self.problem = self.misfit
        except Exception as error:  # the boundary: what a rule of the shadow does wrong is what one wants to know of it
            self.problem = f"a rule is defect: {type(error).__name__}: {error}"
            return []
        finally:
            plan.told.clear()
        for each in found:
            if each.command != "release":
                would.setdefault(each.device, {})[each.aspect] = each
        return self._compared(view, wanted, would)

    def _settle(self, plan: Plan, changed: dict[str, Any]) -> None:
        try:
            plan.settle(changes.changed(self._file, changed))
            self.misfit = ""
        except ConfigurationError as error:
            self.misfit = f"what users have set does not fit: {error}"

    def _seen(self, name: str, view: View) -> Seen:
        """A device as the first controller saw it, with what the other site file says of it."""
        member, found = self._hem.members[name], view.devices.get(name)
        if found is None:
            return Seen(name, member.function, {}, member.rated_power or None, member.phases, member.phase,
                        member.commands, member.driver.reaction, "waiting")  # fmt: skip
        rating = member.rated_power if member.rating_by == "installer" else found.rating
        return replace(
            found, function=member.function, rating=rating, phases=member.phases, phase=member.phase,
            can=member.commands,
        )  # fmt: skip

    def _compared(self, view: View, wanted: Wanted, would: Wanted) -> list[Difference]:
        passed = 0.0 if self._last is None else view.monotonic - self._last
        self._last = view.monotonic
        self.watched += passed
        for key, each in self.now.items():
            self.now[key] = replace(each, seconds=each.seconds + passed)
        for name in {name for name, _ in self.now}:
            self.apart[name] = self.apart.get(name, 0.0) + passed
        keys = {(name, aspect) for of in (wanted, would) for name, found in of.items() for aspect in found}
        over = []
        for name, aspect in sorted(keys | set(self.now)):
            one, other = wanted.get(name, {}).get(aspect), would.get(name, {}).get(aspect)
            stood, differ = self.now.get((name, aspect)), _apart(one, other)
            if stood and differ and (_by(one), _by(other)) == (_by(stood.is_asked), _by(stood.would_be)):
                continue
            if stood:
                del self.now[name, aspect]
                self.past.append(stood)
                over += [stood] if stood.seconds >= LEAST else []
            if differ:
                self.now[name, aspect] = Difference(name, aspect, view.time, 0.0, one, other)
        return over

    @property
    def data(self) -> dict[str, Any]:
        """All of it for JSON: what differs now, what did (the newest first), and s apart by device."""
        return {
            "site": self.name, "watched": round(self.watched, 3), "problem": self.problem,
            "apart": {name: round(seconds, 3) for name, seconds in sorted(dict(self.apart).items())},
            "now": [each.data for each in list(self.now.values())],
            "past": [each.data for each in reversed(list(self.past))],
        }  # fmt: skip


def _apart(one: Setpoint | None, other: Setpoint | None) -> bool:
    return one is not other and (one is None or one.differs(other))


def _by(setpoint: Setpoint | None) -> str:
    """Which rule had the last word."""
    return setpoint.chain[-1].source if setpoint and setpoint.chain else ""


def _said(setpoint: Setpoint | None) -> str:
    """`charge 3000 [surplus: 3000, fuse: at most 3000]`."""
    if setpoint is None:
        return "nothing"
    chain = ", ".join(f"{each.source}: {each.reason}" for each in setpoint.chain)
    return f"{setpoint.said} [{chain or setpoint.reason}]"
