"""The published compatibility list as typed rows: what is printed, in the words and symbols it is printed in."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from controller.compatibility.levels import Requirement
from controller.compatibility.variants import Variant, choose, variants_by_row
from controller.errors import ConfigurationError

PROTOCOLS: Mapping[str, str] = {
    "Modbus/TCP": "modbus-tcp",
    "Modbus/RTU": "modbus-rtu",
    "SML": "sml",
    "HTTP": "http",
    "UDP": "udp",
    "Speedwire": "speedwire",
    "TCP": "tcp",
    "Digitale Kontakte": "contacts",
}
"""Printed protocol names and those of the command line."""

ASSUMED_PROTOCOLS: Mapping[int, tuple[str, ...]] = {144: ("modbus-tcp",)}
"""Rows that print no protocol, by the profile assumed for them."""


@dataclass(frozen=True, slots=True)
class Charging:
    """The columns of the charging stations, as printed: `✓` has, `Opt.` and `○` optional, empty has not."""

    charge_points: str
    ac: str
    dc: str
    max_power: str
    meter_uncalibrated: str
    meter_mid: str
    meter_me: str
    rfid: str
    key: str


@dataclass(frozen=True, slots=True)
class Metering:
    """The columns of the electricity meters: `phases` it can measure, largest currents as printed ("65 A")."""

    phases: tuple[int, ...]
    direct_imax: str
    transformer_imax: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row. `manufacturer` is empty where the list shows a logo; `remark` is the list's German text."""

    row: int
    section: str
    manufacturer: str
    model: str
    protocols: tuple[str, ...]
    interface: str
    since: Requirement
    planned: bool
    remark: str
    charging: Charging | None
    metering: Metering | None
    variants: tuple[Variant, ...]

    def variant(self, name: str | None = None) -> Variant:
        """The variant called `name`, by default the first printed; ConfigurationError naming those there are."""
        return self.variants[0] if name is None else choose(self.variants, name)


@cache
def rows() -> tuple[Row, ...]:
    """All rows in the order of the list."""
    text = (files("controller.compatibility") / "list.csv").read_text(encoding="utf-8")
    return tuple(_row(line) for line in csv.DictReader(text.splitlines()))


def row(number: int) -> Row:
    """Row `number`, counted from 1."""
    if not 1 <= number <= len(rows()):
        raise ConfigurationError(f"unknown row {number}, expected 1 to {len(rows())}", key="row")
    return rows()[number - 1]


def pairs() -> tuple[tuple[int, str], ...]:
    """Every (row, protocol) that the list promises."""
    return tuple((each.row, protocol) for each in rows() for protocol in each.protocols)


def _row(line: Mapping[str, str]) -> Row:
    number = int(line["row"])
    printed = [name.strip() for name in line["protocols"].split(",") if name.strip()]
    return Row(
        row=number,
        section=line["section"],
        manufacturer=line["manufacturer_printed"],
        model=line["model"],
        protocols=tuple(PROTOCOLS[name] for name in printed) or ASSUMED_PROTOCOLS[number],
        interface=line["interface"],
        since=Requirement(line["firmware"]),
        planned=line["planned"] == "yes",
        remark=line["remark"],
        charging=_charging(line) if line["section"] == "charging-station" else None,
        metering=_metering(line) if line["section"] == "electricity-meter" else None,
        variants=variants_by_row()[number],
    )


def _charging(line: Mapping[str, str]) -> Charging:
    return Charging(**{name: line[name] for name in Charging.__dataclass_fields__})


def _metering(line: Mapping[str, str]) -> Metering:
    return Metering(
        phases=tuple(count for count in (1, 3) if line[f"phases_{count}"] == "✓"),
        direct_imax=line["direct_imax"],
        transformer_imax=line["transformer_imax"],
    )
