"""Combined heat and power."""

from scenarios.kinds.following import impossible, orders, ready, resting
from scenarios.kinds.kind import Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {
        "power": (71_300.0, -400.0)[turn],
        "heat_power": (93_400.0, 0.0)[turn],
        "energy": (71_234_000.0, 183_456_000.0)[turn],
        "heat_energy": (155_123_000.0, 266_234_000.0)[turn],
        "water_temperature": (82.3, 61.7)[turn],
    }


KIND = Kind(
    "chp", "other", ("power", "heat_power", "energy", "status"), truth, ("set_power", "release"),
    orders, impossible, ready, resting,
    besides=(
        "heat_energy", "water_temperature", "return_temperature", "exhaust_temperature", "engine_temperature", "mode",
        "fault_code",
    ),
    signed=("power",),
    states=("status", ("fault", "starting", "off", "running")),
    partner={"row": 141},
)  # fmt: skip
