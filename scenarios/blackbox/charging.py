"""What is asked of any controller that charges a car, and judged at the grid connection alone.

The house has no battery then: whatever flows at the grid connection beside sun and load is the car's.
"""

from scenarios.bench.record import Record
from scenarios.blackbox.house import VOLTS, House

SETTLE, AGAIN, WATCH = 20.0, 30.0, 10.0  # periods, beside what the controller waits on purpose
LONGEST = 3.0  # periods that a bound may be exceeded in one go
NEAR = 200.0  # W
LEFT = 8.0  # A a phase that a house leaves under its fuse: more than a car's least, less than its most


def _car(house: House) -> tuple[float, float, float]:
    """A car comes that takes all it may: W for one ampere, the least and the most of its current in A."""
    twin = house.twin("wallbox")
    twin.set("plugged", True)
    twin.changed()
    return VOLTS * twin.phases, float(twin.min_current), min(float(twin.max_current), float(twin.vehicle_current))


def _started(house: House) -> float:
    """Periods until a car has been started with what is left over."""
    return AGAIN + house.adapter.start_after / house.adapter.period


def _paused(house: House) -> float:
    """Periods until a car has been paused for which too little is left over."""
    return AGAIN + house.adapter.stop_after / house.adapter.period


async def surplus(house: House, record: Record) -> None:
    """The car takes what the sun leaves, and follows it."""
    ampere, _, _ = _car(house)
    for left in (8.0, 11.0, 9.0):
        house.sun(house.load + left * ampere)
        took = await house.within(_started(house), lambda: abs(house.grid()) <= ampere + NEAR)
        record.check(
            f"the {left * ampere:.0f} W that are left over are charged", took is not None,
            f"0 ± {ampere + NEAR:.0f} W", f"{house.grid():.0f} W",
        )  # fmt: skip


async def minimum(house: House, record: Record) -> None:
    """Less than a car's least is left over: it is not charged with it, and nothing is bought for it."""
    ampere, least, _ = _car(house)
    little, enough = 0.55 * least * ampere, (least + 2) * ampere

    def nothing_bought() -> bool:
        return house.grid() <= NEAR

    for watts in (little, enough, little):
        house.sun(house.load + watts)
        if watts == enough:
            took = await house.within(_started(house), lambda: -house.grid() <= ampere + NEAR)
            record.check(
                f"the {watts:.0f} W that are left over are charged", took is not None, f"<= {ampere + NEAR:.0f} W fed",
                f"{-house.grid():.0f} W",
            )  # fmt: skip
            continue
        took = await house.within(_paused(house), nothing_bought)
        record.check(
            f"nothing is bought when {watts:.0f} W are left over", took is not None, f"<= {NEAR:.0f} W",
            f"{house.grid():.0f} W",
        )  # fmt: skip
        if took is not None:
            worst = await house.longest(WATCH, nothing_bought)
            record.check(
                "nothing is bought later either", worst <= LONGEST, f"<= {LONGEST:g} periods", f"{worst:.1f} periods"
            )


async def fuse(house: House, record: Record) -> None:
    """As fast as the fuse allows: never beyond it, and no slower when the house leaves more."""
    ampere, least, most = _car(house)
    fuse, house_only = house.adapter.fuse, 700.0
    most = min(most, fuse - house_only / 3 / VOLTS)
    much = 3 * VOLTS * (fuse - LEFT)
    house.sun(0.0)

    def within_fuse() -> bool:
        return max(house.phases()) <= fuse + 0.5

    for load in (much, house_only, much):
        house.physics.set_load(load)
        if load == house_only:
            took = await house.within(AGAIN, lambda: house.grid() >= house_only + 0.9 * most * ampere)
            record.check(
                "it is charged with all that the fuse leaves when the house takes little", took is not None,
                f">= {house_only + 0.9 * most * ampere:.0f} W", f"{house.grid():.0f} W",
            )  # fmt: skip
            continue
        took = await house.within(SETTLE, within_fuse)
        record.check(
            f"the fuse of {fuse:g} A is kept when the house takes {load:.0f} W", took is not None, f"<= {fuse:g} A",
            f"{max(house.phases()):.1f} A",
        )  # fmt: skip
        if took is not None:
            worst = await house.longest(WATCH, within_fuse)
            record.check("it stays kept", worst <= LONGEST, f"<= {LONGEST:g} periods beyond", f"{worst:.1f} periods")
    took = await house.within(AGAIN, lambda: house.grid() >= much + 0.95 * least * ampere)
    record.check(
        "it is charged with what the fuse leaves", took is not None, f">= {much + 0.95 * least * ampere:.0f} W",
        f"{house.grid():.0f} W",
    )  # fmt: skip
