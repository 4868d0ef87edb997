"""(a) A site's day: 8 devices, 1 s cycle, bytes and physics and control, against its floor and against pymodbus."""

import struct
from collections.abc import Callable
from typing import Any

from bench.measure import Figure, interleaved, seconds
from bench.peers import Exchange
from bench.pymodbus_line import PymodbusLine
from controller.sitefile import check
from rigs import home as house
from rigs.simulated import SimClock, environment

SITE = {
    "site": {"annual_load": 4_200_000},
    "device": [
        {"name": "roof", "row": 1, "model": "STP 8.0", "peak_power": 9200},
        {"name": "garage", "row": 23, "model": "SG5KTL-MT", "protocol": "modbus-tcp", "peak_power": 5000},
        {"name": "battery", "row": 53, "protocol": "modbus-tcp", "capacity": 9600, "peak_power": 5400},
        {"name": "wallbox", "row": 65, "protocol": "modbus-tcp", "car": 8000},
        {"name": "meter", "row": 112, "function": "grid-meter"},
        {"name": "rod", "row": 136, "hot_water": 7000},
        {"name": "operator", "row": 143},
        {"name": "prices", "row": 147},
    ],
}
MORNING = 6 * 3600.0


def home(span: float) -> float:
    """CPU seconds for `span` virtual seconds of the whole house, from six in the morning."""
    site = house.home(check(SITE), days=1, start=house.MIDNIGHT + MORNING)
    site.start()
    return seconds(lambda: site.run(house.MIDNIGHT + MORNING + span))


def floor(span: float) -> float:
    """The same devices read by the same drivers on the same lines, with still twins and nobody who decides."""
    site = house.home(check(SITE), days=1, start=house.MIDNIGHT + MORNING)
    for installation in site.built.values():
        for device in installation.devices:
            device.settle = lambda now: None

    async def poll(driver: Any) -> None:
        await driver.identify()
        while True:
            begin = site.rig.clock.monotonic()
            await driver.read()
            await site.rig.clock.sleep(max(1.0 - (site.rig.clock.monotonic() - begin), 0.01))

    for member in site.hem.members.values():
        site.rig.start(poll(member.driver))
    return seconds(lambda: site.rig.run(house.MIDNIGHT + MORNING + span))


def requests() -> list[tuple[int, int, int, int]]:
    """The Modbus reads of the house in ten seconds: (unit, function, address, count)."""
    site = house.home(check(SITE), days=1, start=house.MIDNIGHT + MORNING, record=True)
    site.start()
    site.run(house.MIDNIGHT + MORNING + 60.0)
    before = [len(frames) for frames in site.rig.frames]
    site.run(house.MIDNIGHT + MORNING + 70.0)
    found: list[tuple[int, int, int, int]] = []
    for installation, frames, seen in zip(site.rig.installations, site.rig.frames, before, strict=True):
        if not installation.protocol.startswith("modbus"):
            continue
        head = 6 if installation.protocol == "modbus-tcp" else 0
        for _, way, adu in frames[seen:]:
            if way == ">" and adu[head + 1] in (3, 4):
                found.append(struct.unpack(">BBHH", adu[head : head + 6]))
    return found


def theirs(span: float) -> float:
    """The whole house with pymodbus's client and server objects on both sides of every Modbus line."""
    site = house.home(check(SITE), days=1, start=house.MIDNIGHT + MORNING)
    for name, member in site.hem.members.items():
        if site.built[name].protocol.startswith("modbus"):
            member.driver.line = PymodbusLine(site.rig.env, site.built[name])
    site.start()
    return seconds(lambda: site.run(house.MIDNIGHT + MORNING + span))


def peers(span: float, asked: list[tuple[int, int, int, int]]) -> float:
    """The same reads through pymodbus's client and server objects in the same kind of loop, nothing else."""
    env, exchange = environment(), Exchange()
    clock = SimClock(env)

    async def poll() -> None:
        while True:
            for unit, function, address, count in asked:
                exchange.read(unit, function, address, count)
                await clock.sleep(10.0 / len(asked))

    env.process(poll())  # type: ignore[arg-type]
    return seconds(lambda: env.run(env.now + span))


def day(span: float, rounds: int) -> list[Figure]:
    asked = requests()
    ways: dict[str, Callable[[], float]] = {
        "house": lambda: home(span),
        "floor": lambda: floor(span),
        "theirs": lambda: theirs(span),
        "pymodbus": lambda: peers(span, asked),
    }
    found = interleaved(ways, rounds)
    return [
        Figure("site of 8 devices, bytes, physics and control", span / found["house"], "x real", "5000"),
        Figure("the same devices read by their drivers, still twins, no control", span / found["floor"], "x real"),
        Figure("fraction of that floor", found["floor"] / found["house"], ""),
        Figure("the whole site with pymodbus's client and server objects", span / found["theirs"], "x real"),
        Figure("ours / the same loop with pymodbus's objects", found["theirs"] / found["house"], "x"),
        Figure("Modbus reads a second of the site", len(asked) / 10, "1/s"),
        Figure("the same reads by pymodbus client and server objects alone", span / found["pymodbus"], "x real"),
        Figure("pymodbus's reads alone / our whole site", found["pymodbus"] / found["house"], "x"),
    ]
