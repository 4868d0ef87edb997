"""One device with one twin, as the install functions of wires other than Modbus begin."""

from emulators.family.build import Order
from emulators.family.options import chosen
from emulators.family.profile import Facts, Profile
from emulators.family.twins import twin_for
from emulators.wires.device import Device


def single(family: Profile, order: Order) -> tuple[Profile, Facts, Device]:
    """The family and the facts with the options that were chosen, and a device with its twin but no face yet."""
    family, facts = chosen(family, order.facts, order.options)
    twin = twin_for(family, facts)
    twin.time = order.clock()
    return family, facts, Device(order.row, facts.name, order.protocol, twin, twin, order.clock, order.unit or 0)


def following(previous: float, interval: float, now: float) -> float:
    """The first of a row of instants, `interval` seconds apart from `previous` on, that lies after `now`."""
    return previous + interval * max(1, int((now - previous) / interval) + 1)
