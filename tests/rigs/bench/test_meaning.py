"""What a register sets: everything in W or A that a driver of the list commands is known to the guard."""

import pytest

from controller.drivers.modbus.points import Measure
from controller.drivers.serving import claims
from emulators.table.rows import Row
from rigs.bench.meaning import meaning
from scenarios.bench.bench import Bench
from scenarios.bench.declared import every_point
from scenarios.bench.registers import addresses, units

PAIRS = sorted(pair for pair in claims() if pair[1].startswith("modbus"))
NO_SETPOINT = {
    "month": "the second word of a number that is read, where the clock's month is written",
}


def commanded(row: int, protocol: str) -> list[tuple[str, Row]]:
    """The registers of the table that the row's driver has a setpoint in W, A or % for."""
    bench = Bench(row, protocol)

    async def story(bench: Bench) -> None:
        await bench.attempt(bench.identify)

    bench.tell(story)
    found = []
    for point in every_point(bench.driver_class).values():
        if isinstance(point, Measure) or getattr(point, "unit", "") not in ("W", "A", "%"):
            continue
        places = {at for at, _ in addresses(bench.driver, point)}
        unit = units(bench).get(bench.driver.unit)
        for space in unit.spaces.values() if unit is not None else ():
            found += [(point.unit, each) for each in space.rows if each.allows("w") and each.address in places]
    return found


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_every_setpoint_of_a_driver_is_one_to_the_guard(pair: tuple[int, str]) -> None:
    lacking = [
        f'{each.address} "{each.name}" {each.quantity} in {unit}' for unit, each in commanded(*pair)
        if each.quantity not in NO_SETPOINT and meaning(each) is None
    ]  # fmt: skip
    assert not lacking


@pytest.mark.parametrize(
    ("name", "quantity", "sort"),
    [
        ("Set reactive power", "reactive", None), ("Max power AC", "limit", "W"),
        ("Current limit", "point2.limit", "A"),
        ("Storage maximum power of charge from grid", "kept_47244", "W"), ("Max Charge Power", "word_47606", "W"),
        ("/Settings/DynamicEss/Mode", "word_5423", None), ("Power Timeout", "power_timeout", None),
        ("SoC Upper Limit", "word_47760", "soc"), ("Control Command", "command", None),
    ],
)  # fmt: skip
def test_what_nobody_has_named_is_told_by_its_makers_words(name: str, quantity: str, sort: str | None) -> None:
    found = meaning(Row(1, "U16", 1.0, "rw", name, quantity))
    assert (found.sort if found else None) == sort
