"""Heat meters."""

from scenarios.kinds.kind import Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    """Heat of more than 65 535 W, and cold: its power follows from flow and temperatures."""
    return {
        "heat_energy": (71_234_500.0, 123_456_700.0)[turn],
        "cooling_energy": (7_345_600.0, 8_456_700.0)[turn],
        "volume": (6_543.21, 71_234.56)[turn],
        "flow": (2.347, 1.283)[turn],
        "flow_temperature": (71.34, 7.82)[turn],
        "return_temperature": (43.87, 13.46)[turn],
    }


KIND = Kind(
    "heat-meter", "other",
    ("heat_energy", "heat_power", "volume", "flow", "flow_temperature", "return_temperature"), truth,
    budget=5.0,
)  # fmt: skip
