"""Controllable loads as a limit of consumption sees them: what each takes, can take and must have, in W at the grid.

A charging point takes amperes on its phases (as many as it says it uses, else as it is wired) at 230 V or what is
measured above it; with less than its minimum current it pauses. A heat pump that is told a level runs or does not, and
regulates itself while nobody tells it anything. A battery takes what comes through its AC side: what
its own PV charges it with is no consumption. Unknown: a power is None; what a load can take at most is its rating, of
a charging point what the installer allows, else without end.
"""

from dataclasses import dataclass
from math import floor, inf
from typing import Literal

from controller.sitefile import DeviceSettings, Site
from controller.strategy.claims import Aspect, Bound
from controller.strategy.currents import NOMINAL, connected, voltage
from controller.strategy.once import settings
from controller.strategy.pumps import asked_by_level
from controller.strategy.view import Seen, View

Kind = Literal["charger", "heater", "battery"]
ASPECTS: dict[Kind, tuple[Aspect, Bound, frozenset[str]]] = {
    "charger": ("current", "at most", frozenset({"limit_current", "pause"})),
    "heater": ("load", "at most", frozenset({"set_power"})),
    "battery": ("battery", "at least", frozenset({"charge"})),
}


@dataclass(frozen=True, slots=True)
class Load:
    """One load. W at its AC side.

    `drawn`: what it takes, `covers`: the share that this needs, None when nobody knows. `silent`: nothing at all is
    heard of it. `resting`: no car is there. `own`: it regulates itself. `whole`: what it takes if nobody can reach it.
    `step`: W of an ampere. `free`: W from its own PV. `minimum`: A.
    """

    name: str
    kind: Kind
    most: float
    least: float
    drawn: float | None
    covers: float | None
    commanded: bool
    silent: bool
    resting: bool
    own: bool
    whole: float
    step: float
    free: float
    priority: int
    minimum: float

    def value(self, share: float) -> float:
        """A claim's value for a share in W: amperes of a charging point, W of a heater, negative W of a battery."""
        match self.kind:
            case "charger":
                amperes = floor(10 * share / self.step + 1e-6) / 10
                return max(amperes, self.minimum) if share >= self.least - 1e-6 else 0.0
            case "heater":
                return share if share >= self.least - 1e-6 else 0.0
            case "battery":
                return -(share + self.free)


def loads_of(view: View, site: Site) -> list[Load]:
    """Charging points, heaters and batteries, in the order of the site file."""
    return [_load(view, site, seen) for seen in view.of("charger", "heater", "battery")]


def _load(view: View, site: Site, seen: Seen) -> Load:
    device = settings(site, seen.name)
    if seen.function == "charger":
        return _charger(view, site, seen, device)
    kind: Kind = "heater" if seen.function == "heater" else "battery"
    rating = seen.rating if seen.rating is not None else inf
    power = seen.number("power")
    if kind == "heater":
        most, drawn, free = device.heating.maximum_power or rating, power, 0.0
        pump = asked_by_level(site, seen)
        own, least = pump or device.heating.mode == "none", most if pump else 0.0
    else:
        stored = seen.number("battery_power")
        taken = stored if power is None else power
        most, drawn = device.battery.charge_power or rating, None if taken is None else max(-taken, 0.0)
        free, own = max(seen.number("pv_power") or 0.0, 0.0), device.battery.regulation == "own"
        least = 0.0
    return Load(
        seen.name, kind, most, least, drawn, drawn, bool(ASPECTS[kind][2] & seen.can), not seen.reading, False, own,
        rating, 1.0, free, 1, 0.0,
    )  # fmt: skip


def _charger(view: View, site: Site, seen: Seen, device: DeviceSettings) -> Load:
    phases, told = len(connected(seen, site.site.phases)), seen.number("phases")
    phases = min(phases, int(told)) if told in (1, 2, 3) else phases
    step = phases * volts(view, seen)
    minimum = device.charging.minimum_current
    least = minimum * phases * NOMINAL
    most = max(min(device.charging.maximum_current * step, seen.rating or inf), least)
    absent = seen.reading.get("plugged") is False or seen.reading.get("vehicle") == "A"
    drawn = seen.number("power")
    return Load(
        seen.name, "charger", most, least, drawn, _covers(seen, drawn, phases, step),
        bool(ASPECTS["charger"][2] & seen.can), not seen.reading, absent, False, max(seen.rating or 0.0, most), step,
        0.0, device.charging.priority, minimum,
    )  # fmt: skip


def _covers(seen: Seen, drawn: float | None, phases: int, step: float) -> float | None:
    """W of the current that a car takes on its strongest phase, taken on all; one that is not measured may be that."""
    currents = seen.by_phase("current")
    if currents is not None:
        return max(abs(each) for each in currents) * step
    return None if drawn is None else drawn * phases


def volts(view: View, seen: Seen) -> float:
    """V of the highest phase that the device, else the grid meter measures, and no less than 230."""
    meter = view.grid_meter
    found = [voltage(each, phase) for each in (seen, meter) if each is not None for phase in range(3)]
    return max(NOMINAL, *found)
