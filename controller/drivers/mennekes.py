"""Drives MENNEKES AMTRON Xtra and Premium: the HCC3 controller.

It takes one TCP connection, and no function 16. It has no watchdog: the last value stands, whoever wrote it, this
controller or the user's app. Who pauses in the app ends the session's charging until it is continued, so a current is
followed by "continue" where the station says that it is paused. It counts the energy of the session only.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting
from controller.drivers.shared.iec61851 import PLUGGED, allowed, offers, smallest
from controller.drivers.shared.values import worded
from controller.errors import WrongDevice

MAXIMUM = 32.0  # A, 22 kW
NAMES = {70: "Amtron Xtra", 71: "Amtron Premium"}
VEHICLE = {0: "E", 1: "A", 2: "A", 3: "B", 4: "B", 5: "C", 6: "C", 7: "D", 8: "D"}  # register 302h
PAUSED, STATUS = 4, {3: "running", 6: "fault"}  # register 305h
CONTINUE = 2  # register 401h


class AmtronHcc3(ModbusDevice):
    """AMTRON Xtra and Premium, which do not tell which of the two they are: the name in them is the user's.

    Source: MENNEKES, Description: access to AMTRON with HCC3 via MODBUS-TCP, 2021-06-25, tables 2 to 6.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {70: ("modbus-tcp",), 71: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "charging-station"
    default_unit: ClassVar[int] = 255
    word_order = "low first"
    function: ClassVar[int] = 4
    single_write: ClassVar[bool] = True
    max_gap: ClassVar[int] = 4  # all of 300h to 328h is there
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 10.0

    temperature = Measure(0x300, "s16", unit="°C")  # inside the panel
    pilot = Measure(0x302, "u16")
    state = Measure(0x305, "u16")
    phases = Measure(0x308, "u16", absent=(0,))
    session_energy = Measure(0x30D, "u32", unit="Wh")
    power = Measure(0x30F, "u32", unit="W")  # averaged from the energy; 0 without a meter
    current_limit = Measure(0x400, "u16", unit="A", function=3)

    mode = Point(0x306, "u16")
    rated_current = Point(0x309, "u16", unit="A")
    installation_current = Point(0x30A, "u16", unit="A")
    serial = Point(0x30B, "u32")

    change = Setting(0x401, "u16", function=3)

    async def identify(self) -> Identity:
        own, name = type(self), NAMES[self.row or 70]
        known = (own.pilot, own.mode, own.rated_current, own.installation_current, own.serial, own.phases)
        await self.expect(known, name, "the registers of an HCC3")
        told = await self.fetch(known)
        codes = told["pilot"], told["mode"], told["rated_current"], told["installation_current"]
        bounds = 8, 3, MAXIMUM, MAXIMUM
        plain = all(isinstance(code, int) and code <= bound for code, bound in zip(codes, bounds, strict=True))
        if not plain or not told["mode"] or not told["serial"] or told["phases"] not in (None, 1, 3):
            raise WrongDevice(f"a device with {told}", [name])
        return Identity("MENNEKES", name, serial=str(told["serial"]))

    async def read(self) -> Reading:
        seen = await self.sample()
        vehicle, state = worded(VEHICLE, seen.pop("pilot")), seen.pop("state")
        if seen["phases"] is None:
            del seen["phases"]
        return seen | {
            "vehicle": vehicle,
            "plugged": PLUGGED.get(vehicle or ""),
            "status": "fault" if vehicle == "E" else worded(STATUS, state, "standby"),
            "enabled": False if state == PAUSED else offers(seen["current_limit"]),
        }

    async def limit_current(self, amperes: float) -> None:
        told = allowed(amperes, await self._most())
        await self.current_limit.write(told)
        state = (await self.fetch((type(self).state,)))["state"]
        if told and state == PAUSED:
            await self.change.write(CONTINUE)

    async def pause(self) -> None:
        await self.current_limit.write(0)

    async def release(self) -> None:
        """As much as the station and its installation are set to."""
        await self.limit_current(MAXIMUM)

    async def _most(self) -> float:
        own = type(self)
        told = await self.fetch((own.rated_current, own.installation_current))
        return smallest(told.values(), MAXIMUM)
