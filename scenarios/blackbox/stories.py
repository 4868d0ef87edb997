"""What is asked of any controller, and judged at the grid connection alone.

Each story has a house and a controller of its own. A bound is in periods of the controller: `SETTLE` until a step has
been followed, `AGAIN` until a device that was away is as it was told again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from scenarios.bench.record import Record
from scenarios.blackbox import charging
from scenarios.blackbox.adapter import ROLES, Adapter, Role
from scenarios.blackbox.house import House

SETTLE, AGAIN, WATCH = 20.0, 30.0, 10.0  # periods
SUN = 0.8  # of the PV's rating


@dataclass(frozen=True)
class BlackBoxStory:
    """One story; `needs`: a role of the house, or `limit`, that the adapter must have.

    `without`: a role that its house does not have; `mode`: how the controller is told to charge, where it can.
    """

    id: str
    asks: str
    why: str
    oracle: str
    tell: Callable[[House, Record], Awaitable[None]]
    needs: str = ""
    without: Role | None = None
    mode: Literal["surplus", "full"] = "surplus"


def near(house: House) -> float:
    """W that the grid may be away from where it should be."""
    return max(0.03 * house.rating, 150.0)


async def self_consumption(house: House, record: Record) -> None:
    """At night the battery gives what the house takes; by day it takes what the sun gives, as far as it can."""
    battery = house.twin("battery")
    battery.set("soc", 55.0)
    house.sun(0.0)
    for load in (1800.0, 700.0):
        house.physics.set_load(load)
        took = await house.within(SETTLE, lambda: abs(house.grid()) <= near(house))
        record.check(
            f"the battery gives the {load:g} W that the house takes", took is not None, f"0 ± {near(house):.0f} W",
            f"{house.grid():.0f} W",
        )  # fmt: skip
    surplus = min(0.5 * float(battery.rated_power), 0.5 * house.rating)
    house.sun(surplus + 700.0)
    took = await house.within(SETTLE, lambda: abs(house.grid()) <= near(house))
    record.check(
        f"the battery takes the {surplus:.0f} W that are left over", took is not None, f"0 ± {near(house):.0f} W",
        f"{house.grid():.0f} W",
    )  # fmt: skip


async def limit_kept(house: House, record: Record) -> None:
    """What the grid operator allows is not exceeded, and it is not exceeded a second later either."""
    _full(house)
    for percent, most in _limits(house):
        await house.ask(house.adapter.asks.limit[str(percent)])
        kept = _below(house, most)
        took = await house.within(SETTLE, kept)
        record.check(f"{percent} % are kept", took is not None, f"<= {most:.0f} W", f"{-house.grid():.0f} W")
        if took is not None:
            worst = await house.longest(WATCH, kept)
            record.check(f"{percent} % stay kept", worst <= 3.0, "at most 3 periods beyond", f"{worst:.1f} periods")


async def released(house: House, record: Record) -> None:
    """When the limit ends everything is fed again."""
    _full(house)
    percent, most = _limits(house)[0]
    await house.ask(house.adapter.asks.limit[str(percent)])
    took = await house.within(SETTLE, _below(house, most))
    record.check(f"{percent} % are kept", took is not None, f"<= {most:.0f} W", f"{-house.grid():.0f} W")
    release = house.adapter.asks.release
    assert release is not None
    await house.ask(release)
    whole = SUN * house.rating - house.load
    took = await house.within(AGAIN, lambda: -house.grid() >= 0.95 * whole)
    record.check("everything is fed again", took is not None, f">= {0.95 * whole:.0f} W", f"{-house.grid():.0f} W")


async def reconnected(house: House, record: Record) -> None:
    """An inverter that has broken its connections and forgotten its limit is told it again."""
    _full(house)
    percent, most = _limits(house)[0]
    await house.ask(house.adapter.asks.limit[str(percent)])
    took = await house.within(SETTLE, _below(house, most))
    record.check(f"{percent} % are kept", took is not None, f"<= {most:.0f} W", f"{-house.grid():.0f} W")
    house.lose("pv")
    took = await house.within(AGAIN, _below(house, most))
    record.check(
        f"{percent} % are kept after the inverter has come back", took is not None, f"<= {most:.0f} W",
        f"{-house.grid():.0f} W",
    )  # fmt: skip


def _full(house: House) -> None:
    """Sun, and a battery that takes nothing of it."""
    house.sun(SUN * house.rating)
    if "battery" in house.installations:
        house.twin("battery").set("soc", 100.0)


def _limits(house: House) -> list[tuple[int, float]]:
    """The limits that can be asked for and mean something, the strictest last: percent, and what may then be fed."""
    found = sorted((int(each) for each in house.adapter.asks.limit if int(each) < 100 * SUN), reverse=True)
    return [(percent, percent / 100 * house.rating) for percent in found]


def _below(house: House, most: float) -> Callable[[], bool]:
    return lambda: -house.grid() <= most + near(house)


def lacking(adapter: Adapter, story: BlackBoxStory) -> str:
    """What of this controller leaves nothing to ask; empty for nothing."""
    if story.needs in ROLES and story.needs not in adapter.house:
        return f"the adapter has no {story.needs} in its house"
    if story.needs == "wallbox" and story.mode not in adapter.asks.mode:
        return f"the adapter does not say how it is told to charge: {story.mode}"
    if story.needs == "limit" and not any(int(each) < 100 * SUN for each in adapter.asks.limit):
        return "the adapter says no limit that could be asked for"
    if story.id == "blackbox/released" and adapter.asks.release is None:
        return "the adapter does not say how a limit ends"
    return ""


STORIES: tuple[BlackBoxStory, ...] = (
    BlackBoxStory("blackbox/self-consumption", "Does the battery bring the grid to zero, in both directions?",
                  "A turned sign buys what it should save.", "power at the grid connection", self_consumption,
                  "battery"),
    BlackBoxStory("blackbox/limit", "Is a limit of the feed-in kept?", "The grid operator's limit is law.",
                  "power at the grid connection", limit_kept, "limit"),
    BlackBoxStory("blackbox/released", "Is everything fed again when the limit ends?",
                  "A forgotten limit costs every sunny day.", "power at the grid connection", released, "limit"),
    BlackBoxStory("blackbox/reconnected", "Is the limit given again to a device that was away?",
                  "Devices restart, and forget.", "power at the grid connection", reconnected, "limit"),
    BlackBoxStory("blackbox/surplus", "Does the car take what the sun leaves?", "That is what it is bought for.",
                  "power at the grid connection", charging.surplus, "wallbox", "battery", "surplus"),
    BlackBoxStory("blackbox/minimum", "Is nothing bought when less is left than a car can take?",
                  "A car takes 6 A or nothing; what is missing comes from the grid.", "power at the grid connection",
                  charging.minimum, "wallbox", "battery", "surplus"),
    BlackBoxStory("blackbox/fuse", "Is the fuse kept when a car is charged fast?", "A fuse that goes leaves all dark.",
                  "current at the grid connection, by phase", charging.fuse, "wallbox", "battery", "full"),
)  # fmt: skip
