"""From a row of the list to a device that stands there: twin, face, registers, station, endpoint.

Keys of a Modbus family's TOML file, all optional:

    [modbus]       unit, any_unit, unknown_unit (exception code, 0 = silent), functions, turnaround,
                   write_gap, bad_value (exception code for a value out of range: 3, or 4)
    [rules]        word_order, max_read, max_write, gaps, cut, one_value, even_count, read_only
    [not_available]  raw value by type
    [reserved]     by address space: [first, last] of ranges that exist and say not available where the table is silent
    [serial]       baud, parity, stop as delivered; settable: an installer may choose others at the device
    [connections]  limit, policy, idle, quiet
    [registers]    holding, input, both, coils, discrete: lists of [address, type, scale, access, name, quantity];
                   written: what writes go to where the same numbers mean something else when they are read;
                   rest: in holding and input, where no other row has the register
    [sunspec]      a chain of SunSpec models, see emulators.family.sunspec
    [hanging.126]  what answers at a unit id of its own: rules, not_available, registers, sunspec as above;
                   of = "meter": it belongs to a device beside
    [beside.meter] a device of its own that this one shows, kind, rated_power, phases: `meter.power` in registers; a
                   battery beside a PV inverter hangs on its DC side (twin/hybrid.py)
    [points]       several charge points, see emulators.family.points
    [options], [variants], when = {...}    see emulators.family.options
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from emulators.family import points
from emulators.family.options import chosen, holds
from emulators.family.profile import BrokenProfile, Facts, Profile, profile_for
from emulators.family.twins import twin_for
from emulators.family.units import unit_of
from emulators.faults import possible
from emulators.wires.device import Device
from emulators.wires.linefaults import gate
from emulators.wires.modbus import Station, Unit
from emulators.wires.sessions import RtuSession, TcpSession
from emulators.wires.wire import ConnectionRules, Endpoint, NoConnection, Wire, kind_of
from twin.charger import ChargingPoint
from twin.hybrid import HybridInverter
from twin.kinds import twin_of


class NotBuilt(Exception):
    """No emulator claims this row on this protocol, or the row has no such model."""


@dataclass(frozen=True)
class Serial:
    """Line settings of a serial device. `settable`: an installer may choose others at the device."""

    baud: int = 9600
    parity: str = "N"
    stop: int = 1
    settable: bool = False

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
    """A listed device as it stands: its wire, and the devices behind it, the row's own first.

    `beyond`: what of them answers at the following ports, each as an installation of its own.
    """

    profile: Profile
    protocol: str
    devices: list[Device]
    wire: Wire
    serial: Serial | None = None
    port: int = 502
    beyond: Sequence["Installation"] = ()

    @property
    def main(self) -> Device:
        return self.devices[0]

    @property
    def points(self) -> list[Device]:
        """The row's own device and, of a charging station, its further charge points."""
        return [self.main, *(each for each in self.devices[1:] if isinstance(each.twin, ChargingPoint))]


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
    installation: Installation = install(family, order) if install else modbus(family, order)
    main = installation.main
    if not main.possible:  # a wire of its own
        wire = kind_of(installation.wire, protocol, serial=installation.serial is not None)
        main.possible = possible.WIRES.get(wire, frozenset()) | getattr(main.face, "faults", frozenset())
    return installation


def modbus(family: Profile, order: Order) -> Installation:
    """The generic Modbus device: one twin, an optional face, tables from the file, devices beside it.

    With several charge points each has a twin and a face, behind one station or at ports of their own.
    """
    family, facts = chosen(family, order.facts, order.options)
    places = points.places(family.data, facts)
    devices = [_device(family, each, order, number) for number, each in enumerate(places, 1)]
    if not family.data.get("points", {}).get("ports"):
        return _station(family, places, order, devices)
    first, *others = (_station(family, [place], order, [each]) for place, each in zip(places, devices, strict=True))
    beyond = tuple(replace(each, port=first.port + n) for n, each in enumerate(others, 1))
    return replace(first, devices=devices, beyond=beyond)


