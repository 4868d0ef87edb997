"""Which numbers history keeps: some quantities of each device, and the flows of the whole house."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from controller.devices import unit_of
from controller.service.snapshot import Device, Snapshot

KEPT = frozenset({
    "power", "battery_power", "pv_power", "soc", "power_limit", "power_setpoint", "current_limit", "heat_power",
    "hydrogen_flow", "water_temperature", "energy", "import_energy", "export_energy", "charge_energy",
    "discharge_energy", "heat_energy", "session_energy", "volume", "plugged", "enabled", "k1", "k2", "k3", "k4",
})  # fmt: skip
HOUSE = ""
"""The device of the house's own figures."""
FLOWS = ("import", "export", "generation", "consumption", "charging", "discharging")
"""W of the whole house, each at least 0."""

Key = tuple[str, str]
"""Device and quantity."""


@cache
def lasting(quantity: str) -> bool:
    """Whether the last value of a while counts and not the mean: counters, states and prices."""
    return quantity.endswith("energy") or quantity in ("volume", "plugged", "enabled", "k1", "k2", "k3", "k4", "price")


@cache
def unit(device: str, quantity: str) -> str:
    """Of what is kept, empty where it has none."""
    return unit_of(quantity) if device else "ct/kWh" if quantity == "price" else "W"


@dataclass(frozen=True, slots=True)
class Flows:
    """W through the house, None where one of those that it follows from is unknown. `battery` positive discharging."""

    grid: float | None
    generation: float | None
    battery: float | None
    consumption: float | None


def flows(snapshot: Snapshot) -> Flows:
    """What flows now. What the house takes follows from the grid meter and all that generators and batteries feed."""
    grid: float | None = None
    fed, generated, stored = [], [], []
    for device in snapshot.devices.values():
        power = number(device, "power")
        if device.function == "grid-meter":
            grid = power
        elif device.function == "pv":
            fed.append(power)
            generated.append(power)
        elif device.function == "battery":
            fed.append(power)
            stored.append(number(device, "battery_power"))
            generated.append(number(device, "pv_power") if "pv_power" in device.reading else 0.0)
    feed = total(fed)
    consumption = None if grid is None or feed is None else max(grid + feed, 0.0)
    return Flows(grid, total(generated), total(stored), consumption)


def total(values: list[float | None]) -> float | None:
    """The sum, None when one is unknown."""
    known = [each for each in values if each is not None]
    return sum(known) if len(known) == len(values) else None


def number(device: Device, quantity: str) -> float | None:
    """A number that a device tells, None when it is none or unknown."""
    found = device.reading.get(quantity)
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def told(device: Device) -> Iterator[tuple[str, float]]:
    """What is kept of a device's reading."""
    for quantity, value in device.reading.items():
        if quantity in KEPT and isinstance(value, int | float):
            yield quantity, float(value)


def house(snapshot: Snapshot) -> Mapping[str, float]:
    """The house's own figures, without what is unknown."""
    found = flows(snapshot)
    values = {
        "import": _above(found.grid), "export": _above(found.grid, -1), "generation": _above(found.generation),
        "consumption": found.consumption, "charging": _above(found.battery, -1),
        "discharging": _above(found.battery), "price": snapshot.price,
    }  # fmt: skip
    return {name: value for name, value in values.items() if value is not None}


def _above(value: float | None, sign: int = 1) -> float | None:
    return None if value is None else max(sign * value, 0.0)
