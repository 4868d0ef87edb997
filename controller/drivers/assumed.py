"""Battery systems without a public register map (rows 55 to 59), by the profile HEM-BESS-1 that is ours: ASSUMED.

No document of a maker stands behind this. HEM-BESS-1 is plain SunSpec: a chain from 40000 with models 1, 103 or 701,
120 or 702, 704 and 802. Control is model 704: an active power set-point in W, positive when discharging, which the
device drops WSetRvrtTms seconds after it was last written, together with the controller's heartbeat in model 802.
Offsets: github.com/sunspec/models json/model_704.json and model_802.json.
"""

from typing import ClassVar

from controller.compatibility.variants import variants_by_row
from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.shared.values import number
from controller.drivers.sunspec.chain import SunSpecDevice
from controller.drivers.sunspec.inverter import measured, plain
from controller.drivers.sunspec.models import DerMeasurement, IntegerInverter
from controller.drivers.sunspec.scaled import SunSpecMeasure, SunSpecPoint, SunSpecSetting
from controller.errors import NotControllable, WrongDevice
from controller.ports import Clock, ModbusLine

ROWS = (55, 56, 57, 58, 59)
WATTS = 1  # set-point mode; 0 would be percent
TIMEOUT = 10.0  # s, the profile's default
OF_THE_BATTERY = ("battery_power", "soc", "capacity", "charge_energy")
MODELS = {704: "control", 802: "battery"}


class HemBess1(SunSpecDevice, IntegerInverter, DerMeasurement):
    """Battery system that follows a power in W as long as it hears the controller's heartbeat."""

    serves: ClassVar = dict.fromkeys(ROWS, ("modbus-tcp",))
    kind: ClassVar[Kind] = "battery-inverter"
    refresh: float | None = TIMEOUT / 2
    when_silent: ClassVar[WhenSilent] = WhenSilent("stops", TIMEOUT)
    reaction: ClassVar[float] = 5.0

    dc_power = None  # type: ignore[assignment]  # the battery's power says it with its sign
    rating = SunSpecPoint((120,), 3, "u16", 4, unit="W")
    charge_rating = SunSpecPoint((802,), 4, "u16", 54, unit="W")
    discharge_rating = SunSpecPoint((802,), 5, "u16", 54, unit="W")

    capacity = SunSpecMeasure((802,), 3, "u16", 53, unit="Wh")
    soc = SunSpecMeasure((802,), 11, "u16", 56, unit="%")
    charge_energy = SunSpecMeasure((701,), 23, "acc64", 120, unit="Wh")
    battery_power = SunSpecMeasure((802,), 47, "s16", 63, unit="W")

    enabled = SunSpecSetting((704,), 22, "enum16")
    mode = SunSpecSetting((704,), 23, "enum16")
    setpoint = SunSpecSetting((704,), 24, "s32", 55, unit="W")
    enabled_after = SunSpecSetting((704,), 30, "enum16")
    timeout = SunSpecSetting((704,), 31, "u32", unit="s")
    heartbeat = SunSpecSetting((802,), 19, "u16")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._bounds: tuple[float, float] | None = None  # W charging, W discharging
        self._beats = 0

    def lost(self) -> None:
        super().lost()
        self._bounds = None

    async def identify(self) -> Identity:
        await self.walk()
        present = {model.id for model in self.chain}
        missing = [f"model {number} ({what})" for number, what in MODELS.items() if number not in present]
        if missing:
            raise WrongDevice("a SunSpec device without " + " and ".join(missing), ["HEM-BESS-1"])
        common = await self.common()
        own = {variant.name for variant in variants_by_row().get(self.row, ())}
        meant = [
            variant.name for row in ROWS for variant in variants_by_row()[row]
            if plain(variant.name) == plain(common["product"])
        ]  # fmt: skip
        if own and meant and meant[0] not in own:
            raise WrongDevice(common["product"], sorted(own))
        model = meant[0] if meant else self.model or next(iter(own), common["product"])
        return Identity(common["maker"], model, common["serial_number"], common["version"], await self._rated())

    async def _rated(self) -> float | None:
        return await self.rating.number() or None

    async def read(self) -> Reading:
        values = await self.sample()
        reading = measured(values)
        return reading | {name: values[name] for name in OF_THE_BATTERY if name in values}

    async def charge(self, watts: float) -> None:
        """Charge with `watts`; to be repeated within `refresh`."""
        most, _ = await self._envelope()
        await self._command(-min(max(watts, 0.0), most))

    async def discharge(self, watts: float) -> None:
        """Discharge with `watts`; to be repeated within `refresh`."""
        _, most = await self._envelope()
        await self._command(min(max(watts, 0.0), most))

    async def _envelope(self) -> tuple[float, float]:
        """Highest power in W, charging and discharging."""
        if self._bounds is None:
            kind = type(self)
            found = await self.gather((kind.charge_rating, kind.discharge_rating), whole=False)
            charging, discharging = number(found.get("charge_rating")), number(found.get("discharge_rating"))
            if charging is None or discharging is None:
                raise NotControllable("the battery does not tell what it can take and give", unit=self.unit)
            self._bounds = charging, discharging
        return self._bounds

    async def _command(self, watts: float) -> None:
        kind = type(self)
        if not self.armed:  # the time-out first: no set-point may ever stand without it
            await self.write_run({kind.enabled_after: 0, kind.timeout: TIMEOUT})
        self._beats = self._beats % 0xFFFE + 1
        await self.heartbeat.write(self._beats)
        await self.write_run({kind.enabled: 1, kind.mode: WATTS, kind.setpoint: watts})
        self.armed = True

    async def release(self) -> None:
        """Back to the system's own regulation."""
        await self.enabled.write(0)
        self.armed = False
