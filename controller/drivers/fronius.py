"""Reads and limits Fronius inverters, and commands the battery of the GEN24 and the Verto.

SunSpec with floats or with integers and scale factors, as the installer chose; a restart may change it. A new limit
counts only after the enable word has been off. The Smart Meter answers at a unit of its own on the same address.

Sources: Fronius, "Datamanager Register Map" and "GEN24 Modbus TCP & RTU" 42,0410,2649;
callifo/fronius_modbus:custom_components/fronius_modbus/froniusmodbusclient.py;
evcc-io/evcc:templates/definition/meter/fronius-{gen24,vertoplus}.yaml;
victronenergy/dbus-fronius:software/src/sunspec_updater.cpp.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from controller.compatibility.variants import variants_by_row
from controller.devices import Identity, Reading, Value
from controller.drivers.shared.possible import Doubts
from controller.drivers.shared.values import total_of
from controller.drivers.sunspec.chain import SunSpecDevice
from controller.drivers.sunspec.inverter import TIMEOUT, SunSpecInverter, identity, measured
from controller.drivers.sunspec.models import (
    FLOAT_METER,
    METER,
    FloatInverter,
    IntegerInverter,
    Settings,
    StorageCharge,
    Strings,
)
from controller.drivers.sunspec.scaled import SunSpecMeasure, SunSpecPoint, SunSpecSetting
from controller.drivers.sunspec.storage import StorageControl
from controller.errors import Garbled, LineTimeout, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

STORAGE = 124  # model
FAULT = 7  # state; with nothing measured it marks a frame to be thrown away
CHARGING, DISCHARGING = "STCHA", "STDISCHA"  # in the names of the DC inputs that are the battery


class SmartMeter(SunSpecDevice):
    """Fronius Smart Meter at the grid connection, import positive."""

    grid_power = SunSpecMeasure(METER, 18, "s16", 22, unit="W")
    float_grid_power = SunSpecMeasure(FLOAT_METER, 28, "f32", unit="W", quantity="grid_power")


class FroniusInverter(SunSpecInverter, Settings, FloatInverter, IntegerInverter):
    """Primo, Galvo and Symo behind a Datamanager, by its register map."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {16: ("modbus-tcp",), 17: ("modbus-tcp",), 18: ("modbus-tcp",)}
    across: ClassVar[bool] = True
    meter_unit: ClassVar[int] = 240
    storing: ClassVar[bool] = False

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self.meter = SmartMeter(line, clock, self.meter_unit)
        self.metered = False

    def lost(self) -> None:
        super().lost()
        self.meter.lost()

    async def identify(self) -> Identity:
        common = await self.common()
        product = common["product"]
        row = row_of(product)
        new = row < 0 and self.row > 0 and self._storing() is self.storing
        if not common["maker"].startswith("Fronius") or not (new or self.row in (0, row)):
            names = [variant.name for variant in variants_by_row().get(self.row, ())]
            raise WrongDevice(f"{common['maker']} {product}", names or ["Fronius"])
        self.metered = await self._has_meter()
        model = variants_by_row()[row][0].name if row > 0 else product
        told = identity(common, model, await self.nameplate())
        models = "models of a hybrid" if self.storing else "models of an inverter without battery"
        return replace(told, notes=(f"the name {product} is new; it has the {models}",)) if new else told

    def _storing(self) -> bool:
        """Whether the chain has the model of a battery behind the inverter."""
        return any(model.id == STORAGE for model in self.chain)

    async def read(self) -> Reading:
        values = await self.values()
        return without_sensor(measured(values)) | await self.grid()

    async def values(self) -> dict[str, Value]:
        """A sample; a null frame is asked for once more."""
        for _ in range(2):
            values = await self.sample()
            if not is_null(values):
                return values
        raise Garbled("nothing but zeros", unit=self.unit)

    async def grid(self) -> dict[str, Value]:
        """What the Smart Meter tells, where there is one."""
        return await self.meter.sample() if self.metered else {}

    async def give_limit(self, percent: float) -> None:
        """A changed limit does not count while the old one is enabled."""
        if percent != self._standing:
            await self.limit_enabled.write(0)
        await super().give_limit(percent)

    async def _has_meter(self) -> bool:
        try:
            await self.meter.walk()
        except (Refused, LineTimeout, WrongDevice):
            return False
        return True


