"""The registers behind a device under test: which answer, which the driver declares, and how others set one."""

from collections.abc import Collection, Iterator
from typing import Any

from controller.drivers.modbus.points import ModbusDevice
from controller.drivers.sunspec.chain import SunSpecDevice
from emulators.table.answers import Refusal
from emulators.table.rows import CODES, Row
from scenarios.bench.bench import Bench
from scenarios.bench.declared import every_point, points


def units(bench: Bench) -> dict[int, Any]:
    """What answers at the unit ids of a Modbus device, by their numbers."""
    endpoint = bench.device.endpoint
    station = getattr(endpoint.open(), "_station", None) if endpoint is not None else None
    found: dict[int, Any] = getattr(station, "units", {})
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
