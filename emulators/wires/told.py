"""What a device on a wire of its own tells of a quantity: the truth, unless a fault makes it lie (F16, F17, F18)."""

from math import isfinite
from typing import Any

from emulators.faults.known import Faults
from emulators.wires.device import Device


def told(device: Device, quantity: str, owner: object | None = None) -> Any:
    """The value of `quantity` as the device says it; None when it has none to say. `owner` defaults to the twin."""
    value = getattr(device.twin if owner is None else owner, quantity)
    if isinstance(value, float) and not isfinite(value):
        return None  # somebody has set it so: there is no way to say it
    faults = device.faults
    if not faults.lies:
        return value
    said = _said(faults, quantity, value)
    faults.acted(said is not value and said != value)
    return said


def _said(faults: Faults, quantity: str, value: Any) -> Any:
    """States and lists can be frozen or missing, too; texts, the device's name among them, when they are meant."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return faults.view(quantity, value)
    meant = not isinstance(value, str | bytes)
    if faults.hits("not-available", quantity) and (meant or faults.parameter("not-available", "quantity", "")):
        return None
    if faults.hits("frozen", quantity) and (meant or faults.parameter("frozen", "quantity", "")):
        return faults.active["frozen"].setdefault("seen", {}).setdefault(quantity, value)
    return value
