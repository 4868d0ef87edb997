"""The home energy manager: reads every device each cycle, decides, and gives each device what is wanted of it.

One process for each line (`serve`), one that decides (`steer`); a rig starts them. Nothing is shared but the members.
An input that changes is decided on at once, and the lines of the devices concerned wake up for it.

Whatever a device or its driver does ends at the boundary around its visit, whatever a rule does at the one around the
decision: a member is then `defect`, or the plan the safe one, and the rest goes on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.devices import Reading
from controller.errors import StoreError
from controller.log import Log
from controller.members import Member, Setpoint
from controller.ports import Clock, Nap
from controller.run import keeping
from controller.run.commanding import carry_out, farewell
from controller.run.plausible import Plausible
from controller.run.readings import fresh, rested
from controller.run.visiting import MOST, bounded, told, visit
from controller.store import Memory, Store
from controller.strategy.claims import Aspect
from controller.strategy.view import Seen, View

IDLE = 5.0  # s after which is decided although nothing has changed
PAUSE = 0.01  # s that a round takes at least, so that one without any exchange does not spin
FIRST = 10.0  # s after the start within which every device has been asked once

Strategy = Callable[[View], Sequence[Setpoint]]


@dataclass
class Hem:
    """A running controller. `lines` groups the members that share a line; `cycle` in s.

    `wanted`: setpoints by device and aspect. `moved`: monotonic time of the last progress of each process.
    """

    clock: Clock
    lines: Sequence[Sequence[Member]]
    strategy: Strategy
    cycle: float = 1.0
    wanted: dict[str, dict[Aspect, Setpoint]] = field(default_factory=dict)
    log: Log = field(default_factory=Log)
    moved: dict[str, float] = field(default_factory=dict)
    stopping: bool = False
    stalled: bool = False  # alive, but nothing is written any more: what a test does to it
    store: Store = field(default_factory=Memory)
    plausible: Plausible = field(default_factory=Plausible)
    decided: Callable[[], object] = lambda: None  # called after each decision: `looked`, `wanted`; returns at once

    def __post_init__(self) -> None:
        self.members: Mapping[str, Member] = {member.name: member for line in self.lines for member in line}
        for line in self.lines:
            for member in line:
                member.neighbours = len({each.station or each.name for each in line}) - 1
        self.begun = self.clock.monotonic()
        self.asked: set[str] = set()  # who has been asked at all
        self.settled = False  # decided once every device had been asked: what is not wanted really is not
        self._looks: dict[str, Seen] = {}  # each device as the last decision saw it
        self._shown_to = any(hasattr(member.driver, "show") for member in self.members.values())
        self._naps: dict[str, Nap] = {}
        self._hurried: set[str] = set()  # lines that have something to give at once
        self.fresh = True  # something has been read since the last decision
        self.shown: Reading = {}  # what drivers with `show` show of the house
        self.looked: View | None = None  # what the last decision knew
        self._decided_at = self._booked_at = float("-inf")
        self._unkept = self._defect = ""
        self._kept: dict[str, Any] = self.store.load("standing") or {}
        keeping.remember(self.members, self._kept)
        keeping.open_books(self.members, self.store.load("books") or {}, MOST)

    @property
    def events(self) -> Log:
        """What happened, the last ten thousand."""
        return self.log

    def stop(self) -> None:
        """Say farewell and end; who sleeps is woken."""
        self.stopping = True
        for nap in self._naps.values():
            nap.wake()

    # processes

    async def serve(self, line: Sequence[Member]) -> None:
        """Work one line until the controller stops, then say farewell to its devices."""
        name = line[0].name
        nap = self._naps[name] = self.clock.nap()
        try:
            due = self.clock.monotonic()
            while not self.stopping:
                begin = self.clock.monotonic()
                for member in line:
                    await visit(self, member)
                    self.moved[name] = self.clock.monotonic()
                    if name in self._hurried:
                        await self._give(line)
                due = min(max(due, begin - self.cycle), begin) + self.cycle  # late rounds are caught up, one at most
                await self._rest(line, nap, begin, due)
        finally:
            del self._naps[name]
        for member in line:
            await bounded(self, member, farewell(self, member))

    async def steer(self) -> None:
        """Decide once a cycle."""
        nap = self._naps["decision"] = self.clock.nap()
        try:
            while not self.stopping:
                now = self.moved["decision"] = self.clock.monotonic()
                if self.asked and self._decided_at < self.begun:
                    self.hurry()
                elif self.asked and (self.fresh or now - self._decided_at >= IDLE):
                    self.decide()
                self.keep(now)
                await nap.sleep(self.cycle)
        finally:
            del self._naps["decision"]

    async def _rest(self, line: Sequence[Member], nap: Nap, begin: float, due: float) -> None:
        """Sleep until the next round is `due`; commands that cannot wait for it are given in between.

        A round of a busy line that comes to its end late goes straight on to the next one.
        """
        waits = getattr(line[0].driver, "wait", None) if len(line) == 1 else None
        now = self.clock.monotonic()
        rest = max(due - now, 0.0 if now - begin >= PAUSE and waits is None else PAUSE)
        if waits is not None:
            await bounded(self, line[0], waits(rest))
            if self.clock.monotonic() < due:
                await self.clock.sleep(PAUSE)  # the input has moved: look at once
            return
        while rest > 0 and not self.stopping:
            await nap.sleep(rest)
            rest = due - self.clock.monotonic()
            if rest > 1e-6 and not self.stopping:
                await self._give(line)
                rest = due - self.clock.monotonic()

    async def _give(self, line: Sequence[Member]) -> None:
        """Bring what has just been decided to the devices of a line, also to those that were visited before."""
        self._hurried.discard(line[0].name)
        for member in line:
            if member.state == "online":
                await bounded(self, member, carry_out(self, member))

    # the decision

    def decide(self) -> None:
        """Ask the strategy. One that fails leaves the safe plan: bounds stay, nothing of ours is asked for."""
        self.fresh, self._decided_at = False, self.clock.monotonic()
        try:
            view = self.looked = self.view()
            found = self.strategy(view)
            self.shown = self._shows(view, found)
            self._defect = ""
        except Exception as defect:  # the boundary: the devices must not pay for a rule's mistake
            if self._defect != (what := told(defect)):
                self._defect = what
                self.note("decision", f"defect, the safe plan holds: {what}")
            found = self._safe()
        told_of: list[tuple[str, str]] = getattr(self.strategy, "told", [])
        for device, what in told_of:
            self.note(device, what)
        told_of.clear()
        wanted: dict[str, dict[Aspect, Setpoint]] = {}
        for setpoint in found:
            if setpoint.command != "release":
                wanted.setdefault(setpoint.device, {})[setpoint.aspect] = setpoint
        self.wanted = wanted
        everybody = len(self.asked) == len(self.members)
        self.settled = self.settled or everybody or self._decided_at - self.begun >= FIRST
        self.decided()

    def _shows(self, view: View, found: Sequence[Setpoint]) -> Reading:
        """What is shown to those outside who may look, nothing without any; see `visit`."""
        shows = getattr(self.strategy, "shown", None)
        if shows is None or not self._shown_to:
            return {}
        values: Reading = shows(view, found)
        return values

    def _safe(self) -> Sequence[Setpoint]:
        """The strategy's safe plan; without one, of what was wanted only what limits a generator."""
        safe = getattr(self.strategy, "safe", None)
        if safe is not None:
            unseen = {name: self._unseen(member) for name, member in self.members.items()}
            found: Sequence[Setpoint] = safe(View(self.clock.now(), self.clock.monotonic(), unseen))
            return found
        return [each for found in self.wanted.values() for aspect, each in found.items() if aspect == "feed_in"]

    def hurry(self) -> None:
        """Something has changed that cannot wait for the next cycle: decide, and wake the lines it concerns.

        Before anybody has been asked there is nothing to decide on; that is about to happen.
        """
        if not self.asked:
            return
        before = self.wanted
        self.decide()
        for line in self.lines:
            nap = self._naps.get(line[0].name)
            if nap is not None and any(self.wanted.get(each.name) != before.get(each.name) for each in line):
                self._hurried.add(line[0].name)
                nap.wake()

    def view(self) -> View:
        """What is known now: fresh and plausible, the rest absent with a reason."""
        now = self.clock.monotonic()
        seen = {name: self._seen(member, now) for name, member in self.members.items()}
        return View(self.clock.now(), now, self.plausible.cross(seen, now))

    def _unseen(self, member: Member) -> Seen:
        """A device of which nothing is known but what it can do."""
        return Seen(
            member.name, member.function, {}, member.rated_power or None, member.phases, member.phase, member.commands,
            member.driver.reaction, member.state,
        )  # fmt: skip

    def _seen(self, member: Member, now: float) -> Seen:
        name, state, rating, reaction = member.name, member.state, member.rated_power or None, member.driver.reaction
        absent: Mapping[str, str] = {}
        reading: Reading = {}
        if state in ("online", "offline", "defect"):
            reading = rested(fresh(member, now)) if member.function == "pv" else fresh(member, now)
            reading, absent = self.plausible.judge(name, member.function, reading, rating, now)
        last = self._looks.get(name)
        if (
            last is not None and last.reading is reading and last.absent is absent  # most say what they said before
            and last.state == state and last.rating == rating and last.reaction == reaction
        ):  # fmt: skip
            return last
        seen = self._looks[name] = Seen(
            name, member.function, reading, rating, member.phases, member.phase, member.commands, reaction, state,
            absent,
        )  # fmt: skip
        return seen

    def keep(self, now: float) -> None:
        """Save what must outlive the process, where it has changed. A store that fails is said once."""
        try:
            self._keep(now)
            self._unkept = ""
        except StoreError as error:
            if self._unkept != str(error):
                self._unkept = str(error)
                self.note("store", str(error))

    def _keep(self, now: float) -> None:
        standing = keeping.standing(self.members)
        if standing != self._kept:
            self._kept = standing
            self.store.save("standing", standing)
        if now - self._booked_at >= keeping.BOOKS:
            self._booked_at = now
            self.store.save("books", keeping.books(self.members))

    @property
    def defect(self) -> str:
        """Why the last decision was the safe plan, empty when it was not."""
        return self._defect

    def note(self, device: str, what: str) -> None:
        self.log.append(self.clock.now(), self.clock.monotonic(), device, what)
