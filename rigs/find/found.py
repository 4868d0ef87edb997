"""A device that has said who it is, and what the list says of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from controller.compatibility.rows import row
from controller.devices import Identity
from controller.drivers.serving import driver_for
from controller.errors import ConfigurationError
from controller.sitefile import check
from rigs.physical import RealClock
from rigs.resolve import unwired


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a driver has recognised. `line`, `unit`, `serial`: as a site file has them. `objection`: why not like this.

    `also`: rows that cannot be told from this one by what the device says; the printed name of the model decides.
    """

    row: int
    protocol: str
    identity: Identity
    line: Mapping[str, Any]
    unit: int | None = None
    also: tuple[int, ...] = ()
    objection: str = ""
    where: str = ""

    def entry(self, name: str, number: int | None = None, function: str | None = None) -> dict[str, Any]:
        """Its `[[device]]`; of one of the rows that it can be, ConfigurationError for any other."""
        number = self.row if number is None else number
        if number not in (self.row, *self.also):
            can = ", ".join(map(str, (self.row, *self.also)))
            raise ConfigurationError(f"{self.where} is a device of row {can}, not of {number}", key="row")
        listed, driver = row(number), driver_for(number, self.protocol)
        told: dict[str, Any] = {"name": name, "row": number}
        if self.protocol != listed.protocols[0]:
            told["protocol"] = self.protocol
        if self.identity.model in {each.name for each in listed.variants}:
            told["model"] = self.identity.model
        if function is not None:
            told["function"] = function
        if self.unit is not None and self.unit != getattr(driver, "default_unit", None):
            told["unit"] = self.unit
        if self.protocol in ("speedwire", "sml"):
            told["serial"] = self.identity.serial
        return told | {"line": dict(self.line)}

    def plain(self) -> dict[str, Any]:
        listed = row(self.row)
        return {
            "row": self.row, "also": list(self.also), "section": listed.section, "protocol": self.protocol,
            "identity": asdict(self.identity), "where": self.where, "unit": self.unit, "line": dict(self.line),
            "remark": listed.remark, "objection": self.objection, "entry": self.entry("device"),
        }  # fmt: skip


def objection(found: Found, firmware: str) -> str:
    """What list or level have against it when it stands alone in a house, empty when nothing."""
    try:
        unwired(check({"site": {"firmware": firmware}, "device": [found.entry("device")]}), RealClock())
    except ConfigurationError as error:
        return error.expectation
    return ""
