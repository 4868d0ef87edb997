"""Reads and limits KOSTAL PIKO IQ and PLENTICORE plus, and commands the battery of the PLENTICORE.

Floats in the maker's own registers; which word of a value comes first is a choice of the installer that register 5
tells. The limit is volatile and stands until the next restart. Battery power obeys only behind the installer's choice
of external control, and only as long as it is given again within the time set there, by default 30 s: to release it,
one stops. Single registers take function 6 only.

Source: KOSTAL, "Interface description MODBUS (TCP) & SunSpec", issues 2.0 and 10/2025, chapters 3 and 4.
"""

import math
import re
from collections.abc import Mapping
from typing import ClassVar

from controller.compatibility.variants import variants_by_row
from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.coding import Order
from controller.drivers.modbus.points import UNKNOWN, Measure, Point, Setting
from controller.drivers.shared.values import worded
from controller.drivers.sunspec.chain import SunSpecDevice
from controller.drivers.sunspec.inverter import printed, rating_of
from controller.errors import Garbled, NotControllable, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

AS_DELIVERED = 0  # order of words
ORDERS: Mapping[float, Order] = {AS_DELIVERED: "low first", 1: "high first"}
STATES = {
    0: "off", 1: "starting", 2: "starting", 3: "starting", 4: "starting", 6: "running", 7: "limited", 8: "off",
    9: "off", 10: "standby", 11: "starting", 12: "starting", 13: "fault", 14: "fault", 15: "fault", 16: "fault",
    17: "running",
}  # fmt: skip
BY_MODBUS = 2  # battery management mode


class KostalInverter(SunSpecDevice):
    """What the KOSTAL inverters of this interface share."""

    kind: ClassVar[Kind] = "pv-inverter"
    default_unit: ClassVar[int] = 71
    single_write: ClassVar[bool] = True
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"u16": (0xFFFF,), "s16": (-0x8000,), "u32": (0xFFFFFFFF,)}
    max_gap: ClassVar[int] = 20
    reaction: ClassVar[float] = 5.0
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    series: ClassVar[str] = ""  # in the product's name

    dc_power = Measure(100, "f32", unit="W")
    frequency = Measure(152, "f32", unit="Hz")
    current_l1 = Measure(154, "f32", unit="A")
    power_l1 = Measure(156, "f32", unit="W")
    voltage_l1 = Measure(158, "f32", unit="V")
    current_l2 = Measure(160, "f32", unit="A")
    power_l2 = Measure(162, "f32", unit="W")
    voltage_l2 = Measure(164, "f32", unit="V")
    current_l3 = Measure(166, "f32", unit="A")
    power_l3 = Measure(168, "f32", unit="W")
    voltage_l3 = Measure(170, "f32", unit="V")
    power = Measure(172, "f32", unit="W")
    grid_power = Measure(252, "f32", unit="W", optional=True)  # meter at the grid connection, import positive
    energy = Measure(320, "f32", unit="Wh")

    limit = Setting(533, "u16", unit="%")  # 1 to 100

    _rated: float | None = None

    async def identify(self) -> Identity:
        await self.settle()
        common = await self.introduction()
        product = common["product"]
        model = printed(self.row, product)
        names = [variant.name for variant in variants_by_row().get(self.row, ())]
        new = not model and any(lettered(product) == lettered(name) for name in names)
        if (
            not common["maker"].startswith("KOSTAL")
            or self.series not in product.upper()
            or not (model or new or not self.row)
        ):
            raise WrongDevice(f"{common['maker']} {product}", names or [self.series])
        self._rated = await self.rated_power(model)
        notes = (f"the size of {product} is new",) if new else ()
        return Identity("KOSTAL", model or product, common["serial_number"], common["version"], self._rated, notes)

    async def introduction(self) -> Mapping[str, str]:
        """Maker, product, version and serial number, from the SunSpec area that is beside the maker's own."""
        return await self.common()

    async def rated_power(self, model: str) -> float | None:
        """W at 100 percent of the limit, by the printed name."""
        return rating_of(self.row, model)

    async def settle(self) -> None:
        """Learn how the device is set up, where that can differ."""

    async def read(self) -> Reading:
        await self.settle()
        reading = await self.sample()
        return {name: value for name, value in reading.items() if name != "grid_power" or value is not None}

    async def limit_power(self, watts: float) -> None:
        """Feed at most `watts`, rounded down to a whole percent; the least is 1 percent."""
        if not self._rated:
            raise NotControllable("it has not told yet what its limit is a percentage of")
        await self.limit.write(min(max(math.floor(100 * watts / self._rated + 1e-6), 1), 100))

    async def release(self) -> None:
        await self.limit.write(100)


