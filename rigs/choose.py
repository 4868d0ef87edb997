"""From what a person typed to emulated devices: row, protocol, model, unit and quantities, checked one by one."""

import time
from collections.abc import Sequence
from typing import Any

from controller.compatibility.rows import row
from controller.errors import ConfigurationError
from emulators.family.build import Installation, NotBuilt, build
from emulators.family.options import UnknownOption
from rigs.control import parsed, set_truth
from twin.model import UnknownQuantity


def installation(
    number: int, protocol: str | None, model: str | None, unit: int | None, sets: Sequence[str],
    options: Sequence[str] = (),
) -> Installation:  # fmt: skip
    """One listed device, built as `options` (name=value) say; ConfigurationError names what is wrong."""
    listed = row(number)
    wire = spoken(number, protocol)
    variant = listed.variant(model).name if model is not None else None
    try:
        chosen = dict(_option(text) for text in options)
        built = build(number, wire, clock=time.time, model=variant, unit=unit, **chosen)
    except NotBuilt as error:
        raise ConfigurationError(str(error), key="row") from error
    except (UnknownOption, ValueError) as error:
        raise ConfigurationError(str(error), key="option") from error
    for text in sets:
        try:
            name, value = parsed(text)
            set_truth(built.main, {name: value})
        except (UnknownQuantity, ValueError) as error:
            raise ConfigurationError(str(error), key="set") from error
    return built


def _option(text: str) -> tuple[str, Any]:
    """`name=value` of --option: as --set, but a number without a point is a whole one, as options count."""
    name, value = parsed(text)
    digits = text.partition("=")[2].strip()
    return name, int(digits) if digits.removeprefix("-").isdigit() else value


def spoken(number: int, protocol: str | None) -> str:
    """The protocol of a row, its first when none is named."""
    protocols = row(number).protocols
    if protocol is None:
        return protocols[0]
    if protocol not in protocols:
        raise ConfigurationError(f"row {number} speaks {' or '.join(protocols)}, not {protocol!r}", key="protocol")
    return protocol


def site(path: str) -> tuple[list[Installation], list[str]]:
    """The devices of a site file over one energy balance, each with an address of its own."""
    from controller.sitefile import load
    from rigs.estate import settle

    built = list(settle(load(path), time.time).installations.values())
    return built, [f"127.0.77.{number}" for number in range(1, len(built) + 1)]
