"""All that is known of one row of the list: what is printed, what it asks of a site, who emulates and drives it."""

from dataclasses import asdict
from typing import Any

from controller.compatibility import rules
from controller.compatibility.rows import Row, row
from controller.devices import unit_of
from controller.drivers.serving import claims
from emulators.family.build import build
from emulators.family.profile import profile_for
from scenarios.campaign.listing import weakest
from scenarios.rows.remarks import RULES

COMMANDS = ("limit_power", "charge", "discharge", "limit_current", "set_power", "pause", "release")


def shown(number: int) -> dict[str, Any]:
    """A row as plain data; ConfigurationError when there is none with this number."""
    printed = row(number)
    wires = {protocol: _wire(printed, protocol) for protocol in printed.protocols}
    evidence = [each["emulator"]["evidence"] for each in wires.values() if each["emulator"]]
    return {
        "row": number, "section": printed.section, "manufacturer": printed.manufacturer, "model": printed.model,
        "interface": printed.interface, "since": printed.since.printed, "planned": printed.planned,
        "charging": asdict(printed.charging) if printed.charging else None,
        "metering": asdict(printed.metering) if printed.metering else None,
        "remark": printed.remark, "rules": _rules(number),
        "variants": [
            {"name": each.name, "rated_power": each.rated_power, "phases": each.phases} for each in printed.variants
        ],
        "evidence": weakest(evidence), "protocols": wires,
    }  # fmt: skip


def _rules(number: int) -> list[str]:
    """What the remark asks, as the site check and the stories have it."""
    named = {rules.NEEDS_METER: "needs an external meter", rules.READ_ONLY: "is only read"}
    named |= {rules.LIMIT_NEEDS_METER: "takes a limit only where the site has an external meter"}
    named |= {rules.BATTERY_READ_ONLY: "its battery is read, never commanded"}
    named |= {rules.PARITY_NONE_ONLY: "on a serial line parity none only"}
    found = [words for numbers, words in named.items() if number in numbers]
    if number in rules.STORAGE:
        found.append(f"with storage of {rules.STORAGE[number]} only")
    return found + sorted({f"story: {rule.name}" for rule in RULES if number in rule.rows})


def _wire(printed: Row, protocol: str) -> dict[str, Any]:
    return {"emulator": _emulator(printed.row, protocol), "driver": _driver(printed.row, protocol)}


def _emulator(number: int, protocol: str) -> dict[str, Any] | None:
    """The family file, what it stands on, and the quantities of the device as it is built."""
    profile = profile_for(number, protocol)
    if profile is None:
        return None
    installation = build(number, protocol, clock=lambda: 0.0)
    return {
        "file": profile.file, "document": profile.document, "revision": profile.revision,
        "evidence": profile.evidence, "sources": list(profile.sources),
        "devices": {
            each.id: {name: unit_of(name) for name in sorted(each.twin.quantities)} for each in installation.devices
        },
        "operator": sorted(installation.main.operator),
        "options": dict(profile.data.get("options", {})),
    }  # fmt: skip


def _driver(number: int, protocol: str) -> dict[str, Any] | None:
    """The class, what can be told to the device, and what it says of its silence."""
    claimed = claims().get((number, protocol), ())
    if not claimed:
        return None
    kind: Any = claimed[0]
    silent = kind.when_silent
    return {
        "class": f"{kind.__module__}.{kind.__qualname__}", "source": (kind.__doc__ or "").strip(),
        "commands": [name for name in COMMANDS if hasattr(kind, name) and name not in rules.forbidden(number, True)],
        "refresh": kind.refresh, "reaction": kind.reaction,
        "when_silent": {"state": silent.state, "seconds": silent.seconds, "fallback": silent.fallback},
    }  # fmt: skip
