"""What the list's remarks ask of a site, row by row, in the list's own words.

A remark is a rule: something the site must have, something the controller must not do, a line setting that is the
only one possible. Source: the remark column of list.csv; row 62 stands under the remark of row 61 (one product line).
"""

from collections.abc import Collection
from dataclasses import dataclass

from controller.compatibility.rows import row
from controller.errors import ConfigurationError

NEEDS_METER = frozenset({19, 41, 61, 62})
LIMIT_NEEDS_METER = frozenset({48})
BATTERY_READ_ONLY = frozenset({32, 33})
READ_ONLY = frozenset({60})
STORAGE = {51: "Tesvolt"}
PARITY_NONE_ONLY = frozenset({33})
METERS = frozenset({"grid-meter", "meter"})


@dataclass(frozen=True, slots=True)
class Place:
    """A device of a site as the rules see it."""

    name: str
    row: int
    protocol: str
    function: str
    storage: str = ""
    parity: str = ""


def check(devices: Collection[Place]) -> None:
    """ConfigurationError with the remark when a device stands where the list says that it cannot."""
    metered = any(each.function in METERS for each in devices)
    for each in devices:
        key = f"device.{each.name}"
        if each.row in NEEDS_METER and not metered:
            raise ConfigurationError(f"row {each.row} needs an external meter: {remark(each.row)}", key=key)
        wanted = STORAGE.get(each.row)
        if wanted and each.storage.casefold() != wanted.casefold():
            raise ConfigurationError(f'storage = "{wanted}", row {each.row}: {remark(each.row)}', key=f"{key}.storage")
        serial = each.row in PARITY_NONE_ONLY and each.protocol == "modbus-rtu"
        if serial and each.parity not in ("", "N"):
            raise ConfigurationError(f"parity N only, row {each.row}: {remark(each.row)}", key=f"{key}.line.parity")


def forbidden(number: int, metered: bool) -> frozenset[str]:
    """Commands that the list does not allow for a row, given whether the site has an external meter."""
    if number in READ_ONLY:
        return frozenset({"limit_power", "charge", "discharge", "release", "limit_current", "set_power", "pause"})
    if number in BATTERY_READ_ONLY:
        return frozenset({"charge", "discharge"})
    return frozenset({"limit_power"}) if number in LIMIT_NEEDS_METER and not metered else frozenset()


def remark(number: int) -> str:
    """The printed remark, of the row above where a cell spans both."""
    return row(number).remark or row(number - 1).remark
