"""What a truth can be: quantities within what physics allows. Beyond is a typing error, or a device that lies."""

from math import isfinite, isinf
from typing import Any

# quantity, or the beginning of its name -> least and most in its unit
RANGES: tuple[tuple[str, float, float], ...] = (
    ("soc", 0.0, 100.0),
    ("state_of_health", 0.0, 100.0),
    ("voltage", 0.0, 100_000.0),
    ("battery_voltage", 0.0, 100_000.0),
    ("frequency", 0.0, 1_000.0),
    ("power_factor", -1.0, 1.0),
    ("rated_power", 0.0, 1e9),
    ("power_limit", 0.0, 1e9),
    ("current_limit", 0.0, 10_000.0),
    ("capacity", 0.0, 1e10),
    ("volume", 0.0, 1e10),
)
COUNTERS, TEMPERATURES, POWERS = "energy", "temperature", "power"  # ends of names
ABSOLUTE_ZERO = -273.15  # °C
MOST_POWER, MOST_ENERGY, HOTTEST = 1e9, 1e13, 2_000.0  # W, Wh, °C


def impossible(quantity: str, value: Any) -> str:
    """Why a quantity cannot have this value, empty when it can. What is no number is not judged."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if not isfinite(value):
        return f"{quantity} is {'infinite' if isinf(value) else 'no number'}"
    low, high = _range(quantity)
    return "" if low <= value <= high else f"{quantity} is {low:g} to {high:g}, not {value:g}"


def _range(quantity: str) -> tuple[float, float]:
    for start, low, high in RANGES:
        if quantity == start or quantity.startswith(f"{start}_l"):
            return low, high
    if quantity.endswith(COUNTERS):
        return 0.0, MOST_ENERGY
    if quantity.endswith(TEMPERATURES):
        return ABSOLUTE_ZERO, HOTTEST
    if quantity.endswith(POWERS) or quantity.startswith("power_l"):
        return -MOST_POWER, MOST_POWER
    return -MOST_ENERGY, MOST_ENERGY
