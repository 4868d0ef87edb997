"""The compatibility list in its published form, written again from evidence: sections, columns and German headings.

The columns `protocols` and `firmware` say what was proven: a protocol on which a row holds, the lowest level from
which on it does. They are empty where nothing was proven. All other printed columns come from the list itself.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from controller.compatibility.rows import PROTOCOLS
from reports.german import SECTIONS as HEADINGS_OF_SECTIONS
from reports.makers import maker
from reports.verdicts import Pair, by_row, standing, weakest

PROVEN = ("compatible", "profile only", "planned")
PRINTED = {name: printed for printed, name in PROTOCOLS.items()}
CHARGING = ("charge_points", "ac", "dc", "max_power", "meter_uncalibrated", "meter_mid", "meter_me", "rfid", "key")
COLUMNS = (
    "row", "section", "manufacturer_printed", "model", "protocols", "interface", "firmware", "planned", "remark",
    *CHARGING, "phases_1", "phases_3", "direct_imax", "transformer_imax",
)  # fmt: skip
EVIDENCE_COLUMNS = (
    "manufacturer", "verdict", "evidence", "emulator_document", "device_firmware", "date", "link", "why",
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A chapter of the list: number, German and English heading; `prose` where it has a text before its rows."""

    number: str
    name: str
    prose: bool = False

    @property
    def heading(self) -> tuple[str, str]:
        plain = self.name.replace("-", " ").capitalize()
        return HEADINGS_OF_SECTIONS.get(self.name, (plain, plain))


NUMBERS = (*map(str, range(1, 12)), "12.1", "12.2", "12.3")
SECTIONS = tuple(
    Section(number, name, number in ("12.1", "12.2"))
    for number, name in zip(NUMBERS, HEADINGS_OF_SECTIONS, strict=True)
)


def sections(names: Iterable[str]) -> tuple[Section, ...]:
    """The published sections, and behind them those of these names that are not among them."""
    known = {each.name for each in SECTIONS}
    return (*SECTIONS, *(Section("–", name) for name in dict.fromkeys(names) if name not in known))


EXTERNAL = ("12", "Externe Vorgaben", "External specifications")
HEADINGS = (
    ("Hersteller", "Manufacturer"),
    ("Modell", "Model"),
    ("Protokoll/e", "Protocol(s)"),
    ("Kommunikations-schnittstelle", "Communication interface"),
    ("Firmware", "Firmware"),
)
REMARK = ("Bemerkung", "Remark")
# Groups of columns of two sections: heading, then the columns under it with their headings.
GROUPS: Mapping[str, Sequence[tuple[tuple[str, str], Sequence[tuple[str, tuple[str, str]]]]]] = {
    "charging-station": (
        (("Lade-Punkte (LP)", "Charge points (CP)"), (("charge_points", ("", "")),)),
        (("Ladeart", "Charging"), (("ac", ("AC", "AC")), ("dc", ("DC", "DC")))),
        (("Max. Lade-Leistung je LP", "Max. power per CP"), (("max_power", ("", "")),)),
        (
            ("Energiezähler", "Energy meter"),
            (
                ("meter_uncalibrated", ("Unge Eich", "uncalibrated")),
                ("meter_mid", ("MID", "MID")),
                ("meter_me", ("ME", "ME")),
            ),
        ),
        (("Zugangs-kontrolle", "Access control"), (("rfid", ("RFID", "RFID")), ("key", ("Key", "Key")))),
    ),
    "electricity-meter": (
        (("Phasen", "Phases"), (("phases_1", ("1", "1")), ("phases_3", ("3", "3")))),
        (
            ("Messart", "Measurement"),
            (
                ("direct_imax", ("Direkt (Imax)", "direct (Imax)")),
                (
                    "transformer_imax",
                    ("Sekundärstrom (Imax) mit separatem Wandler", "secondary current (Imax), separate transformer"),
                ),
            ),
        ),
    ),
}


