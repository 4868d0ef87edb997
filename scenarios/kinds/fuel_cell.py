"""Fuel cells."""

from scenarios.kinds.following import impossible, orders, ready, resting
from scenarios.kinds.kind import Kind, Truth


def truth(rating: float, phases: int, turn: int, sun: bool) -> Truth:
    return {
        "power": (1234.0, -217.0)[turn],  # below zero while it heats up
        "heat_power": (643.0, 0.0)[turn],
        "energy": (71_234_500.0, 83_456_700.0)[turn],
        "heat_energy": (55_123_400.0, 66_234_500.0)[turn],
        "gas_volume": (7_123.456, 8_345.678)[turn],
        "water_temperature": (52.3, 38.7)[turn],
    }


KIND = Kind(
    "fuel-cell", "other", ("power", "heat_power", "energy", "status"), truth, ("set_power", "release"),
    orders, impossible, ready, resting,
    besides=("heat_energy", "gas_volume", "water_temperature", "return_temperature", "power_setpoint", "fault_code"),
    signed=("power",),
    states=("status", ("fault", "starting", "off", "running")),
    partner={"row": 139},
)  # fmt: skip
