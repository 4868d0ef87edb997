"""The home energy manager: reads every device each cycle, decides once a cycle, and gives each device its setpoint.

One process for each line (`serve`), one that decides (`steer`); a rig starts them. Nothing is shared but the
members. A device that fails is retried with growing patience, its commands are given again from the enable chain on.
A command counts as followed only when the device's measured power shows it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from controller.counters import Counter
from controller.devices import Reading
from controller.errors import DeviceError, WrongDevice
from controller.members import Member, Setpoint
from controller.ports import Clock

PATIENCE = (1.0, 2.0, 5.0, 10.0)  # s between attempts at a device that fails
REJECTED = 60.0  # s between looks at a device that is the wrong one
COUNTED = ("energy", "import_energy", "export_energy", "charge_energy", "discharge_energy")
MOST = 250_000.0  # W that a device of unknown rating can do at most
BOOKS = 5.0  # s between two looks at the energy counters
STALE = 30.0  # s after which a reading no longer counts


@dataclass(frozen=True)
class Snapshot:
    """What is known at one instant. A device that is offline or stale has no reading."""

    time: float
    readings: dict[str, Reading]
    members: dict[str, Member]

    def value(self, name: str, quantity: str) -> float | None:
        """A number that was read, None when there is none."""
        found = self.readings.get(name, {}).get(quantity)
        return float(found) if isinstance(found, int | float) else None


@dataclass(frozen=True, slots=True)
class Event:
    """Something worth keeping: a setpoint given, a device lost or back, a command that was not followed."""

    time: float
    device: str
    what: str


Strategy = Callable[[Snapshot], Sequence[Setpoint]]


@dataclass
class Hem:
    """A running controller. `lines` groups the members that share a line; `cycle` in s."""

    clock: Clock
    lines: Sequence[Sequence[Member]]
    strategy: Strategy
    cycle: float = 1.0
    wanted: dict[str, Setpoint] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    stopping: bool = False
    stalled: bool = False  # alive, but nothing is written any more: what a test does to it
    paused: set[str] = field(default_factory=set)

    @property
    def members(self) -> dict[str, Member]:
        return {member.name: member for line in self.lines for member in line}

    async def serve(self, line: Sequence[Member]) -> None:
        """Work one line until the controller stops, then leave its devices clean."""
        while not self.stopping:
            begin = self.clock.monotonic()
            for member in line:
                await self.visit(member)
            await self.clock.sleep(max(self.cycle - (self.clock.monotonic() - begin), 0.01))
        for member in line:
            await self.farewell(member)

    async def steer(self) -> None:
        """Decide once a cycle."""
        while not self.stopping:
            self.decide()
            await self.clock.sleep(self.cycle)

    def decide(self) -> None:
        """Ask the strategy; what it does not mention is released."""
        snapshot = self.snapshot()
        wanted = {setpoint.device: setpoint for setpoint in self.strategy(snapshot)}
        for name, member in snapshot.members.items():
            if name not in wanted and member.given is not None and member.given.command != "release":
                wanted[name] = Setpoint(name, "release", None, "nobody asks for anything")
        self.wanted = wanted

    def snapshot(self) -> Snapshot:
        now, members = self.clock.monotonic(), self.members
        fresh = {
            name: member.reading
            for name, member in members.items()
            if member.state == "online" and now - member.read_at <= STALE
        }
        return Snapshot(self.clock.now(), fresh, members)

    async def visit(self, member: Member) -> None:
        """Read one device and give it its setpoint; a failure is its state, not ours."""
        now = self.clock.monotonic()
        if member.state in ("offline", "rejected") and now < member.retry_at:
            return
        try:
            if member.identity is None:
                member.identity = await member.driver.identify()
            member.reading = await member.driver.read()
            member.read_at = self.clock.monotonic()
            if member.state != "online":
                self.note(member, f"online: {member.identity.manufacturer} {member.identity.model}")
            member.state, member.failures, member.error = "online", 0, ""
            self.count(member)
            await self.command(member)
        except WrongDevice as error:
            self.fail(member, error, "rejected", REJECTED)
        except DeviceError as error:
            self.fail(member, error, "offline", PATIENCE[min(member.failures, len(PATIENCE) - 1)])

    def count(self, member: Member) -> None:
        """Keep the books of a device's energy counters; what they do wrong is worth an event."""
        if member.read_at - member.counted_at < BOOKS:
            return
        member.counted_at = member.read_at
        for quantity in COUNTED:
            reading, counter = member.reading.get(quantity), member.counters.get(quantity)
            if isinstance(reading, int | float):
                if counter is None:
                    counter = member.counters[quantity] = Counter(member.rated_power or MOST)
                counter.count(float(reading), member.read_at)
                if counter.note:
                    self.note(member, f"{quantity}: {counter.note}")

    async def command(self, member: Member) -> None:
        """Give the wanted setpoint when it changed, is due again, or was not followed."""
        if self.stalled:
            return
        wanted, now = self.wanted.get(member.name), member.read_at
        if wanted is None or not member.can(wanted.command):
            return
        again = member.driver.refresh is not None and wanted.command != "release"
        due = again and now - member.given_at >= member.driver.refresh - self.cycle
        if self.not_followed(member, now):
            self.note(member, f"{member.given.command if member.given else ''} is not followed, arming again")
            member.driver.lost()
            due = True
        if not (due or wanted.differs(member.given)):
            return
        if wanted.command == "release" and member.given is None:
            return
        await give(member, wanted)
        if wanted.differs(member.given):
            self.note(
                member, f"{wanted.command} {'' if wanted.value is None else f'{wanted.value:.0f} '}({wanted.reason})"
            )
            member.ignored_since = None
        member.given, member.given_at = wanted, self.clock.monotonic()

    def not_followed(self, member: Member, now: float) -> bool:
        """Whether a command stands and the device's own measurement has contradicted it for too long."""
        if member.given is None or not contradicted(member, member.given):
            member.ignored_since, member.attempts = None, 0
            return False
        if member.ignored_since is None:
            member.ignored_since = now
        patience = (member.driver.reaction + 5.0) * 2 ** min(member.attempts, 6)  # arming may wear the device
        if now - member.ignored_since < patience:
            return False
        member.ignored_since, member.attempts = now, member.attempts + 1
        return True

    def fail(self, member: Member, error: DeviceError, state: str, patience: float) -> None:
        """A device that does not do what it should: nothing is known of it, everything has to be given again."""
        if member.state != state:
            self.note(member, f"{state}: {error}")
        member.state = "rejected" if state == "rejected" else "offline"
        member.error, member.failures = str(error), member.failures + 1
        member.retry_at = self.clock.monotonic() + patience
        member.driver.lost()
        member.given = None
        if member.failures > 3:
            member.identity = None  # another device may stand there when it comes back

    async def farewell(self, member: Member) -> None:
        """Release a device when the controller stops; one that cannot be reached is named."""
        if not member.can("release") or member.state == "rejected":
            return
        try:
            await member.driver.release()
            self.note(member, "released")
        except DeviceError as error:
            self.note(member, f"could not be released: {error}")

    def note(self, member: Member, what: str) -> None:
        self.events.append(Event(self.clock.now(), member.name, what))


