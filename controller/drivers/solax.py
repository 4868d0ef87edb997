"""SolaX X3-Hybrid G4 (the -D models): live data in input registers, remote control in a volatile block.

Source: Hybrid X1/X3-G4 Modbus TCP/RTU V3.21, as used by wills106/homeassistant-solax-modbus:custom_components/
solax_modbus/plugin_solax.py and openWB/core:packages/modules/devices/solax. 32-bit values come low word first. The
same holding numbers mean other things when read and when written.

The battery is commanded in mode 4 (push power) of the block at 0x7C with a time-out of its own: without one it would
stand for ever. The user mode lies in EEPROM and is left alone. Nothing of the block throttles PV (solax-modbus:
docs/modbus-power-control.md); the export limit does, at the grid meter, and lies in EEPROM as well: see
`controller.drivers.shared.meter_limit`.
"""

import re
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.meter_limit import BAND, FeedIn
from controller.drivers.shared.setpoint import SignedSetpoint
from controller.drivers.shared.values import magnitude, total, worded
from controller.errors import NotControllable, WrongDevice
from controller.ports import Clock, ModbusLine

CODES, LOCKED = (2014, 6868), 0  # the installer's code; some firmware stays locked with it, the advanced one holds
OFF, PUSH_POWER, SET = 0, 4, 1
TIMEOUT = 30.0  # s
STEP = 10.0  # W of the export limit
SERIAL = re.compile(r"H34([A-Z])(\d\d)")  # three-phase hybrid of the fourth generation, its kind, rating in kW
KINDS = "ABCT"
STATUS = {
    0: "standby", 1: "starting", 2: "running", 3: "fault", 4: "fault", 5: "off", 6: "standby", 7: "running",
    8: "starting", 9: "standby", 10: "standby", 20: "running",
}  # fmt: skip


