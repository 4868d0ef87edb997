"""Solplanet (AISWEI) ASW hybrids with the AISWEI map, on their own port or behind a gateway.

Source: AISWEI Modbus protocol MB001_ASW GEN-Modbus-en V2.1, as used by evcc-io/evcc:templates/definition/meter/
solplanet-modbus.yaml, balloobbot/solplanet-modbus:src/solplanet_modbus/inverter.py and a scan of an ASW010K-SH (guide
"Modbus TCP Implementation Guide"). Wire = document number - 30001 (input) or - 40001 (holding), high word first.

Where the identity stands depends on the interface: strings in holding registers on the inverter's own port, an
enumeration of models in input registers behind an Ai-Logger. Either will do. What was commanded stands for ever: no
watchdog is known.
"""

import re
from typing import ClassVar

from controller.compatibility.variants import variants_by_row
from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.setpoint import SignedSetpoint
from controller.drivers.shared.values import percentage, worded
from controller.errors import WrongDevice
from controller.ports import Clock, ModbusLine

ROW = 63
SELF_CONSUMPTION, CUSTOM = 2, 4
THREE_PHASE_HYBRIDS = (13, 15, 16)  # 5 to 12 kW: plain, without emergency supply, with diesel generator
OTHERS = (1, 2, 3, 4, 5, 11, 12, 14)  # without battery, hybrids of one phase
STATUS = {0: "standby", 1: "running", 2: "fault", 4: "starting"}
HIGHEST = 10_000.0  # W in the power register
PRODUCT = re.compile(r"ASW0?(\d+)KH-T[23]", re.IGNORECASE)


class SolplanetHybrid(SignedSetpoint, ModbusDevice):
    """Three-phase hybrid inverter with battery and grid meter."""

    serves: ClassVar = {ROW: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "battery-inverter"
    function: ClassVar[int] = 4
    single_write: ClassVar[bool] = True
    absent: ClassVar = {"u16": (0xFFFF,), "s16": (-0x8000,), "u32": (0xFFFFFFFF,), "s32": (-0x80000000,)}
    refresh = 20.0  # a repetition costs no write while the command stands
    when_silent: ClassVar = WhenSilent("keeps")

    serial = Setting(1182, "str8", function=3, optional=True)
    product = Setting(1198, "str5", function=3, optional=True)
    machine = Setting(1018, "str8", optional=True)
    logger_serial = Setting(1002, "str16", optional=True)
    model_number = Setting(1072, "u16", optional=True)

    energy = Measure(1304, "u32", 100, "Wh")
    state = Measure(1308, "u16")
    temperature = Measure(1310, "s16", 0.1, "°C")
    voltage_l1 = Measure(1358, "u16", 0.1, "V")
    current_l1 = Measure(1359, "u16", 0.1, "A")
    voltage_l2 = Measure(1360, "u16", 0.1, "V")
    current_l2 = Measure(1361, "u16", 0.1, "A")
    voltage_l3 = Measure(1362, "u16", 0.1, "V")
    current_l3 = Measure(1363, "u16", 0.1, "A")
    frequency = Measure(1367, "u16", 0.01, "Hz")
    power = Measure(1370, "s32", unit="W")
    pv_power = Measure(1600, "u32", unit="W")
    battery_power = Measure(1618, "s32", unit="W")
    soc = Measure(1621, "u16", unit="%")
    grid_power = Measure(6433, "s32", unit="W", function=3)

    mode = Setting(1103, "u16", function=3)
    command_power = Setting(1152, "s16", unit="W", function=3)
    limit_switch = Setting(4000, "u16", function=3)
    limit_share = Setting(5402, "u16", 0.01, "%", function=3)

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._rated: float | None = None
        self._standing: float | None = None  # W, + discharging
        self._share: float | None = None

    def lost(self) -> None:
        super().lost()
        self._standing = self._share = None

    async def identify(self) -> Identity:
        kind = type(self)
        found = await self.fetch([kind.serial, kind.product, kind.machine, kind.logger_serial, kind.model_number])
        names = [str(found[each]) for each in ("product", "machine") if found[each]]
        match = next((match for name in names if (match := PRODUCT.match(name))), None)
        number = found["model_number"]
        notes: tuple[str, ...] = ()
        if match is None and number not in THREE_PHASE_HYBRIDS:
            told = ", ".join(names) or f"model number {number}"
            named = not names or any("KH-T" in name.upper() for name in names)
            if number in OTHERS or not named or not await self._three_phase_hybrid():
                raise WrongDevice(told, ["ASW05kH-T2", "ASW12kH-T3-O"])
            notes = (f"{told} is new; it measures three phases and a battery as the hybrids do",)
        name = max(names, key=len, default="")
        self._rated = float(match[1]) * 1000 if match else self._printed_rating()
        serial = str(found["serial"] or found["logger_serial"] or "")
        model = self._printed(name) or "ASW hybrid"
        return Identity("Solplanet", model, serial, rated_power=self._rated, notes=notes)

    async def _three_phase_hybrid(self) -> bool:
        """Whether it measures what only these have: three phases and a battery."""
        own = type(self)
        seen = await self.fetch_known([own.voltage_l1, own.voltage_l2, own.voltage_l3, own.soc, own.battery_power])
        volts = [seen[f"voltage_l{phase}"] for phase in (1, 2, 3)]
        phases = all(isinstance(each, int | float) and each > 80 for each in volts)
        level = seen["soc"]
        return phases and seen["battery_power"] is not None and isinstance(level, int | float) and 0 < level <= 100

    def _printed(self, name: str) -> str:
        """The printed variant; the device cuts its name at ten characters, so the installer's word tells the rest."""
        if self.model and (not name or self.model.casefold().startswith(name.casefold())):
            return self.model
        return next((each.name for each in variants_by_row()[ROW] if each.name.casefold() == name.casefold()), name)

    def _printed_rating(self) -> float | None:
        return next((each.rated_power for each in variants_by_row()[ROW] if each.name == self.model), None)

    async def read(self) -> Reading:
        values = await self.sample()
        values["status"] = worded(STATUS, values.pop("state"))
        return values

    async def _command(self, watts: float) -> None:
        bound = min(await self._rating(), HIGHEST)
        watts = float(round(min(max(watts, -bound), bound)))
        if await self._stands(watts):
            return
        self._standing = None
        await self.command_power.write(watts)  # before the mode, which must not find an old command
        if not self.armed:
            await self.mode.write(CUSTOM)
            await self.command_power.write(watts)  # again: outside its mode the device may have passed it over
            self.armed = True
        self._standing = watts

    async def _stands(self, watts: float) -> bool:
        """Whether this was commanded and nobody has written anything else since."""
        if not self.armed or watts != self._standing:
            return False
        self.armed = await self.mode.number() == CUSTOM
        return self.armed and await self.command_power.number() == watts

    async def _rating(self) -> float:
        if self._rated is None:
            await self.identify()
        return self._rated or HIGHEST

    async def limit_power(self, watts: float) -> None:
        """At most `watts` at the AC terminals, rounded down to 0.01 % of the rated power."""
        share = percentage(watts, await self._rating(), 2)
        if share == self._share:
            return
        self._share = None
        await self.limit_share.write(share)
        await self.limit_switch.write(1)
        self._share = share

    async def release(self) -> None:
        """Self-consumption, and no limit, whoever has given one."""
        await self.mode.write(SELF_CONSUMPTION)
        self.armed, self._standing = False, None
        self._share = None
        if await self.limit_switch.number() != 0:
            await self.limit_switch.write(0)
