"""The report of a bench: for each story the real device and its emulator side by side, evidence apart."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import reports
from reports import files, junit
from reports.html import render
from reports.verdicts import pairs

CAVEAT = (
    "What stands under a real device was seen of it, behind an envelope, with the serial number, firmware and date "
    "beside it. What stands under an emulated one is worth as much as the evidence of its emulator."
)


@dataclass(frozen=True)
class Line:
    """One story of one place. A verdict is empty where the story was not told."""

    story: str
    asks: str
    device: str = ""
    device_detail: str = ""
    emulated: str = ""
    emulated_detail: str = ""
    evidence: str = ""  # of the emulator

    @property
    def differs(self) -> bool:
        """Whether one of the two holds and the other does not."""
        return {self.device, self.emulated} == {"pass", "fail"}


@dataclass(frozen=True)
class Place:
    """One place with its stories. `found`: serial number, firmware and date of a real device."""

    name: str
    what: str
    real: bool
    found: dict[str, str]
    lines: tuple[Line, ...]


def write(data: dict[str, Any], out: Path) -> Path:
    """results.json, junit.xml and index.html, which comes last."""
    reports.prepare(out)
    reports.save(data, out / "results.json")
    junit.save(junit.junit(pairs(data), data["run"].get("times", {})), out / "junit.xml")
    files.save(page(data), out / "index.html")
    return out / "index.html"


def page(data: dict[str, Any]) -> str:
    """index.html of a bench."""
    return render("bench.html", data=data, places=places(data), caveat=CAVEAT)


def places(data: dict[str, Any]) -> list[Place]:
    """The places of a results.json in the order of the bench file."""
    stories = {each["id"]: each["asks"] for each in data["stories"]}
    found = []
    for place in data["bench"]["places"]:
        mine = [
            each
            for each in data["results"]
            if (each["row"], each["protocol"], each["model"]) == (place["row"], place["protocol"], place["model"])
        ]
        real = {each["scenario"]: each for each in mine if each.get("place") == place["name"]}
        emulated = {each["scenario"]: each for each in mine if "place" not in each}
        lines = tuple(
            Line(
                story, asks, *_of(real.get(story)), *_of(emulated.get(story)),
                evidence=emulated.get(story, {}).get("evidence", ""),
            )
            for story, asks in stories.items() if story in real or story in emulated
        )  # fmt: skip
        known: dict[str, Any] = next(iter(real.values()), {})
        told: dict[str, str] = {key: str(known[key]) for key in ("serial", "firmware", "date") if key in known}
        what = f"row {place['row']}, {place['protocol']}, {place['model']}"
        found.append(Place(place["name"], what, place["device"] == "real", told, lines))
    return found


def _of(entry: dict[str, Any] | None) -> tuple[str, str]:
    return ("", "") if entry is None else (entry["verdict"], entry["detail"])
