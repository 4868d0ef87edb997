"""One installation: a checked site file, resolved into members, envelopes and the controller that drives them.

`controller` is the only way to a controller: `hem run`, `serve`, `simulate`, fixtures, benches and stories call it.

What a device can do at most is what the installer says, else what it says of itself once it has been reached, else
what the list prints of the model that the site file names (or of a row whose models are all alike). Where a rule needs
a rating and nobody can ever tell it, the site is refused at start, with file and key.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from controller.arguments import arguments
from controller.compatibility import rules
from controller.compatibility.rows import row
from controller.drivers.serving import driver_for
from controller.errors import ConfigurationError, LevelTooLow
from controller.hem import Hem
from controller.members import Member, member
from controller.ports import Clock, Line, Ported
from controller.sitefile import DeviceSettings, Site
from controller.store import Memory, Store
from controller.strategy.fuse_tree import tree
from controller.strategy.plan import Plan

Lines = Sequence[tuple[Line, Sequence[DeviceSettings]]]
Drivers = Callable[[int, str], Any]


def controller(
    site: Site, lines: Lines, clock: Clock, *, store: Store | None = None, drivers: Drivers = driver_for
) -> Hem:
    """The controller of a site. `lines`: each with the devices on it. `drivers`: which class serves a row.

    ConfigurationError with file and key, or LevelTooLow, when the site may not be run like this.
    """
    obeyed(site)
    tree(site)
    forbidden = {each.name: _forbidden(site, each) for each in site.device}
    members: list[list[Member]] = []
    for line, devices in lines:
        ports: dict[int, list[Member]] = {}  # a charge point may answer at a port of its own
        for each in devices:
            for port, made in _named(site, each, line, clock, drivers, forbidden[each.name]):
                ports.setdefault(port, []).append(made)
        members += ports.values()
    everybody = [each for line in members for each in line]
    named_once(site, everybody)
    rated(site, everybody)
    kept = store or Memory()
    plan = Plan(site, kept, clock)
    hem = Hem(clock, members, plan, store=kept)
    plan.hurry = hem.hurry
    for free in unlimited(site, hem.members.values()):
        hem.note(free.name, f"cannot be limited: {needs_ratings(site)} does not reach it")
    return hem


def obeyed(site: Site) -> None:
    """ConfigurationError with the remark when a device stands where the list says that it cannot."""
    places = [
        rules.Place(
            each.name, each.row, each.protocol, each.function or "other", each.storage,
            (each.line.parity or "") if each.line else "",
        )
        for each in site.device
    ]  # fmt: skip
    try:
        rules.check(places)
    except ConfigurationError as error:
        raise ConfigurationError(error.expectation, file=site.file, key=error.key) from error


def _forbidden(site: Site, device: DeviceSettings) -> frozenset[str]:
    return rules.forbidden(device.row, any(each.function in rules.METERS for each in site.device))


def _named(
    site: Site, device: DeviceSettings, line: Line, clock: Clock, drivers: Drivers, forbidden: frozenset[str]
) -> list[tuple[int, Member]]:
    """`_members`; what their driver does not take of the site file is said with file and key."""
    try:
        return _members(site, device, line, clock, drivers, forbidden)
    except ConfigurationError as error:
        if error.file or isinstance(error, LevelTooLow):
            raise
        number = [each.name for each in site.device].index(device.name)
        key = f"device[{number}].{error.key}" if error.key else f"device[{number}]"
        raise ConfigurationError(error.expectation, file=site.file, key=key) from error


def _members(
    site: Site, device: DeviceSettings, line: Line, clock: Clock, drivers: Drivers, forbidden: frozenset[str]
) -> list[tuple[int, Member]]:
    """One for each charge point of a station, one for anything else, each with how many ports further on it answers.

    The points' settings are the same.
    """
    driver = drivers(device.row, device.protocol)
    points = device.points or getattr(driver, "charge_points", {}).get(device.row, 1)
    ports = (*getattr(driver, "ports", {}).get(device.row, ()), 0, 0, 0)
    said = arguments(device, driver)
    found = []
    for point, port in zip(range(1, points + 1), ports, strict=False):
        made = member(
            device.point_name(point), device.row, device.protocol, device.function or "other",
            further(line, port), clock, site.level, unit=device.unit, model=device.model, drivers=drivers,
            forbidden=forbidden, by_phase=_by_phase(site, device), **({"point": point} if point > 1 else {}), **said,
        )  # fmt: skip
        made.phases = device.phases or row(device.row).variant(device.model).phases or _phases(site, device)
        made.phase, made.station = device.phase, device.name
        made.rated_power, made.rating_by = _rating(device)
        found.append((port, made))
    return found


def further(line: Line, ports: int) -> Line:
    """The line to a device's port so many further on."""
    if not ports:
        return line
    if not isinstance(line, Ported):
        raise ConfigurationError(
            "a line with ports: a charge point of this station answers at one of its own", key="line"
        )
    return line.beyond(ports)


def _by_phase(site: Site, device: DeviceSettings) -> bool:
    """Whether a fuse depends on what the device says of each phase."""
    at_fuses = {name for fuse in site.fuse for name in (fuse.meter, *fuse.of)}
    return device.function in ("grid-meter", "charger") or device.name in at_fuses


def _phases(site: Site, device: DeviceSettings) -> int:
    return site.site.phases if device.function != "tariff" else 1


def _rating(device: DeviceSettings) -> tuple[float, Any]:
    """W and by whom, as far as it is known before the device has been reached."""
    if device.rated_power is not None:
        return device.rated_power, "installer"
    listed = row(device.row)
    printed = {each.rated_power for each in ([listed.variant(device.model)] if device.model else listed.variants)}
    only = printed.pop() if len(printed) == 1 else None
    return (only, "list") if only else (0.0, "nobody")


def named_once(site: Site, members: Sequence[Member]) -> None:
    """ConfigurationError when a device has the name that a further charge point of a station gets."""
    names = [each.name for each in members]
    for number, device in enumerate(site.device):
        if names.count(device.name) > 1:
            expectation = f"another name: a charge point of a station is called {device.name!r}"
            raise ConfigurationError(expectation, file=site.file, key=f"device[{number}].name")


def rated(site: Site, members: Sequence[Member]) -> None:
    """ConfigurationError when a rule needs the rating of a device that nobody can ever tell."""
    rule = needs_ratings(site)
    if not rule:
        return
    numbers = {device.name: number for number, device in enumerate(site.device)}
    for each in members:
        limited = each.function in ("pv", "battery") and each.can("limit_power")
        if limited and not each.rated_power and not getattr(each.driver, "tells_rating", True):
            raise ConfigurationError(
                f"is missing: {rule} needs the rating in W, row {each.row} prints none for "
                f"{'this model' if len(row(each.row).variants) == 1 else 'all its models alike'} and does not tell it",
                file=site.file,
                key=f"device[{numbers[each.name]}].rated_power",
            )


def unlimited(site: Site, members: Iterable[Member]) -> list[Member]:
    """Generators and hybrids that a rule should limit and that take no limit, by their driver or by the list."""
    generators = (each for each in members if each.function in ("pv", "battery"))
    return [each for each in generators if not each.can("limit_power")] if needs_ratings(site) else []


def needs_ratings(site: Site) -> str:
    """The rule that limits generators by their rating, empty when the site has none."""
    if site.of_function("ripple"):
        return "ripple control"
    if site.of_function("marketer"):
        return "the marketer's set value"
    if site.grid.export_percent is not None or site.grid.export_power is not None or site.grid.lpp is not None:
        return "the limit at the connection point"
    return ""
