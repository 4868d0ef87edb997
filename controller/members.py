"""A device as the site uses it: its driver, its function, what it last said, and what stands in it and why.

`Command`s act on aspects of a device (`controller.strategy.claims.Aspect`). For every aspect that a device has, what
stands in it is known or it is not (`Standing`): at the start, behind a new identity and after a command that failed or
was not answered it is unknown, until a release or a setpoint has been acknowledged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from controller.compatibility.gate import admit
from controller.compatibility.levels import Level
from controller.compatibility.rows import row
from controller.counters import Counter
from controller.devices import Identity, Reading
from controller.drivers.serving import driver_for
from controller.ports import Clock, Line
from controller.strategy.claims import Aspect, Claim
from controller.strategy.view import Function

Command = Literal["limit_power", "charge", "discharge", "limit_current", "pause", "set_power", "release"]

ASPECTS: Mapping[str, Aspect] = {
    "limit_power": "feed_in", "charge": "battery", "discharge": "battery", "limit_current": "current",
    "pause": "current", "set_power": "load",
}  # fmt: skip

NEVER = float("-inf")  # s; when something was read or counted that has not been yet
PACE = 10.0  # s that voltages, counters and temperatures may be old


@dataclass(frozen=True, slots=True)
class Setpoint:
    """A command with its reason: who asked, and which rule limited it. `value` in W or A, None for pause, release.

    `chain`: the claims that shaped it. `stays`: the command that the grid operator's claims alone would have given,
    None where they ask for nothing; that much is left standing when the controller stops.
    """

    device: str
    command: Command
    value: float | None
    reason: str
    chain: tuple[Claim, ...] = ()
    stays: tuple[Command, float | None] | None = None

    @property
    def aspect(self) -> Aspect:
        return ASPECTS[self.command]

    def differs(self, other: "Setpoint | None") -> bool:
        """Whether giving this instead of `other` changes anything worth a write: one percent, or 50 W / 0.5 A."""
        if other is None or other.command != self.command:
            return True
        if self.value is None or other.value is None:
            return self.value is not other.value
        step = 0.5 if self.command == "limit_current" else 50.0
        return abs(self.value - other.value) > max(step, 0.01 * abs(other.value))

    @property
    def said(self) -> str:
        """`limit_power 3000`."""
        return self.command if self.value is None else f"{self.command} {self.value:.0f}"


@dataclass(slots=True)
class Standing:
    """What stands in one aspect of a device. `known` without `setpoint`: nothing does.

    `given_at`: when it was given last. `confirmed`: how often a release was given again, since nobody can see whether
    it was followed. `failures`, `retry_at`: of commands that failed. `ignored_since`, `attempts`: of
    a setpoint that the device's own measurement contradicts.
    """

    known: bool = False
    setpoint: Setpoint | None = None
    given_at: float = 0.0
    confirmed: int = 0
    failures: int = 0
    retry_at: float = 0.0
    error: str = ""
    ignored_since: float | None = None
    attempts: int = 0

    @property
    def free(self) -> bool:
        """Whether it is known that nothing stands there."""
        return self.known and self.setpoint is None

    def forget(self) -> None:
        """Nobody knows what stands there now."""
        self.known = False
        self.ignored_since = None

    def took(self, setpoint: Setpoint | None, now: float) -> None:
        """The device has acknowledged it; None is a release."""
        if setpoint is None or setpoint.differs(self.setpoint):
            self.ignored_since, self.attempts = None, 0
        self.confirmed = self.confirmed + 1 if self.free and setpoint is None else 0
        self.known, self.setpoint, self.given_at = True, setpoint, now
        self.failures, self.retry_at, self.error = 0, 0.0, ""


@dataclass
class Member:
    """One configured device of a site.

    `state`: waiting for its first answer, online, offline, rejected (a wrong device answers) or defect (its driver
    raised what no driver may raise). `reading` is what it said last, `kept` what the last reading lacked but an earlier
    one had, with its time; how old either may be is `controller.run.readings`' matter.
    """

    name: str
    driver: Any  # Driver; commands are called by the name in Setpoint.command
    function: Function
    row: int = 0
    protocol: str = ""
    rated_power: float = 0.0  # W, 0 when nobody knows it
    rating_by: Literal["installer", "device", "list", "nobody"] = "nobody"
    phases: int = 3
    phase: int = 1
    station: str = ""  # the device that it is a charge point of
    state: Literal["waiting", "online", "offline", "rejected", "defect"] = "waiting"
    identity: Identity | None = None
    reading: Reading = field(default_factory=dict)
    read_at: float = NEVER
    kept: dict[str, tuple[Any, float]] = field(default_factory=dict)
    error: str = ""
    failures: int = 0
    lost: int = 0  # replies that were lost since the start
    neighbours: int = 0  # other devices on its line
    told: set[str] = field(default_factory=set)  # what was said once
    retry_at: float = 0.0
    standing: dict[Aspect, Standing] = field(default_factory=dict)
    forbidden: frozenset[str] = frozenset()  # commands that the list does not allow here
    counters: dict[str, Counter] = field(default_factory=dict)  # by quantity
    counted_at: float = NEVER

    def __post_init__(self) -> None:
        self.commands = frozenset(
            name for name in (*ASPECTS, "release") if name not in self.forbidden and self._has(name)
        )
        if "release" in self.commands:
            self.standing = {ASPECTS[name]: Standing() for name in ASPECTS if name in self.commands}

    def _has(self, command: str) -> bool:
        return callable(getattr(self.driver, command, None))

    def can(self, command: str) -> bool:
        return command in self.commands

    def forget(self) -> None:
        """What stands in the device is no longer known: its enable chain has to be gone through again."""
        for each in self.standing.values():
            each.forget()

    def given(self, aspect: Aspect) -> Setpoint | None:
        """The setpoint that is known to stand."""
        found = self.standing.get(aspect)
        return found.setpoint if found is not None and found.known else None


def member(
    name: str, number: int, protocol: str, function: Function, line: Line, clock: Clock, level: Level, *,
    unit: int | None = None, model: str | None = None, drivers: Any = driver_for,
    forbidden: frozenset[str] = frozenset(), by_phase: bool = False, **more: Any,
) -> Member:  # fmt: skip
    """Build a member through the level gate; ConfigurationError or LevelTooLow when it may not be used.

    `drivers`: which class serves a row on a protocol. `by_phase`: a fuse depends on it. `more`: for the driver.
    """
    admit(number, protocol, level)
    variant = row(number).variant(model)
    made = drivers(number, protocol)(line, clock, unit, row=number, model=variant.name, **more)
    made.pace, made.by_phase = PACE, by_phase
    return Member(name, made, function, number, protocol, forbidden=forbidden)
