"""A site file brought to life: every device emulated, and one house of physics around them all."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from controller.errors import ConfigurationError
from controller.ports import Line
from controller.sitefile import DeviceSettings, Site
from emulators.family.build import Installation, NotBuilt, build
from emulators.family.profile import profile_for
from emulators.wires.device import Device
from rigs.bus import bus_of
from rigs.serial_settings import agree
from twin.furnish import House, Part
from twin.furnish import build as build_house
from twin.series import Array
from twin.site import Site as Physics

Wired = list[tuple[Line, list[DeviceSettings]]]


@dataclass
class Estate:
    """`installations` by device name; `places`: the wires, with the devices on each; `physics`: flows and balance."""

    site: Site
    physics: Physics
    installations: dict[str, Installation]
    places: list[tuple[Installation, list[DeviceSettings]]]

    def wire(self, connect: Callable[[Installation], Line]) -> Wired:
        """Lines to all places with a rig's `connect`, as `controller.installation.controller` takes them."""
        return [(connect(installation), devices) for installation, devices in self.places]

    async def wire_up(self, connect: Callable[[Installation], Awaitable[Line]]) -> Wired:
        """The same with a rig that connects in real time."""
        return [(await connect(installation), devices) for installation, devices in self.places]


def settle(site: Site, clock: Callable[[], float], *, days: int = 7, seed: int = 1) -> Estate:
    """Emulate the devices of a site and put them into one house that begins at the present of `clock`."""
    installations = {}
    for number, device in enumerate(site.device):
        try:
            installations[device.name] = emulated(device, clock)
        except ConfigurationError as error:
            raise located(error, site, number) from error
    parts = tuple(each for device in site.device for each in furniture(site, device, installations[device.name]))
    house = House(parts, annual_energy=site.site.annual_load, days=days, seed=seed)
    twins = {
        name: point.twin for device in site.device for name, point in points(device, installations[device.name]).items()
    }
    physics = build_house(house, clock(), twins)
    for installation in installations.values():
        for each in installation.devices:
            each.joined()
    return Estate(site, physics, installations, placed(site, installations))


def emulated(device: DeviceSettings, clock: Callable[[], float]) -> Installation:
    """One device of the site, with the settings of its line checked against what it can."""
    try:
        installation = build(
            device.row, device.protocol, clock=clock, model=device.model, unit=device.unit, **equipped(device)
        )
    except NotBuilt as error:
        raise ConfigurationError(str(error), key="row") from error
    named = points(device, installation)
    for each in installation.devices:
        each.id = next((name for name, point in named.items() if point is each), f"{device.name}-{each.id}")
    if device.capacity is not None and "capacity" in installation.main.twin.quantities:
        installation.main.twin.set("capacity", device.capacity)
    line, theirs = device.line, installation.serial
    if line is not None and theirs is not None:
        wanted = replace(
            theirs, baud=line.baud or theirs.baud, parity=line.parity or theirs.parity, stop=line.stop or theirs.stop
        )
        if theirs.settable:
            installation.serial = wanted  # as the installer has set it at the device
        else:
            agree(wanted, theirs)
    return installation


def points(device: DeviceSettings, installation: Installation) -> dict[str, Device]:
    """The device, or all charge points of a station, by the names that the controller gives them."""
    return {device.point_name(number): each for number, each in enumerate(installation.points, 1)}


def equipped(device: DeviceSettings) -> dict[str, Any]:
    """How many charge points a station has, where that is not the same for all of its row."""
    family = profile_for(device.row, device.protocol)
    optional = family is not None and "points" in family.data.get("options", {})
    return {"points": device.points} if device.points is not None and optional else {}


def furniture(site: Site, device: DeviceSettings, installation: Installation) -> list[Part]:
    """What the house has to know about a device, and about the further charge points of a station: no car is there."""
    first = part(site, device, installation)
    _, *others = points(device, installation)
    return [first, *(Part(name, first.kind, phase=first.phase) for name in others)]


def part(site: Site, device: DeviceSettings, installation: Installation) -> Part:
    """What the house has to know about a device."""
    place = site.site
    array = None
    if device.peak_power is not None:
        array = Array(device.peak_power, device.tilt, device.azimuth, place.latitude, place.longitude, place.altitude)
    found = Part(
        device.name, installation.profile.kind, phase=device.phase, array=array, hot_water=device.hot_water,
        car=device.car, soc=device.soc,
    )  # fmt: skip
    return replace(found, of=device.of) if device.of else found


def placed(site: Site, installations: dict[str, Installation]) -> list[tuple[Installation, list[DeviceSettings]]]:
    """The wires of the site: devices with the same serial device share one."""
    groups: dict[object, list[int]] = {}
    for number, device in enumerate(site.device):
        shared = device.line.device if device.line is not None and device.protocol == "modbus-rtu" else ""
        groups.setdefault(shared or number, []).append(number)
    places = []
    for numbers in groups.values():
        devices = [site.device[number] for number in numbers]
        try:
            places.append((bus_of([installations[device.name] for device in devices]), devices))
        except ConfigurationError as error:
            raise located(error, site, numbers[-1]) from error
    return places


def located(error: ConfigurationError, site: Site, number: int) -> ConfigurationError:
    """The error with file and key path."""
    key = f"device[{number}].{error.key}" if error.key else f"device[{number}]"
    return ConfigurationError(error.expectation, file=site.file, key=key)
