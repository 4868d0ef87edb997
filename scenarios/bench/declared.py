"""The points that a driver declares, found by what they are: frozen dataclasses among its class attributes, and among
those of the helper classes that it uses (`VeBus`, `SaxBlock`: devices at another unit id of the same line).
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

PLACES = ("address", "offset", "object_id", "index")
KEYS = ("key", "obis", "path")


@dataclass(frozen=True)
class Helper:
    """A class of points that a driver uses beside its own, where it stands in a module."""

    module: str
    name: str
    kind: type


def points(driver: type) -> dict[str, Any]:
    """Declared points by attribute name: frozen dataclass instances with an address, an offset or a key."""
    found: dict[str, Any] = {}
    for owner in reversed(driver.__mro__):
        found.update({name: each for name, each in vars(owner).items() if is_point(each) or each is None})
    return {name: each for name, each in found.items() if each is not None}


def in_place(driver: type, changed: Mapping[str, Any]) -> dict[str, Any]:
    """All declared points with some changed, in the order in which drivers look them up: a derived class's come first.

    What derives from a driver to change one of its points has to leave the others where they were.
    """
    found: dict[str, Any] = {}
    for owner in driver.__mro__:
        for name, each in vars(owner).items():
            found.setdefault(name, each)
    return {name: changed.get(name, each) for name, each in found.items() if is_point(each)}


def helpers(driver: type) -> tuple[Helper, ...]:
    """Classes of points, and of commands, that the driver's own methods name."""
    found: dict[str, Helper] = {}
    for owner in driver.__mro__:
        if not owner.__module__.startswith("controller.drivers"):
            continue
        module = sys.modules[owner.__module__]
        for method in vars(owner).values():
            for name in getattr(getattr(method, "__code__", None), "co_names", ()):
                kind = getattr(module, name, None)
                if not isinstance(kind, type) or kind.__module__ != owner.__module__ or kind in driver.__mro__:
                    continue
                if "serves" not in vars(kind) and (points(kind) or teller(kind)):
                    found[name] = Helper(owner.__module__, name, kind)
    return tuple(found[name] for name in sorted(found))


def every_point(driver: type) -> dict[str, Any]:
    """Points of a driver and of its helpers, these as `VeBus.setpoint_l1`."""
    found = points(driver)
    for helper in helpers(driver):
        found |= {f"{helper.name}.{name}": each for name, each in own_points(helper.kind).items()}
    return found


def every_class(driver: type) -> list[tuple[type, dict[str, Any]]]:
    """A driver with its points, then its helpers with theirs."""
    return [(driver, points(driver)), *((each.kind, points(each.kind)) for each in helpers(driver))]


def own_points(helper: type) -> dict[str, Any]:
    """What a helper declares itself; what it has from a base that others share is judged there."""
    return {name: each for name, each in points(helper).items() if name in vars(helper)}


def is_point(each: Any) -> bool:
    return not names(each).isdisjoint((*PLACES, *KEYS))


def names(point: object) -> frozenset[str]:
    """The fields of a dataclass's instance, none of anything else."""
    kind: Any = type(point)
    return _fields(kind)


@cache
def _fields(kind: type) -> frozenset[str]:
    return frozenset(field.name for field in fields(kind)) if is_dataclass(kind) else frozenset()


def teller(kind: type) -> str:
    """The method that gives a command named by its first argument, where there is one."""
    return next((name for name in ("_tell", "tell") if callable(getattr(kind, name, None))), "")
