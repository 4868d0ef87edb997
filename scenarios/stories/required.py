"""What a driver has to deliver: what its kind demands, and all contract quantities that the device tells.

What a device tells is in its family file: rows of its table with a quantity, and `tells`. The driver is not asked.
"""

from collections.abc import Mapping
from typing import Any

from scenarios.bench.bench import AT_THE_METER, OF_THE_BATTERY, Bench
from scenarios.bench.demands import contract
from scenarios.bench.registers import units

UNMETERED = ("vehicle", "plugged", "enabled", "current_limit", "rfid", "phases", "status", "temperature")


def required(bench: Bench) -> tuple[str, ...]:
    """Quantities that have to be read of this device now, in the order of the contract.

    A charging point without a meter measures nothing; `lacks` of a model are quantities that it words differently.
    """
    facts = bench.facts.more
    lacks = {f"{each}_l{phase}" for each in facts.get("lacks", ()) for phase in (1, 2, 3)} | bench.lacks
    if bench.facts.phases == 1:
        lacks |= {each for each in contract(bench.section) if each.endswith(("_l2", "_l3"))}
    metered = facts.get("metered", True)
    there = shown(bench)
    own = [each for each in contract(bench.section) if each in there and bench.truth(each) is not None]
    wanted = dict.fromkeys((*bench.kind.demanded, *own, *bench.tells))
    return tuple(
        each for each in wanted if each not in lacks and (metered or each in UNMETERED) and not bench.exempt(each)
    )


def shown(bench: Bench) -> set[str]:
    """Quantities that the device tells: in rows of its tables, and what its family file says besides."""
    found: set[str] = set().union(*(told_at(bench, unit) for unit in units(bench).values()))
    table = getattr(bench.device.face, "table", {})
    told = bench.facts.more.get("tells", bench.profile.data.get("tells", ()))
    return found | {entry[-1] for entry in table.get("entries", ())} | set(told)


def told_at(bench: Bench, unit: Any) -> set[str]:
    """Quantities in the rows of a unit id; what a meter or a battery tells at one of its own is theirs.

    What devices tell that are none of these is theirs alone: an inverter behind a logger.
    """
    beside: Mapping[str, Any] = bench.device.beside
    role = next((f"{name}." for name, twin in beside.items() if twin is unit.device.twin), "")
    if not role and unit.device.twin is not bench.twin:
        return set()
    spaces: Mapping[str, Any] = unit.spaces
    rows = {role + row.quantity for space in spaces.values() for row in space.rows if row.allows("r")}
    found = {name for name in rows if "." not in name}
    found |= {quantity for quantity, name in AT_THE_METER.items() if f"meter.{name}" in rows}
    return found | {name for name in OF_THE_BATTERY if f"battery.{name}" in rows}
