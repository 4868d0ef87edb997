"""Huawei SmartLogger: the sum of a plant of SUN2000 inverters, and one limit for all of them.

Source: SmartLogger Modbus Interface Definitions V300R025C10SPC220, as quoted in evcc-io/evcc pull request 32585;
addresses as in evcc-io/evcc:templates/definition/meter/huawei-smartlogger.yaml. High word first. Unit 0 is the logger,
its inverters answer at their own unit ids, by default from 11 on. Currents and the scheduled limit are those of its
issue 35, as wlcrs/huawei-solar-lib has it.

Batteries behind the inverters are read there and never commanded, as the list has it.

The limit 40428 is a percentage of the rated powers of all inverters, which the logger does not tell; they are asked.
When more of them run than have answered, the limit goes to 40420 in 0.1 kW, which needs no rating.
"""

from math import floor
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.values import number, percentage, total
from controller.errors import LineClosed, LineTimeout, Refused
from controller.ports import Clock, ModbusLine

STARTS = (11, 1)  # first unit id of the inverters: as delivered, or numbered by the installer
LAST = 247
GAP = 3  # unit ids in a row without an inverter after which no more are looked for


class SmartLogger(ModbusDevice):
    """A plant behind a logger, limited as a whole. Batteries behind it are not commanded."""

    serves: ClassVar = {32: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "pv-inverter"
    default_unit: ClassVar[int] = 0
    absent: ClassVar = {
        "u16": (0xFFFF,), "s16": (0x7FFF,), "u32": (0xFFFFFFFF,), "s32": (0x7FFFFFFF, -0x80000000),
    }  # fmt: skip
    refresh = 20.0  # a repetition costs no write while the limit stands
    when_silent: ClassVar = WhenSilent("keeps")
    reaction: ClassVar[float] = 10.0
    connect_pause: ClassVar[float] = 1.0  # evcc's template waits that long before it asks devices behind the logger

    dc_power = Measure(40521, "s32", unit="W", absent=(-1,))
    power = Measure(40525, "s32", unit="W")
    energy = Measure(40560, "u32", 100, "Wh")
    current_l1 = Measure(40572, "s16", unit="A")
    current_l2 = Measure(40573, "s16", unit="A")
    current_l3 = Measure(40574, "s16", unit="A")
    power_limit = Measure(40738, "s32", 100, "W", optional=True)  # what is scheduled

    serial = Setting(40713, "str10", optional=True)
    running = Setting(40206, "u16", optional=True)  # inverters; 0 at night
    limit_watts = Setting(40420, "u32", 100, "W")
    limit_share = Setting(40428, "u16", 0.1, "%")

    inverter_rated = Setting(30073, "u32", unit="W")  # this and the following at the unit id of an inverter
    inverter_battery = Setting(37000, "u16", optional=True)  # 0: offline or none
    inverter_capacity = Setting(37758, "u32", unit="Wh", optional=True)
    inverter_soc = Setting(37760, "u16", 0.1, "%", optional=True)
    inverter_battery_power = Setting(37765, "s32", -1, "W", optional=True)  # the device says + for charging

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._rated: float | None = None  # sum of the inverters that answered
        self._known = 0  # how many those are
        self._batteries: list[SmartLogger] = []  # inverters with one
        self._looked = False
        self._given: tuple[str, float] | None = None  # register and value that stand

    def lost(self) -> None:
        super().lost()
        self._given = None

    async def identify(self) -> Identity:
        kind = type(self)
        await self.expect([kind.dc_power, kind.power], "SmartLogger", "plant totals")
        await self._look()
        return Identity("Huawei", "SmartLogger", str(await self.serial.read() or ""), rated_power=self._rated)

    async def read(self) -> Reading:
        values = await self.sample()
        if self._known and self._known >= (await self.running.number() or 0) > 0:
            values["rated_power"] = self._rated
        return values | await self._stored() if self._batteries else values

    async def _stored(self) -> dict[str, Value]:
        """All batteries as one; the level counts by their capacities. One that is silent leaves the sum unknown."""
        kind = type(self)
        points = (kind.inverter_soc, kind.inverter_battery_power, kind.inverter_capacity)
        found = [await inverter.fetch(points) for inverter in self._batteries]
        levels, powers, sizes = ([number(each[point.name]) for each in found] for point in points)
        size = total(sizes)
        stored = total([_product(*pair) for pair in zip(levels, sizes, strict=True)])
        return {
            "battery_power": total(powers), "capacity": size,
            "soc": stored / size if stored is not None and size else None,
        }  # fmt: skip

    async def _look(self) -> None:
        """The inverters with the sum of their rated powers; the first numbering under which all that run answer."""
        running = await self.running.number() or 0
        for start in STARTS:
            found = await self._inverters_from(start)
            if found and len(found) >= running:
                self._rated, self._known = sum(rated for _, rated in found), len(found)
                self._batteries = [each for each, _ in found if await each.inverter_battery.number()]
                break
        self._looked = True

    async def _inverters_from(self, unit: int) -> "list[tuple[SmartLogger, float]]":
        """Inverters with their rated powers from a unit id on, up to where some ids in a row are nobody's."""
        found: list[tuple[SmartLogger, float]] = []
        silent = 0
        while unit <= LAST and silent < (GAP if found else 1):
            inverter = type(self)(self.line, self.clock, unit)
            try:
                rated = await inverter.inverter_rated.number()
            except (Refused, LineTimeout, LineClosed):
                rated = None
            if rated:
                found.append((inverter, rated))
            silent = 0 if rated else silent + 1
            unit += 1
        return found

    async def limit_power(self, watts: float) -> None:
        """The whole plant feeds at most `watts`; told as a share while no more inverters run than are known."""
        if not self._looked:
            await self._look()
        if self._rated and self._known >= (await self.running.number() or 0):
            await self._give("share", percentage(watts, self._rated, 1))
        else:
            await self._give("watts", floor(max(watts, 0.0) / 100) * 100.0)

    async def release(self) -> None:
        """All inverters at full power: 100 % needs no rating."""
        await self._give("share", 100.0)

    async def _give(self, register: str, value: float) -> None:
        setting = self.limit_share if register == "share" else self.limit_watts
        if (register, value) == self._given and await setting.number() == value:
            return
        self._given = None
        await setting.write(value)
        self._given = register, value


def _product(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one * other
