"""Telling values: one negative, one above 65 535 where it can be, none round, all different from their neighbours.

`telling(kind, rating, phases, turn)` gives what is set as the truth; turn 0 and 1 differ in every value and in every
sign that the device can have.
"""

from collections.abc import Mapping
from typing import Any

# Absolute tolerance by quantity: what the coarsest register of the list resolves, plus half of it.
RESOLUTION: Mapping[str, float] = {
    "power": 6.0,
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
    "flow_temperature": 0.1,
    "return_temperature": 0.1,
}
RELATIVE = 0.002


def tolerance(quantity: str, value: float) -> float:
    """How far a reading may be from the truth."""
    name = quantity[:-3] if quantity[-3:] in ("_l1", "_l2", "_l3") else quantity
    return max(RESOLUTION.get(name, 0.0), RELATIVE * abs(value))


def telling(kind: str, rating: float, phases: int, turn: int, sun: bool = True) -> dict[str, Any]:
    """Truth to set on a twin of `kind`, by quantity; quantities that the twin lacks are skipped by the caller.

    `sun`: PV stands on the DC side of a battery inverter.
    """
    values: dict[str, Any] = {"frequency": (49.8, 50.3)[turn]}
    match kind:
        case "pv-inverter":
            share = (0.7377, 0.1873)[turn]
            values |= (
                {"power_limit": (0.9123, 0.8337)[turn] * rating}
                | _ac(share * rating, phases, turn)
                | {
                    "dc_power": (share + 0.0317) * rating,
                    "energy": (98_765_432.0, 123_456_789.0)[turn],
                    "temperature": (41.3, -7.4)[turn],
                }
            )
        case "battery-inverter":
            rating = rating or 10_000.0
            battery = (-0.3129, 0.4211)[turn] * rating
            solar = (0.7211, 0.1873)[turn] * rating if sun else 0.0
            values |= {
                **_ac(battery + solar, phases, turn),
                "pv_power": solar,
                "dc_power": solar,
                "battery_power": battery,
                "soc": (63.4, 17.9)[turn],
                "grid_power": (-2345.0, 3217.0)[turn],
                "energy": (87_654_321.0, 99_876_500.0)[turn],
                "charge_energy": (94_321_700.0, 75_432_100.0)[turn],
                "discharge_energy": (83_987_600.0, 72_345_600.0)[turn],
                "temperature": (38.6, 21.7)[turn],
                "import_energy": (97_654_300.0, 78_765_400.0)[turn],
                "export_energy": (86_543_200.0, 75_432_100.0)[turn],
            }
        case "electricity-meter":
            values |= _ac((-4321.5, 70_123.4)[turn], phases, turn) | {
                "import_energy": (71_234_500.0, 123_456_700.0)[turn],
                "export_energy": (79_876_500.0, 45_678_900.0)[turn],
                "reactive_power": (-612.0, 1234.0)[turn],
                "power_factor": (0.93, 0.87)[turn],
            }
        case "charging-station":
            amperes = (13.4, 7.8)[turn]
            values |= {
                "plugged": True,
                "enabled": True,
                "vehicle": "C",
                "current_limit": (15.0, 9.0)[turn],
                "voltage_l1": (231.0, 228.0)[turn],
                "voltage_l2": (229.0, 233.0)[turn],
                "voltage_l3": (234.0, 227.0)[turn],
                "current_l1": amperes,
                "current_l2": amperes - 0.3,
                "current_l3": amperes - 0.7,
                "power": (9123.0, 5321.0)[turn],
                "session_energy": (12_345.0, 4321.0)[turn],
                "energy": (9_876_543.0, 6_543_210.0)[turn],
                "temperature": (31.3, -4.6)[turn],
                "rfid": "e4a3c7d2",
            }
        case "heating-rod":
            values |= {"power": (1234.0, 2345.0)[turn], "water_temperature": (47.3, 58.6)[turn], "frequency": 50.1}
            values |= {"voltage_l1": (231.0, 228.0)[turn], "current_l1": (5.3, 10.2)[turn]}
        case "ripple-control-receiver":
            values = {"k1": turn == 0, "k2": turn == 1, "k3": True, "k4": False}  # no two alike
        case _:
            values |= _ac((0.7377, 0.4211)[turn] * (rating or 10_000), phases, turn)
    return values


def _ac(power: float, phases: int, turn: int) -> dict[str, Any]:
    """Power with unequal phases, voltages and currents that fit them."""
    if phases == 1:
        voltage = (231.7, 228.4)[turn]
        return {"power": power, "power_l1": power, "voltage_l1": voltage, "current_l1": abs(power) / voltage}
    shares = ((0.31, 0.33, 0.36), (0.36, 0.30, 0.34))[turn]
    voltages = ((231.7, 228.4, 234.9), (226.3, 232.8, 229.6))[turn]
    values: dict[str, Any] = {"power": power}
    for phase, (share, voltage) in enumerate(zip(shares, voltages, strict=True), 1):
        values[f"power_l{phase}"] = share * power
        values[f"voltage_l{phase}"] = voltage
        values[f"current_l{phase}"] = abs(share * power) / voltage
    return values


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
