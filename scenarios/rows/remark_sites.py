"""Remarks of the list that ask something of the site: an external meter, the right storage, the parity of a line.

Judge: the site file is refused before anything starts, with the remark in the words of the list, and taken with what
the remark asks for.
"""

from typing import Any

from controller.errors import ConfigurationError
from controller.installation import controller
from controller.sitefile import check
from emulators.family.build import Serial
from rigs.simulated import line_for
from scenarios.bench.bench import Bench
from scenarios.bench.commands import ready

METER = {"name": "grid", "row": 112, "function": "grid-meter"}


def stands(bench: Bench, *others: dict[str, Any], **settings: Any) -> Any:
    """The device as a member of a site with `others`; ConfigurationError when it may not stand there."""
    own = {"name": "device", "row": bench.row.row, "protocol": bench.protocol, **settings}
    site = check({"site": {"firmware": "3.1.0"}, "device": [own, *others]})
    hem = controller(site, [(bench.line, [each]) for each in site.device], bench.clock)
    return hem.members["device"]


def refused(bench: Bench, what: str, remark: str, *others: dict[str, Any], **settings: Any) -> None:
    """Check that a site is refused, with the remark as the reason."""
    try:
        found: object = stands(bench, *others, **settings)
    except ConfigurationError as error:
        found = error
    held = isinstance(found, ConfigurationError) and remark in str(found) and "device" in found.key
    bench.record.check(f"{what} is refused with the remark", held, remark, found)


def taken(bench: Bench, what: str, *others: dict[str, Any], **settings: Any) -> None:
    """Check that a site is accepted."""
    try:
        found: object = stands(bench, *others, **settings)
    except ConfigurationError as error:
        found = error
    held = not isinstance(found, ConfigurationError)
    bench.record.check(f"{what} is accepted", held, "a member", "a member" if held else found)


async def needs_meter(bench: Bench) -> None:
    """Rows 19, 41, 61, 62: nothing without an external meter."""
    words = {19: "zusätzlichen Zähler", 41: "Externer Stromzähler erforderlich"}
    refused(bench, "a site without a meter", words.get(bench.row.row, "Externer Zähler ist erforderlich"))
    taken(bench, "a site with a meter", METER)
    taken(bench, "a site with a meter that is not the grid's", {**METER, "function": "meter"})


async def limit_needs_meter(bench: Bench) -> None:
    """Row 48: PV is throttled only with an external meter, which the device itself insists on."""
    for metered in (False, True):
        found = stands(bench, *([METER] if metered else []))
        where = "with a meter" if metered else "without a meter"
        bench.record.check(f"limit_power {where}", found.can("limit_power") is metered, metered, not metered)
        bench.record.check(f"charge {where}", found.can("charge"), True, found.can("charge"))


async def storage_maker(bench: Bench) -> None:
    """Row 51: with Tesvolt storage only."""
    for maker in ("", "BYD"):
        refused(bench, f"storage {maker or 'of nobody knows whom'}", "Nur mit Tesvolt", storage=maker)
    taken(bench, "a Tesvolt storage", storage="TESVOLT")


async def parity_none(bench: Bench) -> None:
    """Row 33 on RTU: the parity cannot be set, so only devices with none can be connected."""
    for parity in ("E", "O"):
        line = {"device": "/dev/ttyS0", "parity": parity}
        refused(bench, f"parity {parity}", "Parität none", line=line)
    taken(bench, "parity N", line={"device": "/dev/ttyS0", "parity": "N"})
    taken(bench, "a line of which nothing is said", line={"device": "/dev/ttyS0"})
    try:
        found: object = line_for(bench.env, bench.installation, serial=Serial(9600, "E", 1))
    except ConfigurationError as error:
        found = error
    told = isinstance(found, ConfigurationError) and found.key == "line.parity"
    bench.record.check("a line set to E does not meet a device set to N", told, "ConfigurationError", found)


async def read_only(bench: Bench) -> None:
    """Row 60: neither PV nor battery is controlled; nothing is ever written."""
    found = stands(bench)
    commands = ("limit_power", "charge", "discharge", "release", "limit_current", "pause", "set_power")
    for command in commands:
        bench.record.check(f"no {command}", not found.can(command), False, found.can(command))
    await bench.identify()
    ready(bench)
    for turn in (0, 1):
        bench.set_telling(turn)
        await bench.sleep(1.1)
        await bench.read()
    asked = [data for _, way, data in bench.record.frames if way == ">"]
    functions = {data[1] for data in asked}  # RTU: unit, function
    bench.record.check("only reading functions on the wire", functions <= {3, 4}, "{3, 4}", functions)
    bench.record.check("the device was asked", len(asked) > 2, "> 2 requests", len(asked))
    bench.record.check("nothing was written", not bench.writes(), 0, bench.writes())
