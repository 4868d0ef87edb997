"""Feed-in rules of the connection point: a share of the peak power, a power, negative prices; the least counts.

`export_percent` (60 % of the installed DC power, section 9 EEG) and `export_power` are means over `export_window`, a
quarter-hour by the meter's clock. Zero export and a negative price (section 51 EEG) bound each instant: then generators
make what the house takes.

Unknown grid power: generators together may make what may be fed, never more than the mean (`feed_in`). Unknown peak
power of a PV inverter: its rating, else it counts for nothing. A price that nobody knows curtails nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.sitefile import Site
from controller.strategy import feed_in
from controller.strategy.claims import Claim, Rank
from controller.strategy.once import once
from controller.strategy.quarters import Quarter, begun, leaves, looked
from controller.strategy.signals import Signal, continued
from controller.strategy.tariff import price_now
from controller.strategy.view import Seen, View

CYCLE = 3.0  # s from a change to a command, beside the generators' reaction


@dataclass(frozen=True, slots=True)
class Rule:
    """`power` W may be fed, as mean of a quarter or at each instant."""

    source: str
    power: float
    reason: str


FREE = Rule("feed-in", float("inf"), "free")  # what the house takes is watched meanwhile


@dataclass(frozen=True, slots=True)
class Memory:
    """`allowed`: W that might be fed since the last decision. `peak`: W of modules that `mean` was worked out for."""

    quarter: Quarter | None = None
    allowed: float = 0.0
    division: feed_in.Memory = field(default_factory=feed_in.Memory)
    peak: float | None = None
    mean: Rule | None = None
    signals: Mapping[str, Signal] = field(default_factory=dict)


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """At most its share for every generator, while they could feed more than may be fed."""
    grid = site.grid
    means = grid.export_percent is not None or grid.export_power is not None
    if not means and grid.negative_prices == "ignore":
        return [], memory
    generators = feed_in.limited(view)
    peak, rule, quarter, least = memory.peak, memory.mean, memory.quarter, None
    if means:
        if rule is None or peak != (now := installed(view, site)):
            peak = now = installed(view, site)
            rule = _mean(site, now)
        quarter = _seen(view, site, rule.power, memory)
        least = Rule(rule.source, _left(view, site, generators, rule.power, quarter, memory), rule.reason)
    negative = _negative(view) if grid.negative_prices == "no export" else None
    signals = _told(view, rule, negative, memory)
    least = negative or least or FREE
    found, division = feed_in.claims(
        view, site, generators, least.power, memory.division,
        rank=Rank.CONNECTION, source=least.source, reason=least.reason,
    )  # fmt: skip
    return found, Memory(quarter, least.power, division, peak, rule, signals)


def installed(view: View, site: Site) -> float:
    """W of PV modules: as the installer says, else the inverter's rating; of a battery only what the installer says."""
    total, untold = _peaks(site)
    for name in untold:
        seen = view.devices.get(name)
        total += 0.0 if seen is None or seen.rating is None else seen.rating
    return total


def _told_peaks(site: Site) -> tuple[float, Sequence[str]]:
    """W of all modules that the installer has told, and the PV inverters of which he has not."""
    untold = [each.name for each in site.of_function("pv") if each.peak_power is None]
    return sum(each.peak_power or 0.0 for each in site.of_function("pv", "battery")), untold


_peaks = once(_told_peaks)


def _mean(site: Site, peak: float) -> Rule:
    """The lower of the site's means."""
    percent, power, found = site.grid.export_percent, site.grid.export_power, []
    if percent is not None:
        found.append(Rule("feed-in limit", percent / 100 * peak, f"{percent:g} % of {peak:.0f} W peak power"))
    if power is not None:
        found.append(Rule("feed-in limit", power, f"feed-in limit of {power:.0f} W"))
    return min(found, key=lambda rule: rule.power)


def _negative(view: View) -> Rule | None:
    """No feed-in while the price is known to be negative."""
    price = price_now(view)
    return Rule("negative price", 0.0, f"the price is {price:.2f} ct/kWh") if price is not None and price < 0 else None


def _seen(view: View, site: Site, mean: float, memory: Memory) -> Quarter:
    """The quarter with what has been fed since the last decision."""
    window, before, power = site.grid.export_window, memory.quarter, view.grid_power
    if before is None:
        return begun(view.time, view.monotonic, window, mean)
    fed = max(-power, 0.0) if power is not None else memory.allowed
    return looked(before, view.time, view.monotonic, window, fed, max(memory.allowed, mean))


def _left(view: View, site: Site, generators: Sequence[Seen], mean: float, quarter: Quarter, memory: Memory) -> float:
    takes = memory.division.takes.least
    reaction = CYCLE
    for seen in generators:
        reaction = max(reaction, CYCLE + seen.reaction)
    left = leaves(quarter, site.grid.export_window, mean, takes[0][1] if takes else 0.0, reaction)
    return left if view.grid_power is not None else min(left, mean)


def _told(view: View, mean: Rule | None, negative: Rule | None, memory: Memory) -> Mapping[str, Signal]:
    """Signals of the rules, each since it began."""
    before, rules = memory.signals, [rule for rule in (mean, negative) if rule is not None]
    if len(before) == len(rules) and all(
        rule.source in before and before[rule.source].reason == rule.reason for rule in rules
    ):
        return before
    return {
        rule.source: continued(
            before.get(rule.source),
            Signal(rule.source, "feed-in", rule.power, "W", view.monotonic, view.time, rule.reason),
        )
        for rule in rules
    }


def signals(memory: Memory) -> tuple[Signal, ...]:
    """The rules that bound the feed-in now."""
    return tuple(memory.signals.values())


def kept(memory: Memory) -> dict[str, Any]:
    """What has been fed in which quarter, and what might be fed on."""
    quarter = memory.quarter
    if quarter is None:
        return {}
    power = max(quarter.power, memory.allowed)
    return {"number": quarter.number, "fed": quarter.fed, "time": quarter.time, "power": power}


def restored(kept: Mapping[str, Any], time: float, monotonic: float) -> Memory:
    """A memory of the quarter as it was, in which as much was fed meanwhile as might be.

    For an hour, which no quarter outlasts, the mean bounds each instant: nobody has seen what generators did.
    """
    if not kept:
        return Memory()
    was = float(kept["time"])
    away = max(time - was, 0.0)
    quarter = Quarter(
        int(kept["number"]), float(kept["fed"]), float(kept["power"]), was, monotonic - away, monotonic + 3600.0
    )
    return Memory(quarter)
