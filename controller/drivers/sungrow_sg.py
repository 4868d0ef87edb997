"""Sungrow SG string inverters: measuring points in input registers, the power limit in holding registers.

Source: Communication Protocol of Residential and Commercial PV Grid-Connected Inverters V1.1.80 and V1.1.53. The wire
address is the document's number minus one. 32-bit values come low word first.

The limit is held without being repeated until the inverter is powered off; then the default, full power, is back
(V1.1.80, section 3.1.3). Settings are not to be written or read cyclically behind a WiNet or Logger, so they are
written on change only, and whether the limit still stands is seen in the input registers.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Setting
from controller.drivers.shared.values import number, percentage, worded
from controller.drivers.sungrow_models import listed, recognised
from controller.errors import Refused
from controller.ports import Clock, ModbusLine

ROWS = range(21, 32)
BATTERY_LEVEL = 13022  # of hybrids, wire address of V1.1.16
NOTHING = b"\xff\xff"
ON, OFF = 0xAA, 0x55
SINGLE_PHASE, LINE_VOLTAGES = 0, 2  # output types; 1 is three phases with neutral
STATUS = {
    0x0000: "running", 0x8100: "limited", 0x8200: "limited", 0x9100: "running", 0x8000: "off", 0x1300: "off",
    0x1500: "off", 0x1400: "standby", 0x1200: "starting", 0x1600: "starting", 0x1111: "starting", 0x5500: "fault",
    0x2500: "fault",
}  # fmt: skip
FRESH = {0x1200, 0x1600, 0x1111}  # initial standby, starting, uninitialised: what was limited before is forgotten


class SungrowSG(ModbusDevice):
    """String inverter with a power limit in 0.1 % of its nominal power."""

    serves: ClassVar = dict.fromkeys(ROWS, ("modbus-tcp", "modbus-rtu"))
    kind: ClassVar[Kind] = "pv-inverter"
    word_order = "low first"
    function = 4
    max_gap: ClassVar[int] = 4  # reserved registers are answered: SunGather asks for 5000 to 5099 at once
    slow: ClassVar[frozenset[str]] = frozenset({"power_limit"})
    absent: ClassVar = {"u16": (0xFFFF,), "s16": (0x7FFF,), "u32": (0xFFFFFFFF,), "s32": (0x7FFFFFFF,)}
    refresh = 60.0  # a repetition costs no write while the limit stands; it brings it back after a restart
    when_silent: ClassVar = WhenSilent("keeps")

    serial = Setting(4989, "str10")
    code = Setting(4999, "u16")
    nominal = Setting(5000, "u16", 100, "W")
    output_type = Setting(5001, "u16")

    energy = Measure(5003, "u32", 1000, "Wh")
    temperature = Measure(5007, "s16", 0.1, "°C")
    dc_power = Measure(5016, "u32", unit="W")
    voltage_l1 = Measure(5018, "u16", 0.1, "V")
    voltage_l2 = Measure(5019, "u16", 0.1, "V")
    voltage_l3 = Measure(5020, "u16", 0.1, "V")
    current_l1 = Measure(5021, "u16", 0.1, "A")
    current_l2 = Measure(5022, "u16", 0.1, "A")
    current_l3 = Measure(5023, "u16", 0.1, "A")
    power = Measure(5030, "s32", unit="W")
    frequency = Measure(5035, "u16", 0.1, "Hz")
    state = Measure(5037, "u16", absent=())
    power_limit = Measure(5076, "u32", unit="W", optional=True)
    grid_power = Measure(5082, "s32", unit="W", optional=True)  # of RS, RT and KTL-M behind a meter of the maker's

    limit_switch = Setting(5006, "u16", function=3)
    limit_share = Setting(5007, "u16", 0.1, "%", function=3)

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._rated: float | None = None
        self._output_type: Value = None
        self._share: float | None = None  # % that stands as limit

    def lost(self) -> None:
        super().lost()
        self._share = None

    async def identify(self) -> Identity:
        found = await self._plate()
        code = number(found["code"])
        proof = "" if listed(code) else await self._proof(found)
        name, notes = recognised(code, self.row, ROWS, self.model, proof)
        return Identity("Sungrow", name, str(found["serial"] or ""), rated_power=self._rated, notes=notes)

    async def _proof(self, plate: Mapping[str, Value]) -> str:
        """What proves a PV inverter of this maker besides its type code: a plate as the document has it, no battery."""
        try:
            level = await self.line.read(self.unit, self.function, BATTERY_LEVEL, 1)
        except Refused:
            level = NOTHING
        if level != NOTHING or not plausible(plate):
            return ""
        return "serial number, power and output type are where a string inverter has them, and it has no battery"

    async def _plate(self) -> dict[str, Value]:
        """Serial number, type code, nominal power and output type: one request."""
        kind = type(self)
        found = await self.fetch_known([kind.serial, kind.code, kind.nominal, kind.output_type])
        self._rated = number(found["nominal"])
        self._output_type = found["output_type"]
        return found

    async def read(self) -> Reading:
        if self._rated is None:
            await self._plate()
        values = await self.sample()
        state = values.pop("state")
        values["status"] = worded(STATUS, state, "fault")
        values["rated_power"] = self._rated
        for name in ("power_limit", "grid_power"):  # older inverters do not tell the set-point in force
            if values[name] is None and name not in self.doubts:
                del values[name]
        if state in FRESH or self._forgotten(values.get("power_limit")):
            self.lost()
        if self._output_type == SINGLE_PHASE:
            for name in ("voltage_l2", "voltage_l3", "current_l2", "current_l3"):
                del values[name]
        elif self._output_type == LINE_VOLTAGES:  # the house knows phase voltages only
            for name in ("voltage_l1", "voltage_l2", "voltage_l3"):
                del values[name]
        values["frequency"] = hertz(values["frequency"])
        return values

    def _forgotten(self, limit: Value) -> bool:
        """Whether the set-point in force is clearly above the one that was given."""
        if self._share is None or self._rated is None or not isinstance(limit, int | float):
            return False
        return limit > (self._share + 1) / 100 * self._rated

    async def limit_power(self, watts: float) -> None:
        """Feed at most `watts`, rounded down to 0.1 % of the nominal power."""
        share = await self._share_of(watts)
        if self.armed and share == self._share:
            return
        self._share = None
        if not self.armed:
            await self.limit_switch.write(ON)
            self.armed = True
        await self.limit_share.write(share)
        self._share = share

    async def release(self) -> None:
        """Full power, with the limit switched off."""
        await self.limit_switch.write(OFF)
        self.lost()

    async def _share_of(self, watts: float) -> float:
        if not self._rated:
            await self._plate()
        return percentage(watts, self._rated or 1.0, 1)


def plausible(plate: Mapping[str, Value]) -> bool:
    """Whether a device has what every device of this maker has beside its type code."""
    serial, output = str(plate["serial"] or ""), plate["output_type"]
    return serial.isascii() and serial.isalnum() and bool(plate["nominal"]) and output in (0, 1, 2)


def hertz(value: Value) -> Value:
    """Some firmware behind a WiNet sends the frequency in 0.01 Hz where the document says 0.1 Hz."""
    return value / 10 if isinstance(value, int | float) and value > 100 else value
