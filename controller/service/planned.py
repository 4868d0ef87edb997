"""What is to come: prices of the next 36 hours, and when who would take power at them."""

from typing import Any

from controller.service.plain import Plain
from controller.service.snapshot import Snapshot
from controller.sitefile import DeviceSettings, Site
from controller.strategy.once import settings

AHEAD = 36 * 3600.0  # s


def plan(site: Site, snapshot: Snapshot) -> Plain:
    """`prices`: slots of the tariff in ct/kWh. `devices`: mode, target and slots cheap enough for those who wait."""
    now = snapshot.time
    coming = [each for each in snapshot.prices if each.end > now and each.start < now + AHEAD]
    devices = []
    for device in snapshot.devices.values():
        if device.function not in ("charger", "battery", "heater"):
            continue
        wanted = settings(site, device.name)
        limit = cheap_below(device.function, wanted)
        cheap = [] if limit is None else [each.start for each in coming if each.price <= limit]
        devices.append(
            {"name": device.name, "function": device.function, **_wanted(device.function, wanted), "cheap": cheap}
        )
    return {
        "now": now, "until": now + AHEAD, "devices": devices,
        "prices": [{"start": each.start, "end": each.end, "price": each.price} for each in coming],
    }  # fmt: skip


def cheap_below(function: str, device: DeviceSettings) -> float | None:
    """ct/kWh at or below which it takes power from the grid, None when it waits for no price."""
    if function == "charger":
        return device.charging.cheap_below if device.charging.mode == "cheap" else None
    return device.battery.cheap_below if function == "battery" and device.battery.target is not None else None


def _wanted(function: str, device: DeviceSettings) -> dict[str, Any]:
    match function:
        case "charger":
            return {"path": f"device.{device.name}.charging.mode", **device.charging.model_dump(mode="json")}
        case "battery":
            return device.battery.model_dump(mode="json")
        case _:
            return device.heating.model_dump(mode="json")
