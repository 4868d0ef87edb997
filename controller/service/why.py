"""Why a device does what it does just now, in one sentence: `why 0 W?`."""

from controller.service.figures import number
from controller.service.snapshot import Device

STILL = 5.0  # W


def why(device: Device) -> str:
    """What is asked of it and what bound it; without that, what its own state says."""
    if device.state != "online":
        return f"{device.state}: {device.error}" if device.error else device.state
    asked = [f"{each.said}: {each.reason}" for each in device.wanted.values()]
    late = [aspect for aspect, each in device.wanted.items() if each.differs(device.stands.get(aspect))]
    if asked:
        return "; ".join(asked) + (" (not taken yet)" if late else "")
    if device.absent:
        return "; ".join(f"{quantity}: {reason}" for quantity, reason in device.absent.items())
    power, status = number(device, "power"), device.reading.get("status")
    if device.function == "charger" and device.reading.get("plugged") is False:
        return "no car is plugged in"
    if power is None:
        return "tells no power just now" if device.function in ("pv", "battery", "charger", "heater", "meter") else ""
    if abs(power) <= STILL and isinstance(status, str) and status:
        return f"left to itself, it says {status}"
    return "left to itself" if device.can else ""
