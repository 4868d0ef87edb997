"""Direct marketers: the other side asks, and what it has asked for last is what is read.

What a marketer does not ask for is absent. `battery_setpoint` is positive when discharging, like all battery powers.
"""

from scenarios.kinds.kind import Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {
        "limit_percent": (73.4, 21.7)[turn],
        "limit_power": (71_234.0, 4_321.0)[turn],
        "battery_setpoint": (-3_217.0, 2_345.0)[turn],
        "validity": (871.0, 1_234.0)[turn],
    }


KIND = Kind(
    "direct-marketing", "marketer",
    ("limit_percent", "limit_power", "battery_setpoint", "validity", "sequence", "heartbeat"), truth,
    signed=("battery_setpoint",),
    partner={"row": 144},
    asks=True,
    roles=frozenset({"marketer"}),
)  # fmt: skip
