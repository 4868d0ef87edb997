"""What a device on a wire of its own tells of a quantity: the truth, unless a fault makes it lie (F16, F17, F18)."""

from collections.abc import Mapping
from math import isfinite
from typing import Any

from emulators.wires.device import Device


def told(device: Device, quantity: str, owner: object | None = None) -> Any:
    """The value of `quantity` as the device says it; None when it has none to say. `owner` defaults to the twin."""
    value = getattr(device.twin if owner is None else owner, quantity)
    if isinstance(value, float) and not isfinite(value):
        return None  # somebody has set it so: there is no way to say it
    faults = device.faults
    if not faults:
        return value
    if _hit(faults.active.get("frozen"), quantity):
        value = faults.active["frozen"].setdefault("held", {}).setdefault(quantity, value)
    if _hit(faults.active.get("not-available"), quantity):
        return None
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if number and _hit(faults.active.get("sign-flip"), quantity):
        return -value
    return value


def _hit(fault: Mapping[str, Any] | None, quantity: str) -> bool:
    """Whether a fault is on and meant for this quantity; without one it is meant for all."""
    return fault is not None and fault.get("quantity") in (None, quantity)
