"""Reads and limits what SMA lists with SunSpec only: Sunny Tripower CORE2 and the Inverter Manager.

SMA maps WMaxLim_Ena of model 123 to a stored parameter behind the Grid Guard login and forbids to write it cyclically;
other words of the model cannot be read. So only the percentage is written, after a look at the enable word.

Sources: SMA, "SunSpec Modbus Interface" technical information and "STP60-SunSpec_Modbus-TI-en-12" (gateway at unit
125, one command a second); victronenergy/dbus-fronius:software/src/sma_limiter.cpp; for the CORE2 and for unit 25
openWB/core:packages/modules/devices/sma. That models 123 of the CORE2 and 124 of the manager are followed is assumed.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from controller.devices import Identity, Kind, Reading
from controller.drivers.modbus.points import Measure, ModbusDevice
from controller.drivers.sunspec.inverter import SunSpecLimit, identity, measured, plain
from controller.drivers.sunspec.models import IntegerAc, IntegerInverter, Settings
from controller.drivers.sunspec.scaled import SunSpecPoint
from controller.drivers.sunspec.storage import StorageControl
from controller.errors import LineTimeout, NotControllable, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

CORE2 = 110_000.0  # W
PACE = 1.0  # s between two commands to an Inverter Manager


class SmaSunSpec(SunSpecLimit, Settings):
    """What SMA devices do with model 123."""

    refresh: float | None = 60.0

    async def limit_power(self, watts: float) -> None:
        if not self.armed:
            await self._arm()
        await super().limit_power(watts)

    async def _arm(self) -> None:
        """Put the limit into use once, where it is not."""
        enabled = await self.limit_enabled.number()
        if enabled == 0:
            try:
                await self.limit_enabled.write(1)
            except Refused as no:
                raise NotControllable("limits are switched off, and only the installer can switch them on") from no
        self.armed = True


class SmaCore2(SmaSunSpec, IntegerInverter):
    """Sunny Tripower CORE2 STP110-60."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {6: ("modbus-tcp",)}
    default_unit: ClassVar[int] = 1  # a gateway numbers it otherwise; with the SMA profile beside it, 126

    async def identify(self) -> Identity:
        common = await self.common()
        product, rated = common["product"], await self.nameplate()
        known = plain(product).startswith("stp11060")
        rating = rated is not None and abs(rated - CORE2) <= 0.01 * CORE2
        if common["maker"] != "SMA" or not (known or rating):
            raise WrongDevice(f"{common['maker']} {product}", ["STP110-60"])
        told = identity(common, "STP110-60", rated)
        return told if known else replace(told, notes=(f"the name {product} is new; it is rated {CORE2 / 1000:g} kW",))


class StorageSide(ModbusDevice):
    """The storage behind an Inverter Manager, at a unit of its own."""

    default_unit: ClassVar[int] = 25
    function: ClassVar[int] = 4
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {"s32": (-0x80000000,)}

    battery_power = Measure(1012, "s32", unit="W")
    temperature = Measure(1046, "s32", 0.1, "°C")
    soc = Measure(1056, "s32", 0.1, "%")


class InverterManager(SmaSunSpec, IntegerAc, StorageControl):
    """Inverter Manager with Sunny Tripower Storage 60: the plant at unit 125, the storage at unit 25."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {40: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "battery-inverter"
    default_unit: ClassVar[int] = 125

    storage_capacity = SunSpecPoint((120,), 19, "u16", 20, unit="Wh")

    _capacity: float | None = None

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self.storage = StorageSide(line, clock)
        self._written = float("-inf")

    async def identify(self) -> Identity:
        common = await self.common()
        product = common["product"]
        known = product == "SMA Inverter Manager"
        if common["maker"] != "SMA" or not (known or await self._has_storage()):
            raise WrongDevice(f"{common['maker']} {product}", ["SMA Inverter Manager"])
        told = identity(common, "Inverter Manager", await self.nameplate())
        new = (f"the name {product} is new; a storage answers at unit {self.storage.unit} as a manager's does",)
        return told if known else replace(told, notes=new)

    async def _has_storage(self) -> bool:
        """Whether the storage answers at its unit, as it does behind a manager only."""
        try:
            return await self.storage.soc.number() is not None
        except (Refused, LineTimeout):
            return False

    async def read(self) -> Reading:
        plant = {name: value for name, value in measured(await self.sample()).items() if value is not None}
        if self._capacity is None:
            self._capacity = await self.storage_capacity.number()
        return {**plant, **await self.storage.sample(), "capacity": self._capacity}

    async def release(self) -> None:
        await self.release_storage()
        await super().release()

    async def write_run(self, values: Mapping[SunSpecPoint, float]) -> None:
        """One command a second is all that the manager takes."""
        wait = self._written + PACE - self.clock.monotonic()
        if wait > 0:
            await self.clock.sleep(wait)
        await super().write_run(values)
        self._written = self.clock.monotonic()
