"""Puts a BENNING Belatron together: an AC point with a Bender controller, DC points behind the next port."""

import tomllib
from dataclasses import replace

from emulators.family.build import Installation, Order, modbus
from emulators.family.options import chosen
from emulators.family.profile import ROOT, Profile

DC_MAP = ROOT / "alpitronic" / "tables" / "hyc.toml"
POINTS = range(1, 4)


def install(family: Profile, order: Order) -> Installation:
    first = modbus(family, order)
    facts = chosen(family, order.facts, order.options)[1]
    points = int(facts.more["points"])
    if points not in POINTS:
        raise ValueError(f"points={points}: a Belatron Modular T2 has 1 to 3")
    if points == 1:
        return first
    data = tomllib.loads(DC_MAP.read_text(encoding="utf-8"))
    more = {**data["behaviour"], "points": points - 1, "serial": "BELATRON-0417", "chargepoint": "BELATRON"}
    dc = replace(facts, rated_power=float(facts.more["dc_power"]), more=more)
    others = modbus(replace(family, package="emulators.alpitronic", data=data), replace(order, facts=dc, options={}))
    for number, device in enumerate(others.devices, 2):
        device.id = f"{first.main.id}-{number}"
    return replace(first, devices=[*first.devices, *others.devices], beyond=(replace(others, port=first.port + 1),))