class SolaxX3Hybrid(SignedSetpoint, ModbusDevice):
    """Three-phase hybrid inverter with battery and grid meter."""

    serves: ClassVar = {64: ("modbus-tcp", "modbus-rtu")}
    kind: ClassVar[Kind] = "battery-inverter"
    word_order = "low first"
    function = 4
    refresh = 10.0
    when_silent: ClassVar = WhenSilent("released", TIMEOUT)
    limits_at_the_meter: ClassVar[bool] = True

    serial = Setting(0x0000, "str7", function=3)
    lock = Setting(0x0054, "u16")

    power = Measure(0x0002, "s16", unit="W")
    frequency = Measure(0x0007, "u16", 0.01, "Hz")
    temperature = Measure(0x0008, "s16", unit="°C")
    state = Measure(0x0009, "u16")
    pv1_power = Measure(0x000A, "u16", unit="W")
    pv2_power = Measure(0x000B, "u16", unit="W")
    battery_power = Measure(0x0016, "s16", -1, "W")  # the device says + for charging
    soc = Measure(0x001C, "u16", unit="%")
    discharge_energy = Measure(0x001D, "u32", 100, "Wh")
    charge_energy = Measure(0x0021, "u32", 100, "Wh")
    capacity = Measure(0x0026, "u32", unit="Wh")
    grid_power = Measure(0x0046, "s32", -1, "W")  # the device says + for export
    export_energy = Measure(0x0048, "u32", 10, "Wh")
    import_energy = Measure(0x004A, "u32", 10, "Wh")
    energy = Measure(0x0052, "u32", 100, "Wh")
    voltage_l1 = Measure(0x006A, "u16", 0.1, "V")
    current_l1 = Measure(0x006B, "s16", 0.1, "A")
    power_l1 = Measure(0x006C, "s16", unit="W")
    voltage_l2 = Measure(0x006E, "u16", 0.1, "V")
    current_l2 = Measure(0x006F, "s16", 0.1, "A")
    power_l2 = Measure(0x0070, "s16", unit="W")
    voltage_l3 = Measure(0x0072, "u16", 0.1, "V")
    current_l3 = Measure(0x0073, "s16", 0.1, "A")
    power_l3 = Measure(0x0074, "s16", unit="W")

    standing_export = Setting(0x00B6, "u16", 10, "W", function=3)  # what was written to 0x42
    export_limit = Setting(0x0042, "u16", 10, "W", function=3)

    unlock = Setting(0x0000, "u16", function=3)
    control_mode = Setting(0x007C, "u16", function=3)
    control_kind = Setting(0x007D, "u16", function=3)
    active_power = Setting(0x007E, "s32", unit="W", function=3)
    reactive_power = Setting(0x0080, "s32", unit="var", function=3)
    duration = Setting(0x0082, "u16", unit="s", function=3)
    target_soc = Setting(0x0083, "u16", unit="%", function=3)
    target_energy = Setting(0x0084, "u32", unit="Wh", function=3)
    target_power = Setting(0x0086, "s32", unit="W", function=3)
    timeout = Setting(0x0088, "u16", unit="s", function=3)
    push_power = Setting(0x0089, "s32", unit="W", function=3)  # the device says + for discharging

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._rated: float | None = None
        self._feed_in = FeedIn()

    async def identify(self) -> Identity:
        kind = type(self)
        found = await self.fetch([kind.serial])
        serial = str(found["serial"] or "")
        match = SERIAL.match(serial) or SERIAL.match(straight(serial))
        if match is None:
            raise WrongDevice(f"serial number {serial!r}", ["X3-Hybrid G4 (H34A, H34B, H34C, H34T)"])
        kilowatts = int(match[2])
        self._rated = kilowatts * 1000.0
        new = () if match[1] in KINDS else (f"kind {match[1]} in {match.string} is new; H34 is an X3-Hybrid G4",)
        return Identity("SolaX Power", f"X3-Hybrid-{kilowatts}.0-D", match.string, rated_power=self._rated, notes=new)

    async def read(self) -> Reading:
        values = await self.sample()
        values["pv_power"] = total([values.pop("pv1_power"), values.pop("pv2_power")])
        for phase in (1, 2, 3):
            values[f"current_l{phase}"] = magnitude(values[f"current_l{phase}"])
        values["status"] = worded(STATUS, values.pop("state"))
        return values

    async def _command(self, watts: float) -> None:
        rated = await self._rating()
        await self._arm()
        await self._control(PUSH_POWER, min(max(watts, -rated), rated))

    async def _arm(self) -> None:
        """Writing is unlocked by the installer's code until the next restart; while locked it is passed over."""
        if self.armed:
            return
        for code in CODES:
            if await self.lock.number() != LOCKED:
                break
            await self.unlock.write(code)
        else:
            if await self.lock.number() == LOCKED:
                raise NotControllable("the inverter stays locked, its code was changed", unit=self.unit)
        self.armed = True

    async def limit_power(self, watts: float) -> None:
        """Feed at most `watts`, of which the house takes what it takes."""
        rated = await self._rating()
        power, grid = await self.power.number(), await self.grid_power.number()
        if power is None or grid is None:
            raise NotControllable("without a meter at the grid connection it limits nothing", unit=self.unit)
        standing = await self.standing_export.number()
        new = self._feed_in.due(watts, power, power + grid, standing, max(BAND * rated, STEP), self.clock.monotonic())
        if new is not None:
            await self._arm()
            await self.export_limit.write(min(new, rated) // STEP * STEP)

    async def release(self) -> None:
        """Back to the user mode, and no limit, whoever has set one."""
        await self._arm()
        await self._control(OFF, 0.0)
        self._feed_in.forget()
        rated, standing = await self._rating(), await self.standing_export.number()
        if standing is None or standing < rated:
            await self.export_limit.write(rated)

    async def _rating(self) -> float:
        if self._rated is None:
            await self.identify()
        return self._rated or 0.0

    async def _control(self, mode: int, watts: float) -> None:
        await self.write_together(
            (self.control_mode, mode), (self.control_kind, SET), (self.active_power, 0), (self.reactive_power, 0),
            (self.duration, 0), (self.target_soc, 0), (self.target_energy, 0), (self.target_power, 0),
            (self.timeout, TIMEOUT), (self.push_power, watts),
        )  # fmt: skip


def straight(serial: str) -> str:
    """Some firmware sends the serial number with the two characters of every register exchanged."""
    return "".join(serial[at : at + 2][::-1] for at in range(0, len(serial), 2))
