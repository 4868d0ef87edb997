"""Drives Compleo Duo and CITO charging stations: two connectors, each with a limit in steps of 100 W.

The blocks of the connectors lie 100h apart in one public client and 10h in another: `identify` asks where the second
one answers. What the station does when nobody reads it any more is the installer's setting and can only be read: a
fallback power after a fallback time, or nothing where that is 0. There is no counter of all energy.
"""

from collections.abc import Mapping
from math import ceil, floor
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point
from controller.drivers.shared.iec61851 import MINIMUM, PHASE_VOLTAGE, THREE_PHASES
from controller.drivers.shared.values import number
from controller.errors import NotControllable, WrongDevice
from controller.ports import Clock, ModbusLine

NEAR, FAR = 0x10, 0x100  # registers from one connector's block to the next's
NAMES = {80: "Duo WM", 81: "CITO 500"}
WORDS = {80: "CITO", 81: "DUO"}  # of the other row, where an article text has a name in it
FULL = {80: (22_000.0, 22_000.0), 81: (22_000.0, 50_000.0)}  # W; that the CITO's second connector is DC is ASSUMED
MAXIMUM = 32.0  # A of an AC connector
CONNECTED, CHARGING = 1, 2  # bits of a connector's status word
FAULTED = 8  # status code, in OCPP's order
NOT_OFFERED, ONE_PHASE, THREE_PHASE = 0, 2, 3  # phase mode; 1 is automatic


