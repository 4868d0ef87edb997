"""What charging stations of all makers have in common: currents of IEC 61851 and what is told instead of them."""

from collections.abc import Iterable
from math import floor

from controller.devices import Value
from controller.drivers.shared.values import number

MINIMUM = 6.0  # A, IEC 61851-1: below it no charging current can be signalled
PHASE_VOLTAGE = 230.0  # V
THREE_PHASES = 3 * PHASE_VOLTAGE  # W that an ampere per phase stands for
PLUGGED = {"A": False, "B": True, "C": True, "D": True}  # states of IEC 61851; E and F tell nothing of the cable


def allowed(amperes: float, maximum: float, step: float = 1.0) -> float:
    """The highest current in whole steps that is not more than asked for; 0 below the minimum, and for no number."""
    if not amperes >= MINIMUM:
        return 0.0
    return floor(min(amperes, maximum) / step + 1e-6) * step


def offers(limit: Value) -> bool | None:
    """Whether a station under this limit offers any current."""
    known = number(limit)
    return None if known is None else known >= MINIMUM


def smallest(limits: Iterable[Value], most: float) -> float:
    """The lowest of the limits that the station has set, `most` where it has none; 0 stands for not set."""
    known = [value for value in map(number, limits) if value is not None and value >= MINIMUM]
    return min((most, *known))


def status(vehicle: str | None) -> str | None:
    """What a state of IEC 61851 says of the station."""
    if vehicle is None:
        return None
    return {"C": "running", "D": "running", "E": "fault", "F": "fault"}.get(vehicle, "standby")
