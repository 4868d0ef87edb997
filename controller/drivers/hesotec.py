"""Drives hesotec eSat r20 and eBox wr30 charging stations.

They have no watchdog and no counter of all energy. The maker's sheet gives the power in mW where the one public client
takes it as W: what fits voltage and current is believed.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point
from controller.drivers.shared.iec61851 import PLUGGED, allowed, offers, status
from controller.drivers.shared.values import number
from controller.errors import WrongDevice

NAMES = {91: "eSat r20", 92: "eBox wr30"}
MAXIMUM = {91: 16.0, 92: 32.0}  # A: 11 and 22 kW


class Hesotec(ModbusDevice):
    """eSat r20 and eBox wr30, which do not tell which of the two they are.

    Source: hesotec, eSat eBox Modbus.xlsx, as in evcc-io/evcc:charger/hesotec.go and issues 6157, 6378 and 8060.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {91: ("modbus-tcp",), 92: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "charging-station"
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 10.0

    pausing = Measure(0x1002, "u16")
    current_limit = Measure(0x1003, "u16", unit="A")
    temperature = Measure(0x4000, "s16", unit="°C")
    voltage_l1 = Measure(0x4001, "u16", unit="V")
    voltage_l2 = Measure(0x4002, "u16", unit="V")
    voltage_l3 = Measure(0x4003, "u16", unit="V")
    current_l1 = Measure(0x4004, "u32", 0.001, "A")
    current_l2 = Measure(0x4006, "u32", 0.001, "A")
    current_l3 = Measure(0x4008, "u32", 0.001, "A")
    power = Measure(0x400A, "u32", 0.001, "W")
    pilot = Measure(0x4018, "u16")
    session_energy = Measure(0x401C, "u32", unit="Wh")

    firmware = Point(0x10, "str3")

    async def identify(self) -> Identity:
        own, name = type(self), NAMES[self.row or 91]
        known = (own.firmware, own.pausing, own.current_limit, own.pilot)
        await self.expect(known, name, "hesotec's registers")
        told = await self.fetch(known)
        limit, firmware = number(told["current_limit"]), str(told["firmware"])
        plain = firmware.isascii() and firmware.isprintable() and firmware
        if not plain or letter(told["pilot"]) is None or told["pausing"] not in (0, 1) or limit is None or limit > 63:
            raise WrongDevice(f"a device with {told}", [name])
        return Identity("hesotec", name, firmware=firmware)

    async def read(self) -> Reading:
        seen = await self.sample()
        vehicle, pausing = letter(seen.pop("pilot")), seen.pop("pausing")
        power, seeming = number(seen["power"]), apparent(seen)
        if power and seeming > 50 * power:  # told in W
            seen["power"] = power / type(self).power.scale
        return seen | {
            "vehicle": vehicle,
            "plugged": PLUGGED.get(vehicle or ""),
            "status": status(vehicle),
            "enabled": offers(seen["current_limit"]) if pausing == 0 else False,
        }

    async def limit_current(self, amperes: float) -> None:
        told = allowed(amperes, MAXIMUM.get(self.row, 16.0))
        if told:
            await self.current_limit.write(told)
        await self.pausing.write(0 if told else 1)

    async def pause(self) -> None:
        await self.pausing.write(1)

    async def release(self) -> None:
        """Full current."""
        await self.limit_current(MAXIMUM.get(self.row, 16.0))


def letter(value: Value) -> str | None:
    """State of IEC 61851, an ASCII letter in the high byte; None for no such letter."""
    found = chr(value >> 8) if isinstance(value, int) else ""
    return found if found and found in "ABCDEF" else None


def apparent(seen: Mapping[str, Value]) -> float:
    """VA: the sum of voltage times current."""
    return sum(
        (number(seen[f"voltage_l{phase}"]) or 0.0) * (number(seen[f"current_l{phase}"]) or 0.0) for phase in (1, 2, 3)
    )
