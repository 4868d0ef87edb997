"""Snapshots as plain data for JSON."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from controller.devices import Value, unit_of
from controller.members import Setpoint
from controller.service.figures import flows
from controller.service.snapshot import Device, Snapshot
from controller.service.why import why
from controller.strategy.claims import Aspect
from controller.strategy.signals import Signal

Plain = dict[str, Any]
DIGITS = 3


def house(snapshot: Snapshot) -> Plain:
    """What flows through the house now, W, None where it is unknown; `price` in ct/kWh."""
    found = flows(snapshot)
    return {
        "grid": tidy(found.grid), "generation": tidy(found.generation), "battery": tidy(found.battery),
        "consumption": tidy(found.consumption), "price": tidy(snapshot.price),
    }  # fmt: skip


def device(found: Device) -> Plain:
    """One device as everybody sees it; slots of a tariff stand in the plan."""
    return {
        "name": found.name, "function": found.function, "row": found.row, "protocol": found.protocol,
        "station": found.station, "state": found.state, "error": found.error, "maker": found.maker,
        "model": found.model, "serial": found.serial, "firmware": found.firmware, "rating": found.rating,
        "can": sorted(found.can), "read_at": found.read_at, "lost": found.lost, "reading": reading(found),
        "absent": dict(found.absent), "why": why(found),
        "wanted": {aspect: setpoint(each) for aspect, each in found.wanted.items()},
        "stands": _commands(found.stands),
    }  # fmt: skip


def reading(found: Device) -> Mapping[str, Value]:
    return {quantity: tidy(value) for quantity, value in found.reading.items() if quantity != "prices"}


def units(found: Device) -> Mapping[str, str]:
    return {quantity: unit for quantity in found.reading if (unit := unit_of(quantity))}


def setpoint(given: Setpoint) -> Plain:
    """A setpoint with its chain of reasons, the one that came first first."""
    return {
        "command": given.command, "value": tidy(given.value), "reason": given.reason,
        "chain": [
            {
                "rank": each.rank.name.lower(), "source": each.source, "bound": each.bound,
                "value": tidy(each.value), "reason": each.reason,
            }
            for each in given.chain
        ],
    }  # fmt: skip


def _commands(stands: Mapping[Aspect, Setpoint]) -> Plain:
    return {aspect: {"command": each.command, "value": tidy(each.value)} for aspect, each in stands.items()}


def signal(found: Signal) -> Plain:
    return {
        "source": found.source, "kind": found.kind, "value": tidy(found.value), "unit": found.unit,
        "since": found.time, "state": found.state, "reason": found.reason, "limits": found.limits,
    }  # fmt: skip


def tidy(value: Any) -> Any:
    """As JSON can carry it: no number that is none, and no digits that nobody measures."""
    if isinstance(value, float):
        return round(value, DIGITS) if isfinite(value) else None
    return value
