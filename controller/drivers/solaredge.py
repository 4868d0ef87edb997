"""Reads and limits SolarEdge inverters.

Measuring is SunSpec (high word first), control is the maker's own (low word first). The dynamic power limit counts only
while it is enabled, which a restart of the inverter undoes, and only behind two stored settings that take effect by a
commit. The limit falls back to what we set, 100 percent, when it is not given again in time.

Sources: SolarEdge, "SunSpec Implementation Technical Note" 3.2; "Power Control Open Protocol for SolarEdge Inverters";
WillCodeForCats/solaredge-modbus-multi:custom_components/solaredge_modbus_multi/const.py;
victronenergy/dbus-fronius:software/src/solaredge_limiter.cpp.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from controller.compatibility.variants import variants_by_row
from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.coding import Order
from controller.drivers.modbus.points import Bound, Point, Setting
from controller.drivers.sunspec.chain import COMMON, SunSpecDevice
from controller.drivers.sunspec.fetching import Model
from controller.drivers.sunspec.inverter import identity, measured
from controller.drivers.sunspec.models import INTEGER, METER, IntegerInverter
from controller.drivers.sunspec.scaled import SunSpecMeasure, SunSpecPoint
from controller.errors import NotControllable, Refused, WrongDevice

TIMEOUT = 60  # s without a word from us after which the inverter takes the fallback
ONE_PHASE, THREE_PHASE = (7, 9), (8,)  # rows of inverters without battery
COMMANDED = 4  # reactive power mode in which the inverter listens to power commands


class SolarEdgeInverter(SunSpecDevice, IntegerInverter):
    """SolarEdge inverter of one or three phases, by the document above, sections on SunSpec and dynamic power."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {7: ("modbus-tcp",), 8: ("modbus-tcp",), 9: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "pv-inverter"
    word_order: Order = "low first"
    # an unsupported battery value is the most negative float
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"f32": (-0xFFFFFF << 104,), "u64": (2**64 - 1,)}
    max_gap: ClassVar[int] = 10
    refresh: float | None = TIMEOUT / 3
    when_silent: ClassVar[WhenSilent] = WhenSilent("released", TIMEOUT)
    reaction: ClassVar[float] = 5.0

    temperature = SunSpecMeasure(INTEGER, 34, "s16", 37, unit="°C")  # the heat sink; the cabinet is not measured
    role = SunSpecPoint((COMMON,), 34, "str8")  # where a meter stands, in the options of its common model
    grid_power = SunSpecMeasure(METER, 18, "s16", 22, -1, "W")  # the maker's meter counts export positive

    reactive_mode = Setting(0xF104, "s32", optional=True)  # 4: commanded, stored
    advanced_control = Setting(0xF142, "s32", optional=True)  # stored, 0 from the factory
    commit = Setting(0xF100, "u16")
    dynamic_enabled = Setting(0xF300, "u16")
    full_power = Point(0xF304, "f32", unit="W", optional=True)
    limit_timeout = Setting(0xF310, "u32", unit="s")
    limit_fallback = Setting(0xF312, "f32", unit="%")
    ramp_up = Setting(0xF318, "f32", unit="%/min")  # -1: none; 5 after a restart, too slow to follow
    ramp_down = Setting(0xF31A, "f32", unit="%/min")
    limit = Setting(0xF322, "f32", unit="%")

    _full: float | None = None

    async def _walk(self) -> tuple[Model, ...]:
        """The chain without the meters that do not stand at the grid connection."""
        return await self._grid_meter_only(await super()._walk())

    async def identify(self) -> Identity:
        chain = await self.walk()
        common = await self.common()
        product = common["product"]
        three_phase = any(model.id == 103 for model in chain)
        row = row_of(product, three_phase)
        new = row < 0 and self.row in (THREE_PHASE if three_phase else ONE_PHASE)
        if not common["maker"].startswith("SolarEdge") or not (new or self.row in (0, row)):
            names = [variant.name for variant in variants_by_row().get(self.row, ())]
            raise WrongDevice(f"{common['maker']} {product}", names or ["SolarEdge"])
        self._full = await self.full_power.number()
        told = identity(common, product, self._full)
        phases = "three phases" if three_phase else "one phase"
        return replace(told, notes=(f"the name {product} is new; it measures {phases}",)) if new else told

    async def read(self) -> Reading:
        return self.told(await self.sample()) | await self.standing_limit()

    def told(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """A sample in contract names, with the grid connection where a meter stands there."""
        grid = {"grid_power": values["grid_power"]} if "grid_power" in values else {}
        return measured(values) | grid

    async def standing_limit(self) -> dict[str, Value]:
        """The limit in force, where we gave one."""
        if not (self.armed and self._full):
            return {}
        percent = await self.limit.number()
        return {"power_limit": None if percent is None else percent / 100 * self._full}

    async def limit_power(self, watts: float) -> None:
        """Feed at most `watts`; to be given again within the time-out."""
        if self._full is None:
            self._full = await self.full_power.number()
        if not self._full:
            raise NotControllable("the inverter does not tell the power that its limit is a percentage of")
        if not self.armed:
            await self._unlock()
            await self.limit_timeout.write(TIMEOUT)
            await self.limit_fallback.write(100)
            await self.dynamic_enabled.write(1)
            for ramp in (self.ramp_up, self.ramp_down):
                await _without_ramp(ramp)
        await self.limit.write(100 * min(max(watts / self._full, 0.0), 1.0))
        self.armed = True

    async def release(self) -> None:
        """Full power again, and the limit out of use."""
        await self.limit.write(100)
        await self.dynamic_enabled.write(0)
        self.armed = False

    async def _unlock(self) -> None:
        """The stored settings without which the inverter takes commands and does nothing; written once in its life."""
        reactive, advanced = await self.reactive_mode.number(), await self.advanced_control.number()
        if reactive in (None, COMMANDED) and advanced in (None, 1):
            return
        await self.reactive_mode.write(COMMANDED)
        await self.advanced_control.write(1)
        await self.commit.write(1)
        await self.clock.sleep(2.0)  # a commit takes up to 1.5 s

    async def _grid_meter_only(self, chain: tuple[Model, ...]) -> tuple[Model, ...]:
        """Each meter follows a common model of its own, whose options say where it stands."""
        kept: list[Model] = []
        place = type(self).role
        role = b""
        for model in chain:
            if model.id in place.models:
                role = await self.line.read(self.unit, self.function, model.address + place.offset, place.words)
            if model.id not in METER or role.startswith(b"Export+Import") or not role.strip(b"\0 "):
                kept.append(model)
        return tuple(kept)


async def _without_ramp(ramp: Bound) -> None:
    await ramp.write(100)
    try:
        await ramp.write(-1)
    except Refused as no:
        if no.code not in (3, 4):
            raise  # inverters with a display keep the 100 % a minute: they do not know -1


def row_of(product: str, three_phase: bool) -> int:
    """The row of a product: SE5000H-RW000BNN4 is an HD-Wave of row 9. The list prints placeholders, not products."""
    name = re.match(r"SE[0-9.]+(K|H)?", product)
    if name is None:
        return -1
    if "RWS" in product:
        return 10
    if name[1] == "H":
        return 9
    return 8 if three_phase else 7
