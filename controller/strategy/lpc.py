"""LPC and LPP: an energy guard's limits of consumption and of feed-in at the connection point.

Its heartbeats and writes come from outside (`heartbeat`, `limit`, `fail_safe`), the state is `limitation`'s. LPC is
divided as `dimming` says (over all loads at the connection point, or over those of section 14a), LPP as `feed_in` says;
both say what they do while something is unknown. LPP is negative on the wire, here it is W that may be fed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf, isfinite
from typing import Any, Literal

from controller.settings import PowerLimit
from controller.sitefile import Site
from controller.strategy import dimming, feed_in, limitation
from controller.strategy.claims import Claim, Rank
from controller.strategy.dimming import Limit
from controller.strategy.limitation import Answer, Machine
from controller.strategy.loads import Load, loads_of
from controller.strategy.section14a import controllable
from controller.strategy.signals import Signal, State, continued
from controller.strategy.view import View

Use = Literal["LPC", "LPP"]
USES: tuple[Use, ...] = ("LPC", "LPP")


@dataclass(frozen=True, slots=True)
class Memory:
    """`machines` and `refused` (why the last write was) by use case, `written`: fail-safe values by the guard.

    `clock`: s that the wall clock is ahead of the monotonic one. `before`: what was kept over a restart.
    """

    machines: Mapping[Use, Machine] = field(default_factory=dict)
    refused: Mapping[Use, str] = field(default_factory=dict)
    written: Mapping[str, float] = field(default_factory=dict)
    signals: Mapping[Use, Signal] = field(default_factory=dict)
    consumption: dimming.Memory = field(default_factory=dimming.Memory)
    feeding: feed_in.Memory = field(default_factory=feed_in.Memory)
    clock: float = 0.0
    before: Mapping[Use, Mapping[str, Any]] = field(default_factory=dict)


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """Bounds for loads under LPC, and at most its share for every generator under LPP."""
    if site.grid.lpc is None and site.grid.lpp is None:
        return [], memory
    memory = _told(view, _started(site, memory, view.monotonic))
    found, memory = _consumption(view, site, memory)
    machine = memory.machines.get("LPP")
    if machine is None:
        return found, memory
    reason = memory.signals["LPP"].reason
    shares, feeding = feed_in.claims(
        view, site, feed_in.limited(view), machine.allowed, memory.feeding, rank=Rank.GRID, source="LPP", reason=reason
    )
    return found + shares, replace(memory, feeding=feeding)


def _told(view: View, memory: Memory) -> Memory:
    """The machines at this instant, and what they say."""
    machines = {use: limitation.advanced(machine, view.monotonic) for use, machine in memory.machines.items()}
    told = {use: continued(memory.signals.get(use), _signal(view, use, machine)) for use, machine in machines.items()}
    clock = view.time - view.monotonic
    if machines == memory.machines and told == memory.signals and abs(clock - memory.clock) < 1.0:
        return memory
    return replace(memory, machines=machines, signals=told, clock=clock)


def _consumption(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    machine, settings = memory.machines.get("LPC"), site.grid.lpc
    if machine is None or settings is None or (machine.allowed == inf and memory.consumption.limit is None):
        return [], memory
    limit = None
    if machine.allowed < inf:
        limit = Limit(machine.allowed, settings.counts, "LPC", memory.signals["LPC"].reason)
    found, division = dimming.dimmed(view, site, _loads(view, site, settings), limit, memory.consumption)
    return found, replace(memory, consumption=division)


def _loads(view: View, site: Site, settings: PowerLimit) -> list[Load]:
    """The loads that have to keep the limit."""
    loads = loads_of(view, site)
    if settings.counts == "connection point":
        return loads
    names = {name for each in controllable(view, site) for name in each.names}
    return [load for load in loads if load.name in names]


def _signal(view: View, use: Use, machine: Machine) -> Signal:
    states: Mapping[limitation.State, tuple[State, str]] = {
        "init": ("not read yet", "no energy guard heard yet"),
        "limited": ("valid", "limited by the energy guard"),
        "unlimited/controlled": ("valid", "no limit"),
        "fail-safe": ("fail-safe", f"no heartbeat for {limitation.SILENCE:.0f} s"),
        "unlimited/autonomous": ("expired", "without energy guard"),
    }
    state, said = states[machine.state]
    value = None if machine.allowed == inf else machine.allowed
    reason = f"{use} {said}" if value is None else f"{use} {said}: {value:.0f} W"
    return Signal(
        use, "consumption" if use == "LPC" else "feed-in", value, "W", view.monotonic, view.time, reason, state
    )


def _started(site: Site, memory: Memory, now: float) -> Memory:
    """With a machine for each use case of the site."""
    wanted = [use for use in USES if _settings(site, use) is not None]
    if all(use in memory.machines for use in wanted):
        return memory
    return replace(
        memory, machines={use: memory.machines.get(use) or _machine(site, use, memory, now) for use in wanted}
    )


def _machine(site: Site, use: Use, memory: Memory, now: float) -> Machine:
    """Just started: what the guard has written counts before the site file, and a limit may go on. [TS-017, TS-044]"""
    settings = _settings(site, use)
    assert settings is not None
    kept = memory.before.get(use, {})
    return Machine(
        memory.written.get(use, settings.fail_safe_power), memory.written.get("duration", settings.fail_safe_duration),
        now, limit=kept.get("limit"), expires=now + kept.get("lasts", inf),
    )  # fmt: skip


def _settings(site: Site, use: Use) -> PowerLimit | None:
    return site.grid.lpc if use == "LPC" else site.grid.lpp


# what comes from outside, at monotonic `now`


def heartbeat(memory: Memory, site: Site, use: Use, now: float) -> Memory:
    """The energy guard is alive."""
    memory = _started(site, memory, now)
    machine = memory.machines.get(use)
    if machine is None:
        return memory
    return replace(memory, machines={**memory.machines, use: limitation.beaten(machine, now)})


def limit(
    memory: Memory, site: Site, use: Use, watts: float, *, active: bool, duration: float | None, now: float
) -> tuple[Memory, Answer]:
    """The guard writes a limit: W as on the wire (LPC at least 0, LPP at most 0), for `duration` s."""
    memory = _started(site, memory, now)
    machine = memory.machines.get(use)
    if machine is None:
        return _refused(memory, use, "not used here")
    machine, answer = limitation.written(machine, _inside(use, watts), active, duration, now)
    if answer.reason.startswith("a limit"):
        answer = Answer(False, f"a limit of {watts:g} W for {use}")
    return _answered(replace(memory, machines={**memory.machines, use: machine}), use, answer)


def fail_safe(
    memory: Memory, site: Site, use: Use, now: float, *, watts: float | None = None, seconds: float | None = None
) -> tuple[Memory, Answer]:
    """The guard writes the fail-safe limit in W (at least 0 for both) or the fail-safe duration, which both share."""
    memory = _started(site, memory, now)
    machine, answer = memory.machines.get(use), Answer(False, "not used here")
    if machine is None:
        return _answered(memory, use, answer)
    written = dict(memory.written)
    if watts is not None:
        machine, answer = limitation.power_written(machine, watts, now)
        written |= {use: machine.power} if answer.accepted else {}
    if seconds is not None:
        machine, answer = limitation.duration_written(machine, seconds, now)
        written |= {"duration": machine.duration} if machine.duration != memory.machines[use].duration else {}
    machines = {each: replace(other, duration=machine.duration) for each, other in memory.machines.items()}  # [TS-041]
    return _answered(replace(memory, machines={**machines, use: machine}, written=written), use, answer)


def _inside(use: Use, watts: float) -> float:
    return watts if use == "LPC" or not isfinite(watts) else -watts + 0.0


def _answered(memory: Memory, use: Use, answer: Answer) -> tuple[Memory, Answer]:
    if answer.accepted:
        return memory, answer
    return replace(memory, refused={**memory.refused, use: answer.reason}), answer


def _refused(memory: Memory, use: Use, why: str) -> tuple[Memory, Answer]:
    return _answered(memory, use, Answer(False, why))


def signals(memory: Memory) -> tuple[Signal, ...]:
    """What the guard asks for now."""
    return tuple(memory.signals.values())


def kept(memory: Memory) -> dict[str, Any]:
    """What the guard has written: fail-safe values, and limits in force with their end (s since 1970)."""
    limits = {
        use: {"limit": machine.limit, "ends": None if machine.expires == inf else machine.expires + memory.clock}
        for use, machine in memory.machines.items()
        if machine.limit is not None
    }
    return {"written": dict(memory.written), "limits": limits}


def restored(kept: Mapping[str, Any], time: float, monotonic: float) -> Memory:
    """A memory that starts in init, with what the guard had written."""
    before = {
        use: {"limit": was["limit"], "lasts": inf if was["ends"] is None else max(was["ends"] - time, 0.0)}
        for use, was in kept.get("limits", {}).items()
    }
    return Memory(written=dict(kept.get("written", {})), before=before)
