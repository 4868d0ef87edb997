"""Puts a KEBA P30 on the interface that was chosen; both lead to the same box."""

from emulators.family.build import Installation, Order, modbus
from emulators.family.profile import BrokenProfile, Profile
from emulators.family.single import single
from emulators.keba.p30 import P30
from emulators.keba.udp import PORT, KebaUdp
from twin.charger import ChargingPoint


def install(family: Profile, order: Order) -> Installation:
    if order.protocol == "modbus-tcp":
        return modbus(family, order)
    family, facts, device = single(family, order)
    if not isinstance(device.twin, ChargingPoint):
        raise BrokenProfile(family.file, "kind", "charging-station")
    box = P30(device.twin, facts, device)
    device.face, device.operator = box, box.operator
    return Installation(family, order.protocol, [device], KebaUdp(box, device), None, PORT)
