"""How near a reading has to be to the truth, and truths of more than 16 bits.

The telling values of a kind stand in its module (`Kind.truth`): one negative, one above 65 535 where it can be, none
round, all different from their neighbours; turn 0 and 1 differ in every value and in every sign that the device can
have.
"""

from collections.abc import Mapping
from typing import Any

# Absolute tolerance by quantity: what the coarsest register of the list resolves, plus half of it.
RESOLUTION: Mapping[str, float] = {
    "power": 16.0,  # three phases in steps of 10 W
    "dc_power": 12.0,
    "battery_power": 12.0,
    "pv_power": 12.0,
    "grid_power": 12.0,
    "power_limit": 60.0,
    "voltage": 0.6,
    "current": 0.06,
    "frequency": 0.06,
    "temperature": 0.6,
    "water_temperature": 0.6,
    "soc": 0.6,
    "energy": 1100.0,
    "import_energy": 110.0,
    "export_energy": 110.0,
    "charge_energy": 110.0,
    "discharge_energy": 110.0,
    "session_energy": 110.0,
    "capacity": 20.0,
    "rated_power": 60.0,
    "reactive_power": 12.0,
    "power_factor": 0.011,
    "current_limit": 0.06,
    "power_setpoint": 6.0,
    "heat_power": 60.0,
    "flow": 0.01,
    "volume": 0.1,
    "gas_volume": 0.0015,
    "hydrogen_volume": 0.001,
    "flow_temperature": 0.1,
    "return_temperature": 0.1,
}
RELATIVE = 0.002


def tolerance(quantity: str, value: float) -> float:
    """How far a reading may be from the truth."""
    name = quantity[:-3] if quantity[-3:] in ("_l1", "_l2", "_l3") else quantity
    return max(RESOLUTION.get(name, 0.0), RELATIVE * abs(value))


def wide(truth: Mapping[str, Any]) -> dict[str, float]:
    """Powers above 65 535 W for every power a device has: what only a whole 32-bit register can say.

    Counters stand where a register of 32 bits with a tenth of a watt hour has its highest bit set.
    """
    names = [name for name in truth if name.endswith("power") and name not in ("rated_power", "reactive_power")]
    values = {name: 71_123.0 + 1311.0 * i for i, name in enumerate(names)}
    if "battery_power" in values and "pv_power" not in values:
        values["battery_power"] = values["power"]  # nothing else feeds
    phases = [f"power_l{phase}" for phase in (1, 2, 3) if truth.get(f"power_l{phase}") is not None]
    values |= {name: values["power"] / len(phases) for name in phases if "power" in values}
    counters = [name for name in truth if name.endswith("energy") and name != "session_energy"]
    return values | {name: 251_234_500.0 + 7_000_000.0 * i for i, name in enumerate(counters)}
