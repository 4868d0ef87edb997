"""GoodWe ET and BT: hybrid and AC-coupled battery inverters, commanded by EMS mode and EMS power.

Source: marcelblijleven/goodwe:goodwe/et.py and tests/sample/et; OpenEMS/openems:io.openems.edge.goodwe (EmsPowerMode).
No public edition of the maker's document is cited by them. Wire address as there, high word first, unit 247.

What was commanded stands until something else is commanded, over a silent controller too: there is no watchdog.
Whether 47509 to 47512 wear is not known, so a repeated command is only written when something else stands there. What
may be fed is limited at the meter (47509, 47510), see `controller.drivers.shared.meter_limit`; the AC power cannot be.
"""

from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.meter_limit import BAND, FeedIn
from controller.drivers.shared.values import number, total_of, worded
from controller.errors import NotControllable, WrongDevice
from controller.ports import Clock, ModbusLine

OFF, ON = 0, 1
MOST_FEED_IN = 32_767.0  # W that the register can hold
AUTO, CHARGE_BATTERY, DISCHARGE_BATTERY = 1, 11, 12
FAMILIES = {"ET": ("ETU", "ETT"), "BT": ("BTU", "BTT", "BTC", "BTN")}  # printed name: characters 6 to 8 of the serial
STRINGS = tuple(f"pv{place}_power" for place in (1, 2, 3, 4))
ROWS = {49: "BT", 50: "ET"}
POWERS = ("power", "power_l1", "power_l2", "power_l3")
STATUS = {0: "standby", 1: "running", 2: "running", 3: "fault", 4: "starting", 5: "starting"}


