"""What SunSpec inverters have in common: identity, reading, and a feed-in limit through model 123.

Theory of model 123: WMaxLimPct is percent of the maximum power (model 121, or the rating of model 120), it counts while
WMaxLim_Ena is 1, and is dropped by the device WMaxLimPct_RvrtTms seconds after it was last written, 0 = never. The five
words from percent to enable lie side by side and are written in one request, so that they count together.
"""

import math
import re
from collections.abc import Mapping
from typing import ClassVar

from controller.compatibility.variants import variants_by_row
from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.sunspec.chain import SunSpecDevice
from controller.drivers.sunspec.models import DER_STATES, STATES, Controls, Nameplate, Settings, TimedControls
from controller.errors import NotControllable

READINGS = (
    "power", "power_l1", "power_l2", "power_l3", "voltage_l1", "voltage_l2", "voltage_l3", "current_l1", "current_l2",
    "current_l3", "frequency", "energy", "temperature", "dc_power",
)  # fmt: skip
TIMEOUT = 60.0  # s without a word from us after which the device drops our limit


class SunSpecReader(SunSpecDevice, Nameplate):
    """An inverter behind a chain of SunSpec models, to be read. Families say which measuring models they have."""

    kind: ClassVar[Kind] = "pv-inverter"
    reaction: ClassVar[float] = 5.0

    async def nameplate(self) -> float | None:
        """Rated power in W as the device tells it."""
        return await self.rating.number() or None

    async def read(self) -> Reading:
        return measured(await self.sample())


class SunSpecLimit(SunSpecReader, Controls):
    """An inverter with a limit in model 123 that stands until it is taken back."""

    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")

    _full: float | None = None  # W at 100 percent

    def lost(self) -> None:
        super().lost()
        self._full = None

    async def full_power(self) -> float:
        """W at 100 percent of the limit."""
        if self._full is None:
            set_to = await self.maximum.number() if isinstance(self, Settings) else None
            self._full = set_to or await self.rating.number()
        if not self._full:
            raise NotControllable("the inverter does not tell the power that its limit is a percentage of")
        return self._full

    async def limit_power(self, watts: float) -> None:
        """Feed at most `watts`; rounded down to what the device can express."""
        percent = 100 * max(watts, 0.0) / await self.full_power()
        step = await self.limit_percent.step()
        await self.give_limit(min(math.floor(percent / step + 1e-6) * step, 100.0))

    async def give_limit(self, percent: float) -> None:
        """Put a limit into force, or keep it there."""
        await self.limit_percent.write(percent)

    async def release(self) -> None:
        await self.limit_percent.write(100)


class SunSpecInverter(SunSpecLimit, TimedControls):
    """An inverter with a limit in model 123 that it drops by itself when it is not given again."""

    refresh: float | None = TIMEOUT / 3
    when_silent: ClassVar[WhenSilent] = WhenSilent("released", TIMEOUT)

    _standing: float | None = None  # percent given last

    def lost(self) -> None:
        super().lost()
        self._standing = None

    async def give_limit(self, percent: float) -> None:
        kind = type(self)
        await self.write_run(
            {
                kind.limit_percent: percent,
                kind.limit_window: 0,
                kind.limit_timeout: TIMEOUT,
                kind.limit_ramp: 0,
                kind.limit_enabled: 1,
            }
        )
        self._standing, self.armed = percent, True

    async def release(self) -> None:
        kind = type(self)
        await self.write_run(
            {
                kind.limit_percent: 100,
                kind.limit_window: 0,
                kind.limit_timeout: 0,
                kind.limit_ramp: 0,
                kind.limit_enabled: 0,
            }
        )
        self._standing, self.armed = None, False


def measured(values: Mapping[str, Value]) -> dict[str, Value]:
    """A sample of inverter models in contract names."""
    reading = {name: values[name] for name in READINGS if name in values}
    state = values.get("state")
    if isinstance(state, int | float):
        reading["status"] = STATES.get(int(state))
    elif isinstance(state := values.get("der_state"), int | float):
        reading["status"] = DER_STATES.get(int(state))
    return reading


def identity(common: Mapping[str, str], model: str, rated_power: float | None) -> Identity:
    """What the common model tells."""
    return Identity(common["maker"], model, common["serial_number"], common["version"], rated_power)


def figures(text: str) -> list[float]:
    """The numbers in a product name: "PIKO IQ5.5" has 5.5."""
    return [float(each) for each in re.findall(r"\d+(?:\.\d+)?", text)]


def printed(row: int, product: str, rated_power: float | None = None) -> str:
    """The variant of the row that is meant by a product name: the same name, the same figure, or the same rating."""
    variants = variants_by_row().get(row, ())
    for variant in variants:
        if plain(variant.name) == plain(product):
            return variant.name
    for variant in variants:
        if variant.rated_power and variant.rated_power / 1000 in figures(product):
            return variant.name
    for variant in variants:
        if variant.rated_power and rated_power and abs(rated_power - variant.rated_power) <= 0.02 * variant.rated_power:
            return variant.name
    return ""


def rating_of(row: int, name: str) -> float | None:
    """Rated power in W that a printed name tells."""
    return next((each.rated_power for each in variants_by_row().get(row, ()) if each.name == name), None)


def plain(text: str) -> str:
    return re.sub(r"[^a-z0-9.]", "", text.casefold())
