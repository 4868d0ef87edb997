"""From a row of the list to a device that stands there: twin, face, registers, station, endpoint.

Keys of a Modbus family's TOML file, all optional:

    [modbus]       unit, any_unit, unknown_unit (exception code, 0 = silent), functions, turnaround,
                   write_gap, bad_value (exception code for a value out of range: 3, or 4)
    [rules]        word_order, max_read, max_write, gaps, cut, one_value, even_count, read_only
    [not_available]  raw value by type
    [reserved]     by address space: [first, last] of ranges that exist and say not available where the table is silent
    [serial]       baud, parity, stop
    [connections]  limit, policy, idle, quiet
    [registers]    holding, input, both, coils, discrete: lists of [address, type, scale, access, name, quantity];
                   written: what writes go to where the same numbers mean something else when they are read;
                   rest: in holding and input, where no other row has the register
    [sunspec]      a chain of SunSpec models, see emulators.family.sunspec
    [hanging.126]  what answers at a unit id of its own: rules, not_available, registers, sunspec as above;
                   of = "meter": it belongs to a device beside
    [beside.meter] a device of its own that this one shows, kind, rated_power, phases: `meter.power` in registers
    [options], [variants], when = {...}    see emulators.family.options
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emulators.family import sunspec
from emulators.family.meter_shown import MeterShown
from emulators.family.options import chosen, holds
from emulators.family.profile import BrokenProfile, Facts, Profile, profile_for
from emulators.table.owners import Named
from emulators.table.registers import Space
from emulators.table.rows import Row, Rules
from emulators.wires.device import Device
from emulators.wires.modbus import Station, Unit
from emulators.wires.sessions import RtuSession, TcpSession
from emulators.wires.wire import ConnectionRules, Endpoint, NoConnection, Wire
from twin.kinds import twin_of
from twin.meter import ElectricityMeter


class NotBuilt(Exception):
    """No emulator claims this row on this protocol, or the row has no such model."""


@dataclass(frozen=True)
class Serial:
    """Line settings of a serial device."""

    baud: int = 9600
    parity: str = "N"
    stop: int = 1

    @property
    def bits(self) -> int:
        """Bits a character takes on the line."""
        return 9 + self.stop + (self.parity != "N")


@dataclass(frozen=True)
class Order:
    """What is asked for: one row on one protocol."""

    row: int
    protocol: str
    facts: Facts
    unit: int | None
    clock: Callable[[], float]
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Installation:
    """A listed device as it stands: its wire, and the devices behind it, the row's own first."""

    profile: Profile
    protocol: str
    devices: list[Device]
    wire: Wire
    serial: Serial | None = None
    port: int = 502

    @property
    def main(self) -> Device:
        return self.devices[0]


def build(
    row: int, protocol: str, *, clock: Callable[[], float], model: str | None = None, unit: int | None = None,
    profile: Profile | None = None, **options: Any,
) -> Installation:  # fmt: skip
    """One listed device. `model` is a printed name (default: the row's first), `profile` overrides the claim."""
    family = profile or profile_for(row, protocol)
    if family is None:
        raise NotBuilt(f"row {row} on {protocol}: no emulator")
    known = family.models_of(row)
    facts = known[0] if model is None else next((each for each in known if each.name == model), None)
    if facts is None:
        raise NotBuilt(f"row {row} has no model {model!r}, it has {', '.join(each.name for each in known)}")
    order = Order(row, protocol, facts, unit, clock, options)
    install = family.object("install")
    return install(family, order) if install else modbus(family, order)


def modbus(family: Profile, order: Order) -> Installation:
    """The generic Modbus device: one twin, an optional face, tables from the file, devices beside it."""
    family, facts = chosen(family, order.facts, order.options)
    twin = twin_of(family.kind, facts.rated_power, facts.phases, facts.more)
    twin.time = order.clock()
    make_face = family.object("face")
    settings = _checked(family, family.data.get("modbus", {}))
    number = settings.get("unit", 1) if order.unit is None else order.unit
    device = Device(order.row, facts.name, order.protocol, twin, None, order.clock, number)
    others = beside(family, facts, order, device)
    device.face = make_face(twin, facts, device) if make_face else twin
    device.operator = getattr(device.face, "operator", {})
    units = {number: unit_of(family, family.data, device, facts)}
    for other, table in family.data.get("hanging", {}).items():
        owner = others.get(table.get("of", ""), device)
        if holds(table, facts) and (owner is not device or "of" not in table):
            whole = {**table, "modbus": {**settings, **table.get("modbus", {})}}
            units.setdefault(int(other), unit_of(family, whole, owner, facts))
    return station(family, order, units, [device, *others.values()])


KINDS: Mapping[str, type | tuple[type, ...]] = {
    "unit": int, "functions": list, "turnaround": (int, float), "port": int, "unknown_unit": int, "any_unit": bool,
}  # fmt: skip


