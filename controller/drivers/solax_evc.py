"""Drives SolaX X1-EVC and X3-EVC charging stations, on Modbus/TCP and RTU.

The station follows a current only in its mode "fast". An older one that was stopped by its mode does not come back by
the mode alone: "start charging" has to be written before it (wills106/homeassistant-solax-modbus issue 805). What
pauses is "stop charging". Firmware 7.00 and later has the second generation's map in the same boxes: its 32-bit values
have their low word first, and it can switch phases at another place.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting
from controller.drivers.shared.iec61851 import PLUGGED, allowed, offers, smallest
from controller.drivers.shared.values import number
from controller.errors import NotControllable, WrongDevice
from controller.ports import Clock, ModbusLine

NAMES = {96: "X1-EVC-7.2K", 97: "X3-EVC-11K", 98: "X3-EVC-22K"}
PREFIXES = {96: "C107", 97: "C311", 98: "C322"}  # of the serial number
MAXIMUM = {96: 32.0, 97: 16.0, 98: 32.0}  # A
SECOND_GENERATION, SWITCHING = 7.0, 9.05  # firmware
FAST, STOPPED = 1, 0  # mode
STOP, START = 3, 4  # command
HELD = (3, 8, 12, 13)  # run modes: finishing, suspended by the station, paused, stopping
VEHICLE = {
    0: "A", 1: "B", 2: "C", 3: "B", 4: "E", 5: "A", 7: "B", 8: "B", 11: "B", 12: "B", 13: "B", 17: "B",
}  # fmt: skip
CHARGING, FAULTED = 2, 4
ALL_PHASES, FIRST_PHASE = 0, 1  # register 625h


class SolaxEvc(ModbusDevice):
    """X1-EVC-7.2K, X3-EVC-11K and X3-EVC-22K of the first generation, with either generation's firmware.

    Source: wills106/homeassistant-solax-modbus:plugin_solax_ev_charger.py and evcc-io/evcc:charger/solax.go.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = dict.fromkeys(NAMES, ("modbus-tcp", "modbus-rtu"))
    kind: ClassVar[Kind] = "charging-station"
    default_unit: ClassVar[int] = 70
    function: ClassVar[int] = 4
    single_write: ClassVar[bool] = True
    max_gap: ClassVar[int] = 3
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 10.0

    voltage_l1 = Measure(0x00, "u16", 0.01, "V")
    voltage_l2 = Measure(0x01, "u16", 0.01, "V")
    voltage_l3 = Measure(0x02, "u16", 0.01, "V")
    current_l1 = Measure(0x04, "u16", 0.01, "A")
    current_l2 = Measure(0x05, "u16", 0.01, "A")
    current_l3 = Measure(0x06, "u16", 0.01, "A")
    power_l1 = Measure(0x08, "u16", unit="W")
    power_l2 = Measure(0x09, "u16", unit="W")
    power_l3 = Measure(0x0A, "u16", unit="W")
    power = Measure(0x0B, "u16", unit="W")
    frequency = Measure(0x0C, "u16", 0.01, "Hz")
    session_energy = Measure(0x0F, "u16", 100, "Wh")
    energy = Measure(0x10, "u32", 100, "Wh")
    temperature = Measure(0x1C, "s16", unit="°C")
    state = Measure(0x1D, "u16")
    active_phase = Measure(0x28, "u16")
    current_limit = Measure(0x628, "u16", 0.01, "A", function=3)

    firmware = Point(0x25, "u16", 0.01)
    serial = Point(0x600, "str7", function=3)
    highest_current = Point(0x668, "u16", 0.01, "A", function=3, optional=True)

    mode = Setting(0x60D, "u16", function=3)
    phase = Setting(0x625, "u16", function=3)
    command = Setting(0x627, "u16", function=3)
    switch = Setting(0xA105, "u16", function=3)

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._most = MAXIMUM.get(row, 16.0)
        self._version = 0.0
        self._held = False  # whether this driver has stopped it

    async def identify(self) -> Identity:
        own, name = type(self), NAMES[self.row or 97]
        await self.expect((own.serial, own.firmware, own.state), name, "an EVC's registers")
        told = await self.fetch((own.serial, own.firmware, own.state))
        serial, version = str(told["serial"]), number(told["firmware"]) or 0.0
        row = next((row for row, prefix in PREFIXES.items() if serial.startswith(prefix)), None)
        if row is None or self.row not in (0, row):
            raise WrongDevice(f"serial number {serial}", [PREFIXES[self.row or 97]])
        self._version = version
        self.word_order = "low first" if version >= SECOND_GENERATION else "high first"
        ModbusDevice.lost(self)  # what was planned for the other order
        return Identity("SolaX", NAMES[row], serial, f"{version:.2f}")

    async def read(self) -> Reading:
        seen = await self.sample()
        state, phase = seen.pop("state"), seen.pop("active_phase")
        if self.row == 96:
            seen = {name: value for name, value in seen.items() if name[-3:] not in ("_l2", "_l3")}
        if isinstance(phase, int):
            seen["phases"] = 1 if phase or self.row == 96 else 3
        vehicle = VEHICLE.get(state) if isinstance(state, int) else None
        return seen | {
            "vehicle": vehicle,
            "plugged": PLUGGED.get(vehicle or ""),
            "status": "fault" if state == FAULTED else "running" if state == CHARGING else "standby",
            "enabled": False if self._held else offers(seen["current_limit"]),
        }

    async def limit_current(self, amperes: float) -> None:
        await self._arm()
        told = allowed(amperes, self._most, type(self).current_limit.scale)
        if not told:
            await self.pause()
            return
        await self.current_limit.write(told)
        if self._held or await self.state.read() in HELD:
            await self.command.write(START)
        self._held = False

    async def pause(self) -> None:
        await self._arm()
        await self.command.write(STOP)
        self._held = True

    async def release(self) -> None:
        """As much as the station is set to."""
        self.armed = False
        await self.limit_current(MAXIMUM.get(self.row, 16.0))
        self.armed = False

    async def use_phases(self, n: int) -> None:
        """One phase or three, where the station has three."""
        if self.row == 96:
            raise NotControllable("an X1-EVC has one phase", unit=self.unit)
        if self._version >= SWITCHING:
            await self.switch.write(1 if n == 1 else 2)
        else:
            await self.phase.write(FIRST_PHASE if n == 1 else ALL_PHASES)

    async def _arm(self) -> None:
        """Mode fast; the mode is written where it is another one only."""
        if self.armed:
            return
        self._most = smallest((await self.highest_current.read(),), MAXIMUM.get(self.row, 16.0))
        mode = await self.mode.read()
        if mode == STOPPED:
            await self.command.write(START)
        if mode != FAST:
            await self.mode.write(FAST)
        self.armed = True
