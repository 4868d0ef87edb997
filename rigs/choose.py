"""From what a person typed to emulated devices: row, protocol, model, unit and quantities, checked one by one."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.compatibility.rows import row
from controller.errors import ConfigurationError
from emulators.family.build import Installation, NotBuilt, build
from emulators.family.options import UnknownOption, fitting
from emulators.family.profile import profile_for
from emulators.wires.device import Device
from rigs.control import parsed, set_truth
from twin.model import UnknownQuantity


@dataclass(frozen=True, slots=True)
class Place:
    """Where an installation is to stand. `pace` stretches all its delays.

    `shown`: the devices that are told of, for a serial wire all that share it.
    """

    installation: Installation
    host: str = "127.0.0.1"
    port: int | None = None
    link: str | None = None
    shown: tuple[Device, ...] = ()
    pace: float = 1.0


def installation(
    number: int, protocol: str | None, model: str | None, unit: int | None, sets: Sequence[str],
    options: Sequence[str] = (), *, force: bool = False,
) -> Installation:  # fmt: skip
    """One listed device, built as `options` (name=value) say; ConfigurationError names what is wrong.

    `force`: quantities may be set to what physics does not allow.
    """
    listed = row(number)
    wire = spoken(number, protocol)
    variant = listed.variant(model).name if model is not None else None
    try:
        given = dict(_option(text) for text in options)
    except ValueError as error:
        raise ConfigurationError(str(error), key="option") from error
    found = built(number, wire, time.time, given, model=variant, unit=unit, key="option")
    for text in sets:
        try:
            name, value = parsed(text)
            set_truth(found.main, {name: value}, force=force)
        except (UnknownQuantity, ValueError) as error:
            raise ConfigurationError(str(error), key="set") from error
    return found


def built(
    number: int, protocol: str, clock: Callable[[], float], given: Mapping[str, Any], *, model: str | None = None,
    unit: int | None = None, key: str = "options",
) -> Installation:  # fmt: skip
    """One listed device, equipped as a person says; ConfigurationError when he says what it has not or cannot be."""
    options = _fitted(number, protocol, given, key)
    try:
        return build(number, protocol, clock=clock, model=model, unit=unit, **options)
    except NotBuilt as error:
        raise ConfigurationError(str(error), key="row") from error
    except Exception as error:  # the boundary: a file that is whole without these options, and not with them
        if not given:
            raise
        build(number, protocol, clock=clock, model=model, unit=unit)
        told = ", ".join(f"{name}={value}" for name, value in given.items())
        raise ConfigurationError(f"row {number} cannot be built with {told}: {_why(error)}", key=key) from error


def equipment(
    number: int, protocol: str, given: Mapping[str, Any], *, model: str | None = None, unit: int | None = None
) -> dict[str, Any]:
    """What a person gave as options, as the family counts it; ConfigurationError when no device can be built so."""
    options = _fitted(number, protocol, given, "options")
    built(number, protocol, time.time, options, model=model, unit=unit)
    return options


def _fitted(number: int, protocol: str, given: Mapping[str, Any], key: str) -> dict[str, Any]:
    family = profile_for(number, protocol)
    try:
        return fitting(family, given) if family else {}
    except UnknownOption as error:
        raise ConfigurationError(str(error), key=key) from error


def _why(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if isinstance(error, KeyError | IndexError) else str(error)


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


def site(path: str, offset: int = 0, pty_dir: str = "") -> list[Place]:
    """The devices of a site file over one energy balance, each wire with an address of its own.

    `offset` is added to the ports of TCP devices. `pty_dir`: folder in which each serial wire gets a link with the name
    of its first device.
    """
    from controller.sitefile import load
    from rigs.estate import settle
    from rigs.loopback import FIXED, SERIAL, calls, own_port
    from rigs.physical_listening import LOOPBACK

    estate = settle(load(path), time.time)
    places = []
    for number, (installation, devices) in enumerate(estate.places, 1):
        port = None
        if offset and installation.protocol not in (*FIXED, *SERIAL, "contacts"):
            port = own_port(installation) + offset
            if port > 65535:
                raise ConfigurationError(f"{devices[0].name} would be at port {port}", key="port-offset")
        host = f"127.0.77.{number}"
        if calls(installation) and (line := devices[0].line) is not None:  # it asks where the controller listens
            host, port = line.host or LOOPBACK, port or line.port
        link = _link(pty_dir, devices[0].name) if pty_dir and installation.protocol in SERIAL else None
        shown = tuple(point for each in devices for point in estate.installations[each.name].points)
        places.append(Place(installation, host, port, link, shown))
    return places


def _link(folder: str, name: str) -> str:
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be made a folder: {error.strerror}", key="pty-dir") from error
    return str(Path(folder) / "".join(each if each.isalnum() or each in "-_." else "_" for each in name))