def _device(family: Profile, facts: Facts, order: Order, number: int) -> Device:
    """A device with its twin and no face yet, the charge point `number` of its station."""
    twin = _coupled(family, facts) or twin_for(family, facts)
    twin.time = order.clock()
    settings = _checked(family, family.data.get("modbus", {}))
    unit = settings.get("unit", 1) if order.unit is None else order.unit
    device = Device(order.row, facts.name, order.protocol, twin, None, order.clock, unit)
    if number > 1:
        device.id += f"-{number}"
    return device


def _coupled(family: Profile, facts: Facts) -> HybridInverter | None:
    """A PV inverter with the battery that it shows beside on its DC side, None without one."""
    table = family.data.get("beside", {}).get("battery")
    if family.kind != "pv-inverter" or table is None or not holds(table, facts):
        return None
    rating = float(table.get("rated_power", facts.rated_power))
    return HybridInverter(facts.rated_power, facts.phases, rating, float({**table, **facts.more}["capacity"]))


def _station(family: Profile, places: Sequence[Facts], order: Order, devices: list[Device]) -> Installation:
    """Devices on one wire: the row's own with what it shows beside, and its further charge points."""
    device, facts, settings = devices[0], places[0], family.data.get("modbus", {})
    others = beside(family, facts, order, device)
    together([*devices, *others.values()])
    make_face = family.object("face")
    for each, place in zip(devices, places, strict=True):
        each.face = make_face(each.twin, place, each) if make_face else each.twin
        each.operator = getattr(each.face, "operator", {})
    if len(devices) > 1:
        points.joined(devices)
    units = {device.unit: unit_of(family, family.data, device, facts)}
    for other, table in family.data.get("hanging", {}).items():
        owner = others.get(table.get("of", ""), device)
        if holds(table, facts) and (owner is not device or "of" not in table):
            whole = {**table, "modbus": {**settings, **table.get("modbus", {})}}
            units.setdefault(int(other), unit_of(family, whole, owner, facts))
    return station(family, order, units, [*devices, *others.values()])


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
    """The devices of their own that the main one shows."""
    others = {}
    for name, table in family.data.get("beside", {}).items():
        if holds(table, facts):
            rating, phases = table.get("rated_power", facts.rated_power), table.get("phases", facts.phases)
            hybrid = main.twin if name == "battery" and isinstance(main.twin, HybridInverter) else None
            cells = hybrid.cells if hybrid is not None else None
            twin = cells or twin_of(table["kind"], float(rating), int(phases), {**table, **facts.more})
            twin.time = order.clock()
            unit = int(table.get("unit", main.unit))
            model = f"{facts.name} {name}"
            others[name] = Device(
                order.row, model, order.protocol, twin, twin, order.clock, unit, f"{order.row}-{main.unit}-{name}"
            )
    main.beside = {name: each.twin for name, each in others.items()}
    return others


def together(devices: Sequence[Device]) -> None:
    """All of these come to the present together."""
    twins = [each.twin for each in devices]

    def advance(now: float) -> None:
        for twin in twins:
            twin.advance(now)

    for each in devices if len(devices) > 1 else ():
        each.settle = advance


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

    def admit() -> None:
        if main.faults.active:
            main.wake()
            gate(main.faults)
        closed = getattr(main.face, "closed", None)  # a communication board that is off
        if closed is not None:
            main.wake()
            if closed():
                raise NoConnection("the device's interface is off", hang=True)

    rules = ConnectionRules(**family.data.get("connections", {})) if not serial else ConnectionRules()
    endpoint = Endpoint(lambda: (RtuSession if serial else TcpSession)(behind), order.clock, rules, admit)
    for device in devices:
        device.endpoint = endpoint
    for unit in units.values():
        _can_fail(unit, order.protocol, unit.device is main)
    line = Serial(**family.data.get("serial", {})) if serial else None
    return Installation(family, order.protocol, devices, endpoint, line, settings.get("port", 502))


def _can_fail(unit: Unit, protocol: str, main: bool) -> None:
    """What can be broken about the devices of a unit; clients connect to the main one only."""
    found = possible.WIRES[protocol] if main else possible.WIRES[protocol] - possible.CONNECTIONS
    if any(row.allows("w") for space in unit.spaces.values() for row in space.rows):
        found |= possible.WRITTEN
    for device in (unit.device, *unit.points.values()):
        device.possible |= found
