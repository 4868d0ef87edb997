"""Settings that users change while the controller runs: kept beside the site file, which stays the installer's.

A change is a path into the site file and a value, such as `device.wallbox.charging.mode = "fast"`. Only what rules read
can be changed; devices, lines and fuses need the file and a restart. All changes together are checked as the file is.
"""

import json
from collections.abc import Mapping
from typing import Any

from controller.errors import ConfigurationError
from controller.installation import obeyed
from controller.sitefile import Site, check
from controller.store import Store

KEY = "settings"
USERS = ("charging", "heating", "battery")
"""Parts of a device that its users may set; what else can be changed is the installer's."""
PARTS = {"device": USERS, "site": ("first",), "grid": ("export_percent", "export_power", "negative_prices")}

Changes = Mapping[str, Any]


def users(path: str) -> bool:
    """Whether a user may set this, and not only an installer."""
    return path.startswith("device.")


def changed(site: Site, changes: Changes) -> Site:
    """The site with all changes; ConfigurationError with the path of the one that cannot be."""
    data = site.model_dump()
    for path, value in changes.items():
        _put(data, path.split("."), path, value)
    try:
        found = check({key: value for key, value in data.items() if key != "file"}, site.file)
        obeyed(found)
    except ConfigurationError as error:
        raise ConfigurationError(error.expectation, key=_path(site, error.key)) from error
    return found


def _put(data: dict[str, Any], parts: list[str], path: str, value: Any) -> None:
    head, *rest = parts
    if head == "device" and len(rest) >= 3:
        name, (part, key) = ".".join(rest[:-2]), rest[-2:]
        device = next((each for each in data["device"] if each["name"] == name), None)
        if device is not None and part in USERS and key in device[part]:
            device[part] = {**device[part], key: value}
            return
    elif head in ("site", "grid") and len(rest) == 1 and rest[0] in PARTS[head]:
        data[head] = {**data[head], rest[0]: value}
        return
    raise ConfigurationError("can be changed in the site file only", key=path)


def _path(site: Site, key: str) -> str:
    """`device[2].charging.mode` by the device's name."""
    head, bracket, rest = key.partition("[")
    number, _, end = rest.partition("]")
    return f"{head}.{site.device[int(number)].name}{end}" if bracket and number.isdigit() else key


def kept(store: Store) -> dict[str, Any]:
    """The changes that hold, and those before them (`before`, None without)."""
    return store.load(KEY) or {"now": {}, "before": None}


def restored(site: Site, store: Store) -> tuple[Site, str]:
    """The site as its users have set it, and what of that no longer fits the site file."""
    now = kept(store)["now"]
    try:
        return changed(site, now), ""
    except ConfigurationError as error:
        return site, f"settings {json.dumps(now, ensure_ascii=False)} no longer fit the site file: {error}"
