"""Section 14a EnWG: controllable loads are dimmed together while the grid operator's contact says so.

Source: BNetzA BK6-22-300, Anlage 1, as quoted in hupe1980/hems:site/content/docs/grid-rules.md: which devices (2.4),
what counts (2.3: what they take from the grid), the least that has to be left (4.5.2), no return at once (4.3). A
target below that least is followed and said. What a contact means that cannot be read: see `contacts`; until it was
read loads are dimmed (`site.start`). What else may be unknown: see `dimming`. Where nobody tells a rating, what the
installer lets a charging point or heater take stands for it; without that a load is dimmed and adds nothing to what has
to be left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from controller.devices import Reading
from controller.settings import Section14a
from controller.sitefile import DeviceSettings, Site
from controller.strategy import dimming
from controller.strategy.claims import Claim
from controller.strategy.contacts import Heard, contacts_of, dims, dims_at_last, hear, shown
from controller.strategy.currents import NOMINAL, connected
from controller.strategy.dimming import Limit
from controller.strategy.loads import loads_of
from controller.strategy.once import once, settings
from controller.strategy.signals import Signal, continued, strictest
from controller.strategy.view import Seen, View

LEAST = 4200.0  # W of a device that is controllable, and that one alone is left
LARGE = 11_000.0  # W from which a heating or cooling group is left a share of its power
SHARE = 0.4  # that share
TOGETHER = {2: 0.80, 3: 0.75, 4: 0.70, 5: 0.65, 6: 0.60, 7: 0.55, 8: 0.50}  # by number of devices
MANY = 0.45  # of nine and more


@dataclass(frozen=True, slots=True)
class Memory:
    """By receiver: what was read, whether it dims (1.0), and its signal."""

    readings: Mapping[str, Reading] = field(default_factory=dict)
    receivers: Mapping[str, Heard] = field(default_factory=dict)
    signals: Mapping[str, Signal] = field(default_factory=dict)
    division: dimming.Memory = field(default_factory=dimming.Memory)


@dataclass(frozen=True, slots=True)
class Device:
    """One controllable device of the law: a charging point, a battery, or all that heats or all that cools together."""

    names: tuple[str, ...]
    power: float | None
    heats: bool


def claims(view: View, site: Site, memory: Memory) -> tuple[list[Claim], Memory]:
    """Bounds for every controllable load, while it is dimmed and for a while after."""
    law = site.grid.section14a
    if law is None:
        return [], memory
    for device in _receivers(site):
        seen, heard = view.devices.get(device.name), memory.receivers.get(device.name)
        reading = seen.reading if seen is not None else {}
        if heard is None or heard.state != "valid" or heard.value or memory.readings[device.name] != reading:
            memory = _listen(view, site, device, reading, memory)
    signal = strictest(memory.signals.values(), "consumption", None)
    if signal is None and memory.division.limit is None:
        return [], memory
    limit = None
    if signal is not None and signal.value is not None:
        limit = Limit(signal.value, "controllable loads", "section 14a", signal.reason)
    names = {name for each in controllable(view, site) for name in each.names}
    loads = [load for load in loads_of(view, site) if load.name in names]
    found, division = dimming.dimmed(view, site, loads, limit, memory.division)
    return found, replace(memory, division=division)


def controllable(view: View, site: Site) -> list[Device]:
    """The devices that the installer names; without, all above 4.2 kW, those that heat and those that cool together."""
    law = site.grid.section14a or Section14a()
    exempt = [each for each in view.of("charger", "battery", "heater") if not _named(each.name, law.exempt)]
    wanted = [each for each in exempt if not law.devices or _named(each.name, law.devices)]
    found = [Device((each.name,), power_of(site, each), False) for each in wanted if each.function != "heater"]
    heaters = [each for each in wanted if each.function == "heater"]
    cooling = [each for each in heaters if _named(each.name, law.cooling)]
    for group in ([each for each in heaters if each not in cooling], cooling):
        found += [Device(tuple(each.name for each in group), _sum(site, group), True)] if group else []
    return [each for each in found if law.devices or each.power is None or each.power > LEAST]


def least(devices: Sequence[Device]) -> float:
    """W that have to be left to `devices` together; of unknown power they do not count."""
    counted = [each for each in devices if each.power is not None]
    number = max(len(counted), 1)
    large = [SHARE * each.power for each in counted if each.heats and each.power is not None and each.power > LARGE]
    factor = TOGETHER.get(number, MANY if number > 1 else 0.0)
    return max(large, default=LEAST) + (number - 1) * factor * LEAST


def power_of(site: Site, seen: Seen) -> float | None:
    """W that a device takes at most: its rating, else what the installer lets it take; None when nobody knows."""
    if seen.rating is not None:
        return seen.rating
    device = settings(site, seen.name)
    if seen.function == "charger":
        return device.charging.maximum_current * len(connected(seen, site.site.phases)) * NOMINAL
    return device.heating.maximum_power if seen.function == "heater" else device.battery.charge_power


def target(view: View, site: Site) -> float:
    """W that are left to the controllable devices together while they are dimmed."""
    law = site.grid.section14a or Section14a()
    return law.target_power if law.target_power is not None else least(controllable(view, site))


def _sum(site: Site, group: Sequence[Seen]) -> float | None:
    powers = [power_of(site, each) for each in group]
    return None if None in powers else sum(power or 0.0 for power in powers)


def _named(name: str, names: Sequence[str]) -> bool:
    """Whether a device, or the station whose further point it is, is among the names."""
    return name in names or name.rpartition("-")[0] in names


def _dimming(site: Site) -> Sequence[DeviceSettings]:
    """The receiver that dims, or every one with the FNN coding."""
    law = site.grid.section14a
    heard = [each for each in site.of_function("ripple") if each.receiver.acts_on != "generation"]
    if law is not None and law.receiver is not None:
        return [each for each in heard if each.name == law.receiver]
    return [each for each in heard if each.receiver.coding == "fnn"]


_receivers = once(_dimming)


def _listen(view: View, site: Site, device: DeviceSettings, reading: Reading, memory: Memory) -> Memory:
    """Whether one receiver dims now, and what that leaves with the devices as they are."""
    contacts = contacts_of(reading, device)
    before, meaning = memory.receivers.get(device.name, Heard()), dims(contacts, device)
    at_last = float(dims_at_last(device.receiver))
    value = None if meaning is None else float(meaning)
    now = hear(before, value, at_last, device.receiver.hold, view.monotonic)
    dimmed = bool(now.value)
    if now.state == "not read yet" and site.site.start == "limited":
        dimmed = True
    left = target(view, site) if dimmed else None
    reason = f"section 14a, {_said(now, shown(contacts))}"
    if left is not None and left < (owed := least(controllable(view, site))):
        reason += f", {left:.0f} W are below the {owed:.0f} W that have to be left"
    signal = Signal(device.name, "consumption", left, "W", view.monotonic, view.time, reason, now.state)
    signal = continued(memory.signals.get(device.name), signal)
    if now is before and signal is memory.signals.get(device.name) and memory.readings[device.name] == reading:
        return memory
    return replace(
        memory,
        readings={**memory.readings, device.name: reading},
        receivers={**memory.receivers, device.name: now},
        signals={**memory.signals, device.name: signal},
    )


def _said(heard: Heard, shown: str) -> str:
    match heard.state:
        case "not read yet":
            return f"no signal read yet, {shown}"
        case "held":
            return f"{shown}, as before"
        case "fail-safe":
            return f"{shown} for too long"
        case _:
            return shown


def signals(memory: Memory) -> tuple[Signal, ...]:
    """What each receiver asks for now."""
    return tuple(memory.signals.values())


def kept(memory: Memory) -> dict[str, Any]:
    """Whether loads were dimmed, by receiver."""
    return {name: heard.value for name, heard in memory.receivers.items() if heard.value is not None}


def restored(kept: Mapping[str, Any], time: float, monotonic: float) -> Memory:
    """A memory in which no contact has been read since the start."""
    heard = {name: Heard(float(value), unclear=monotonic) for name, value in kept.items()}
    return Memory({name: {} for name in heard}, heard)
