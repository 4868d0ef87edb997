"""A device as the site uses it: its driver, its function, what it last said, what it was last told and why."""

from dataclasses import dataclass, field
from typing import Any, Literal

from controller.compatibility.gate import admit
from controller.compatibility.levels import Level
from controller.compatibility.rows import row
from controller.counters import Counter
from controller.devices import Identity, Reading
from controller.drivers.serving import driver_for
from controller.ports import Clock, Line

Function = Literal["pv", "battery", "charger", "grid-meter", "meter", "heater", "ripple", "tariff", "marketer", "other"]
Command = Literal["limit_power", "charge", "discharge", "limit_current", "pause", "set_power", "release"]


PACE = 10.0  # s that voltages, counters and temperatures may be old


@dataclass(frozen=True, slots=True)
class Setpoint:
    """A command with its reason: who asked, and which rule limited it. `value` in W or A, None for pause, release."""

    device: str
    command: Command
    value: float | None
    reason: str

    def differs(self, other: "Setpoint | None") -> bool:
        """Whether giving this instead of `other` changes anything worth a write: one percent, or 50 W / 0.5 A."""
        if other is None or other.command != self.command:
            return True
        if self.value is None or other.value is None:
            return self.value is not other.value
        step = 0.5 if self.command == "limit_current" else 50.0
        return abs(self.value - other.value) > max(step, 0.01 * abs(other.value))


@dataclass
class Member:
    """One configured device of a site. `state`: waiting, online, offline or rejected (a wrong device answers)."""

    name: str
    driver: Any  # Driver; commands are called by the name in Setpoint.command
    function: Function
    row: int = 0
    protocol: str = ""
    rated_power: float = 0.0
    state: Literal["waiting", "online", "offline", "rejected"] = "waiting"
    identity: Identity | None = None
    reading: Reading = field(default_factory=dict)
    read_at: float = 0.0
    error: str = ""
    failures: int = 0
    retry_at: float = 0.0
    given: Setpoint | None = None
    given_at: float = 0.0
    ignored_since: float | None = None
    forbidden: frozenset[str] = frozenset()  # commands that the list does not allow here
    counters: dict[str, Counter] = field(default_factory=dict)  # by quantity
    counted_at: float = float("-inf")
    attempts: int = 0  # times the enable chain was gone through for a command that is not followed

    def can(self, command: str) -> bool:
        return command not in self.forbidden and callable(getattr(self.driver, command, None))


def member(
    name: str, number: int, protocol: str, function: Function, line: Line, clock: Clock, level: Level, *,
    unit: int | None = None, model: str | None = None,
) -> Member:  # fmt: skip
    """Build a member through the level gate; ConfigurationError or LevelTooLow when it may not be used."""
    admit(number, protocol, level)
    driver: Any = driver_for(number, protocol)
    variant = row(number).variant(model)
    made = driver(line, clock, unit, row=number, model=variant.name)
    made.pace = PACE
    return Member(name, made, function, number, protocol, variant.rated_power or 0.0)
