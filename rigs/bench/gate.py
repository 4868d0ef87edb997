"""The identity gate: a device is written to when it is the row, number and firmware that the bench file names."""

from controller.devices import Identity
from controller.errors import WrongDevice
from rigs.bench.benchfile import PlaceSettings


def differs(place: PlaceSettings, found: Identity) -> str:
    """What of the identity is not as the bench file has it, empty for nothing. The row is the driver's to know."""
    for what, told, wanted in (
        ("serial number", found.serial, place.serial), ("firmware", found.firmware, place.firmware),
    ):  # fmt: skip
        if wanted and told.strip() != wanted.strip():
            return f"{what} {told or 'none'}, the bench file has {wanted}"
    return ""


def check(place: PlaceSettings, found: Identity) -> None:
    """WrongDevice when somebody else than the bench file's device has answered."""
    if why := differs(place, found):
        raise WrongDevice(f"{found.manufacturer} {found.model} with {why}", [f"the device of place {place.name}"])