class GoodWe(ModbusDevice):
    """Battery inverter BT, and what an ET has as well."""

    serves: ClassVar = {49: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "battery-inverter"
    default_unit: ClassVar[int] = 247
    windows = ((35000, 33), (35100, 125), (36000, 45), (37000, 24))
    max_gap: ClassVar[int] = 4
    # signed: the phases that a single-phase inverter does not have, tests/sample/et/GEH10-1U-10_running_data.hex
    absent: ClassVar = {"u16": (0xFFFF,), "u32": (0xFFFFFFFF,), "s32": (0x7FFFFFFF,)}
    refresh = 10.0  # a repetition costs no write while the command stands
    when_silent: ClassVar = WhenSilent("keeps")

    rated = Setting(35001, "u16", unit="W")
    serial = Setting(35003, "str8")
    product = Setting(35011, "str5")
    firmware = Setting(35027, "str6")  # of the communication processor

    voltage_l1 = Measure(35121, "u16", 0.1, "V")
    current_l1 = Measure(35122, "u16", 0.1, "A")
    frequency = Measure(35123, "u16", 0.01, "Hz")
    power_l1 = Measure(35124, "s32", unit="W")
    voltage_l2 = Measure(35126, "u16", 0.1, "V")
    current_l2 = Measure(35127, "u16", 0.1, "A")
    power_l2 = Measure(35129, "s32", unit="W")
    voltage_l3 = Measure(35131, "u16", 0.1, "V")
    current_l3 = Measure(35132, "u16", 0.1, "A")
    power_l3 = Measure(35134, "s32", unit="W")
    power = Measure(35137, "s32", unit="W")
    temperature = Measure(35176, "s16", 0.1, "°C", absent=(0x7FFF,))  # of the radiator
    battery_power = Measure(35182, "s32", unit="W")
    state = Measure(35187, "u16")
    energy = Measure(35195, "u32", 100, "Wh")  # what has left it towards the AC side
    charge_energy = Measure(35206, "u32", 100, "Wh")
    discharge_energy = Measure(35209, "u32", 100, "Wh")
    export_energy = Measure(36015, "f32", unit="Wh")
    import_energy = Measure(36017, "f32", unit="Wh")
    grid_power = Measure(36025, "s32", -1, "W")  # the meter says + for export
    soc = Measure(37007, "u16", unit="%")

    ems_mode = Setting(47511, "u16")
    ems_power = Setting(47512, "u16", unit="W")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._rated: float | None = None
        self._standing: tuple[int, float] | None = None

    def lost(self) -> None:
        super().lost()
        self._standing = None

    async def identify(self) -> Identity:
        kind = type(self)
        found = await self.fetch_known([kind.rated, kind.serial, kind.product, kind.firmware])
        serial, product = str(found["serial"] or ""), str(found["product"] or "")
        family, notes = family_of(serial, product)
        expected = [ROWS[self.row]] if self.row else list(FAMILIES)
        if family not in expected:
            raise WrongDevice(product or serial or "a device without a name", expected)
        self._rated = number(found["rated"])
        return Identity("GoodWe", family, serial, str(found["firmware"] or ""), self._rated, notes)

    async def read(self) -> Reading:
        values = await self.sample()
        values.update({name: extended(values[name]) for name in POWERS})
        values["status"] = worded(STATUS, values.pop("state"))
        return values

    async def charge(self, watts: float) -> None:
        """Charge with `watts`, from the grid if need be."""
        await self._command(CHARGE_BATTERY, watts)

    async def discharge(self, watts: float) -> None:
        await self._command(DISCHARGE_BATTERY, watts)

    async def _command(self, mode: int, watts: float) -> None:
        if self._rated is None:
            self._rated = number((await self.fetch_known([type(self).rated, type(self).serial]))["rated"])
        watts = max(watts, 0.0)
        await self._give(mode, float(round(min(watts, self._rated) if self._rated else watts)))

    async def release(self) -> None:
        """Back to self-consumption."""
        await self._give(AUTO, 0.0)

    async def _give(self, mode: int, watts: float) -> None:
        if self._standing == (mode, watts):
            kind = type(self)
            found = await self.fetch([kind.ems_mode, kind.ems_power])
            if (found["ems_mode"], found["ems_power"]) == (mode, watts):
                return
        self._standing = None
        await self.write_together((self.ems_mode, mode), (self.ems_power, watts))
        self._standing = mode, watts


class GoodWeEt(GoodWe):
    """Hybrid inverter ET: PV, and a limit of what is fed at the meter."""

    serves: ClassVar = {50: ("modbus-tcp",)}
    limits_at_the_meter: ClassVar[bool] = True

    pv1_power = Measure(35105, "u32", unit="W")
    pv2_power = Measure(35109, "u32", unit="W")
    pv3_power = Measure(35113, "u32", unit="W")
    pv4_power = Measure(35117, "u32", unit="W")

    feed_in_switch = Setting(47509, "u16")
    feed_in_limit = Setting(47510, "s16", unit="W")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._feed_in = FeedIn()

    async def read(self) -> Reading:
        values = dict(await super().read())
        values["pv_power"] = total_of("pv_power", values, STRINGS, self.doubts)
        return {name: value for name, value in values.items() if name not in STRINGS}

    async def limit_power(self, watts: float) -> None:
        """Feed at most `watts`, of which the house takes what it takes."""
        kind = type(self)
        seen = await self.fetch_known(
            (kind.power, kind.grid_power, kind.feed_in_switch, kind.feed_in_limit, kind.rated)
        )
        power, grid = number(extended(seen["power"])), number(seen["grid_power"])
        if power is None or grid is None:
            raise NotControllable("without a meter at the grid connection it limits nothing", unit=self.unit)
        standing = number(seen["feed_in_limit"]) if seen["feed_in_switch"] == ON else None
        band = BAND * (number(seen["rated"]) or 0.0)
        new = self._feed_in.due(watts, power, power + grid, standing, band, self.clock.monotonic())
        if new is not None:
            await self.feed_in_limit.write(min(new, MOST_FEED_IN))
            if standing is None:
                await self.feed_in_switch.write(ON)

    async def release(self) -> None:
        """Back to self-consumption, and no limit, whoever has set one."""
        await super().release()
        self._feed_in.forget()
        if await self.feed_in_switch.number() != OFF:
            await self.feed_in_switch.write(OFF)


def family_of(serial: str, product: str) -> tuple[str, tuple[str, ...]]:
    """ET or BT by the serial number's series tag, else by the model name, and what is new; empty when neither tells."""
    tag = serial[5:8]
    for family, tags in FAMILIES.items():
        if tag in tags:
            return family, ()
    named = next((family for family in FAMILIES if product.endswith(f"-{family}")), "")
    new = any(character.isalpha() for character in tag) and bool(named)
    return named, (f"series {tag} is new; the device calls itself {product}",) if new else ()


def extended(watts: Value) -> Value:
    """Some firmware leaves the high word of a negative power at zero: tests/sample/et/GW6000_EH_running_data.hex."""
    return watts - 0x10000 if isinstance(watts, int | float) and 0x8000 <= watts <= 0xFFFF else watts
