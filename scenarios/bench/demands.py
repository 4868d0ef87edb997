"""What is demanded of a row: by its kind and its family file, less what the list or the maker says that it cannot.

Nothing here asks a driver. An exemption is a rule of the list (`LISTED`) or the maker's statement in the family file:

    cannot = [{ what = "limit_power", rows = [49], why = "AC-coupled: it has no generator", source = "..." }]

`tells` of a family file: quantities that the device tells although no row of its table carries them by their name.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from controller.compatibility.rows import rows
from emulators.family.profile import Profile, profiles
from scenarios.kinds.kind import kind_of

AC = (
    "power", "power_l1", "power_l2", "power_l3", "voltage_l1", "voltage_l2", "voltage_l3", "current_l1", "current_l2",
    "current_l3", "frequency", "energy", "temperature", "status",
)  # fmt: skip
CONTRACT: Mapping[str, tuple[str, ...]] = {
    "pv-inverter": (
        *AC, "dc_power", "power_limit", "battery_power", "soc", "grid_power", "capacity", "pv_power", "charge_energy",
        "discharge_energy",
    ),
    "battery-inverter": (
        *AC, "battery_power", "soc", "capacity", "charge_energy", "discharge_energy", "pv_power", "grid_power",
        "dc_power", "power_limit", "import_energy", "export_energy",
    ),
    "electricity-meter": (*AC, "import_energy", "export_energy", "reactive_power", "power_factor"),
    "charging-station": (
        *AC, "current_limit", "vehicle", "plugged", "enabled", "session_energy", "rfid", "phases",
    ),
    "heating-rod": (*AC, "power_setpoint", "water_temperature", "mode"),
}  # fmt: skip
"""Contract quantities of a section: what is demanded where the device tells it. Other sections: the kind's own."""

COMMANDS = ("limit_power", "charge", "discharge", "limit_current", "pause", "set_power", "release")
LISTED: Mapping[int, tuple[tuple[str, ...], str]] = {
    60: (COMMANDS, "nur lesend, aber nicht steuernd"),
    32: (("charge", "discharge"), "Die Steuerung von Batterien"),
    33: (("charge", "discharge"), "Die Steuerung von Batterien"),
}
"""Rules of the list: row -> what it forbids, and the words of the remark."""


def demanded_commands(bench: Any) -> tuple[str, ...]:
    """Commands that the kind demands; of a battery on the DC side, and of PV on a battery's, theirs too."""
    found = dict.fromkeys(bench.kind.commands)
    if bench.section == "pv-inverter" and bench.battery is not None:
        found |= dict.fromkeys(("charge", "discharge"))
    if bench.section == "battery-inverter" and bench.solar:
        found |= dict.fromkeys(("limit_power",))
    return tuple(found)


def exempted(profile: Profile, row: int, what: str) -> str:
    """The rule of the list, or the maker's statement, by which this is not demanded; empty when it is."""
    words, remark = LISTED.get(row, ((), ""))
    if what in words:
        return f"the list: {remark}"
    for each in profile.data.get("cannot", ()):
        if each["what"] == what and row in each.get("rows", (row,)):
            return f"{each['why']} ({each['source']})"
    return ""


def exemptions() -> Iterator[tuple[str, tuple[int, ...], str, str]]:
    """All of them: family or the list, rows, what, why."""
    for row, (words, remark) in LISTED.items():
        yield "the list", (row,), ", ".join(words), remark
    for profile in profiles():
        for each in profile.data.get("cannot", ()):
            mine = tuple(each.get("rows", sorted(profile.serves)))
            yield profile.file, mine, each["what"], f"{each['why']} ({each['source']})"


def contract(section: str) -> tuple[str, ...]:
    """Quantities that are demanded of a section where the device tells them."""
    kind = kind_of(section)
    return CONTRACT.get(section) or (*kind.demanded, *kind.besides)


def sections() -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.section for row in rows()))