def _checked(family: Profile, settings: dict[str, Any]) -> dict[str, Any]:
    """The `[modbus]` table, when its values are of the kinds that they have to be."""
    for name, value in settings.items():
        if name in KINDS and not isinstance(value, KINDS[name]):
            raise BrokenProfile(family.file, f"modbus.{name}", f"cannot be {value!r}")
    return settings


def beside(family: Profile, facts: Facts, order: Order, main: Device) -> dict[str, Device]:
    """The devices of their own that the main one shows; all come to the present together."""
    others = {}
    for name, table in family.data.get("beside", {}).items():
        if holds(table, facts):
            rating, phases = table.get("rated_power", facts.rated_power), table.get("phases", facts.phases)
            twin = twin_of(table["kind"], float(rating), int(phases), {**table, **facts.more})
            twin.time = order.clock()
            unit = int(table.get("unit", main.unit))
            model = f"{facts.name} {name}"
            others[name] = Device(
                order.row, model, order.protocol, twin, twin, order.clock, unit, f"{order.row}-{main.unit}-{name}"
            )
    main.beside = {name: each.twin for name, each in others.items()}
    twins = [main.twin, *main.beside.values()]

    def advance(now: float) -> None:
        for twin in twins:
            twin.advance(now)

    for each in (main, *others.values()) if others else ():
        each.settle = advance
    return others


def unit_of(family: Profile, data: Mapping[str, Any], device: Device, facts: Facts | None = None) -> Unit:
    """What answers at one unit id, from a table with `registers`, `sunspec`, `rules` and `not_available`."""
    owners: list[object] = [device.face, device.twin] if device.face is not device.twin else [device.twin]
    owners[1:1] = getattr(device.face, "parts", ())
    if facts is not None:
        known = {**facts.more, "name": facts.name, "rated_power": facts.rated_power, "phases": facts.phases}
        owners += [Named("model", known), Named("unit", {"number": device.unit})]
        owners += [Named(name, _worked_out(device.beside.get(name))) for name in family.data.get("beside", {})]
    if isinstance(device.twin, ElectricityMeter):
        owners.append(MeterShown(device.twin))
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
    settings = data.get("modbus", {})
    return Unit(
        device,
        spaces_of(family, data, owners),
        frozenset(settings.get("functions", (3, 4, 6, 16))),
        getattr(device.face, "asked", None),
        settings.get("write_gap", 0.0),
        settings.get("bad_value", 3),
        getattr(device.face, "private", {}),
    )


def spaces_of(family: Profile, data: Mapping[str, Any], owners: list[object]) -> dict[str, Space]:
    """The address spaces of a table, bound to their owners."""
    tables: dict[str, list[list[Any]]] = {name: list(rows) for name, rows in data.get("registers", {}).items()}
    both = tables.pop("both", [])
    if both:
        tables["holding"] = [*tables.get("holding", []), *both]
        tables["input"] = [*tables.get("input", []), *both]
    rest = tables.pop("rest", [])
    for name in {"holding", "input"} & set(tables) if rest else ():
        taken = {row[0] + at for row in tables[name] for at in range(Row(*row).words)}
        tables[name] += [row for row in rest if taken.isdisjoint(range(row[0], row[0] + Row(*row).words))]
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
    """A row of a table, when its scale is a number."""
    row = Row(*cells)
    if not isinstance(cells[2], int | float):
        raise ValueError(f"{row.address} {row.name}: no scale: {row.scale!r}")
    return row


def station(family: Profile, order: Order, units: dict[int, Unit], devices: list[Device]) -> Installation:
    """Put units behind a TCP port or on a serial line, with the family's rules."""
    settings, main = family.data.get("modbus", {}), devices[0]
    behind = Station(
        units,
        settings.get("unknown_unit", 0),
        settings.get("any_unit", False),
        settings.get("turnaround", 0.005),
        settings.get("broadcast", False),
        main.unit,
    )
    serial = order.protocol == "modbus-rtu"

    def gate() -> None:
        faults = main.faults
        if "connect-refused" in faults or "connections-taken" in faults:
            raise NoConnection("refused by fault")
        if "connect-hang" in faults or "reboot" in faults:
            raise NoConnection("no answer by fault", hang=True)
        closed = getattr(main.face, "closed", None)  # a communication board that is off
        if closed is not None:
            main.wake()
            if closed():
                raise NoConnection("the device's interface is off", hang=True)

    rules = ConnectionRules(**family.data.get("connections", {})) if not serial else ConnectionRules()
    endpoint = Endpoint(lambda: (RtuSession if serial else TcpSession)(behind), order.clock, rules, gate)
    for device in devices:
        device.endpoint = endpoint
    line = Serial(**family.data.get("serial", {})) if serial else None
    return Installation(family, order.protocol, devices, endpoint, line, settings.get("port", 502))


def _worked_out(twin: Any) -> Any:
    """A meter with what it works out from its values; anything else as it is."""
    return MeterShown(twin) if isinstance(twin, ElectricityMeter) else twin


def _number(raw: Any) -> int | float:
    return int(raw, 0) if isinstance(raw, str) else raw
