"""The home energy manager: reads every device each cycle, decides, and gives each device what is wanted of it.

One process for each line (`serve`), one that decides (`steer`); a rig starts them. Nothing is shared but the members.
An input that changes is decided on at once, and the lines of the devices concerned wake up for it.

Whatever a device or its driver does ends at the boundary around its visit, whatever a rule does at the one around the
decision: a member is then `defect`, or the plan the safe one, and the rest goes on.
"""

import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.counters import COUNTED, Counter
from controller.devices import Reading
from controller.errors import DeviceError, WrongDevice
from controller.log import Log
from controller.members import Member, Setpoint
from controller.ports import Clock, Nap
from controller.run.commanding import carry_out, farewell
from controller.run.plausible import Plausible
from controller.run.readings import fresh, take
from controller.strategy.claims import Aspect
from controller.strategy.view import Seen, View

PATIENCE = (1.0, 1.0, 2.0, 5.0, 10.0)  # s between attempts at a device that fails
SILENT = 2  # failures in a row after which the device may have restarted: what stands in it is unknown
OFFLINE = 10.0  # s without an answer after which a device is said to be offline
STRANGE = 60.0  # s between looks at a device that is the wrong one, or whose driver is defect
FORGOTTEN = 4  # failures in a row after which another device may stand there
MOST = 250_000.0  # W that a device of unknown rating can do at most
BOOKS = 5.0  # s between two looks at the energy counters
IDLE = 5.0  # s after which is decided although nothing has changed
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
    plausible: Plausible = field(default_factory=Plausible)

    def __post_init__(self) -> None:
        self.members: Mapping[str, Member] = {member.name: member for line in self.lines for member in line}
        self.begun = self.clock.monotonic()
        self._asked: set[str] = set()  # who has been asked at all
        self._naps: dict[str, Nap] = {}
        self._fresh = True  # something has been read since the last decision
        self._decided_at = float("-inf")

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
            while not self.stopping:
                begin = self.clock.monotonic()
                for member in line:
                    await self.visit(member)
                self.moved[name] = self.clock.monotonic()
                await self._rest(line, nap, begin + self.cycle)
        finally:
            del self._naps[name]
        for member in line:
            await self._bounded(member, farewell(self, member))

    async def steer(self) -> None:
        """Decide once a cycle."""
        nap = self._naps["decision"] = self.clock.nap()
        try:
            while not self.stopping:
                now = self.moved["decision"] = self.clock.monotonic()
                if self._fresh or now - self._decided_at >= IDLE:
                    self.decide()
                await nap.sleep(self.cycle)
        finally:
            del self._naps["decision"]

    async def _rest(self, line: Sequence[Member], nap: Nap, end: float) -> None:
        """Sleep until the next round; commands that cannot wait for it are given in between."""
        waits = getattr(line[0].driver, "wait", None) if len(line) == 1 else None
        rest = max(end - self.clock.monotonic(), 0.01)
        if waits is not None:
            await self._bounded(line[0], waits(rest))
            if self.clock.monotonic() < end:
                await self.clock.sleep(0.01)  # the input has moved: look at once
            return
        while rest > 0 and not self.stopping:
            await nap.sleep(rest)
            rest = end - self.clock.monotonic()
            if rest > 1e-6 and not self.stopping:
                for member in line:
                    if member.state == "online":
                        await self._bounded(member, carry_out(self, member))
                rest = end - self.clock.monotonic()

    # the decision

    def decide(self) -> None:
        """Ask the strategy. One that fails leaves the safe plan: bounds stay, nothing of ours is asked for."""
        self._fresh, self._decided_at = False, self.clock.monotonic()
        view = self.view()
        try:
            found = self.strategy(view)
        except Exception as defect:  # the boundary: the devices must not pay for a rule's mistake
            self.note("decision", f"defect, the safe plan holds: {told(defect)}")
            safe = getattr(self.strategy, "safe", None)
            found = safe(view) if safe is not None else self._bounds()
        wanted: dict[str, dict[Aspect, Setpoint]] = {}
        for setpoint in found:
            if setpoint.command != "release":
                wanted.setdefault(setpoint.device, {})[setpoint.aspect] = setpoint
        self.wanted = wanted

    def _bounds(self) -> list[Setpoint]:
        """Of what was wanted only what limits a generator."""
        return [each for found in self.wanted.values() for aspect, each in found.items() if aspect == "feed_in"]

    def hurry(self) -> None:
        """Something has changed that cannot wait for the next cycle: decide, and wake the lines it concerns."""
        before = self.wanted
        self.decide()
        for line in self.lines:
            nap = self._naps.get(line[0].name)
            if nap is not None and any(self.wanted.get(each.name) != before.get(each.name) for each in line):
                nap.wake()

    def view(self) -> View:
        """What is known now: fresh and plausible, the rest absent with a reason."""
        now = self.clock.monotonic()
        seen = {name: self._seen(member, now) for name, member in self.members.items()}
        return View(self.clock.now(), now, self.plausible.cross(seen, now))

    def _seen(self, member: Member, now: float) -> Seen:
        absent: Mapping[str, str] = {}
        reading: Reading = {}
        if member.state in ("online", "offline", "defect"):
            reading = fresh(member, now)
            reading, absent = self.plausible.judge(
                member.name, member.function, reading, member.rated_power or None, now
            )
        return Seen(
            member.name, member.function, reading, member.rated_power or None, member.phases, member.phase,
            member.commands, member.driver.reaction, member.state, absent,
        )  # fmt: skip

    # one device

    async def visit(self, member: Member) -> None:
        """Read one device and give it its setpoint; a failure is its state, not ours."""
        if self.clock.monotonic() < member.retry_at:
            return
        try:
            await self._read(member)
        except WrongDevice as error:
            self._fail(member, error, STRANGE)
            member.state = "rejected"
            return
        except DeviceError as error:
            self._fail(member, error, PATIENCE[min(member.failures, len(PATIENCE) - 1)])
            return
        except Exception as defect:  # the boundary: other devices must not pay for a driver's mistake
            self._defect(member, defect)
            return
        finally:
            self._asked.add(member.name)
        await self._bounded(member, carry_out(self, member))

    async def _read(self, member: Member) -> None:
        if member.identity is None:
            member.identity = await member.driver.identify()
            member.forget()
            self._rate(member)
        reading = await member.driver.read()
        changed = take(member, reading, self.clock.monotonic())
        member.failures, member.error = 0, ""
        if member.state != "online":
            member.state = "online"
            self.note(member.name, f"online: {member.identity.manufacturer} {member.identity.model}")
        if changed:
            self._fresh = True
            if member.function == "ripple":
                self.hurry()
        self._count(member)

    def _rate(self, member: Member) -> None:
        """What the device says of itself comes before what the list prints of its model, behind the installer."""
        told_of_itself = member.identity.rated_power if member.identity else None
        if member.rating_by != "installer" and told_of_itself:
            member.rated_power, member.rating_by = float(told_of_itself), "device"

    def _count(self, member: Member) -> None:
        """Keep the books of a device's energy counters; what they do wrong is worth an event."""
        if member.read_at - member.counted_at < BOOKS:
            return
        member.counted_at = member.read_at
        for quantity in COUNTED:
            reading = member.reading.get(quantity)
            if isinstance(reading, int | float):
                if quantity not in member.counters:
                    member.counters[quantity] = Counter(member.rated_power or MOST)
                counter = member.counters[quantity]
                counter.count(float(reading), member.read_at)
                if counter.note:
                    self.note(member.name, f"{quantity}: {counter.note}")

    def _fail(self, member: Member, error: DeviceError, patience: float) -> None:
        """No answer, or no proper one. One lost reply is none; a device that stays away is offline."""
        now = self.clock.monotonic()
        member.failures, member.lost, member.error = member.failures + 1, member.lost + 1, str(error)
        member.retry_at = now + patience
        if member.failures >= SILENT or member.identity is None:
            member.driver.lost()
            member.forget()
        if member.failures >= FORGOTTEN:
            member.identity = None
        away = now - max(member.read_at, self.begun if member.state == "waiting" else member.read_at)
        if member.state not in ("offline", "rejected") and (away >= OFFLINE or member.state == "waiting"):
            member.state = "offline"
            self.note(member.name, f"offline: {error}")
        elif isinstance(error, WrongDevice) and member.state != "rejected":
            self.note(member.name, f"rejected: {error}")
        self._fresh = True

    def _defect(self, member: Member, defect: Exception) -> None:
        """The driver raised what no driver may raise: said with its traceback, tried again with patience."""
        if member.state != "defect" or member.error != str(defect):
            self.note(member.name, f"defect: {told(defect)}")
        member.state, member.error = "defect", str(defect)
        member.failures += 1
        member.retry_at = self.clock.monotonic() + min(STRANGE, 5.0 * member.failures)
        member.forget()

    async def _bounded(self, member: Member, work: Any) -> None:
        """Do it; what a driver may not raise makes the member defect and nothing else."""
        try:
            await work
        except Exception as defect:  # the boundary of `visit`, for commands and farewells
            self._defect(member, defect)

    @property
    def settled(self) -> bool:
        """Whether every device has been asked once, so that what is not wanted really is not."""
        return len(self._asked) == len(self.members) or self.clock.monotonic() - self.begun >= FIRST

    def note(self, device: str, what: str) -> None:
        self.log.append(self.clock.now(), self.clock.monotonic(), device, what)


def told(defect: Exception) -> str:
    """The exception with the last places that it came through."""
    frames = traceback.extract_tb(defect.__traceback__)[-4:]
    places = " > ".join(f"{each.filename.rsplit('/', 1)[-1]}:{each.lineno}" for each in frames)
    return f"{type(defect).__name__}: {defect} ({places})"
