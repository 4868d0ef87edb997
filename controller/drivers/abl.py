"""Drives the ABL eM4: a controller with its charge points and those of its extenders, 100h registers apart.

What it answers to function 6 is damaged (OpenEMS EvcsAblImpl), so single registers are written with 16. It has no
register that says what it is, and no watchdog.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice
from controller.drivers.shared.iec61851 import PLUGGED, allowed, offers
from controller.drivers.shared.values import number
from controller.errors import WrongDevice

MAXIMUM = 32.0  # A, 22 kW
NAME = "eM4"
DISABLED, BOOTING = 0xE0, 0xE2
STATES = (
    0xA0, 0xA1, 0xA2, 0xB0, 0xB1, 0xB2, 0xB3, 0xC2, 0xC3, 0xC4, DISABLED, 0xE1, BOOTING, 0xE3, *range(0xF0, 0x100),
)  # fmt: skip


class AblEm4(ModbusDevice):
    """One charge point of an eM4. The high digit of its state is the state of IEC 61851.

    Source: evcc-io/evcc:charger/abl-em4.go; states OpenEMS io.openems.edge.evcs.abl, AblStatus.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {90: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "charging-station"
    charge_points: ClassVar[Mapping[int, int]] = {90: 2}
    stride = 0x100
    default_unit: ClassVar[int] = 255
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 10.0

    current_l1 = Measure(0x3001, "u32", 0.1, "A", each=True)
    current_l2 = Measure(0x3003, "u32", 0.1, "A", each=True)
    current_l3 = Measure(0x3005, "u32", 0.1, "A", each=True)
    voltage_l1 = Measure(0x3007, "u32", 0.1, "V", each=True)
    voltage_l2 = Measure(0x3009, "u32", 0.1, "V", each=True)
    voltage_l3 = Measure(0x300B, "u32", 0.1, "V", each=True)
    power = Measure(0x300D, "u32", unit="W", each=True)
    energy = Measure(0x300F, "u32", 10, "Wh", each=True)
    state = Measure(0x3031, "u16", each=True)
    current_limit = Measure(0x3032, "u16", 0.1, "A", each=True)

    async def identify(self) -> Identity:
        own = type(self)
        known = (own.voltage_l1, own.state, own.current_limit)
        await self.expect(known, NAME, f"charge point {self.point}")
        told = await self.fetch(known)
        limit, volts = number(told["current_limit"]) or 0.0, number(told["voltage_l1"]) or 0.0
        if told["state"] not in STATES or limit > MAXIMUM or volts > 300:
            raise WrongDevice(f"a device with {told}", [NAME])
        return Identity("ABL", NAME)

    async def read(self) -> Reading:
        seen = await self.sample()
        state = seen.pop("state")
        vehicle = f"{state:02X}"[0] if isinstance(state, int) and state in STATES else None
        enabled = offers(seen["current_limit"])
        return seen | {
            "vehicle": vehicle,
            "plugged": PLUGGED.get(vehicle or ""),
            "status": word(state if vehicle and isinstance(state, int) else None),
            "enabled": False if state == DISABLED else enabled,
        }

    async def limit_current(self, amperes: float) -> None:
        await self.current_limit.write(allowed(amperes, MAXIMUM, type(self).current_limit.scale))

    async def pause(self) -> None:
        await self.current_limit.write(0)

    async def release(self) -> None:
        """Full current."""
        await self.limit_current(MAXIMUM)


def word(state: int | None) -> str | None:
    """What a state says of the station; an E that is disabled or starting is no fault."""
    if state is None:
        return None
    if state >> 4 == 0xC:
        return "running"
    return "standby" if state >> 4 < 0xE or state in (DISABLED, BOOTING) else "fault"
