"""How old what a device said may be: a reading is judged by its age, quantity by quantity, never by one lost reply."""

from collections.abc import Mapping
from typing import Any

from controller.devices import Reading, Value
from controller.members import Member

FRESH = 15.0  # s that a momentary value counts after it was read
LASTING: Mapping[str, float] = {"prices": float("inf")}  # slots carry their own time
AT_REST = ("standby", "off")


def take(member: Member, reading: Reading, now: float) -> bool:
    """A new reading; whether it says anything else than the last one. What it lacks is kept from earlier ones."""
    before = member.reading
    changed = reading != before
    if changed and before.keys() - reading.keys():
        at = member.read_at
        member.kept |= {name: (before[name], at) for name in before.keys() - reading.keys()}
    if member.kept:
        member.kept = {
            name: (value, at)
            for name, (value, at) in member.kept.items()
            if name not in reading and now - at <= LASTING.get(name, FRESH)
        }
    member.reading, member.read_at = reading, now
    return changed


def fresh(member: Member, now: float) -> Reading:
    """What the device said that still counts at `now`."""
    if now - member.read_at <= FRESH:
        if not member.kept:
            return member.reading
        kept = {name: value for name, (value, at) in member.kept.items() if now - at <= LASTING.get(name, FRESH)}
        return {**kept, **member.reading}
    lasting: dict[str, Value] = {}
    for name, age in LASTING.items():
        found: Any = member.reading.get(name)
        if found is not None and now - member.read_at <= age:
            lasting[name] = found
    return lasting


def rested(reading: Reading) -> Reading:
    """What a PV inverter said, with 0 W when it tells no power because it stands by: many do so by night."""
    if reading.get("power") is None and reading.get("status") in AT_REST and "battery_power" not in reading:
        return {**reading, "power": 0.0}
    return reading
