"""What flows on each phase, by what the devices say of themselves. A, taken from the grid positive.

A device calls its first phase L1, whichever phase of the house that hangs on (`phase` in the site file). A current that
comes without a sign has that of the power of its phase, and counts as taken where nobody tells the sign. A device that
says only its power spreads it evenly over its phases: inverters and rods do, cars need not (`Drawn`).
"""

from dataclasses import dataclass
from typing import Literal

from controller.strategy.view import Seen

Phases = tuple[float, float, float]
NOMINAL = 230.0  # V, where nobody measures it
SENSIBLE = (180.0, 270.0)  # V; what lies outside is no voltage between a phase and neutral
LEAST = 0.2  # A or less is no current

Sort = Literal["generator", "storage", "load", "car", "nothing", "unknown"]
"""What a device does to the phases it hangs on: `unknown` may take or give, `nothing` is a meter or a receiver."""

ANY = 1e6  # A, more than a car can be offered

QUANTITIES = tuple((f"power_l{phase}", f"current_l{phase}", f"voltage_l{phase}") for phase in (1, 2, 3))


def connected(seen: Seen, house: int = 3) -> tuple[int, ...]:
    """The phases of a house of `house` phases that the device hangs on, counted from 0."""
    if house == 1:
        return (0,)
    if seen.phases >= 3:
        return (0, 1, 2)
    first = seen.phase - 1
    return (first,) if seen.phases == 1 else (first, (first + 1) % 3)


def voltage(seen: Seen, phase: int = 0) -> float:
    """V of a phase of the device, counted from 0."""
    found = seen.number(QUANTITIES[phase][2])
    return found if found is not None and SENSIBLE[0] <= found <= SENSIBLE[1] else NOMINAL


def metered(meter: Seen, house: int = 3) -> Phases | None:
    """What a meter says of every phase of the house."""
    if house == 1:
        only = _amperes(meter, 0)
        if only is None and (power := meter.number("power")) is not None:
            only = power / voltage(meter)
        return None if only is None else (only, 0.0, 0.0)
    found = (_amperes(meter, 0), _amperes(meter, 1), _amperes(meter, 2))
    return None if found[0] is None or found[1] is None or found[2] is None else (found[0], found[1], found[2])


def _amperes(seen: Seen, phase: int) -> float | None:
    power_name, current_name, _ = QUANTITIES[phase]
    power, current = seen.number(power_name), seen.number(current_name)
    if current is not None:
        return -abs(current) if power is not None and power < 0 else abs(current)
    return None if power is None else power / voltage(seen, phase)


def taken_power(seen: Seen, sort: Sort) -> float | None:
    """W that the device takes now, negative when it gives. None too when nobody knows the sign."""
    power = seen.number("power")
    match sort:
        case "nothing":
            return 0.0
        case "load" | "car":
            return power
        case "generator":
            return None if power is None else -power
        case "storage":
            power = seen.number("battery_power") if power is None else power
            return None if power is None else -power
    return None


def taken(seen: Seen, sort: Sort, house: int = 3) -> Phases | None:
    """A that the device takes now of each phase. None too for a car whose station does not tell its phases."""
    if sort == "car":
        car = drawn(seen, ANY, house)
        return car.amperes if car.certain and not any(car.assumed) else None
    power = taken_power(seen, sort)
    if power is None:
        return None
    own = connected(seen, house)
    if len(own) == 3 and power:
        each = seen.by_phase("power")
        if each is not None and abs(sum(map(abs, each)) - abs(power)) <= 0.02 * abs(power) + 50.0:
            sign = 1.0 if sort == "load" else -1.0
            return wired(
                sign * each[0] / voltage(seen, 0),
                sign * each[1] / voltage(seen, 1),
                sign * each[2] / voltage(seen, 2),
                seen.phase,
            )
    return spread(power / voltage(seen) / len(own), own)


def at_most(seen: Seen, sort: Sort, house: int = 3) -> Phases | None:
    """A that the device can take of each phase at its rating; None when nobody knows that."""
    if sort in ("nothing", "generator"):
        return (0.0, 0.0, 0.0)
    if seen.rating is None:
        return None
    own = connected(seen, house)
    return spread(seen.rating / NOMINAL / len(own), own)


def wired(l1: float, l2: float, l3: float, phase: int) -> Phases:
    """Currents of a device of three phases whose own L1 hangs on `phase` of the house, the others behind it."""
    return (l1, l2, l3) if phase == 1 else (l3, l1, l2) if phase == 2 else (l2, l3, l1)


def spread(amperes: float, phases: tuple[int, ...]) -> Phases:
    """`amperes` on each of `phases`."""
    return (
        amperes if 0 in phases else 0.0,
        amperes if 1 in phases else 0.0,
        amperes if 2 in phases else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a car takes: on each phase at least `amperes`, `power` W in all, None when nobody knows it.

    `certain`: `amperes` are all that it takes. A station that tells only the power of a car does not tell its phases.
    `assumed`: A of each phase that it is offered by a station without a meter, and taken to take as far as the meter of
    a fuse shows as much. `late`: the same of a station that has just offered more and may show that later.
    """

    amperes: Phases
    power: float | None
    certain: bool
    assumed: Phases = (0.0, 0.0, 0.0)
    late: Phases = (0.0, 0.0, 0.0)


def drawn(charger: Seen, offered: float, house: int = 3, *, metered: bool = False) -> Drawn:
    """What the car at a charging point takes, given that it is offered at most `offered` A a phase.

    With only the power known, a phase carries at least what the others cannot: power - (n - 1) x offered. `metered`:
    the station has told a power before, so that one that is missing now is unknown.
    """
    power = charger.number("power")
    if power is None and not metered and unmetered(charger):
        if resting(charger):
            return Drawn((0.0, 0.0, 0.0), 0.0, True)
        return Drawn((0.0, 0.0, 0.0), None, True, spread(offered, connected(charger, house)))
    if power is not None and power <= 0:
        return Drawn((0.0, 0.0, 0.0), power, True)
    own = connected(charger, house)
    if len(own) == 3:
        each = (_amperes(charger, 0), _amperes(charger, 1), _amperes(charger, 2))
        if each[0] is not None and each[1] is not None and each[2] is not None:
            return Drawn(wired(each[0], each[1], each[2], charger.phase), power, True)
    elif len(own) == 1 and (only := _amperes(charger, 0)) is not None:
        return Drawn(spread(only, own), power, True)
    if power is None:
        return Drawn((0.0, 0.0, 0.0), None, False)
    total = power / voltage(charger)
    least = max(min(total - (len(own) - 1) * offered, total / len(own)), 0.0)
    return Drawn(spread(least, own), power, total - len(own) * least <= max(0.05 * total, LEAST))


def unmetered(charger: Seen) -> bool:
    """Whether a station that speaks says nothing of power: it has no meter."""
    return bool(charger.reading) and "power" not in charger.reading and "power" not in charger.absent


def resting(charger: Seen) -> bool:
    """Whether no current can flow: no car, one that does not charge (IEC 61851-1: A, B), or nothing is offered."""
    return charger.reading.get("vehicle") in ("A", "B") or charger.reading.get("enabled") is False


def drawing(load: Seen, house: int = 3) -> float | None:
    """W that a load takes, None when nobody knows it; at a station without a meter what it says that it offers."""
    told = load.number("power")
    if told is not None or load.function != "charger" or not unmetered(load):
        return told
    offered = 0.0 if resting(load) else load.number("current_limit")
    return None if offered is None else offered * len(connected(load, house)) * voltage(load)
