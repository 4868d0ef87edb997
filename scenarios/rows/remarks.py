"""Story of the list's remarks: each remark that is a rule, and each rule of a row, with a judge of its own."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from scenarios.bench.apart import fresh, tell
from scenarios.bench.bench import Bench
from scenarios.bench.story import Story
from scenarios.rows import remark_devices, remark_inputs, remark_services, remark_sites
from scenarios.stories import alternatives, heat


@dataclass(frozen=True)
class Rule:
    """A rule of some rows. `options`: how the device of this rule is set. `protocol`: only there, any when empty."""

    rows: frozenset[int]
    name: str
    tell: Callable[[Bench], Awaitable[None]]
    options: Mapping[str, Any] = field(default_factory=dict)
    protocol: str = ""


def _rule(rows: str, name: str, story: Callable[[Bench], Awaitable[None]], protocol: str = "", **options: Any) -> Rule:
    """`rows` as "1-5,7"."""
    numbers: set[int] = set()
    for part in rows.split(","):
        first, _, last = part.partition("-")
        numbers.update(range(int(first), int(last or first) + 1))
    return Rule(frozenset(numbers), name, story, options, protocol)


RULES = (
    _rule("19,41,61,62", "external meter", remark_sites.needs_meter),
    _rule("48", "PV is throttled with an external meter only", remark_sites.limit_needs_meter),
    _rule("48", "without it the device takes no limit", remark_devices.limit_without_meter, external_meter=False),
    _rule("51", "with Tesvolt storage only", remark_sites.storage_maker),
    _rule("33", "parity none", remark_sites.parity_none, "modbus-rtu"),
    _rule("60", "reading only", remark_sites.read_only),
    _rule("32,33", "batteries are read, never commanded", remark_devices.battery_untouched, battery=True),
    _rule("61,62", "locked until SAX unlocks it", remark_devices.locked),
    _rule("61,62", "a refusing lock", remark_devices.locked, locked_reply="exception"),
    _rule("14", "the board is off at night", remark_devices.night),
    _rule("1-5", "two units on one socket", remark_devices.two_units),
    _rule("7-10,32,33", "one client", remark_devices.one_client, "modbus-tcp"),
    _rule("33", "one client, the first", remark_devices.one_client, "modbus-tcp", clients="refuse"),
    _rule("11,13", "one client", remark_devices.one_client, clients="one"),
    _rule("33", "a quiet second after connecting", remark_devices.quiet_second, "modbus-tcp"),
    _rule("40", "one command a second", remark_devices.one_a_second),
    _rule("34-37", "no old REFUsol interface", remark_devices.old_identity, identity="old"),
    _rule("56", "the reserve of an emergency supply", remark_devices.reserve),
    _rule("127", "meters of other makers through an eCB1", remark_devices.other_meters),
    _rule("84", "internal eCB1 meter", remark_devices.internal_meter),
    _rule("83", "external eCB1 meter", remark_devices.internal_meter),
    _rule("99,101,103,105", "PIN", remark_inputs.pin, pin_entered=False),
    _rule("100,102,104", "PIN", remark_inputs.pin, pin_entered=False, meter="sml_ebz_dd3"),
    _rule("141", "only somebody at the unit brings external control back", heat.reset),
    _rule("141", "until then values are read", alternatives.refusal, latched=True, attended=False),
    _rule("143", "sixteen combinations as configured", remark_inputs.combinations),
    _rule("143", "an input that cannot be read", remark_inputs.broken_input),
    _rule("146", "by the hour with Pulse or SMGW only", remark_services.measured, pulse=False),
    _rule("148", "the zone DE-LU", remark_services.zone),
)  # fmt: skip


def rules(bench: Bench) -> list[Rule]:
    """Those of this row on this protocol."""
    return [each for each in RULES if bench.row.row in each.rows and each.protocol in ("", bench.protocol)]


async def remark(bench: Bench) -> None:
    for rule in rules(bench):
        await tell(bench, fresh(bench, **rule.options), rule.tell, rule.name)
    bench.record.figures["rules"] = float(len(rules(bench)))


def has_rules(bench: Bench) -> str:
    return "" if rules(bench) else "the list has no remark on this row that is a rule"


STORIES = (
    Story("remark", "Does the remark of the list hold?", "A remark is a promise with a condition.",
          "one of its own for each rule: a refused site, the wire, the twin", remark, has_rules),
)  # fmt: skip
