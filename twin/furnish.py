"""A house from plain facts: which devices, which sun, how much load. Files are read elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from zlib import crc32

from twin.battery import BatteryInverter
from twin.charger import ChargingPoint
from twin.kinds import twin_of
from twin.meter import ElectricityMeter
from twin.model import Model
from twin.site import GRID, Site

if TYPE_CHECKING:
    from twin.series import Array


@dataclass(frozen=True)
class Part:
    """A device of the house and what the world gives it.

    `kind`, `rated_power`, `phases`, `more`: as for `twin_of`. `array`: its PV. `hot_water`: Wh drawn a day. `car`: Wh
    missing in the evening of a working day, None without a car. `of`: what a meter hangs before. `soc`: at the start.
    """

    name: str
    kind: str
    rated_power: float = 0.0
    phases: int = 3
    phase: int = 1
    more: Mapping[str, Any] = field(default_factory=dict)
    array: "Array | None" = None
    hot_water: float | None = None
    car: float | None = None
    of: str | tuple[str, ...] = GRID
    soc: float | None = None


@dataclass(frozen=True)
class House:
    """`annual_energy` in Wh; without it `load` in W is constant. The series last `days` and then begin again."""

    parts: tuple[Part, ...]
    annual_energy: float | None = None
    load: float = 0.0
    days: int = 7
    seed: int = 1
    step: float = 60.0


def build(house: House, start: float, models: Mapping[str, Model] | None = None) -> Site:
    """The site of `house` from `start` (s, UTC) on. `models` are twins that exist already, by the name of their part.

    Two calls with the same facts and seed give the same site. One sky is over all arrays.
    """
    given = models or {}
    site = Site(start, house.load)
    if house.annual_energy is not None:
        from twin.series import household

        site.set_load(household(house.annual_energy, start, house.days, house.seed, house.step))
    for part in sorted(house.parts, key=lambda each: each.kind == "electricity-meter"):
        model = given.get(part.name) or twin_of(part.kind, part.rated_power, part.phases, part.more)
        if isinstance(model, ElectricityMeter):
            site.meter(part.name, model, part.of)
        else:
            _furnish(site, house, part, model)
    return site


def _furnish(site: Site, house: House, part: Part, model: Model) -> None:
    """Put one device in, with its series and its schedule."""
    own_seed = house.seed + crc32(part.name.encode())
    if isinstance(model, BatteryInverter) and part.soc is not None:
        model.soc = part.soc
    driven = None
    if part.array is not None:
        from twin.series import sun

        driven = sun(part.array, site.start, house.days, house.seed, house.step)
    elif part.hot_water is not None:
        from twin.series import hot_water

        driven = hot_water(part.hot_water, site.start, house.days, own_seed, house.step)
    site.add(part.name, model, phase=part.phase, series=driven)
    if part.car is not None and isinstance(model, ChargingPoint):
        from twin.series import commuting

        site.schedule(model, commuting(site.start, house.days, own_seed, part.car))
