"""What stories of whole houses say of sun, cars and contacts, and by when what was asked has to show at the meter."""

from collections.abc import Mapping
from typing import Any

from scenarios.bench.around import House, contacts
from scenarios.bench.bench import Bench
from scenarios.bench.judge import Judge

DECLARED = 1.0  # s from an input's edge to the setpoint on the wire
LATER = 2.0  # s that a device may take beyond its declared reaction until the meter shows it
# Least power in W that section 14a leaves to so many controllable devices together: BNetzA BK6-22-300, annex 1, 4.5.2
LEAST = {1: 4200, 2: 7560, 3: 10_500, 4: 13_020, 5: 15_120, 6: 16_800, 7: 18_060, 8: 18_900, 9: 19_320}


def within(house: House, *names: str) -> float:
    """s in which a signal has to show in the power of these devices."""
    return DECLARED + LATER + max(float(house.hem.members[name].driver.reaction) for name in names)


def shining(house: House, share: float, *names: str) -> None:
    """The sun offers this share of their ratings to generators; their batteries are full."""
    for name in names:
        house.sun(share * float(house.twins[name].rated_power), name)


def full(house: House, *names: str) -> None:
    for name in names:
        house.twins[name].set("soc", 100.0)


def plug(house: House, *names: str, amperes: float = 32.0, phases: int = 3) -> None:
    """A hungry car at each of these stations."""
    for name in names:
        twin = house.twins[name]
        twin.authorized, twin.vehicle_current, twin.vehicle_phases = True, amperes, phases
        twin.set("plugged", True)


def close(house: House, pattern: str, name: str = "operator") -> None:
    """K1 to K4 as digits."""
    contacts(house, [digit == "1" for digit in pattern], name)


def watched(house: House, *names: str) -> tuple[Judge, Mapping[str, Any]]:
    """A judge of these generators, and their bounds."""
    judge = Judge(house)
    judge.start()
    return judge, {name: judge.generator(name, within(house, name)) for name in names}


def limit(bench: Bench, house: House, bounds: Mapping[str, Any], percent: float) -> None:
    """From now on each generator may feed this share of its rating."""
    for name, bound in bounds.items():
        bound.order(percent / 100 * float(house.twins[name].rated_power), float(bench.env.now))
