"""What a report has to know of every row besides its verdicts: the printed columns and what the emulator rests on."""

from dataclasses import asdict
from typing import Any

from controller.compatibility.rows import Row, row
from emulators.family.profile import Profile, profile_for
from scenarios.campaign import golden
from scenarios.campaign.every import STORIES
from scenarios.campaign.listing import listing
from scenarios.kinds.kind import kind_of


def dossiers() -> list[dict[str, Any]]:
    """The 148 rows of the listing with all printed columns, their first level and a profile per protocol."""
    return [_dossier(entry) for entry in listing()]


def _dossier(entry: dict[str, Any]) -> dict[str, Any]:
    printed = row(entry["row"])
    profiles = {protocol: profile_for(printed.row, protocol) for protocol in printed.protocols}
    return {
        **entry,
        "interface": printed.interface,
        "first_level": str(printed.since.first_level()),
        "charging": asdict(printed.charging) if printed.charging else None,
        "metering": asdict(printed.metering) | {"phases": list(printed.metering.phases)} if printed.metering else None,
        "profiles": {protocol: _profile(found, printed, protocol) for protocol, found in profiles.items() if found},
    }


def _profile(profile: Profile, printed: Row, protocol: str) -> dict[str, Any]:
    models = profile.models_of(printed.row)
    kind = kind_of(printed.section)
    revisions = {str(each.more["firmware"]) for each in models if "firmware" in each.more}
    if "firmware" in profile.data:
        revisions.add(str(profile.data["firmware"]))
    return {
        "file": profile.file,
        "evidence": profile.evidence,
        "document": profile.document,
        "revision": profile.revision,
        "sources": list(profile.sources),
        "firmware": sorted(revisions),  # of the device, where the family file tells it
        "models": [each.name for each in models],
        "stories": [each.id for each in STORIES if each.offered(printed.row, kind, protocol)],
        **golden.told_of(printed.row, protocol),
    }
