"""The state machine of a power limitation, LPC or LPP: what an energy guard writes, and what holds when it is silent.

VDE-AR-E 2829-6, EEBUS LPC 1.0.0 and its test specification ([TS-...]: [LPC-TS-...]; LPP differs only in names and
sign). Everything follows from the last heartbeat, the last write and the time: events come from outside, `advanced`
takes the transitions that time has made due, each at its own moment.

A write of a limit is evaluated only after a heartbeat within 60 s in init, fail-safe and unlimited/autonomous [TS-036],
other values only in the two controlled states [TS-037]. A limit that cannot be applied leaves these three for
unlimited/controlled all the same [TS-018, TS-031]: so the specification wants it. Where it leaves a choice the strict
one is taken: init without contact lasts as long as the fail-safe state, and a limit that stood before a restart stands
on where it is below the fail-safe one.
"""

from dataclasses import dataclass, replace
from math import inf, isfinite
from typing import Literal

SILENCE = 120.0  # s without heartbeat after which the guard is lost [TS-028], and after one without a write [TS-022]
FOLLOWS = 60.0  # s after a heartbeat in which a write is evaluated [TS-036]
SHORTEST, LONGEST = 7200.0, 86_400.0  # s of the fail-safe duration [TS-013]

State = Literal["init", "limited", "unlimited/controlled", "fail-safe", "unlimited/autonomous"]


@dataclass(frozen=True, slots=True)
class Machine:
    """`power`, `duration`: of the fail-safe state, W and s. `entered`, `heartbeat`, `first`: monotonic s.

    `first`: the first heartbeat in this state. `limit` in W, `expires` when its duration is over.
    """

    power: float
    duration: float
    entered: float
    state: State = "init"
    heartbeat: float = -inf
    first: float | None = None
    limit: float | None = None
    expires: float = inf

    @property
    def allowed(self) -> float:
        """W that may flow, infinity without a limit."""
        match self.state:
            case "init":
                return self.power if self.limit is None else min(self.power, self.limit)
            case "limited":
                return inf if self.limit is None else self.limit
            case "fail-safe":
                return self.power
            case _:
                return inf


@dataclass(frozen=True, slots=True)
class Answer:
    """What the guard is told: ACK, or NACK with the reason."""

    accepted: bool
    reason: str = ""


def advanced(machine: Machine, now: float) -> Machine:
    """The machine at `now`."""
    while True:
        when, state = _due(machine)
        if when > now:
            return machine
        machine = replace(machine, limit=None, expires=inf) if state == "init" else _to(machine, state, when)


def _due(machine: Machine) -> tuple[float, State]:
    """When time alone leads where."""
    lost = machine.heartbeat + SILENCE
    unanswered = inf if machine.first is None else machine.first + SILENCE  # [TS-022/1, TS-022/2]
    match machine.state:
        case "init":
            free = min(machine.entered + machine.duration, unanswered)
            return (machine.expires, "init") if machine.expires <= free else (free, "unlimited/autonomous")
        case "limited" if machine.expires < lost:
            return machine.expires, "unlimited/controlled"  # [TS-025]
        case "limited" | "unlimited/controlled":
            return lost, "fail-safe"  # [TS-028, TS-029]
        case "fail-safe":
            return min(machine.entered + machine.duration, unanswered), "unlimited/autonomous"  # [TS-022/2, TS-022/3]
        case _:
            return inf, machine.state


def _to(machine: Machine, state: State, when: float, limit: float | None = None, expires: float = inf) -> Machine:
    return replace(machine, state=state, entered=when, first=None, limit=limit, expires=expires)


def beaten(machine: Machine, now: float) -> Machine:
    """A heartbeat of the guard. It changes no state: the write that follows does."""
    machine = advanced(machine, now)
    return replace(machine, heartbeat=now, first=now if machine.first is None else machine.first)


def written(machine: Machine, watts: float, active: bool, duration: float | None, now: float) -> tuple[Machine, Answer]:
    """The guard writes a limit: W, at least 0, and s for which it holds, None without end."""
    machine = advanced(machine, now)
    controlled = machine.state in ("limited", "unlimited/controlled")
    if not controlled and now - machine.heartbeat > FOLLOWS:
        return machine, Answer(False, f"no heartbeat within {FOLLOWS:.0f} s before")
    if why := _senseless(watts, duration):
        return (machine if controlled else _to(machine, "unlimited/controlled", now)), Answer(False, why)
    if not active or duration == 0:
        return _to(machine, "unlimited/controlled", now), Answer(True)
    return _to(machine, "limited", now, watts, inf if duration is None else now + duration), Answer(True)


def _senseless(watts: float, duration: float | None) -> str:
    """Why a limit cannot be applied, empty when it can. [TS-035/1]"""
    if not (isfinite(watts) and watts >= 0):
        return f"a limit of {watts:g} W"
    if duration is not None and not (isfinite(duration) and duration >= 0):
        return f"a duration of {duration:g} s"
    return ""


def power_written(machine: Machine, watts: float, now: float) -> tuple[Machine, Answer]:
    """The guard writes the fail-safe limit in W. [TS-011/1, TS-038]"""
    machine = advanced(machine, now)
    why = _uncontrolled(machine) or _senseless(watts, None)
    return (machine, Answer(False, why)) if why else (replace(machine, power=watts), Answer(True))


def duration_written(machine: Machine, seconds: float, now: float) -> tuple[Machine, Answer]:
    """The guard writes the fail-safe duration in s; of one above a day the day is taken. [TS-013 to TS-016]"""
    machine = advanced(machine, now)
    if why := _uncontrolled(machine):
        return machine, Answer(False, why)
    if seconds > LONGEST:
        return replace(machine, duration=LONGEST), Answer(False, f"{seconds:g} s are more than {LONGEST:.0f} s")
    if not seconds >= SHORTEST:
        return machine, Answer(False, f"{seconds:g} s are less than {SHORTEST:.0f} s")
    return replace(machine, duration=seconds), Answer(True)


def _uncontrolled(machine: Machine) -> str:
    controlled = machine.state in ("limited", "unlimited/controlled")
    return "" if controlled else "no heartbeat and limit before"
