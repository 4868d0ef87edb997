"""The fuses of a house as a tree: the main one at the grid meter, and those of the site file behind it.

All of the house hangs on the main fuse, also what no file names. On another fuse hangs what its `of` names, devices and
other fuses, and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.compatibility.rows import row
from controller.errors import ConfigurationError
from controller.settings import Fuse
from controller.sitefile import DeviceSettings, Site
from controller.strategy.currents import Sort
from controller.strategy.once import once

MAIN = "main fuse"

SORTS: Mapping[str, Sort] = {
    "pv-inverter": "generator",
    "battery-inverter": "storage",
    "charging-station": "car",
    "heating-rod": "load",
    "heat-pump": "load",
    "electrolyser": "load",
    "chp": "generator",
    "fuel-cell": "generator",
    "electricity-meter": "nothing",
    "heat-meter": "nothing",
    "gas-meter": "nothing",
    "ripple-control-receiver": "nothing",
    "dynamic-tariff": "nothing",
    "direct-marketing": "nothing",
}
"""What the devices of a section of the list do to the phases."""


@dataclass(frozen=True, slots=True)
class Node:
    """One fuse. `current` in A a phase. `fuses`: places in the tree of those right behind it."""

    name: str
    current: float
    meter: str | None
    fuses: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """`nodes`: the main fuse first, each before those behind it. `paths`: the fuses that each device hangs on."""

    nodes: tuple[Node, ...]
    paths: Mapping[str, tuple[int, ...]]
    sorts: Mapping[str, Sort]
    phases: tuple[int, ...]

    def path(self, name: str) -> tuple[int, ...]:
        """The fuses between the grid and a device, or a further point of a station, the main one first."""
        found = self.paths.get(name)
        return self.paths.get(name.rpartition("-")[0], (0,)) if found is None else found

    def sort(self, name: str) -> Sort:
        found = self.sorts.get(name)
        return self.sorts.get(name.rpartition("-")[0], "unknown") if found is None else found


def _tree(site: Site) -> Tree:
    above = _above(site)
    order = sorted(site.fuse, key=lambda fuse: len(_path(fuse.name, above)))
    places = {fuse.name: place for place, fuse in enumerate(order, 1)}
    grid = next((device.name for device in site.of_function("grid-meter")), None)
    nodes = [Node(MAIN, site.site.fuse, grid, tuple(places[fuse.name] for fuse in order if fuse.name not in above))]
    nodes += [Node(fuse.name, fuse.current, fuse.meter, _behind(fuse, places)) for fuse in order]
    paths = {
        device.name: (0, *(places[name] for name in reversed(_path(device.name, above)))) for device in site.device
    }
    sorts: dict[str, Sort] = {device.name: _sort(device) for device in site.device}
    return Tree(tuple(nodes), paths, sorts, (0,) if site.site.phases == 1 else (0, 1, 2))


tree = once(_tree)
"""The tree of a site; ConfigurationError with the fuse at fault when it is none."""


def _behind(fuse: Fuse, places: Mapping[str, int]) -> tuple[int, ...]:
    return tuple(places[name] for name in fuse.of if name in places)


def _path(name: str, above: Mapping[str, str]) -> list[str]:
    """The fuses above a device or fuse, the nearest first."""
    found: list[str] = []
    while (name := above.get(name, "")) and name not in found:
        found.append(name)
    return found


def _above(site: Site) -> Mapping[str, str]:
    """The fuse right above each device and fuse that is named in one."""
    devices, fuses = {device.name for device in site.device}, [fuse.name for fuse in site.fuse]
    above: dict[str, str] = {}
    for number, fuse in enumerate(site.fuse):

        def wrong(key: str, expectation: str, number: int = number) -> ConfigurationError:
            return ConfigurationError(expectation, file=site.file, key=f"fuse[{number}].{key}")

        if fuse.name in devices or fuse.name == MAIN or fuses.count(fuse.name) > 1:
            raise wrong("name", f"a name that nothing else has, {fuse.name!r} is there already")
        if fuse.meter is not None and fuse.meter not in devices:
            raise wrong("meter", f"the name of a device, there is no {fuse.meter!r}")
        for name in fuse.of:
            if name not in devices and name not in fuses:
                raise wrong("of", f"names of devices or fuses, there is no {name!r}")
            if name in above:
                raise wrong("of", f"each device behind one fuse, {name!r} is behind {above[name]!r} already")
            above[name] = fuse.name
    for number, fuse in enumerate(site.fuse):
        if fuse.name in _path(fuse.name, above):
            raise ConfigurationError(
                f"a tree, {fuse.name!r} is behind itself", file=site.file, key=f"fuse[{number}].of"
            )
    return above


def _sort(device: DeviceSettings) -> Sort:
    return SORTS.get(row(device.row).section, "unknown")
