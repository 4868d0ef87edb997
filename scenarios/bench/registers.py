"""The registers behind a device under test: which answer, which the driver declares, and how others set one."""

from collections.abc import Collection, Iterator
from typing import Any

from controller.drivers.modbus.points import ModbusDevice
from controller.drivers.sunspec.chain import SunSpecDevice
from emulators.table.answers import Refusal
from emulators.table.rows import CODES, Row
from scenarios.bench.bench import Bench
from scenarios.bench.declared import every_class, every_point, points


def station(bench: Bench) -> Any:
    """What answers behind the socket or on the serial line of a Modbus device; None on other wires."""
    endpoint = bench.device.endpoint
    return getattr(endpoint.open(), "_station", None) if endpoint is not None else None


def units(bench: Bench) -> dict[int, Any]:
    """What answers at the unit ids of a Modbus device, by their numbers."""
    found: dict[int, Any] = getattr(station(bench), "units", {})
    return found


def spaces(bench: Bench, wanted: Collection[int] | None = None) -> list[Any]:
    """The register spaces behind a Modbus device, of these unit ids or of all."""
    answering = units(bench).items()
    return [space for number, unit in answering if wanted is None or number in wanted for space in unit.spaces.values()]


def spoken(bench: Bench) -> set[int]:
    """The unit ids that the driver has asked something."""
    place = 6 if bench.protocol == "modbus-tcp" else 0
    return {data[place] for _, way, data in bench.record.frames if way == ">" and len(data) > place}


def addresses(driver: object, point: Any) -> Iterator[tuple[int, int]]:
    """Where a point lies in the device that the driver has identified, and its scale factor; in each of its models."""
    if isinstance(driver, SunSpecDevice) and hasattr(point, "models"):
        for model in driver.chain:
            if model.id in point.models:
                yield model.address + point.offset, model.address + (point.factor or 0)
    elif isinstance(driver, ModbusDevice) and hasattr(point, "address"):
        yield point.address, 0


def rows_of(bench: Bench, point: Any) -> Iterator[tuple[Any, Row]]:
    """The rows where a point of the driver starts, each with its space: at its own unit id, or else where it asked."""
    places = {at for at, _ in addresses(bench.driver, point)}
    for wanted in ({bench.driver.unit}, spoken(bench)):
        found = [(space, row) for space in spaces(bench, wanted) for row in space.rows if row.address in places]
        if found:
            yield from found
            return


def leave(bench: Bench, address: int, raw: float) -> bool:
    """Set a register as somebody else would; whether the device took it."""
    for space in spaces(bench):
        for row in space.rows:
            if row.address == address and row.allows("w") and row.base in CODES:
                try:
                    space.assign(row, raw if row.scale == 1 else raw * row.scale)
                except Refusal:
                    continue
                bench.device.twin.changed()
                return True
    return False


def places(bench: Bench) -> set[int]:
    """First addresses of all points that the driver and its helpers declare, and what else goes by a number."""
    found = set()
    for point in every_point(bench.driver_class).values():
        found |= {getattr(point, "address", -1), getattr(point, "object_id", -1)}
        models = getattr(point, "models", ())
        found |= {each.address + point.offset for each in getattr(bench.driver, "chain", ()) if each.id in models}
    return found | {each - 40_000 for each in found if each >= 40_000}  # some documents count from there


def powers(bench: Bench) -> set[int]:
    """Addresses of the driver's points that carry a power, a current or a share of them."""
    found = set()
    for point in points(bench.driver_class).values():
        if getattr(point, "unit", "") in ("W", "A", "%"):
            found.add(getattr(point, "address", -1))
            models = getattr(point, "models", ())
            found |= {
                model.address + point.offset for model in getattr(bench.driver, "chain", ()) if model.id in models
            }
    return found


def looking(bench: Bench, places: Collection[int | str]) -> set[str]:
    """Names of the driver's points that begin at one of these places, or reach into it, or take their factor there."""
    found = set()
    for name, point in every_point(bench.driver_class).items():
        keys = {getattr(point, "object_id", None), getattr(point, "obis", None)}
        words = getattr(point, "words", 1)
        for at, factor in addresses(bench.driver, point):
            keys |= {factor, *range(at, at + words)}
        if not keys.isdisjoint(places):
            found.add(name)
    return found


SPACES = {1: "coils", 2: "discrete", 3: "holding", 4: "input"}
Cell = tuple[str, int]  # address space and address


def estranged(bench: Bench) -> int:
    """Have every register that can only be read, and that the driver does not declare, say a constant; how many.

    What it declares is asked of the healthy driver, where the bench has a broken one. The heads of SunSpec models stay.
    """
    if not isinstance(bench.driver, ModbusDevice):
        return 0
    healthy = getattr(bench.driver_class, "healthy", bench.driver_class)
    count = 0
    for unit in units(bench).values():
        own = set(_declared(healthy, unit))
        for name, space in unit.spaces.items():
            strange = [
                row for row in space.rows if _strange(row, name) and own.isdisjoint((name, at) for at in _cells(row))
            ]
            space.says({row.address: _other(row, count + n) for n, row in enumerate(strange)})
            count += len(strange)
    if count:
        station(bench).forget()
    return count


def _declared(driver: Any, unit: Any) -> Iterator[Cell]:
    """Where the driver and its helpers have points, if this is the unit that they speak to."""
    for owner, declared_points in every_class(driver):
        for point in declared_points.values():
            name = SPACES[getattr(point, "function", None) or getattr(owner, "function", driver.function)]
            if hasattr(point, "models"):
                yield from ((name, at) for at in _modelled(point, unit.spaces.get(name)))
            elif hasattr(point, "address"):
                for at in range(point.address, point.address + point.words):
                    yield from ((name, at), (name, at - 40_000))  # some documents count from there


def _modelled(point: Any, space: Any) -> Iterator[int]:
    """Registers of a SunSpec point and of its factor in every model of a unit that has it, modules included."""
    lengths = (
        {row.address: space.raw(row.address + 1) for row in space.rows if row.name.endswith(" ID")} if space else {}
    )
    for head, length in lengths.items():
        if space.raw(head) in point.models:
            if point.factor is not None:
                yield head + point.factor
            for start in range(head + point.offset, head + length + 3 - point.words, point.repeat or 0x10000):
                yield from range(start, start + point.words)


def _strange(row: Row, space: str) -> bool:
    written = row.allows("w") and space in ("holding", "coils")
    return row.allows("r") and not written and not row.name.endswith((" ID", " L")) and row.name != "SunS"


def _cells(row: Row) -> range:
    return range(row.address, row.address + row.words)


def _other(row: Row, number: int) -> str:
    """A constant that no neighbour has."""
    if row.base.startswith("STR"):
        return f"=?{number}"
    if row.base.startswith("F"):
        return f"={1234.5 + number}"
    if row.words == 1:
        return f"={4321 + 7 * number % 20_000}"
    return f"={345_678 + 65_537 * number % 2**30}"
