"""Feed-in rules of the connection point: a share of the peak power, a power, negative prices; the least counts.

`export_percent` (60 % of the installed DC power, section 9 EEG) and `export_power` are means over `export_window`, a
quarter-hour by the meter's clock. Zero export and a negative price (section 51 EEG) bound each instant: then generators
make what the house takes.

Unknown grid power: generators together may make what may be fed, never more than the mean (`feed_in`). Unknown peak
power of a PV inverter: its rating, else it counts for nothing. A price that nobody knows curtails nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from controller.sitefile import Site
from controller.strategy import feed_in
from controller.strategy.claims import Claim, Rank
from controller.strategy.once import settings
from controller.strategy.quarters import Quarter, begun, leaves, looked
from controller.strategy.signals import Signal, continued
from controller.strategy.tariff import price_now
from controller.strategy.view import View

CYCLE = 3.0  # s from a change to a command, beside the generators' reaction


@dataclass(frozen=True, slots=True)
class Memory:
    """`allowed`: W that might be fed since the last decision."""

    quarter: Quarter | None = None
    allowed: float = 0.0
    division: feed_in.Memory = field(default_factory=feed_in.Memory)
    signals: Mapping[str, Signal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    """`power` W may be fed, as mean of a quarter or at each instant."""

    source: str
    power: float
    reason: str
    mean: bool


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """At most its share for every generator, while they could feed more than may be fed."""
    grid = site.grid
    if grid.export_percent is None and grid.export_power is None and grid.negative_prices == "ignore":
        return [], memory
    rules = _rules(view, site)
    means = [rule for rule in rules if rule.mean]
    mean = min(means, key=lambda rule: rule.power, default=None)
    if mean is not None:
        memory = _seen(view, site, mean.power, memory)
    memory = _told(view, rules, memory)
    now = [rule for rule in rules if not rule.mean]
    if mean is not None:
        now.append(replace(mean, power=_left(view, site, mean.power, memory)))
    if not now:
        return [], memory
    least = min(now, key=lambda rule: rule.power)
    found, division = feed_in.claims(
        view, site, least.power, memory.division, rank=Rank.CONNECTION, source=least.source, reason=least.reason
    )
    return found, replace(memory, division=division, allowed=least.power)


def installed(view: View, site: Site) -> float:
    """W of PV modules: as the installer says, else the inverter's rating; of a battery only what the installer says."""
    total = 0.0
    for seen in view.of("pv", "battery"):
        peak = settings(site, seen.name).peak_power
        total += peak or (seen.rating or 0.0 if seen.function == "pv" else 0.0)
    return total


def _rules(view: View, site: Site) -> list[Rule]:
    grid = site.grid
    found = []
    if grid.export_percent is not None:
        peak = installed(view, site)
        reason = f"{grid.export_percent:g} % of {peak:.0f} W peak power"
        found.append(Rule("feed-in limit", grid.export_percent / 100 * peak, reason, True))
    if grid.export_power is not None:
        reason = f"feed-in limit of {grid.export_power:.0f} W"
        found.append(Rule("feed-in limit", grid.export_power, reason, True))
    if grid.negative_prices == "no export" and (price := price_now(view)) is not None and price < 0:
        found.append(Rule("negative price", 0.0, f"the price is {price:.2f} ct/kWh", False))
    return found


def _seen(view: View, site: Site, mean: float, memory: Memory) -> Memory:
    """The quarter with what has been fed since the last decision."""
    window, before, power = site.grid.export_window, memory.quarter, view.grid_power
    if before is None:
        return replace(memory, quarter=begun(view.time, view.monotonic, window, mean))
    fed = max(-power, 0.0) if power is not None else memory.allowed
    most = max(memory.allowed, mean)
    return replace(memory, quarter=looked(before, view.time, view.monotonic, window, fed, most))


def _left(view: View, site: Site, mean: float, memory: Memory) -> float:
    assert memory.quarter is not None
    takes = min((each[1] for each in memory.division.takes), default=0.0)
    reaction = CYCLE + max((seen.reaction for seen in feed_in.limited(view)), default=0.0)
    left = leaves(memory.quarter, site.grid.export_window, mean, takes, reaction)
    return left if view.grid_power is not None else min(left, mean)


def _told(view: View, rules: list[Rule], memory: Memory) -> Memory:
    now = {
        rule.source: Signal(rule.source, "feed-in", rule.power, "W", view.monotonic, view.time, rule.reason)
        for rule in sorted(rules, key=lambda rule: -rule.power)
    }
    told = {source: continued(memory.signals.get(source), signal) for source, signal in now.items()}
    return memory if told == memory.signals else replace(memory, signals=told)


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