class Compleo(ModbusDevice):
    """One connector of a Duo or a CITO 500, whose map is ASSUMED to be the same.

    Source: evcc-io/evcc:charger/compleo.go and MovingLlama/Compleo-Wallbox:custom_components/compleo_wallbox.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {80: ("modbus-tcp",), 81: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "charging-station"
    charge_points: ClassVar[Mapping[int, int]] = {80: 2, 81: 2}
    stride = FAR
    default_unit: ClassVar[int] = 255
    function: ClassVar[int] = 4
    single_write: ClassVar[bool] = True
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 10.0

    state = Measure(0x101, "u16", each=True)
    power = Measure(0x102, "u16", 100, "W", each=True)
    current_l1 = Measure(0x103, "u16", 0.1, "A", each=True)
    current_l2 = Measure(0x104, "u16", 0.1, "A", each=True)
    current_l3 = Measure(0x105, "u16", 0.1, "A", each=True)
    session_energy = Measure(0x108, "u16", 100, "Wh", each=True)
    code = Measure(0x10C, "u16", each=True)
    voltage_l1 = Measure(0x10D, "u16", unit="V", each=True)
    voltage_l2 = Measure(0x10E, "u16", unit="V", each=True)
    voltage_l3 = Measure(0x10F, "u16", unit="V", each=True)
    limit = Measure(0x100, "u16", 100, "W", function=3, each=True)
    phase_mode = Measure(0x109, "u16", function=3, each=True)

    far_card = Point(0x110, "str10", optional=True, each=True)
    near_card = Point(0x1000, "str10", optional=True, each=True)

    firmware_patch = Point(6, "u16")
    firmware = Point(7, "u16")
    connectors = Point(8, "u16")
    article = Point(0x20, "str16", optional=True)
    serial = Point(0x30, "str16", optional=True)
    far_code = Point(0x20C, "u16", optional=True)  # of the second connector

    fallback_power = Point(3, "u16", 100, "W", function=3, optional=True)
    fallback_time = Point(5, "u16", unit="s", function=3, optional=True)

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None,
        point: int = 1,
    ) -> None:  # fmt: skip
        super().__init__(line, clock, unit, row=row, model=model, point=point)
        self._full = FULL.get(row, FULL[80])[point - 1]
        self._most = max(MAXIMUM, self._full / THREE_PHASES)

    async def identify(self) -> Identity:
        own, name = type(self), self.model or NAMES[self.row or 80]
        known = (own.firmware_patch, own.firmware, own.connectors)
        await self.expect(known, name, "Compleo's registers")
        told = await self.fetch((*known, own.article, own.serial, own.far_code))
        count, article = told["connectors"], str(told["article"] or "")
        if not isinstance(count, int) or not self.point <= count <= 2:
            raise WrongDevice(f"a station with {count} connectors", [name])
        if WORDS.get(self.row, "?") in article.upper():
            raise WrongDevice(article, [name])
        self.stride = FAR if count == 1 or told["far_code"] is not None else NEAR
        ModbusDevice.lost(self)  # what was planned for the other addresses
        await self.expect((own.state, own.limit), name, f"connector {self.point}")
        firmware, patch = told["firmware"], told["firmware_patch"]
        version = (
            (firmware >> 8, firmware & 0xFF, patch >> 8) if isinstance(firmware, int) and isinstance(patch, int) else ()
        )
        return Identity("Compleo", name, str(told["serial"] or ""), ".".join(map(str, version)))

    async def read(self) -> Reading:
        seen = await self.sample()
        bits, code, limit, mode = seen.pop("state"), seen.pop("code"), number(seen.pop("limit")), seen.pop("phase_mode")
        card = self.far_card if self.stride == FAR else self.near_card
        vehicle: str | None = None
        if isinstance(bits, int):
            vehicle = "C" if bits & CHARGING else "B" if bits & CONNECTED else "A"
        if mode in (ONE_PHASE, THREE_PHASE):
            seen["phases"] = 1 if mode == ONE_PHASE else 3
        volts = self._volts(seen, mode)
        return seen | {
            "vehicle": "F" if code == FAULTED else vehicle,
            "plugged": None if vehicle is None else vehicle != "A",
            "status": "fault" if code == FAULTED else "running" if vehicle == "C" else "standby",
            "current_limit": None if limit is None else limit / volts,
            "enabled": None if limit is None else limit >= floor(MINIMUM * volts / 100) * 100,
            "rfid": await card.read(),
        }

    async def limit_current(self, amperes: float) -> None:
        """As W at the voltages that are there: rounded down to 100 W, and up to 6 A or to all that there is."""
        volts = await self._arm()
        if amperes >= self._most:
            await self._free(volts)
        elif not amperes >= MINIMUM:
            await self.limit.write(0)
        else:
            await self._limit(amperes * volts, MINIMUM * volts)

    async def limit_charging(self, watts: float) -> None:
        """At most `watts` of AC power; a pause below what 6 A take on the phases in use."""
        least = MINIMUM * await self._arm()
        if watts >= self._most * THREE_PHASES:
            await self.release()
        elif not watts >= least:
            await self.limit.write(0)
        else:
            await self._limit(watts, least)

    async def pause(self) -> None:
        await self._arm()
        await self.limit.write(0)

    async def release(self) -> None:
        await self._free(THREE_PHASES)

    async def use_phases(self, n: int) -> None:
        """One phase or three; the station interrupts the session for about a minute."""
        if await self.phase_mode.read() in (None, NOT_OFFERED):
            raise NotControllable("this connector cannot switch phases", unit=self.unit)
        await self.phase_mode.write(ONE_PHASE if n == 1 else THREE_PHASE)

    async def _free(self, volts: float) -> None:
        """As much as the connector can, rounded up."""
        step = type(self).limit.scale
        await self.limit.write(ceil(self._most * volts / step - 1e-6) * step)

    async def _limit(self, watts: float, least: float) -> None:
        step = type(self).limit.scale
        await self.limit.write(max(floor(watts / step + 1e-6), ceil(least / step - 1e-6)) * step)

    async def _arm(self) -> float:
        """V that an ampere per phase meets; how soon the station has to be heard of again is asked once."""
        if not self.armed:
            seconds, watts = await self.fallback_time.number(), await self.fallback_power.number()
            self.refresh = seconds / 2 if seconds else None
            self.when_silent = (  # type: ignore[misc]  # this one's own
                WhenSilent("fallback", seconds, (watts or 0.0) / THREE_PHASES) if seconds else WhenSilent("keeps")
            )
            self.armed = True
        own = type(self)
        seen = await self.fetch((own.voltage_l1, own.voltage_l2, own.voltage_l3, own.phase_mode))
        return self._volts(seen, seen["phase_mode"])

    def _volts(self, seen: Mapping[str, Value], mode: Value) -> float:
        """Sum of the voltages of the phases in use, nominal where the station does not tell plausible ones."""
        told = (number(seen[f"voltage_l{phase}"]) for phase in (1, 2, 3))
        known = [volts for volts in told if volts is not None and 180 <= volts <= 270]
        if mode == ONE_PHASE:
            return known[0] if known else PHASE_VOLTAGE
        return sum(known) if len(known) == 3 else THREE_PHASES
