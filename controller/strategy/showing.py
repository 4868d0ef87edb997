"""What the house shows to somebody outside who may look: powers, charge, and which limits and set values are in force.

Powers in W as the house counts them. What is not known is None: a sum is known when every part of it is.
"""

from collections.abc import Iterable, Sequence

from controller.devices import Value
from controller.members import Setpoint
from controller.sitefile import Site
from controller.strategy.export import installed
from controller.strategy.signals import Signal, strictest
from controller.strategy.view import Seen, View


def shown(view: View, site: Site, signals: Sequence[Signal], setpoints: Iterable[Setpoint]) -> dict[str, Value]:
    """By name, see `controller.drivers.direct_marketing`; `limited_by`: grid operator or direct marketer, if anybody.

    `available_power` is what PV could make: known only while nothing limits it.
    """
    peak = installed(view, site)
    limit = strictest(signals, "feed-in", peak)
    pv_power = _sum(_pv(each) for each in view.of("pv", "battery") if _has_pv(each))
    told = [each for each in setpoints if each.aspect == "battery"]
    return {
        "grid_power": view.grid_power,
        "pv_power": pv_power,
        "battery_power": _sum(each.number("battery_power") for each in view.of("battery")),
        "soc": _charge(view.of("battery")),
        "available_power": pv_power if limit is None else None,
        "installed_power": peak,
        "effective_limit": None if limit is None else limit.watts(peak),
        "effective_setpoint": sum(_signed(each) for each in told) if told else None,
        "limited_by": "" if limit is None else _who(view, limit),
        "fault": any(each.state == "defect" for each in view),
    }


def _who(view: View, limit: Signal) -> str:
    source = view.devices.get(limit.source)
    return "direct marketer" if source is not None and source.function == "marketer" else "grid operator"


def _has_pv(seen: Seen) -> bool:
    return seen.function == "pv" or "pv_power" in seen.reading


def _pv(seen: Seen) -> float | None:
    """What the sun gives a device, without what a battery on its DC side does."""
    if seen.function == "battery":
        return seen.number("pv_power")
    power, battery = seen.number("power"), seen.number("battery_power")
    return power if power is None or battery is None else max(power - battery, 0.0)


def _charge(batteries: Sequence[Seen]) -> float | None:
    """% of charge of all together, by capacity where every battery tells it."""
    known = [(each.number("soc"), each.number("capacity")) for each in batteries]
    weighed = all(capacity for _, capacity in known)
    total = filled = 0.0
    for soc, capacity in known:
        if soc is None:
            return None
        weight = capacity if weighed and capacity else 1.0
        total, filled = total + weight, filled + weight * soc
    return filled / total if total else None


def _signed(setpoint: Setpoint) -> float:
    watts = setpoint.value or 0.0
    return -watts if setpoint.command == "charge" else watts


def _sum(values: Iterable[float | None]) -> float | None:
    """None without any, or where one is not known."""
    found = list(values)
    known = [each for each in found if each is not None]
    return sum(known) if known and len(known) == len(found) else None
