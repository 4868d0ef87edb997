"""Ripple control: the contacts of each receiver limit every generator and hybrid to a share of its rating.

Several receivers: the lowest wins. A pattern without meaning and contacts that cannot be read hold the last limit for
`receiver.hold` s, then the strictest counts (`receiver.fail_safe`, else the lowest that a closed contact means, and 0 %
when unreadable). After a start nothing may be fed until something has been read (`site.start`), or the hold is over. A
generator whose rating nobody knows may feed nothing under any limit below 100 %.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from controller.devices import Reading
from controller.sitefile import DeviceSettings, Site
from controller.strategy.claims import Claim, Rank
from controller.strategy.contacts import Contacts, Heard, at_last, contacts_of, hear, percent, shown
from controller.strategy.once import once
from controller.strategy.signals import Signal, continued, strictest
from controller.strategy.view import Seen, View


@dataclass(frozen=True, slots=True)
class Memory:
    """By receiver: what was read, what counts, and its signal; `lowest`: the one of them that limits most."""

    readings: Mapping[str, Reading] = field(default_factory=dict)
    receivers: Mapping[str, Heard] = field(default_factory=dict)
    signals: Mapping[str, Signal] = field(default_factory=dict)
    lowest: Signal | None = None


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """At most a share of its rating for every generator that can be limited; nothing at 100 %."""
    for device in _receivers(site):
        seen, heard = view.devices.get(device.name), memory.receivers.get(device.name)
        reading = seen.reading if seen is not None else {}
        if heard is None or heard.state != "valid" or memory.readings[device.name] != reading:
            memory = _listen(view, site, device, reading, memory)
    signal = memory.lowest
    if signal is None or signal.value is None:
        return [], memory
    limited = (seen for seen in view.of("pv", "battery") if "limit_power" in seen.can)
    return [_claim(seen, signal.value, signal.reason) for seen in limited], memory


def _limiting(site: Site) -> Sequence[DeviceSettings]:
    """The receivers that limit generation."""
    return [each for each in site.of_function("ripple") if each.receiver.acts_on != "consumption"]


_receivers = once(_limiting)


def _claim(seen: Seen, share: float, reason: str) -> Claim:
    if seen.rating is None:
        return Claim(seen.name, "feed_in", "at most", 0.0, Rank.GRID, "ripple control", f"{reason} of no known rating")
    value = share / 100 * seen.rating
    return Claim(
        seen.name, "feed_in", "at most", value, Rank.GRID, "ripple control", f"{reason} of {seen.rating:.0f} W"
    )


def _listen(view: View, site: Site, device: DeviceSettings, reading: Reading, memory: Memory) -> Memory:
    """What one receiver says now."""
    contacts = contacts_of(reading, device)
    before = memory.receivers.get(device.name, Heard())
    now = hear(before, percent(contacts, device), at_last(contacts, device), device.receiver.hold, view.monotonic)
    share = now.value if now.value is not None else 100.0
    if now.state == "not read yet" and site.site.start == "limited":
        share = 0.0
    reason = f"ripple control {_said(contacts, now, device.receiver.hold)}: {share:g} %"
    signal = Signal(device.name, "feed-in", share, "%", view.monotonic, view.time, reason, now.state)
    signal = continued(memory.signals.get(device.name), signal)
    if now is before and signal is memory.signals.get(device.name) and memory.readings[device.name] == reading:
        return memory
    signals = {**memory.signals, device.name: signal}
    return Memory(
        {**memory.readings, device.name: reading}, {**memory.receivers, device.name: now}, signals,
        strictest(signals.values(), "feed-in", 100.0),
    )  # fmt: skip


def _said(contacts: Contacts, heard: Heard, hold: float) -> str:
    match heard.state:
        case "not read yet":
            return f"no signal read yet, {shown(contacts)}"
        case "held":
            return f"{shown(contacts)}, last limit held"
        case "fail-safe":
            return f"{shown(contacts)}, unclear for {hold:.0f} s"
        case _:
            return shown(contacts)


def signals(memory: Memory) -> tuple[Signal, ...]:
    """What each receiver asks for now."""
    return tuple(memory.signals.values())


def kept(memory: Memory) -> dict[str, Any]:
    """The last limits, by receiver."""
    return {name: heard.value for name, heard in memory.receivers.items() if heard.value is not None}


def restored(kept: Mapping[str, Any], time: float, monotonic: float) -> Memory:
    """A memory in which nothing has been read since the start, but the last limits are known."""
    heard = {name: Heard(float(value), unclear=monotonic) for name, value in kept.items()}
    return Memory({name: {} for name in heard}, heard)
