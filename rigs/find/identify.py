"""Who answers: the real drivers are asked one after the other whether this is a device of theirs.

First those whose devices have this unit id ex factory, then all others; whoever recognises it in the first round that
anybody does is reported. Devices that read the same way cannot be told apart, and are reported together.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from controller.compatibility.rows import row
from controller.drivers.serving import claims
from controller.errors import ConfigurationError, DeviceError, LineClosed, LineTimeout
from controller.ports import Line
from rigs.find.found import Found
from rigs.physical import RealClock

REST = 0.2  # s between two drivers; a KEBA drops what comes sooner, an eCB1 locks up
Claim = tuple[int, type[Any]]
MUTE = ("direct-marketing", "dynamic-tariff", "ripple-control-receiver")  # sections of what nobody finds by asking


def drivers_of(protocol: str) -> list[Claim]:
    """Rows on a protocol whose devices can be asked, each with its driver."""
    return [
        (number, served[0]) for (number, spoken), served in sorted(claims().items())
        if spoken == protocol and row(number).section not in MUTE and not hasattr(served[0], "default_port")
    ]  # fmt: skip


def factory_units(protocol: str) -> tuple[int, ...]:
    """The unit ids that devices have ex factory."""
    units = {getattr(driver, "default_unit", None) for _, driver in drivers_of(protocol)}
    return tuple(sorted(unit for unit in units if unit is not None))


async def identified(
    line: Line, protocol: str, unit: int | None, where: dict[str, Any], shown: str, own: bool = False
) -> list[Found]:
    """Everybody who recognises what answers, the most certain first; LineClosed when nobody is there any more.

    `own`: the device answers at any unit id, so that each driver asks at its own.
    """
    candidates = drivers_of(protocol)
    mine = [each for each in candidates if own or unit is None or getattr(each[1], "default_unit", None) == unit]
    others = [each for each in candidates if each not in mine]
    for claimed in (mine, others):
        if found := await _recognised(line, protocol, unit, claimed, where, shown, own):
            return _together(found)
    return []


async def _recognised(
    line: Line, protocol: str, unit: int | None, claimed: Sequence[Claim], where: dict[str, Any], shown: str, own: bool
) -> list[Found]:
    found: list[Found] = []
    silent: set[type[Any]] = set()
    for number, driver in claimed:
        if driver in silent:
            continue
        if protocol in ("udp", "http"):
            await asyncio.sleep(REST)
        at = getattr(driver, "default_unit", unit) if own else unit
        try:
            who = await driver(line, RealClock(), at, row=number, model=None).identify()
        except LineClosed:
            raise
        except LineTimeout:
            silent.add(driver)  # a device that does not answer one row's driver does not answer it for another row
            if unit is None and not own:
                break  # and where there is one device at most it answers nobody else's driver
        except (DeviceError, ConfigurationError):
            continue  # somebody else, or one that cannot be asked without more from the installer
        if protocol == "sml":  # a telegram says nothing of the row but the maker
            return [Found(each, protocol, who, where, where=shown) for each, _ in claimed]
        found.append(Found(number, protocol, who, where, at, where=shown))
        if protocol == "udp":
            break  # a KEBA's product number is of one row
    return found


def _together(found: Sequence[Found]) -> list[Found]:
    """Of each section those that have told a serial number first; rows that recognise the same identity as one."""
    numbered = {row(each.row).section for each in found if each.identity.serial}
    best = [each for each in found if each.identity.serial or row(each.row).section not in numbered]
    merged = []
    for _, same in groupby(sorted(best, key=_kind), key=_kind):
        first, *more = sorted(same, key=lambda each: (not _told(each), not _made(each), each.row))
        merged.append(replace(first, also=tuple(each.row for each in more)))
    return merged


def _kind(found: Found) -> tuple[str, ...]:
    return (row(found.row).section, found.identity.manufacturer, found.identity.serial, found.identity.firmware)


def _told(found: Found) -> bool:
    """Whether the model is one that the row prints."""
    return "model" in found.entry("device")


def _made(found: Found) -> bool:
    """Whether it names the maker that the row prints."""
    return row(found.row).manufacturer.casefold() == found.identity.manufacturer.casefold()
