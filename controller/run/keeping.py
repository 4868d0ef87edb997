"""What of the controller outlives its process: what stands in devices, their books, users' wishes, rules' memories.

Monotonic time ends with the process, so instants are kept as wall time and moved to the new process's monotonic time.
What stood in a device when the last process ended is only remembered, not known: it is put right at the first visit,
and said.
"""

from collections.abc import Mapping
from typing import Any, get_args

from controller.counters import Counter
from controller.members import Member, Setpoint
from controller.strategy.claims import Aspect, Claim, Key, Rank

BOOKS = 60.0  # s between two savings of what changes all the time


def standing(members: Mapping[str, Member]) -> dict[str, Any]:
    """What stands in the devices, by name and aspect; only what is a setpoint."""
    found: dict[str, Any] = {}
    for name, member in members.items():
        for aspect, each in member.standing.items():
            if each.setpoint is not None:
                given = each.setpoint
                found.setdefault(name, {})[aspect] = [given.command, given.value, given.reason]
    return found


def remember(members: Mapping[str, Member], kept: Mapping[str, Any]) -> None:
    """What an earlier process gave is what may stand there."""
    for name, aspects in kept.items():
        for aspect, (command, value, reason) in aspects.items():
            if name in members and aspect in members[name].standing:
                members[name].standing[aspect].setpoint = Setpoint(name, command, value, reason)


def books(members: Mapping[str, Member]) -> dict[str, Any]:
    """The energy counted of each device, Wh by quantity."""
    return {name: {key: each.total for key, each in member.counters.items()} for name, member in members.items()}


def open_books(members: Mapping[str, Member], kept: Mapping[str, Any], most: float) -> None:
    """Go on counting where the last process stopped; what flowed in between nobody knows."""
    for name, totals in kept.items():
        if name in members:
            power = members[name].rated_power or most
            members[name].counters |= {quantity: Counter(power, float(total)) for quantity, total in totals.items()}


def wishes(found: Mapping[Key, Claim], time: float, monotonic: float) -> dict[str, Any]:
    """Users' wishes with the wall time until which they hold."""
    return {
        "wishes": [
            [each.device, each.aspect, each.bound, each.value, each.reason,
             None if each.until is None else time + each.until - monotonic]
            for each in found.values()
        ]
    }  # fmt: skip


def wished(kept: Mapping[str, Any], time: float, monotonic: float) -> dict[Key, Claim]:
    """The wishes that still hold."""
    found: dict[Key, Claim] = {}
    for device, aspect, bound, value, reason, until in kept.get("wishes", ()):
        if aspect in get_args(Aspect) and (until is None or until > time):
            end = None if until is None else monotonic + until - time
            found[device, aspect] = Claim(device, aspect, bound, float(value), Rank.USER, "user", reason, end)
    return found
