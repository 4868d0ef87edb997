"""What the controller shows of itself at one instant: plain, immutable, made by the loop, read by everybody else.

Nobody outside the loop touches a member. What has not changed since the snapshot before is the same object again, so
that whoever compares two snapshots compares identities.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from controller.devices import Reading, Value
from controller.hem import Hem
from controller.log import Event
from controller.members import Member, Setpoint
from controller.run.readings import fresh, rested
from controller.sitefile import Site
from controller.strategy.claims import Aspect
from controller.strategy.plan import Plan
from controller.strategy.signals import Signal
from controller.strategy.tariff import Slot, price_at, slots
from controller.strategy.view import View


@dataclass(frozen=True, slots=True)
class Device:
    """One device. `reading`: what counts now; `absent`: why a quantity does not.

    `read_at` and `given_at` in s since 1970 (UTC), None before the first. `wanted`: what the last decision asks of
    each aspect; `stands`: what the device has acknowledged.
    """

    name: str
    function: str
    row: int
    protocol: str
    station: str
    state: str
    error: str
    maker: str
    model: str
    serial: str
    firmware: str
    rating: float | None
    can: frozenset[str]
    reading: Reading
    absent: Mapping[str, str]
    read_at: float | None
    lost: int
    wanted: Mapping[Aspect, Setpoint]
    stands: Mapping[Aspect, Setpoint]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole installation. `site`: as rules see it now. `prices`: slots of the tariff, `price` ct/kWh now.

    `moved`: s since the last progress of each line and of the decision. `events`: what has happened since the snapshot
    before; `missed`: events that were dropped before anybody saw them. `problem`: why nothing outlives the process just
    now; `defect`: why the last decision was the safe plan. `settled`: every device has been asked once.
    """

    number: int
    time: float
    monotonic: float
    devices: Mapping[str, Device]
    site: Site | None
    signals: tuple[Signal, ...]
    prices: Sequence[Slot]
    price: float | None
    moved: Mapping[str, float]
    events: tuple[Event, ...]
    missed: int
    problem: str
    defect: str
    settled: bool
    stopping: bool


@dataclass
class Taker:
    """Takes snapshots of one controller, in its own thread of execution."""

    hem: Hem
    number: int = 0
    _said: int = 0
    _last: dict[str, tuple[tuple[object, ...], Device]] = field(default_factory=dict)

    def take(self) -> Snapshot:
        """The controller as it is now."""
        hem, now, time = self.hem, self.hem.clock.monotonic(), self.hem.clock.now()
        devices = {name: self._device(member, now, time) for name, member in hem.members.items()}
        moved = {
            name: now - hem.moved.get(name, hem.begun) for name in (*(line[0].name for line in hem.lines), "decision")
        }
        missed = max(hem.log.dropped - self._said, 0)
        events = tuple(hem.log.since(self._said))
        self._said, self.number = hem.log.total, self.number + 1
        plan = hem.strategy
        signals = tuple(plan.signals()) if isinstance(plan, Plan) else ()
        site = plan.site if isinstance(plan, Plan) else None
        prices = () if hem.looked is None else slots(hem.looked)
        return Snapshot(
            self.number, time, now, devices, site, signals, prices, price_at(prices, time), moved, events, missed,
            hem.store.problem, hem.defect, hem.settled, hem.stopping,
        )  # fmt: skip

    def _device(self, member: Member, now: float, time: float) -> Device:
        """The device of the snapshot before when nothing has changed that it shows."""
        reading, absent = fresh(member, now), absent_of(self.hem.looked, member.name)
        reading = rested(reading) if member.function == "pv" else reading
        wanted = self.hem.wanted.get(member.name, {})
        stands = {aspect: found for aspect in member.standing if (found := member.given(aspect)) is not None}
        parts: tuple[object, ...] = (
            reading, absent, wanted, stands, member.state, member.error, member.read_at, member.identity,
            member.rated_power, member.lost,
        )  # fmt: skip
        kept = self._last.get(member.name)
        if kept is not None and kept[0] == parts:
            return kept[1]
        made = _device(member, counted(reading, absent), absent, wanted, stands, time - now)
        self._last[member.name] = parts, made
        return made


def absent_of(view: View | None, name: str) -> Mapping[str, str]:
    """What the last decision did not believe of a device, and why."""
    return {} if view is None or name not in view.devices else view.devices[name].absent


def counted(reading: Reading, absent: Mapping[str, str]) -> Reading:
    """What was read without what is not believed."""
    return {name: value for name, value in reading.items() if name not in absent} if absent else reading


def _device(
    member: Member, reading: Mapping[str, Value], absent: Mapping[str, str], wanted: Mapping[Aspect, Setpoint],
    stands: Mapping[Aspect, Setpoint], since_1970: float,
) -> Device:  # fmt: skip
    identity = member.identity
    return Device(
        member.name, member.function, member.row, member.protocol, member.station, member.state, member.error,
        identity.manufacturer if identity else "", identity.model if identity else "",
        identity.serial if identity else "", identity.firmware if identity else "", member.rated_power or None,
        member.commands, reading, absent, None if member.read_at < 0 else member.read_at + since_1970, member.lost,
        dict(wanted), stands,
    )  # fmt: skip
