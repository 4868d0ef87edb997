"""What an installer says of a device that its driver has to know: which one of several, with which key, how wired."""

import inspect
from typing import Any

from pydantic import SecretStr

from controller.errors import ConfigurationError
from controller.sitefile import DeviceSettings

TABLES = ("tariff", "relays")  # of the site file, besides the device's own `serial`


def arguments(device: DeviceSettings, driver: Any) -> dict[str, Any]:
    """Keyword arguments for the driver, by the last part of their key; ConfigurationError for one it does not take."""
    said: dict[str, object] = {"serial": device.serial}
    for table in TABLES:
        said |= {f"{table}.{name}": _plain(value) for name, value in getattr(device, table)}
    found = {key: value for key, value in said.items() if value not in ("", None)}
    taken = inspect.signature(driver).parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in taken):
        names = {key.rpartition(".")[2] for key in found}
    else:
        names = {each.name for each in taken}
    if device.rated_power is not None and "rated_power" in names:
        found["rated_power"] = device.rated_power
    for key in found:
        if key.rpartition(".")[2] not in names:
            raise ConfigurationError(f"row {device.row} has no use for it", key=key)
    return {key.rpartition(".")[2]: value for key, value in found.items()}


def _plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
