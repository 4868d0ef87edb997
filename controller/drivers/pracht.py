"""Drives the PRACHT Alpha XT: two charge points in one box on RS485, with a limit each and one for both.

The limit of both has to leave room for the points, or nothing flows (evcc issue 3738), and newer boards follow the
points only while it is above 16 A (evcc issue 9861): each driver writes the sum of its own and the other's limit, and
no less than 17 A. The points' own limits are what binds. The box measures nothing.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point
from controller.drivers.shared.iec61851 import PLUGGED, allowed, offers, status
from controller.drivers.shared.values import number, worded
from controller.errors import WrongDevice

MAXIMUM = 16.0  # A, 11 kW
ROOM = 17.0  # A that the limit of both is at least
NAME = "Alpha XT"
VEHICLE = {0: "A", 1: "B", 2: "C", 3: "D"}  # 4 is a bypass, which tells nothing of the vehicle


class PrachtAlpha(ModbusDevice):
    """One charge point of an Alpha XT.

    Source: evcc-io/evcc:charger/pracht-alpha.go (offsets, function 3 for both tables, 6 for writing) and the register
    list in the my-GEKKO device data base.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {82: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "charging-station"
    charge_points: ClassVar[Mapping[int, int]] = {82: 2}
    stride = 1
    single_write: ClassVar[bool] = True
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 10.0

    state = Measure(106, "u16", each=True)
    current_limit = Measure(3, "u16", unit="A", each=True)
    temperature = Measure(103, "s16", unit="°C")  # in the box

    total_limit = Point(2, "u16", unit="A")
    first_limit = Point(3, "u16", unit="A")
    second_limit = Point(4, "u16", unit="A", optional=True)  # a Mono XT has one charge point
    firmware = Point(100, "u16")

    async def identify(self) -> Identity:
        own = type(self)
        known = (own.state, own.first_limit, own.second_limit, own.total_limit, own.firmware)
        await self.expect(known, NAME, "the Alpha XT's registers")
        told = await self.fetch(known)
        limits = [number(told[name]) or 0.0 for name in ("first_limit", "second_limit")]
        if told["state"] not in (*VEHICLE, 4) or max(limits) > 63:
            raise WrongDevice(f"a device with {told}", [NAME])
        return Identity("PRACHT", NAME, firmware=str(told["firmware"]))

    async def read(self) -> Reading:
        seen = await self.sample()
        state = seen.pop("state")
        vehicle = worded(VEHICLE, state)
        return seen | {
            "vehicle": vehicle,
            "plugged": PLUGGED.get(vehicle or ""),
            "status": status(vehicle),
            "enabled": offers(seen["current_limit"]),
        }

    async def limit_current(self, amperes: float) -> None:
        own = type(self)
        told = allowed(amperes, MAXIMUM)
        limits = await self.fetch((own.first_limit, own.second_limit))
        other = number(limits["second_limit" if self.point == 1 else "first_limit"]) or 0.0
        await self.total_limit.write(max(told + min(other, MAXIMUM), ROOM))
        await self.current_limit.write(told)

    async def pause(self) -> None:
        await self.limit_current(0)

    async def release(self) -> None:
        """Full current."""
        await self.limit_current(MAXIMUM)