def contradicted(member: Member, given: Setpoint) -> bool:
    """Whether what the device says cannot be what it was told. Less power than a limit is no contradiction."""
    value, power = given.value or 0.0, member.reading.get("power")
    slack = max(0.03 * (member.rated_power or value), 100.0)
    if given.command in ("charge", "discharge"):
        battery = member.reading.get("battery_power")
        if not isinstance(battery, int | float):
            return False
        told = value if given.command == "discharge" else -value
        charge = member.reading.get("soc")
        free = isinstance(charge, int | float) and 15.0 < charge < 85.0  # neither full nor empty: it could follow
        idle = free and abs(told) > 2 * slack and abs(battery) < 0.5 * abs(told)
        return idle or (battery * told < 0 and abs(battery) > slack) or abs(battery) > abs(told) + slack
    shown = member.reading.get("current_limit")
    if given.command == "limit_current" and isinstance(shown, int | float) and abs(shown - value) > 1.0:
        return True  # the station says itself that another current is set
    if not isinstance(power, int | float):
        return False
    match given.command:
        case "limit_power":
            return power > value + slack
        case "set_power":  # a load that does not take what it was told, or is full: told again, ever more rarely
            return abs(power - value) > max(slack, 0.5 * value)
        case "limit_current":
            return power > 3 * 253.0 * (value + 0.5) + slack  # three phases at the highest voltage allowed
        case "pause":
            return power > slack
    return False


async def give(member: Member, setpoint: Setpoint) -> None:
    """Call the driver's command."""
    command = getattr(member.driver, setpoint.command)
    if setpoint.value is None:
        await command()
    else:
        await command(setpoint.value)
