"""Huawei SUN2000 inverters, directly or through their SDongle. Batteries behind them are read, never commanded.

Source: Solar Inverter Modbus Interface Definitions V3.0; wlcrs/huawei-solar-lib:src/huawei_solar/registers.py. Wire
address as in the document, high word first.

The limit is the direct derating in W, 40126, up to Pmax (30075). The derating in percent, 40125, is not used: whether
it counts from Pmax or from the rated power is not said, and they differ by a tenth. The settings 47xxx are left alone:
they belong to the plant's own feed-in limit.
"""

from math import floor
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.values import number
from controller.errors import NotControllable, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

BESIDE = ("SmartLogger", "SDongle", "EMMA", "LUNA", "MERC", "SmartPS")  # other devices of the maker with names
PERMISSION_DENIED = 0x80  # Huawei's own exception: a login of the installer is asked for
NORMAL = 1  # meter status; battery status 0 is offline
STATUS = {
    0x00: "standby", 0x01: "starting", 0x02: "running", 0x03: "off", 0x04: "limited", 0x05: "running", 0x06: "starting",
    0x07: "starting", 0x08: "running", 0x09: "starting", 0x0A: "running", 0xA0: "standby",
}  # fmt: skip
DETAIL = {0x0200: "running", 0x0201: "limited", 0x0202: "limited", 0x0300: "fault", 0x0302: "fault", 0x0307: "fault"}


class Sun2000(ModbusDevice):
    """PV inverter with a limit in W."""

    serves: ClassVar = {33: ("modbus-tcp", "modbus-rtu")}
    kind: ClassVar[Kind] = "pv-inverter"
    max_block: ClassVar[int] = 64
    single_write: ClassVar[bool] = True
    absent: ClassVar = {
        "u16": (0xFFFF,), "s16": (0x7FFF,), "u32": (0xFFFFFFFF,), "s32": (0x7FFFFFFF, -0x80000000),
    }  # fmt: skip
    refresh = 20.0  # a repetition costs no write while the limit stands
    when_silent: ClassVar = WhenSilent("keeps")
    reaction: ClassVar[float] = 5.0
    connect_pause: ClassVar[float] = 1.5  # a request sooner is lost or ends the connection, wlcrs/huawei-solar-lib

    name = Setting(30000, "str15")
    serial = Setting(30015, "str10")
    rated = Setting(30073, "u32", unit="W")
    highest = Setting(30075, "u32", unit="W")

    dc_power = Measure(32064, "s32", unit="W")
    voltage_l1 = Measure(32069, "u16", 0.1, "V")
    voltage_l2 = Measure(32070, "u16", 0.1, "V")
    voltage_l3 = Measure(32071, "u16", 0.1, "V")
    current_l1 = Measure(32072, "s32", 0.001, "A")
    current_l2 = Measure(32074, "s32", 0.001, "A")
    current_l3 = Measure(32076, "s32", 0.001, "A")
    power = Measure(32080, "s32", unit="W")
    frequency = Measure(32085, "u16", 0.01, "Hz")
    temperature = Measure(32087, "s16", 0.1, "°C")
    state = Measure(32089, "u16")
    energy = Measure(32106, "u32", 10, "Wh")

    battery_status = Setting(37000, "u16", optional=True)
    meter_status = Setting(37100, "u16", optional=True)
    grid_power = Setting(37113, "s32", -1, "W")  # the device says + for export
    capacity = Setting(37758, "u32", unit="Wh")
    soc = Setting(37760, "u16", 0.1, "%")
    battery_power = Setting(37765, "s32", -1, "W")  # the device says + for charging
    charge_energy = Setting(37780, "u32", 10, "Wh")
    discharge_energy = Setting(37782, "u32", 10, "Wh")

    limit = Setting(40126, "u32", unit="W")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._rated: float | None = None
        self._highest = 0.0
        self._battery = self._meter = False
        self._looked = False
        self._given: float | None = None  # W

    def lost(self) -> None:
        super().lost()
        self._given = None

    async def identify(self) -> Identity:
        kind = type(self)
        found = await self.fetch_known([kind.name, kind.serial])
        name = str(found["name"] or "")
        if name.startswith(BESIDE):
            raise WrongDevice(name, ["SUN2000"])
        await self._plate()
        notes: tuple[str, ...] = ()
        if not name.startswith("SUN2000"):
            state = _status(await self.state.number())
            if not (name.isprintable() and name and self._rated and self._highest >= self._rated and state):
                raise WrongDevice(name or "a device without a name", ["SUN2000"])
            notes = (f"the name {name} is new; rated and highest power and state are where the SUN2000 has them",)
        return Identity("Huawei", name, str(found["serial"] or ""), rated_power=self._rated, notes=notes)

    async def _plate(self) -> None:
        """Rated and highest power, and whether battery and meter are there: read once."""
        kind = type(self)
        found = await self.fetch_known([kind.rated, kind.highest, kind.battery_status, kind.meter_status])
        self._rated = number(found["rated"])
        self._highest = number(found["highest"]) or self._rated or 0.0
        self._battery = bool(found["battery_status"])
        self._meter = found["meter_status"] == NORMAL
        self._looked = True

    async def read(self) -> Reading:
        if not self._looked:
            await self._plate()
        kind, values = type(self), await self.sample()
        if self._battery:
            values.update(
                await self.fetch_known(
                    [kind.capacity, kind.soc, kind.battery_power, kind.charge_energy, kind.discharge_energy]
                )
            )
        if self._meter:
            values.update(await self.fetch([kind.grid_power]))
        values["status"] = _status(values.pop("state"))
        values["rated_power"] = self._rated
        return values

    async def limit_power(self, watts: float) -> None:
        """Feed at most `watts`."""
        highest = await self._most()
        await self._give(float(floor(min(max(watts, 0.0), highest))))

    async def release(self) -> None:
        """Full power: a limit of Pmax."""
        await self._give(await self._most())

    async def _most(self) -> float:
        if not self._looked:
            await self._plate()
        if not self._highest:
            raise NotControllable("the inverter does not tell its highest power", unit=self.unit)
        return self._highest

    async def _give(self, watts: float) -> None:
        if watts == self._given and await self.limit.number() == watts:
            return
        self._given = None
        try:
            await self.limit.write(watts)
        except Refused as no:
            if no.code != PERMISSION_DENIED:
                raise
            raise NotControllable("writing needs the installer's login here", unit=self.unit, raw=no.raw) from no
        self._given = watts


def _status(state: Value) -> Value:
    if not isinstance(state, int | float):
        return None
    return DETAIL.get(int(state)) or STATUS.get(int(state) >> 8)
