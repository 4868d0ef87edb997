"""An installation as the controller resolves it, for a person: who is controlled by which rule, and what is missing.

What stands here is taken from the members and the settings that the controller itself is made of.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from controller.compatibility.rows import row
from controller.hem import Hem
from controller.installation import needs_ratings, unlimited
from controller.members import Member
from controller.sitefile import DeviceSettings, Site
from controller.strategy.once import settings as settings_of

Plain = dict[str, Any]


def explained(site: Site, hem: Hem) -> Plain:
    """The installation as plain data: `site`, `devices`, `fuses`, `rules`, and `missing` in words."""
    devices = [_device(site, settings_of(site, name), member) for name, member in hem.members.items()]
    return {
        "site": site.site.name,
        "file": site.file,
        "firmware": site.site.firmware,
        "fuse": site.site.fuse,
        "start": site.site.start,
        "devices": devices,
        "fuses": [each.model_dump() for each in site.fuse],
        "grid": site.grid.model_dump(exclude_none=True),
        "missing": list(missing(site, hem)),
    }


def _device(site: Site, device: DeviceSettings, member: Member) -> Plain:
    listed = row(device.row)
    return {
        "name": member.name,
        "row": device.row,
        "printed": f"{listed.manufacturer} {listed.model}".strip(),
        "model": device.model,
        "protocol": device.protocol,
        "since": str(listed.since.first_level()),
        "function": member.function,
        "rated_power": member.rated_power or None,
        "rating_by": member.rating_by if member.rated_power else "the device, once it answers",
        "phases": member.phases,
        "phase": member.phase if member.phases == 1 else None,
        "commands": sorted(member.commands),
        "forbidden": sorted(member.forbidden),
        "remark": listed.remark,
        "controlled_by": list(rules_of(site, device, member)),
        "when_silent": _silent(member),
    }


def _silent(member: Member) -> str:
    told = member.driver.when_silent
    if told.state == "keeps":
        return "keeps the last command"
    value = "" if told.fallback is None else f" {told.fallback:g}"
    return f"{told.state}{value} after {told.seconds or 0:g} s"


def rules_of(site: Site, device: DeviceSettings, member: Member) -> Iterator[str]:
    """The rules that may claim something of a device, in the order in which they count."""
    generator = member.function in ("pv", "battery") and member.can("limit_power")
    receivers = [each.name for each in site.of_function("ripple")]
    if member.function == "charger" and member.can("limit_current"):
        yield f"fuse {site.site.fuse:g} A a phase"
        yield from (f"fuse {each.name} {each.current:g} A a phase" for each in site.fuse if device.name in each.of)
    if generator:
        yield from (f"ripple control by {name}" for name in receivers)
        if site.grid.lpp is not None:
            yield "limit of production (LPP)"
        if site.grid.export_percent is not None:
            yield f"at most {site.grid.export_percent:g} % of the PV peak power fed in"
        if site.grid.export_power is not None:
            yield f"at most {site.grid.export_power:g} W fed in"
        if site.grid.negative_prices == "no export":
            yield "no feed-in at negative prices"
    if site.grid.section14a is not None and member.function in ("charger", "heater", "battery") and member.standing:
        yield "section 14a"
    match member.function:
        case "charger":
            yield f"charging {device.charging.mode}, priority {device.charging.priority}"
        case "heater":
            yield f"heating {device.heating.mode}"
        case "battery" if member.can("charge"):
            yield f"regulation by {'itself' if device.battery.regulation == 'own' else 'the controller'}"


def missing(site: Site, hem: Hem) -> Iterator[str]:
    """What an installer would want to know before the site goes into service."""
    members: Mapping[str, Member] = hem.members
    if not site.of_function("grid-meter"):
        yield "no grid meter: no surplus is spent, fuses are guarded by what is known to hang on them"
    for member in members.values():
        if member in unlimited(site, [member]):
            yield f"{member.name}: cannot be limited, {needs_ratings(site)} does not reach it"
        if member.function in ("pv", "battery") and member.can("limit_power") and not member.rated_power:
            yield f"{member.name}: no rating is known until it answers; under a limit it feeds nothing until then"
        if member.function in ("charger", "heater") and not member.standing:
            yield f"{member.name}: cannot be controlled, it is only read"
        if getattr(member.driver, "needs_token", False) and not settings_of(site, member.name).tariff.token:
            yield f"{member.name}: tells no price without the customer's tariff.token"
        told = member.rated_power or settings_of(site, member.name).heating.maximum_power
        if member.function == "heater" and not told and not getattr(member.driver, "tells_rating", True):
            yield f"{member.name}: is not asked for more while nobody says what it takes: rated_power"
    if site.of_function("charger") and not site.of_function("tariff"):
        wanting = [each.name for each in site.of_function("charger") if each.charging.mode == "cheap"]
        yield from (f"{name}: charges when power is cheap, and there is no tariff" for name in wanting)
    if site.grid.export_percent is not None and not any(each.peak_power for each in site.device):
        yield "grid.export_percent: no device has a peak_power, nothing may be fed in"
