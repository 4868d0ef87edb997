"""Sungrow SH hybrids: PV, battery and grid meter in input registers, control in holding registers.

Source: Communication Protocol of Residential and Small Industrial Hybrid Inverter V1.1.16. The wire address is the
document's number minus one. 32-bit values come low word first.

The battery is commanded in the mode "external EMS", not in the compulsory mode: that one is meant for maintenance and
stands for ever, while this one returns to self-consumption when the heartbeat (13080) is not written for the seconds
that it holds. mkaiser/Sungrow-SHx-Inverter-Modbus-Home-Assistant issue 377 shows the countdown and the return on a
device. Settings are written on change, only the heartbeat is written cyclically, as the document asks.
"""

from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.values import magnitude, number, percentage, worded
from controller.drivers.sungrow_models import listed, recognised
from controller.drivers.sungrow_sg import OFF, ON, hertz, plausible
from controller.ports import Clock, ModbusLine

ROWS = (52, 53, 54)
SELF_CONSUMPTION, EXTERNAL = 0, 3
CHARGE, DISCHARGE, STOP = 0xAA, 0xBB, 0xCC
CHARGING = 1 << 1  # bit of the power flow register
HEARTBEAT = 20.0  # s, the document's default
STATUS = {
    0x0000: "running", 0x0040: "running", 0x0400: "running", 0x0800: "running", 0x1000: "running", 0x4000: "running",
    0x4001: "running", 0x9100: "running", 0x0014: "running", 0x0041: "running", 0x8200: "limited", 0x8100: "limited",
    0x0080: "limited", 0x8000: "off", 0x0001: "off", 0x1300: "off", 0x0002: "off", 0x1500: "off", 0x0004: "off",
    0x1400: "standby", 0x0008: "standby", 0x1200: "starting", 0x0010: "starting", 0x1600: "starting",
    0x0020: "starting", 0x2501: "starting", 0x1111: "starting", 0x5500: "fault", 0x0100: "fault", 0x2500: "fault",
}  # fmt: skip


