"""What answers at one unit id: the address spaces of a table, bound to those who have the quantities."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from emulators.family import points, sunspec
from emulators.family.meter_shown import MeterShown
from emulators.family.profile import BrokenProfile, Facts, Profile
from emulators.table.owners import Named, Together
from emulators.table.registers import Space
from emulators.table.rows import Row, Rules, words_of
from emulators.wires.device import Device
from emulators.wires.modbus import Unit
from twin.meter import ElectricityMeter


def unit_of(family: Profile, data: Mapping[str, Any], device: Device, facts: Facts | None = None) -> Unit:
    """What answers at one unit id, from a table with `registers`, `sunspec`, `rules` and `not_available`."""
    owners = owners_of(device)
    if facts is not None:
        known = {**facts.more, "name": facts.name, "rated_power": facts.rated_power, "phases": facts.phases}
        owners += [Named("model", known), Named("unit", {"number": device.unit})]
        owners += [Named(name, _worked_out(device.beside.get(name))) for name in family.data.get("beside", {})]
    if isinstance(device.twin, ElectricityMeter):
        owners.append(MeterShown(device.twin))
    every = device.points or (device,)
    further = {points.prefix(number): each for number, each in enumerate(every[1:], 2)}
    faces = [each.face for each in every]
    if "points" in data:
        owners += [Named(name, Together(owners_of(each))) for name, each in further.items()]
        if make_shared := family.object("station", data["points"]):
            shared = make_shared(faces, facts, device)
            owners.append(Named("station", shared))
            faces = [shared] if hasattr(shared, "asked") else faces
        data = {**data, "registers": points.laid(data.get("registers", {}), data["points"], len(every))}
    if facts is not None and "sunspec" in data:
        chain = data["sunspec"]
        try:
            rows, factors = sunspec.rows_of(chain, facts, owners)
        except ValueError as error:
            raise BrokenProfile(family.file, "sunspec", str(error)) from error
        owners.append(factors)
        registers, space = dict(data.get("registers", {})), chain.get("space", "holding")
        registers[space] = [*registers.get(space, []), *rows]
        data = {**data, "registers": registers}
    settings = data.get("modbus", {})  # `heard = false`: the face is not asked about requests to this unit id
    return Unit(
        device,
        spaces_of(family, data, owners),
        frozenset(settings.get("functions", (3, 4, 6, 16))),
        points.heard(faces) if settings.get("heard", True) else None,
        settings.get("write_gap", 0.0),
        settings.get("bad_value", 3),
        getattr(device.face, "private", {}),
        further,
    )


def owners_of(device: Device) -> list[object]:
    """Who knows the quantities of a device: its face, the parts of it, its twin."""
    face = [device.face] if device.face is not device.twin else []
    return [*face, *getattr(device.face, "parts", ()), device.twin]


def spaces_of(family: Profile, data: Mapping[str, Any], owners: list[object]) -> dict[str, Space]:
    """The address spaces of a table, bound to their owners."""
    tables: dict[str, list[list[Any]]] = {name: list(rows) for name, rows in data.get("registers", {}).items()}
    both = tables.pop("both", [])
    if both:
        tables["holding"] = [*tables.get("holding", []), *both]
        tables["input"] = [*tables.get("input", []), *both]
    rest = tables.pop("rest", [])
    for name in {"holding", "input"} & set(tables) if rest else ():
        taken = {at for row in tables[name] for at in range(row[0], row[0] + words_of(row[1]))}
        tables[name] += [row for row in rest if taken.isdisjoint(range(row[0], row[0] + words_of(row[1])))]
    missing = {kind: _number(raw) for kind, raw in data.get("not_available", {}).items()}
    reserved = data.get("reserved", {})
    try:
        rules = Rules(**data.get("rules", {}), not_available=missing)
    except TypeError as error:
        raise BrokenProfile(family.file, "rules", str(error).removeprefix("Rules.__init__() ")) from error
    try:
        return {
            name: Space([_row(row) for row in rows], replace(rules, reserved=reserved.get(name, ())), owners)
            for name, rows in tables.items()
        }
    except (TypeError, ValueError) as error:
        raise BrokenProfile(family.file, "registers", str(error)) from error


def _row(cells: list[Any]) -> Row:
    """A row of a table, when its scale is a number. One that stays as it is stands in all devices of its family."""
    if type(cells[2]) in (int, float):
        return _known(*cells)
    row = Row(*cells)
    if not isinstance(cells[2], float):
        raise ValueError(f"{row.address} {row.name}: no scale: {row.scale!r}")
    return row


_known = lru_cache(maxsize=None, typed=True)(Row)  # as many as the family files have


def _worked_out(twin: Any) -> Any:
    """A meter with what it works out from its values; anything else as it is."""
    return MeterShown(twin) if isinstance(twin, ElectricityMeter) else twin


def _number(raw: Any) -> int | float:
    return int(raw, 0) if isinstance(raw, str) else raw
