"""Whole houses of the stories: the reference house, the farm, and houses drawn from the list.

The house and the farm are those of `examples/` (a test holds them together). One of their devices is the one under
test; the story's bench brings it, in its place among the others.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

from controller.compatibility.rows import rows
from controller.drivers.serving import driver_for
from controller.store import Store
from emulators.family.profile import profile_for
from scenarios.bench.around import Data, House
from scenarios.bench.bench import Bench
from scenarios.bench.demands import exempted
from scenarios.kinds.kind import kind_of

STEPS = {"0000": 100, "1000": 100, "0100": 60, "0010": 30, "0001": 0}  # K1 to K4, percent of the installed power

HOUSE: tuple[Data, ...] = (
    {"name": "roof", "row": 1, "model": "STP 8.0", "peak_power": 9_200, "tilt": 35, "azimuth": 170},
    {"name": "battery", "row": 53, "capacity": 9_600, "peak_power": 5_400, "tilt": 20, "azimuth": 265},
    {"name": "wallbox", "row": 65, "protocol": "modbus-tcp", "car": 8_000},
    {"name": "grid", "row": 112, "function": "grid-meter"},
    {"name": "rod", "row": 136, "hot_water": 7_000},
    {"name": "operator", "row": 143, "patterns": STEPS},
    {"name": "prices", "row": 147},
)

FARM: tuple[Data, ...] = (
    {"name": "barn", "row": 1, "model": "STP 10.0", "peak_power": 11_000, "tilt": 15, "azimuth": 180},
    {"name": "shed", "row": 18, "peak_power": 8_000, "tilt": 15, "azimuth": 90},
    {"name": "house", "row": 53, "model": "SH10RT", "capacity": 12_800, "peak_power": 9_000, "tilt": 40,
     "battery": {"regulation": "controller", "reserve": 10}},
    {"name": "cellar", "row": 63, "model": "ASW10kH-T2", "capacity": 9_600, "peak_power": 6_000, "tilt": 40,
     "azimuth": 240, "battery": {"regulation": "controller"}},
    {"name": "yard", "row": 65, "protocol": "modbus-tcp", "car": 12_000, "charging": {"priority": 2}},
    {"name": "gate", "row": 72, "car": 9_000, "charging": {"priority": 2}},
    {"name": "stable", "row": 75, "car": 14_000, "line": {"device": "/dev/ttyUSB0", "parity": "E", "stop": 1}},
    {"name": "tower", "row": 90, "car": 20_000, "charging": {"mode": "fast", "maximum_current": 32}},
    {"name": "grid", "row": 117, "function": "grid-meter"},
    {"name": "rod", "row": 136, "hot_water": 12_000},
    {"name": "operator", "row": 143, "receiver": {"coding": "fnn"}},
)  # fmt: skip
CARPORT: Data = {"name": "carport", "current": 40, "of": ["yard", "gate", "stable", "tower"]}
FARM_SITE: Data = {"fuse": 63, "fuses": [CARPORT], "grid": {"section14a": {}}}


def house(bench: Bench, *, load: float = 400.0, changed: Mapping[str, Data] | None = None, store: Store | None = None,
          **site: Any) -> House:  # fmt: skip
    """The reference house. `changed`: keys of its devices' site file, by name."""
    return stand(bench, HOUSE, load, changed or {}, store, site)


def farm(bench: Bench, *, load: float = 1200.0, changed: Mapping[str, Data] | None = None, store: Store | None = None,
         **site: Any) -> House:  # fmt: skip
    """The farm: hybrids, inverters and cars of several makers, a fuse in between, and a receiver that dims."""
    return stand(bench, FARM, load, changed or {}, store, {**FARM_SITE, **site})


def stand(
    bench: Bench, devices: Sequence[Data], load: float, changed: Mapping[str, Data], store: Store | None, site: Data
) -> House:
    """A house of these devices; the first one of the bench's row is the one under test."""
    wanted = [{**each, **changed.get(each["name"], {})} for each in devices]
    mine = next(each for each in wanted if each["row"] == bench.row.row)
    own = {key: value for key, value in mine.items() if key not in ("protocol", "model")}
    return House(bench, *(each for each in wanted if each is not mine), load=load, own=own, store=store, **site)


# who is in a house that is drawn: section of the list, command it must take, how many
DRAWN = (
    ("pv-inverter", "limit_power", 3), ("battery-inverter", "charge", 2), ("charging-station", "limit_current", 3),
    ("heating-rod", "set_power", 1),
)  # fmt: skip
NAMES = {"pv-inverter": "roof", "battery-inverter": "battery", "charging-station": "car", "heating-rod": "rod"}
METERS = (112, 107, 114, 117, 118, 121, 124, 128)  # of three phases


def drawn(seed: int) -> list[Data]:
    """Devices of a house from the list: always a receiver, a grid meter and a generator that can be limited."""
    random = Random(seed)
    found: list[Data] = [
        {"name": "operator", "row": 143, "patterns": STEPS},
        {"name": "grid", "row": random.choice(METERS), "function": "grid-meter"},
    ]
    for section, command, most in DRAWN:
        able = candidates(section, command)
        for number in range(random.randint(1 if section == "pv-inverter" else 0, most)):
            row, protocol = random.choice(sorted(able))
            model = random.choice(able[row, protocol])
            device: Data = {"name": f"{NAMES[section]}{number + 1}", "row": row, "protocol": protocol, "model": model}
            profile = profile_for(row, protocol)
            if profile is not None and not getattr(driver_for(row, protocol), "tells_rating", True):
                device["rated_power"] = next(e.rated_power for e in profile.models_of(row) if e.name == model)
            if section == "battery-inverter" and random.random() < 0.6:
                device["battery"] = {"regulation": "controller", "reserve": random.choice((0, 12))}
            if section == "charging-station":
                device["charging"] = {
                    "mode": random.choice(("fast", "surplus")), "maximum_current": random.choice((16.0, 32.0)),
                    "priority": random.randint(1, 2),
                }  # fmt: skip
            found.append(device)
    return found


@cache
def candidates(section: str, command: str) -> Mapping[tuple[int, str], Sequence[str]]:
    """Models by row and protocol that a house can have: up to 30 kW, known by a document or by others' clients."""
    found = {
        (row.row, protocol): _models(row.row, protocol, command)
        for row in rows()
        if row.section == section and not row.planned
        for protocol in row.protocols
    }
    return {key: models for key, models in found.items() if models}


def _models(row: int, protocol: str, command: str) -> list[str]:
    profile = profile_for(row, protocol)
    if profile is None or profile.evidence == "assumed" or exempted(profile, row, command):
        return []
    if command not in kind_of(profile.kind).commands:
        return []
    return [each.name for each in profile.models_of(row) if each.rated_power <= 30_000]
