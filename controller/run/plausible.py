"""Judges what devices say before any rule sees it: what cannot be true is absent, with the reason.

Each device by itself: every number within the range that its kind and rating allow, counters no faster than possible.
The grid meter against the others (`cross`): a power that stands still while the devices' powers move is frozen, one
that answers their steps in the wrong direction has its sign against it.

What is absent is unknown, never 0; each rule says what it does without it. Pure: time comes with each question. A
reading equal to the last one gets the same verdict without being looked at again, since this runs for every device in
every decision.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Final

from controller.counters import Counter
from controller.devices import Reading, Value
from controller.run.crossing import Crossing
from controller.strategy.view import Function, Seen

MOST = 250_000.0  # W that a device of unknown rating can do at most
BACK = 60.0  # s after which a counter that has jumped or stepped back is believed again where it stands now
NOTHING: Final[Mapping[str, str]] = {}

Range = tuple[float, float]
COUNTER: Final[Range] = (0.0, 1e13)  # Wh
ANY: Final[Range] = (-1e13, 1e13)
OFFERED: Final[Range] = (0.0, 2000.0)  # A a phase that a charging point can offer, a megawatt among them
PLACE = re.compile(r"(_l[123]|_?\d+)+$")  # of a phase, a string, a tariff


@dataclass(slots=True)
class Judged:
    """What is remembered of one device: its last reading with the verdict, and when each quantity changed last."""

    rating: float | None
    reading: Reading = field(default_factory=dict)
    plausible: Reading = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    again: float = float("inf")  # monotonic time at which the verdict ends even though nothing changes
    values: dict[str, Value] = field(default_factory=dict)  # said last of each quantity
    changed: dict[str, float] = field(default_factory=dict)  # when that was something new
    bad: dict[str, str] = field(default_factory=dict)  # why what was said last cannot be true
    ranges: dict[str, Range | None] = field(default_factory=dict)
    counters: dict[str, Counter] = field(default_factory=dict)


class Plausible:
    """The judge of one installation's devices."""

    def __init__(self) -> None:
        self._devices: dict[str, Judged] = {}
        self._crossing = Crossing()

    def judge(
        self, name: str, function: Function, reading: Reading, rating: float | None, now: float
    ) -> tuple[Reading, Mapping[str, str]]:
        """What of a reading is plausible, and why the rest is not. `rating` in W, `now` monotonic."""
        device = self._devices.get(name)
        if device is None:
            device = self._devices[name] = Judged(rating)
        elif reading == device.reading and now < device.again and rating == device.rating:
            return device.plausible, device.reasons
        if rating != device.rating:
            device.rating = rating
            for each in (device.values, device.bad, device.ranges, device.counters):
                each.clear()
        _look(device, function, reading, now)
        return device.plausible, device.reasons

    def age(self, name: str, quantity: str, now: float) -> float | None:
        """s since what a device says of a quantity has changed, None when it has never said anything."""
        device = self._devices.get(name)
        since = None if device is None else device.changed.get(quantity)
        return None if since is None else now - since

    def cross(self, seen: Mapping[str, Seen], now: float) -> Mapping[str, Seen]:
        """The devices, the grid meter without what the others contradict."""
        meter, reason = self._crossing.judge(seen, now)
        if meter is None or not reason:
            return seen
        lost = {name: reason for name in meter.reading if name.startswith(("power", "current"))}
        left = {name: value for name, value in meter.reading.items() if name not in lost}
        return {**seen, meter.name: replace(meter, reading=left, absent={**meter.absent, **lost})}