class SungrowSH(ModbusDevice):
    """Hybrid inverter whose battery follows a power in W and whose AC power can be limited."""

    serves: ClassVar = dict.fromkeys(ROWS, ("modbus-tcp", "modbus-rtu"))
    kind: ClassVar[Kind] = "battery-inverter"
    word_order = "low first"
    function = 4
    absent: ClassVar = {"u16": (0xFFFF,), "s16": (0x7FFF,), "u32": (0xFFFFFFFF,), "s32": (0x7FFFFFFF,)}
    max_gap: ClassVar[int] = 4  # reserved registers are answered: SunGather asks for 12999 to 13123 at once
    slow: ClassVar = frozenset({"state"})
    refresh = 10.0
    when_silent: ClassVar = WhenSilent("released", HEARTBEAT)

    serial = Setting(4989, "str10")
    code = Setting(4999, "u16")
    nominal = Setting(5000, "u16", 100, "W")
    output_type = Setting(5001, "u16")

    energy = Measure(5003, "u32", 100, "Wh")
    temperature = Measure(5007, "s16", 0.1, "°C")
    pv_power = Measure(5016, "u32", unit="W")
    voltage_l1 = Measure(5018, "u16", 0.1, "V")
    voltage_l2 = Measure(5019, "u16", 0.1, "V")
    voltage_l3 = Measure(5020, "u16", 0.1, "V")
    frequency = Measure(5035, "u16", 0.1, "Hz")
    state = Measure(12999, "u16")
    grid_power = Measure(13009, "s32", -1, "W")  # the device says + for export
    soc = Measure(13022, "u16", 0.1, "%")
    discharge_energy = Measure(13026, "u32", 100, "Wh")
    current_l1 = Measure(13030, "s16", 0.1, "A")
    current_l2 = Measure(13031, "s16", 0.1, "A")
    current_l3 = Measure(13032, "s16", 0.1, "A")
    power = Measure(13033, "s32", unit="W")
    import_energy = Measure(13036, "u32", 100, "Wh")
    charge_energy = Measure(13040, "u32", 100, "Wh")
    export_energy = Measure(13045, "u32", 100, "Wh")

    # Newer firmware tells the battery's power with its sign; older firmware refuses it or has no value there, and may
    # lack its neighbours as well. openWB asks for 5213 first and falls back in the same way.
    battery_power = Setting(5213, "s32", unit="W", optional=True)
    battery_rated = Setting(5627, "u16", 100, "W", optional=True)
    capacity = Setting(5638, "u16", 10, "Wh", optional=True)
    power_flow = Setting(13000, "u16", absent=())
    battery_magnitude = Setting(13021, "s16", unit="W", absent=())

    mode = Setting(13049, "u16", function=3)
    command = Setting(13050, "u16", function=3)
    command_power = Setting(13051, "u16", unit="W", function=3)
    heartbeat = Setting(13079, "u16", unit="s", function=3)
    limit_switch = Setting(13088, "u16", function=3)
    limit_share = Setting(13089, "u16", 0.1, "%", function=3)

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._rated = self._battery_rated = 0.0
        self._single_phase = self._old_firmware = False
        self._standing: tuple[int, float] | None = None  # command and W
        self._beaten_at = 0.0
        self._share: float | None = None

    def lost(self) -> None:
        super().lost()
        self._standing = self._share = None

    async def identify(self) -> Identity:
        found = await self._plate()
        code, proof = number(found["code"]), ""
        if not listed(code) and plausible(found) and await self.soc.number() is not None:
            proof = "serial number, power and state of charge are where a hybrid has them"
        name, notes = recognised(code, self.row, ROWS, self.model, proof)
        return Identity("Sungrow", name, str(found["serial"] or ""), rated_power=self._rated or None, notes=notes)

    async def _plate(self) -> dict[str, Value]:
        """Serial number, type code, nominal power and output type, and what the firmware has."""
        kind = type(self)
        found = await self.fetch_known([kind.serial, kind.code, kind.nominal, kind.output_type])
        self._single_phase = found["output_type"] == 0
        self._rated = number(found["nominal"]) or 0.0
        self._battery_rated = await self.battery_rated.number() or self._rated
        self._old_firmware = await self.battery_power.number() is None
        return found

    async def read(self) -> Reading:
        if not self._rated:
            await self._plate()
        values = await self.sample()
        values.update(await self._battery())
        values["status"] = worded(STATUS, values.pop("state"), "fault")
        values["rated_power"] = self._rated
        values["frequency"] = hertz(values["frequency"])
        for phase in (1, 2, 3):
            values[f"current_l{phase}"] = magnitude(values[f"current_l{phase}"])
            if self._single_phase and phase > 1:
                del values[f"current_l{phase}"], values[f"voltage_l{phase}"]
        return values

    async def _battery(self) -> dict[str, Value]:
        kind = type(self)
        values = await self.fetch([kind.capacity], self.pace)
        if not self._old_firmware:
            return values | await self.fetch([kind.battery_power])
        found = await self.fetch([kind.power_flow, kind.battery_magnitude])
        flow, magnitude = found["power_flow"], found["battery_magnitude"]
        if not isinstance(flow, int | float) or not isinstance(magnitude, int | float):
            return values | {"battery_power": None}
        # unsigned in one family, signed in the other: the flow bits tell the direction in both
        return values | {"battery_power": -abs(magnitude) if int(flow) & CHARGING else abs(magnitude)}

    async def charge(self, watts: float) -> None:
        """Charge with `watts`, from the grid if need be."""
        await self._command(CHARGE if watts > 0 else STOP, watts)

    async def discharge(self, watts: float) -> None:
        await self._command(DISCHARGE if watts > 0 else STOP, watts)

    async def _command(self, command: int, watts: float) -> None:
        if not self._rated:
            await self._plate()
        wanted = command, float(round(min(max(watts, 0.0), self._battery_rated)))
        now = self.clock.monotonic()
        await self.heartbeat.write(HEARTBEAT)  # first: the mode must not find a heartbeat that has run out
        stands = self._standing == wanted and now - self._beaten_at < HEARTBEAT
        self._beaten_at = now
        if stands and await self._commanded() == (EXTERNAL, *wanted):
            return
        self._standing = None
        await self.write_together((self.mode, EXTERNAL), (self.command, wanted[0]), (self.command_power, wanted[1]))
        self._standing = wanted

    async def _commanded(self) -> tuple[Value, ...]:
        """What the device holds as mode, command and power; somebody else may have written there."""
        kind = type(self)
        found = await self.fetch([kind.mode, kind.command, kind.command_power])
        return found["mode"], found["command"], found["command_power"]

    async def limit_power(self, watts: float) -> None:
        """At most `watts` at the AC terminals, rounded down to 0.1 % of the nominal power."""
        if not self._rated:
            await self._plate()
        share = percentage(watts, self._rated or 1.0, 1)
        if share == self._share:
            return
        self._share = None
        await self.limit_share.write(share)
        await self.limit_switch.write(ON)
        self._share = share

    async def release(self) -> None:
        """Self-consumption, and no limit, whoever has given one."""
        self._standing = self._share = None
        await self.write_together((self.mode, SELF_CONSUMPTION), (self.command, STOP), (self.command_power, 0))
        if await self.limit_switch.number() != OFF:
            await self.limit_switch.write(OFF)
