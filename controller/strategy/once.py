"""What follows from an object that does not change is worked out once: a decision each second costs nothing for it."""

from collections.abc import Callable, Mapping
from operator import is_
from typing import TypeVar

from controller.sitefile import DeviceSettings, Site

KEPT = 4  # objects, the last ones asked for

Of = TypeVar("Of")
Made = TypeVar("Made")


def once(make: Callable[[Of], Made], same: Callable[[Of, Of], bool] = is_) -> Callable[[Of], Made]:
    """`make`, remembering what it made of the last objects. By identity: frozen models cannot all be hashed."""
    kept: list[tuple[Of, Made]] = []

    def made(of: Of) -> Made:
        for each, value in kept:
            if same(each, of):
                return value
        value = make(of)
        kept.insert(0, (of, value))
        del kept[KEPT:]
        return value

    return made


def _by_name(site: Site) -> Mapping[str, DeviceSettings]:
    return {device.name: device for device in site.device}


by_name = once(_by_name)


def settings(site: Site, name: str) -> DeviceSettings:
    """What the installer has set of a device; a further point of a station (`wallbox-2`) has what the first one has."""
    devices = by_name(site)
    return devices[name] if name in devices else devices[name.rpartition("-")[0]]
