"""Surplus: the power in W that some loads could take, all together, without buying any of it.

What they take now, less what the grid meter shows, less what batteries give. What batteries charge counts as surplus
for those who come before them, and stays with them for those who come after. Batteries that the controller regulates
answer the same grid power: those who come after wait until they have had the time for it (`patience`).

Unknown: without the grid meter nothing is known. A load that does not say what it takes counts as taking nothing, a car
at a station without a meter as taking what it is offered, a battery that does not say what it does as giving all that
it can; one of unknown rating makes the surplus unknown.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from controller.sitefile import Site
from controller.strategy.currents import drawing
from controller.strategy.once import settings
from controller.strategy.view import View

CORRECTIONS = 2.0  # of a battery after which what is still fed is left to others
SHOWS = 5.0  # s beyond a battery's reaction from one correction to the next


@dataclass(frozen=True, slots=True)
class Spare:
    """`power` in W, negative when some is bought now, None when it is not known; `reason` says it in words."""

    power: float | None
    reason: str


def spare(view: View, site: Site, loads: Iterable[str], *, before_batteries: bool) -> Spare:
    """What `loads`, by name, could take together."""
    grid = view.grid_power
    if grid is None:
        return Spare(None, "no grid meter reading")
    power = -grid
    for name in loads:
        power += drawing(view.devices[name], site.site.phases) or 0.0
    for battery in view.of("battery"):
        gives = battery.number("battery_power")
        if gives is None:
            most = settings(site, battery.name).battery.discharge_power or battery.rating
            if most is None:
                return Spare(None, f"nobody knows what {battery.name} gives")
            gives = most
        power -= gives if before_batteries else max(gives, 0.0)
    return Spare(power, f"surplus of {power:.0f} W")


def patience(view: View, site: Site) -> float:
    """s for which a surplus has to have been there before those may have it who come after the batteries."""
    ours = [each for each in view.of("battery") if settings(site, each.name).battery.regulation == "controller"]
    return max((CORRECTIONS * (each.reaction + SHOWS) for each in ours), default=0.0)
