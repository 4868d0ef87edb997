"""Puts an RCT Power Storage behind TCP 8899, with the meter at the grid connection beside it."""

from emulators.family.build import Installation, Order
from emulators.family.profile import BrokenProfile, Profile
from emulators.family.single import single
from emulators.rctpower.powerstorage import PowerStorage
from emulators.rctpower.station import Object, Station
from emulators.wires.device import Device
from emulators.wires.linefaults import gate
from emulators.wires.wire import ConnectionRules, Endpoint
from twin.battery import BatteryInverter
from twin.meter import ElectricityMeter

PORT = 8899


def install(family: Profile, order: Order) -> Installation:
    family, facts, device = single(family, order)
    if not isinstance(device.twin, BatteryInverter):
        raise BrokenProfile(family.file, "kind", "battery-inverter")
    meter = ElectricityMeter(3)
    meter.time = order.clock()
    face = PowerStorage(device.twin, meter, facts, device)
    device.face, device.operator, device.beside = face, face.operator, {"meter": meter}
    beside = Device(
        order.row, f"{facts.name} meter", order.protocol, meter, meter, order.clock, device.unit, f"{device.id}-meter"
    )
    device.settle = beside.settle = face.settle
    station = Station(face, device, [Object(*row) for row in family.data["objects"]["both"]])
    rules = ConnectionRules(**family.data.get("connections", {}))
    endpoint = Endpoint(station.session, order.clock, rules, lambda: gate(device.faults))
    device.endpoint = beside.endpoint = endpoint
    return Installation(family, order.protocol, [device, beside], endpoint, None, PORT)
