"""The car at a charging point: whether it is there, and on how many phases it charges."""

from controller.strategy.currents import QUANTITIES, voltage
from controller.strategy.view import Seen

LEAST = 4.0  # A a phase below which a car is about to end, and says nothing about its phases


def plugged(charger: Seen) -> bool | None:
    """Whether the cable is in a car, None when the station does not tell."""
    said = charger.reading.get("plugged")
    if isinstance(said, bool):
        return said
    vehicle = charger.reading.get("vehicle")  # IEC 61851-1: A no vehicle, B to D connected
    return vehicle != "A" if vehicle in ("A", "B", "C", "D") else None


def phases_used(charger: Seen) -> int | None:
    """On how many phases the car takes current, by what the station measures; None when that does not tell."""
    currents = [charger.number(names[1]) for names in QUANTITIES]
    known = [abs(each) for each in currents if each is not None]
    most = max(known, default=0.0)
    if most < LEAST:
        return None
    if len(known) == 3:
        return sum(each > 0.5 * most for each in known)
    power = charger.number("power")
    return None if power is None else min(max(round(power / voltage(charger) / most), 1), 3)
