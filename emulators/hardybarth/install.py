"""Puts an eCB1 on HTTP port 80: with the charging point it controls, or with the meters it aggregates."""

from emulators.family.build import Installation, Order
from emulators.family.profile import BrokenProfile, Profile
from emulators.family.single import single
from emulators.faults.known import LIES
from emulators.faults.possible import WIRES
from emulators.hardybarth.api import Ecb1
from emulators.hardybarth.control import ChargeControl
from emulators.hardybarth.meters import Meter
from emulators.wires.device import Device
from twin.charger import ChargingPoint
from twin.meter import ElectricityMeter

PORT = 80


def chargepoint(family: Profile, order: Order) -> Installation:
    """A charging point with the meter that measures it."""
    family, facts, device = single(family, order)
    if not isinstance(device.twin, ChargingPoint):
        raise BrokenProfile(family.file, "kind", "charging-station")
    control = ChargeControl(device.twin, facts, device)
    device.face, device.operator = control, control.operator
    more = facts.more
    meter = Meter(1, str(more["meter_name"]), "eCHARGE", str(more["meter_type"]), "socket", int(more["serial"]), device)
    return Installation(family, order.protocol, [device], Ecb1(device, more, [control], [meter]), None, PORT)


def meters(family: Profile, order: Order) -> Installation:
    """The box's own meter and those of others that it shows, each a device of its own."""
    family, facts, device = single(family, order)
    serial = int(facts.more["serial"])
    found, devices = [], [device]
    for i, table in enumerate(family.data["meters"]):
        if i:
            twin = ElectricityMeter(3)
            twin.time = order.clock()
            number = int(table["id"])
            name = f"{table['vendor']} {table['type']}"
            devices.append(
                Device(order.row, name, order.protocol, twin, twin, order.clock, number, f"{device.id}-{number}")
            )
        found.append(Meter(**table, serial=serial + i, device=devices[i]))
    device.beside = {str(each.unit): each.twin for each in devices[1:]}

    def settle(now: float) -> None:
        for each in devices:
            each.twin.advance(now)

    for each in devices:
        each.settle = settle
    for each in devices[1:]:
        each.possible = LIES
    device.possible = WIRES["http"] | LIES
    return Installation(family, order.protocol, devices, Ecb1(device, facts.more, [], found), None, PORT)