class FroniusHybrid(FroniusInverter, Strings, StorageCharge, StorageControl):
    """GEN24 and Verto, by the manual above; the battery is two DC inputs and model 124."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {19: ("modbus-tcp",), 20: ("modbus-tcp",)}
    meter_unit: ClassVar[int] = 200
    storing: ClassVar[bool] = True

    rate_timeout = SunSpecSetting((124,), 15, "u16", unit="s")
    storage_capacity = SunSpecPoint((120,), 19, "u16", 20, unit="Wh")

    _capacity: float | None = None
    _timed = False

    def lost(self) -> None:
        super().lost()
        self._timed = False

    async def identify(self) -> Identity:
        found = await super().identify()
        if self.storage_mode.present:
            self._capacity = await self.storage_capacity.number()
        return found

    async def read(self) -> Reading:
        values = await self.values()
        reading = without_sensor(measured(values)) | await self.grid()
        if self.storage_mode.present:
            reading |= battery(values, self.doubts)
            reading["capacity"] = self._capacity
        return reading

    async def release(self) -> None:
        await self.release_storage()
        await super().release()

    async def before_rates(self) -> None:
        """The time-out of the rates; the inverter keeps it over a restart, so it is written only when it differs."""
        if not self._timed and await self.rate_timeout.number() != TIMEOUT:
            await self.rate_timeout.write(TIMEOUT)
        self._timed = True


def without_sensor(reading: dict[str, Value]) -> dict[str, Value]:
    """There is the place of a temperature and no sensor: the Datamanager has no value there, GEN24 and Verto say 0.

    0 in dumps of a Symo GEN24 and a Verto: Varitras/fronius_modbus and Julian0021/fronius_modbus, tests/fixtures.
    """
    return {name: value for name, value in reading.items() if name != "temperature" or value}


def row_of(product: str) -> int:
    """The row of a product: "Symo GEN24 10.0" is a Gen24. -1 when the list does not have it."""
    name = product.casefold()
    if "gen24" in name:
        return 19
    rows = {"verto": 20, "primo": 16, "galvo": 17, "symo": 18}
    return next((row for start, row in rows.items() if name.startswith(start)), -1)


def is_null(values: Mapping[str, Value]) -> bool:
    """Whether nothing was measured: all values 0 in state fault, as integer firmware sends it at times."""
    measured_ones = [values.get(name) for name in ("power", "frequency", "voltage_l1", "dc_power")]
    return values.get("state") == FAULT and all(value in (0, None) for value in measured_ones)


def battery(values: Mapping[str, Value], doubts: Doubts) -> dict[str, Value]:
    """Battery and PV from the DC inputs: by their names, or the last two where they have none."""
    names = {key.removeprefix("module_name_"): str(name) for key, name in values.items() if "module_name" in key}
    charging = [number_ for number_, name in names.items() if CHARGING in name.upper()]
    discharging = [number_ for number_, name in names.items() if DISCHARGING in name.upper()]
    if not charging and not discharging and len(names) >= 4:
        *_, charge, discharge = names
        charging, discharging = [charge], [discharge]
    strings = [each for each in names if each not in charging + discharging]

    def added(name: str, kind: str, modules: list[str]) -> float | None:
        return total_of(name, values, [f"module_{kind}_{module}" for module in modules], doubts)

    into, out = added("charge_power", "power", charging), added("discharge_power", "power", discharging)
    known = (into, out) != (None, None) and not {"charge_power", "discharge_power"} & doubts.keys()
    return {
        "soc": values.get("soc"),
        "battery_power": (out or 0.0) - (into or 0.0) if known else None,
        "pv_power": added("pv_power", "power", strings),
        "charge_energy": added("charge_energy", "energy", charging),
        "discharge_energy": added("discharge_energy", "energy", discharging),
    }