@dataclass(frozen=True)
class Line:
    """A row of the list as it stands when written again."""

    row: Mapping[str, Any]
    pairs: tuple[Pair, ...]
    day: str  # of the run

    @cached_property
    def standing(self) -> tuple[str, str]:
        return standing(self.pairs)

    @cached_property
    def proven(self) -> tuple[Pair, ...]:
        """The protocols on which it holds, the row itself not failing on any other."""
        return tuple(pair for pair in self.pairs if pair.standing[0] in PROVEN)

    @property
    def date(self) -> str:
        """The day on which it was asked, empty when it was not."""
        return "" if self.standing[0] in ("not built", "not run") else self.day

    @property
    def maker(self) -> str:
        return maker(self.row["row"], self.row["manufacturer"])

    @property
    def link(self) -> str:
        return f"rows/row-{self.row['row']:03}.html"

    @property
    def evidence(self) -> str:
        return weakest(self.pairs)

    @property
    def documents(self) -> str:
        """Documents of the emulators, each once."""
        told = [
            " ".join(filter(None, (pair.profile.get("document", ""), pair.profile.get("revision", ""))))
            for pair in self.pairs
        ]
        return "; ".join(dict.fromkeys(filter(None, told)))

    @property
    def firmware_of_device(self) -> str:
        return "; ".join(dict.fromkeys(pair.firmware for pair in self.pairs if pair.firmware))

    @cached_property
    def columns(self) -> dict[str, str]:
        """The published columns, with what was proven under protocols and firmware."""
        row = self.row
        first = {pair.proven_from for pair in self.proven}
        level = max(first, key=lambda each: self.pairs[0].levels.index(each)) if first else ""
        charging, metering = row["charging"] or {}, row["metering"] or {}
        phases = metering.get("phases", ())
        return {
            "row": str(row["row"]),
            "section": row["section"],
            "manufacturer_printed": row["manufacturer"],
            "model": row["model"],
            "protocols": ", ".join(printed(pair) for pair in self.proven if printed(pair)),
            "interface": row["interface"],
            "firmware": row["since"] if level == row["first_level"] else level,
            "planned": "yes" if row["planned"] else "no",
            "remark": row["remark"],
            **{name: charging.get(name, "") for name in CHARGING},
            "phases_1": "✓" if 1 in phases else "",
            "phases_3": "✓" if 3 in phases else "",
            "direct_imax": metering.get("direct_imax", ""),
            "transformer_imax": metering.get("transformer_imax", ""),
        }

    @property
    def evidence_columns(self) -> dict[str, str]:
        verdict, why = self.standing
        return {
            "manufacturer": self.maker,
            "verdict": verdict,
            "evidence": self.evidence,
            "emulator_document": self.documents,
            "device_firmware": self.firmware_of_device,
            "date": self.date,
            "link": self.link,
            "why": why,
        }


def printed(pair: Pair) -> str:
    """A protocol as the list prints it; the interface of direct marketing has none printed."""
    return "" if pair.row["section"] == "direct-marketing" else PRINTED[pair.protocol]


def lines(data: Mapping[str, Any], every: Iterable[Pair]) -> list[Line]:
    """All rows in the order of the list."""
    return [Line(mine[0].row, tuple(mine), day(data)) for mine in by_row(every).values()]


def day(data: Mapping[str, Any]) -> str:
    """The day of the run, UTC; empty for shards that were put together."""
    started = data["run"].get("started")
    return datetime.fromtimestamp(started, UTC).date().isoformat() if started else ""


def chapters(every: Sequence[Line]) -> Iterator[tuple[Section, list[Line]]]:
    """The sections in the published order with their rows."""
    for section in sections(line.row["section"] for line in every):
        yield section, [line for line in every if line.row["section"] == section.name]


def as_csv(every: Iterable[Line]) -> str:
    """list.csv: the published columns, then what they rest on."""
    text = io.StringIO()
    writer = csv.DictWriter(text, (*COLUMNS, *EVIDENCE_COLUMNS), lineterminator="\n")
    writer.writeheader()
    for line in every:
        writer.writerow({**line.columns, **line.evidence_columns})
    return text.getvalue()
