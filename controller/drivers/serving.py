"""Which driver serves which row of the list: the claims of the driver classes, read from the classes themselves."""

import importlib
import pkgutil
from functools import cache
from typing import cast

import controller.drivers
from controller.devices import Driver
from controller.errors import ConfigurationError


@cache
def drivers() -> tuple[type[Driver], ...]:
    """Every class in `controller.drivers` that says which rows it serves, by name of module and class."""
    found: dict[str, type[Driver]] = {}
    for module in pkgutil.walk_packages(controller.drivers.__path__, "controller.drivers."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and value.__module__ == module.name and vars(value).get("serves"):
                found[f"{value.__module__}.{value.__qualname__}"] = cast("type[Driver]", value)
    return tuple(found[name] for name in sorted(found))


@cache
def claims() -> dict[tuple[int, str], tuple[type[Driver], ...]]:
    """The drivers that claim each row and protocol; one each, or something is wrong."""
    found: dict[tuple[int, str], tuple[type[Driver], ...]] = {}
    for driver in drivers():
        for row, protocols in driver.serves.items():
            for protocol in protocols:
                found[row, protocol] = (*found.get((row, protocol), ()), driver)
    return found


def driver_for(row: int, protocol: str) -> type[Driver]:
    """The driver of a row; ConfigurationError when none or more than one claims it."""
    serving = claims().get((row, protocol), ())
    if len(serving) != 1:
        names = " and ".join(f"{each.__module__}.{each.__qualname__}" for each in serving) or "none"
        raise ConfigurationError(f"row {row} on {protocol} needs one driver, found {names}", key="row")
    return serving[0]
