"""What a driver has to deliver: the least for its kind, and all that it has a point for and the device a place."""

from typing import Any

from scenarios.bench.bench import AT_THE_METER, Bench
from scenarios.bench.declared import points
from scenarios.bench.registers import addresses, rows_of, spaces, spoken

# What a driver of each kind has to deliver at least.
REQUIRED = {
    "pv-inverter": ("power", "energy"),
    "battery-inverter": ("battery_power", "soc"),
    "charging-station": ("power", "vehicle"),
    "electricity-meter": ("power", "import_energy"),
    "heating-rod": ("power", "water_temperature"),
    "ripple-control-receiver": ("k1", "k2", "k3", "k4"),
    "dynamic-tariff": ("prices",),
    "heat-meter": ("heat_power", "heat_energy"),
    "gas-meter": ("volume",),
}
# What a driver makes of points that have names of their own.
PARTS = {
    "grid_power": ("grid_import", "grid_export"),
    "battery_power": ("charge_power", "discharge_power", "inverter_battery_power"),
    "soc": ("inverter_soc",),
    "capacity": ("inverter_capacity",),
}
UNMETERED = ("vehicle", "plugged", "enabled", "current_limit", "rfid", "phases", "status")


def required(bench: Bench, healthy: Any) -> tuple[str, ...]:
    """What the driver has to deliver: the least for its kind, and what it has a point for and the device a place.

    A charging point without a meter measures nothing; `lacks` of a model are quantities that it words differently.
    `healthy`: a driver that is not broken and knows the device.
    """
    lacks = (
        {"rated_power"}
        | {f"{each}_l{phase}" for each in bench.facts.more.get("lacks", ()) for phase in (1, 2, 3)}
        | bench.lacks
    )
    metered = bench.facts.more.get("metered", True)
    declared = points(bench.driver_class)
    placed = {
        name: each for name, each in declared.items() if not hasattr(each, "models") or any(addresses(healthy, each))
    }
    keys = (getattr(point, "key", "") for point in placed.values())
    there = shown(bench) or set(declared)
    own = [
        each for each in (*placed, *keys)
        if each in there and bench.knows(each) and bench.truth(each) is not None
    ]  # fmt: skip
    made = [whole for whole, parts in PARTS.items() if bench.knows(whole) and any(_held(bench, part) for part in parts)]
    wanted = dict.fromkeys((*REQUIRED.get(bench.kind, ("power",)), *own, *made, *bench.tells))
    return tuple(each for each in wanted if each not in lacks and (metered or each in UNMETERED))


def _held(bench: Bench, part: str) -> bool:
    """Whether the device holds a value where the driver, if it is not broken, has this point."""
    point = points(getattr(bench.driver_class, "healthy", bench.driver_class)).get(part)
    return any(space.value(row) is not None for space, row in rows_of(bench, point)) if point else False


def shown(bench: Bench) -> set[str]:
    """Quantities that the device's tables show by their own names; none on wires without tables."""
    rows = {row.quantity for space in spaces(bench, spoken(bench)) for row in space.rows if row.allows("r")}
    found = {row.removeprefix("battery.") for row in rows}
    found |= {quantity for quantity, name in AT_THE_METER.items() if f"meter.{name}" in rows}
    table = getattr(bench.device.face, "table", {})
    return found | {entry[-1] for entry in table.get("entries", ())}


async def unbroken(bench: Bench) -> Any:
    """The driver of the story, or where that is a mutant the one it was made from."""
    kind = getattr(bench.driver_class, "healthy", None)
    if kind is None:
        return bench.driver
    driver = kind(bench.line, bench.clock, bench.driver.unit, row=bench.row.row, model=bench.device.model)
    await bench.attempt(driver.identify)
    return driver