def _look(device: Judged, function: Function, reading: Reading, now: float) -> None:
    """Judge what has changed; what has not keeps its verdict."""
    reasons: dict[str, str] = {}
    values, changed, ranges, bad = device.values, device.changed, device.ranges, device.bad
    for quantity, value in reading.items():
        last = values.get(quantity)
        if last == value and last.__class__ is value.__class__:
            if bad and quantity in bad and value is not None and not _believed_again(device, quantity, now):
                reasons[quantity] = bad[quantity]
            continue
        if value is None:
            continue
        values[quantity], changed[quantity] = value, now
        if bad:
            bad.pop(quantity, None)
        limits = ranges.get(quantity)
        if limits and limits is not COUNTER and value.__class__ is float and limits[0] <= value <= limits[1]:
            continue
        if reason := _reason(device, function, quantity, value, now):
            bad[quantity] = reasons[quantity] = reason
    device.reading, device.reasons = reading, reasons or NOTHING
    device.plausible = {name: each for name, each in reading.items() if name not in reasons} if reasons else reading
    if any(isinstance(reading[name], bool) for name in reasons):
        device.again = float("-inf")  # False equals 0, which would be one
        return
    device.again = min((changed[name] + BACK for name in reasons if name in device.counters), default=float("inf"))


def _believed_again(device: Judged, quantity: str, now: float) -> bool:
    """Whether a counter has stood long enough where it jumped to."""
    counter = device.counters.get(quantity)
    if counter is None or counter.last != device.values[quantity] or now < device.changed[quantity] + BACK:
        return False
    del device.bad[quantity]
    return True


def _reason(device: Judged, function: Function, quantity: str, value: Value, now: float) -> str:
    """Why a value cannot be true, empty when it can."""
    if quantity not in device.ranges:
        device.ranges[quantity] = within(quantity, function, device.rating)
    limits = device.ranges[quantity]
    if limits is None:
        return "" if not isinstance(value, float) or isfinite(value) else f"{value} is no number"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{value!r} is no number"
    low, high = limits
    if not low <= value <= high:
        return f"{value:g} is not within {low:g} and {high:g}" if isfinite(value) else f"{value} is no number"
    if limits is not COUNTER:
        return ""
    counter = device.counters.get(quantity)
    if counter is None:
        counter = device.counters[quantity] = Counter(most(device.rating, 3.0))
    counter.count(float(value), now)
    return counter.note


def most(rating: float | None, times: float = 1.3) -> float:
    """W that a device of this rating may show."""
    return MOST if rating is None else times * rating + 500.0


def within(quantity: str, function: Function, rating: float | None) -> Range | None:
    """What a quantity of a device can be, None when it is no number or anything is possible."""
    base = PLACE.sub("", quantity)
    kind = base.rpartition("_")[2]
    dc = base.startswith(("dc", "pv", "battery", "string"))
    if base == "power":
        return _power(function, rating)
    match kind:
        case "power" if base in ("grid_power", "import_power", "export_power"):
            return (-MOST, MOST)  # of the house, whatever the device is rated
        case "power" if base in ("rated_power", "target_power", "limit_power"):
            return (0.0, 1e8)
        case "power":  # behind the AC terminals: more modules than the inverter feeds, a battery charged besides
            return (-most(rating, 3.0), most(rating, 3.0))
        case "voltage":
            # strings of 1100 V: Huawei SUN2000-12KTL-M5 data sheet, max. input voltage; 520 V between two phases
            return (0.0, 1100.0 if dc else 520.0 if quantity.count("_l") > 1 else 300.0)
        case "current":  # at 180 V of a phase, at 40 V of a battery
            amperes = most(rating) / (40.0 if dc else 180.0)
            return (-amperes, amperes)
        case "frequency":
            return (40.0, 70.0)
        case "soc" | "soh":
            return (0.0, 100.0)
        case "temperature":
            return (-60.0, 200.0)
        case "energy" if base != "session_energy":
            return COUNTER
        case "energy" | "capacity":
            return (0.0, 1e9)
        case "factor" if base == "power_factor":
            return (-1.0, 1.0)
        case "limit" if base == "current_limit":
            return OFFERED
        case "limit" | "setpoint":
            return ANY
    return None


def _power(function: Function, rating: float | None) -> Range:
    high = most(rating)
    match function:
        case "pv":  # takes a little by night
            return (-(500.0 + 0.1 * (rating or 0.0)), high)
        case "charger" | "heater":
            return (-500.0, high)
    return (-high, high)
