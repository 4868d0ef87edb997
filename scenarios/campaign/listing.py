"""The list with what the code claims of it: every row's variants, and who emulates and drives it on which wire."""

from collections.abc import Collection
from typing import Any

from controller.compatibility.rows import rows
from controller.drivers.serving import claims
from controller.errors import ConfigurationError
from emulators.family.profile import profile_for


def listing() -> list[dict[str, Any]]:
    """The 148 rows as plain data, in the list's order."""
    found = []
    for row in rows():
        profiles = {protocol: profile_for(row.row, protocol) for protocol in row.protocols}
        drivers = {protocol: claims().get((row.row, protocol), ()) for protocol in row.protocols}
        found.append(
            {
                "row": row.row,
                "section": row.section,
                "manufacturer": row.manufacturer,
                "model": row.model,
                "protocols": list(row.protocols),
                "since": row.since.printed,
                "planned": row.planned,
                "remark": row.remark,
                "variants": [
                    {"name": each.name, "rated_power": each.rated_power, "phases": each.phases} for each in row.variants
                ],
                "evidence": weakest([profile.evidence for profile in profiles.values() if profile]),
                "claims": {
                    "emulator": {protocol: profile.file for protocol, profile in profiles.items() if profile},
                    "driver": {
                        protocol: f"{each[0].__module__}.{each[0].__qualname__}"
                        for protocol, each in drivers.items()
                        if each
                    },
                },
            }
        )
    return found


def chosen(
    found: list[dict[str, Any]], section: str = "", numbers: Collection[int] = (), built: bool | None = None
) -> list[dict[str, Any]]:
    """Rows of one section, with these numbers, built on every protocol or not; ConfigurationError for no section."""
    sections = list(dict.fromkeys(each["section"] for each in found))
    if section and section not in sections:
        raise ConfigurationError(f"unknown {section!r}, known are {', '.join(sections)}", key="section")
    return [
        each for each in found
        if section in ("", each["section"])
        and (not numbers or each["row"] in numbers)
        and built in (None, _built(each))
    ]  # fmt: skip


def _built(entry: dict[str, Any]) -> bool:
    return all(protocol in claims for claims in entry["claims"].values() for protocol in entry["protocols"])


def weakest(classes: list[str]) -> str:
    """The least that a row rests on; "none" without an emulator."""
    order = ("assumed", "clients", "capture", "document")
    return next((each for each in order if each in classes), "none")