class KostalIq(KostalInverter):
    """PIKO IQ, chapter 3 of the interface description."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {13: ("modbus-tcp",)}
    series: ClassVar[str] = "PIKO IQ"

    byte_order = Point(5, "u16", optional=True)
    own_serial = Point(14, "str8", optional=True)
    product_name = Point(768, "str32", optional=True)
    power_class = Point(800, "str32", optional=True)
    state = Measure(56, "u32")
    rating = Point(531, "u16", unit="W", optional=True)
    rating_factor = Point(532, "s16", optional=True)
    temperature = Measure(98, "f32", unit="°C")  # of the controller

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._settled = False

    def lost(self) -> None:
        super().lost()
        self._settled = False

    async def rated_power(self, model: str) -> float | None:
        rating, exponent = await self.rating.number(), await self.rating_factor.number()
        return await super().rated_power(model) if rating is None else rating * 10.0 ** (exponent or 0)

    async def introduction(self) -> Mapping[str, str]:
        """Who it is; in the maker's own registers where there is no SunSpec."""
        try:
            return await super().introduction()
        except WrongDevice:
            own = type(self)
            seen = await self.fetch((own.product_name, own.power_class, own.own_serial))
            texts = {name: str(value or "") for name, value in seen.items()}
            if not texts["product_name"]:
                raise
            product = f"{texts['product_name']} {texts['power_class']}"
            return {"maker": "KOSTAL", "product": product, "version": "", "serial_number": texts["own_serial"]}

    async def settle(self) -> None:
        """The order of words in this installation."""
        if self._settled:
            return
        found = await self.byte_order.number()
        if found is None:
            found = AS_DELIVERED
        if found not in ORDERS:
            raise Garbled(f"byte order {found}", unit=self.unit, address=type(self).byte_order.address)
        self.word_order = ORDERS[found]
        self._plans.clear()
        self._settled = True

    async def read(self) -> Reading:
        reading = dict(await super().read())
        return reading | {"status": worded(STATES, reading.pop("state"))}


class KostalPlenticore(KostalIq):
    """PLENTICORE plus, chapters 3 and 4 of the interface description."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {11: ("modbus-tcp",)}
    series: ClassVar[str] = "PLENTICORE PLUS"
    refresh: float | None = 10.0
    battery_when_silent: ClassVar[WhenSilent] = WhenSilent("released", 30.0)  # the installer's time, as delivered
    lets_go: ClassVar[float] = 60.0  # s until the battery regulates by itself again: the installer's time-out

    battery_type = Point(588, "u16", optional=True)  # 0: none
    soc = Point(514, "u16", unit="%")
    battery_power = Point(582, "s16", unit="W")  # discharge positive
    charge_energy = Point(1046, "f32", unit="Wh")
    discharge_energy = Point(1048, "f32", unit="Wh")
    pv_power = Point(1066, "f32", unit="W")
    capacity = Point(1068, "f32", unit="Wh")

    most_charge = Point(1076, "f32", unit="W", optional=True)
    most_discharge = Point(1078, "f32", unit="W", optional=True)
    management = Point(1080, "u16", optional=True)
    battery_setpoint = Setting(1034, "f32", unit="W")  # discharge positive

    _has_battery: bool | None = None
    _most_charge: float | None = None
    _most_discharge: float | None = None

    def lost(self) -> None:
        super().lost()
        self._has_battery = None

    async def read(self) -> Reading:
        reading = dict(await super().read())
        if self._has_battery is None:
            self._has_battery = await self._look_for_battery()
        return reading | await self.fetch_known(self._battery()) if self._has_battery else reading

    async def _look_for_battery(self) -> bool:
        """By its type; where that is not told, by whether it has a state of charge."""
        kind = await self.battery_type.number()
        if kind is not None:
            return kind != 0
        try:
            return await self.soc.number() is not None
        except Refused as no:
            if no.code not in UNKNOWN:
                raise
            return False

    def _battery(self) -> tuple[Point, ...]:
        kind = type(self)
        counters = (kind.charge_energy, kind.discharge_energy)
        return (kind.soc, kind.battery_power, *counters, kind.pv_power, kind.capacity)

    async def charge(self, watts: float) -> None:
        """Charge with `watts`; to be given again within the time set at the inverter."""
        await self._arm()
        await self.battery_setpoint.write(-_within(watts, self._most_charge))

    async def discharge(self, watts: float) -> None:
        await self._arm()
        await self.battery_setpoint.write(_within(watts, self._most_discharge))

    async def release(self) -> None:
        """No limit. The battery rests at once, and regulates by itself when the time set at the inverter is over.

        Whoever has told it a power: one that is 0 already needs nobody.
        """
        await super().release()
        await self.settle()
        if await self._told_power():
            await self.battery_setpoint.write(0)
        self.armed = False

    async def _told_power(self) -> float | None:
        """The power that the battery was told, None where there is none to be told."""
        try:
            return await self.battery_setpoint.number()
        except Refused as no:
            if no.code not in UNKNOWN:
                raise
            return None

    async def _arm(self) -> None:
        if self.armed:
            return
        await self.settle()
        mode = await self.management.number()
        if mode != BY_MODBUS:
            raise NotControllable(f"battery management mode is {mode}, the installer has to choose Modbus")
        self._most_charge = await self.most_charge.number() or self._rated
        self._most_discharge = await self.most_discharge.number() or self._rated
        self.armed = True


def _within(watts: float, most: float | None) -> float:
    return min(max(watts, 0.0), most or 0.0)


def lettered(name: str) -> str:
    """A product's name without its size: "PIKO IQ 5.5" and "PIKO IQ8.5" are both pikoiq."""
    return re.sub(r"[^a-z]", "", name.casefold())
