"""What several kinds have in common: alternating current, limits in shares of the rating, a battery's setpoints."""

from typing import Any

from scenarios.kinds.kind import Bench, Command, Truth

SHARES = (0.6, 0.3, 0.4567, 1.0, 0.0)


def alternating(power: float, phases: int, turn: int) -> Truth:
    """Power with unequal phases, voltages and currents that fit them."""
    frequency = (49.8, 50.3)[turn]
    if phases == 1:
        voltage = (231.7, 228.4)[turn]
        return {
            "frequency": frequency, "power": power, "power_l1": power, "voltage_l1": voltage,
            "current_l1": abs(power) / voltage,
        }  # fmt: skip
    shares = ((0.31, 0.33, 0.36), (0.36, 0.30, 0.34))[turn]
    voltages = ((231.7, 228.4, 234.9), (226.3, 232.8, 229.6))[turn]
    values: Truth = {"frequency": frequency, "power": power}
    for phase, (share, voltage) in enumerate(zip(shares, voltages, strict=True), 1):
        values[f"power_l{phase}"] = share * power
        values[f"voltage_l{phase}"] = voltage
        values[f"current_l{phase}"] = abs(share * power) / voltage
    return values


def limits(bench: Bench, sun: float) -> list[Command]:
    """Limits in shares of the rating; `sun`: the share that is fed without one."""
    return [_limit(share, share * bench.rating, sun) for share in SHARES]


def _limit(share: float, watts: float, sun: float) -> Command:
    return Command(f"limit {share:.4g} of rating", "limit_power", watts, lambda bench: min(share, sun) * bench.rating)


def battery_orders(bench: Bench) -> list[Command]:
    """Setpoints in both directions, a small one, and nearly all that the battery can."""
    battery = bench.battery
    if battery is None or not bench.asked("charge"):
        return []
    most = min(bench.rating, battery.rated_power)
    shares = (0.3129 * most, -0.2311 * most, 0.0871 * most)
    feeds = getattr(bench.twin, "power_limit", None) or most  # less than it is rated, where the installer wants it so
    ends = (0.97 * min(most, battery.max_discharge, feeds), -0.97 * min(most, battery.max_charge))
    return [_battery(watts) for watts in (*shares, *ends)]


def _battery(watts: float) -> Command:
    method = "discharge" if watts > 0 else "charge"
    return Command(f"{method} {abs(watts):.0f} W", method, abs(watts), lambda bench: watts, "battery_power")


def mains(bench: Bench) -> float:
    """Volts that an ampere per phase meets."""
    return volts(bench.twin)


def volts(twin: Any) -> float:
    """Volts that an ampere per phase of a device meets: the sum over the phases in use."""
    return sum(float(getattr(twin, f"voltage_l{phase}") or 0.0) for phase in range(1, twin.phases + 1))
