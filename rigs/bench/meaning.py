"""What a register of a family's table is for: the power, current or state of charge that somebody sets with it.

A table says what a register is called, by the maker and by us, and in which scale; a value in house units is W, A or a
share. What is neither named here nor by its maker's words sets nothing that an envelope limits; what a mode or an
enabling bit brings about is seen in the rehearsal, see `rigs.bench.rehearsal`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from emulators.table.rows import Row

Sort = Literal["W", "A", "soc"]


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a value sets. W: `value * factor`, or `value * share` of the rating."""

    sort: Sort
    share: float = 0.0  # of the rating for each unit of the value; 0: it is in W, A or % itself
    factor: float = 1.0

    def of(self, value: float, rated_power: float) -> float:
        """The value in W, A or %."""
        return value * self.share * rated_power if self.share else value * self.factor


WATTS, AMPERES, CHARGE = Meaning("W"), Meaning("A"), Meaning("soc")
PERCENT, PERMILLE, WHOLE = Meaning("W", 0.01), Meaning("W", 0.001), Meaning("W", 1.0)

NAMED: dict[str, Meaning] = {
    **dict.fromkeys((
        "ac_charge_limit", "active_power_watts", "adjust_power", "basic_setpoint", "bms_charge_max", "bms_charge_min",
        "bms_discharge_max", "bms_discharge_min", "bms_grid_setpoint", "charge_cap", "command_power", "custom_power",
        "derating_power", "discharge_cap", "discharge_power", "ems_power", "export_limit", "external_production_limit",
        "feed_in_limit", "feed_in_power", "feed_limit", "forced_charge_power", "forced_discharge_power",
        "grid_setpoint", "limit_max_watts", "limit_min_watts", "limit_power", "limit_watts", "manual_watts",
        "max_charge_power", "max_power", "override_setpoint", "phase_setpoint_1", "phase_setpoint_2",
        "phase_setpoint_3", "power_register", "push_power", "rated_power", "remote_active", "remote_power",
        "remote_rate", "reversion_power", "set.max_power", "set_power", "setpoint", "site_limit",
        "station.fallback_power", "storage_max_charge", "storage_max_discharge", "discharge_limit", "charge_limit",
    ), WATTS),
    **dict.fromkeys((
        "active_power_limit", "active_power_percent", "charge_percent", "charge_rate", "discharge_percent",
        "discharge_rate", "dynamic_limit", "fallback_limit", "fallback_maximum", "fallback_percent",
        "limit_max_percent", "limit_min_percent", "limit_percent", "limit_whole_percent", "manual_percent",
        "production_rate", "set_percent", "setpoint_percent",
    ), PERCENT),
    **dict.fromkeys((
        "active_permille", "export_permille", "limit_permille",
    ), PERMILLE),
    "adjust_permille": PERMILLE,
    "derating_permille": PERMILLE,
    "feed_in_permille": PERMILLE,
    "power_reduce": WHOLE,
    "power_reference": WHOLE,
    **dict.fromkeys((
        "commanded_current", "commanded_failsafe_current", "charge_current", "datahub_current", "discharge_current",
        "export_current", "failsafe", "hems_limit", "highest_current", "import_current", "input_limit", "max_current",
        "ocpp_current", "safe_current", "total", "breaker_limit",
    ), AMPERES),
    **dict.fromkeys((
        "backup_reserve", "backup_soc", "forced_soc", "highest_soc", "lowest_soc", "lowest_soc_on_grid", "remote_soc",
        "reserve_soc", "soc_window_high", "soc_window_low", "storage_soc_max", "storage_soc_min",
    ), CHARGE),
}  # fmt: skip

OF_A_POINT = re.compile(r"(point\d+|station)\.")
BY_WORDS: tuple[tuple[str, Meaning | None], ...] = (
    # what these words are in is no active power: time, state, reactive power, a factor, a gradient
    (r"reactive|cos ?phi|power factor|gradient|ramp|mode|switch|enable|time|delay|trigger|exit|type|code|monitor"
     r"|version|module|state of health|var\b|parity|unlock|energy", None),
    (r"\bsoc\b|state of charge", CHARGE),
    (r"current.*(limit|max|command|set|charg)|(limit|max|charg|failsafe).*current|strom", AMPERES),
    (r"power.*percent|percent.*power|power.*%", PERCENT),
    (r"max ?feed ?in ?power|maxdischargepower|maxchargepower|power (ac|set|limit|setpoint|max)|max\.? power"
     r"|(charge|discharge|charging|discharging|feed|peak shaving|grid) power|power of charge|leistung"
     r"|maximum (charge|feed).*power|acpowersetpoint", WATTS),
)  # fmt: skip
MIXED = frozenset({"limit", "command", "total"})  # watts in one family, amperes in another: the maker's words tell


def meaning(row: Row) -> Meaning | None:
    """What is set with a register, None for nothing that an envelope limits."""
    quantity = OF_A_POINT.sub("", row.quantity, count=1)
    for name in (row.quantity, quantity):
        if name in NAMED and name not in MIXED:
            return NAMED[name]
    if quantity in MIXED:
        words = row.name.casefold()
        if "power" in words or "leistung" in words:
            return WATTS
        return AMPERES if quantity != "command" or "current" in words else None
    words = row.name.casefold().replace("_", " ")
    return next((found for pattern, found in BY_WORDS if re.search(pattern, words)), None)
