"""A well mixed volume of water: what heat does to its temperature, in closed form.

It gains constant heat and loses heat in proportion to its temperature above the room's, so that it follows an
exponential towards where it would come to rest. Temperatures in degrees C, `gain` in W, `loss` in W/K, `capacity` in
Wh/K.
"""

from math import exp, log

WATER = 1.163  # Wh per litre and kelvin
INFINITY = float("inf")


def rest(room: float, gain: float, loss: float) -> float:
    """Where the temperature goes if nothing changes."""
    return room + gain / loss


def after(now: float, rest: float, hours: float, loss: float, capacity: float) -> float:
    """The temperature in so many hours."""
    return rest + (now - rest) * exp(-hours * loss / capacity)


def hours_until(target: float, now: float, rest: float, loss: float, capacity: float) -> float:
    """Hours until the temperature is `target`, infinite when it never is."""
    if now == target or rest == target or (now < target) != (target < rest):
        return INFINITY
    return capacity / loss * log((now - rest) / (target - rest))
