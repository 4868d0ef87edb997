"""Reads SMA battery inverters and commands their battery, in the idiom that each family knows.

Set-point idiom: a power and a switch that puts it into force. Window idiom: a mode, and for charging and discharging
the least and the most power. Both are made of write-only objects that may be written again and again.

Sources: SMA, "Modbus parameters and measured values" of SBS2.5-1VL-10, SBS3.7-6.0-10, SI4.4M-8.0H-13, STPxx-3SE-40, and
"SI-Modbus-BA-en-12", all collected in ricott/sma.modbus:docs/sma-modbus; for the window idiom also
evcc-io/evcc:templates/definition/meter/sma-sbs-modbus.yaml.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Kind, Reading
from controller.drivers.modbus.points import Measure, Point, Setting
from controller.drivers.shared.values import difference, total_of
from controller.drivers.sma import BATTERY, HYBRID, UNKNOWN, SmaDevice, SmaInDetail, SmaLimit, readable, with_status

IN_FORCE, OUT_OF_FORCE = 802, 803
YES, NO = 1129, 1130
OWN_REGULATION, FORCE_CHARGE, FORCE_DISCHARGE = 2424, 2289, 2290


class SmaStorage(SmaDevice, ABC):
    """What SMA's battery inverters measure alike."""

    kind: ClassVar[Kind] = "battery-inverter"
    refresh: float | None = 30.0

    energy = Measure(30529, "u32", unit="Wh")
    soc = Measure(30845, "u32", unit="%")
    temperature = Measure(30849, "s32", 0.1, "°C")  # of the battery
    grid_import = Measure(30865, "s32", unit="W", absent=UNKNOWN)
    grid_export = Measure(30867, "s32", unit="W", absent=UNKNOWN)
    charge_power = Measure(31393, "u32", unit="W")
    discharge_power = Measure(31395, "u32", unit="W")
    charge_energy = Measure(31397, "u64", unit="Wh")
    discharge_energy = Measure(31401, "u64", unit="Wh")

    capacity = Point(40187, "u32", unit="Wh", optional=True)
    charge_rating = Point(40189, "u32", unit="W", optional=True)
    discharge_rating = Point(40191, "u32", unit="W", optional=True)

    _capacity: float | None = None
    _most_charge: float | None = None
    _most_discharge: float | None = None

    async def read(self) -> Reading:
        reading = with_status(await self.sample())
        charging, discharging = reading.pop("charge_power"), reading.pop("discharge_power")
        reading["battery_power"] = difference(discharging, charging)
        grid = difference(reading.pop("grid_import"), reading.pop("grid_export"))
        if grid is not None:  # absent where no meter stands at the grid connection
            reading["grid_power"] = grid
        if self._capacity is None:
            self._capacity = await readable(self.capacity)
        reading["capacity"] = self._capacity
        return reading

    async def arm(self) -> None:
        await super().arm()
        self._most_charge = await readable(self.charge_rating) or self._full or None
        self._most_discharge = await readable(self.discharge_rating) or self._full or None

    async def charge(self, watts: float) -> None:
        if not self.armed:
            await self.arm()
        await self.command(-within(watts, self._most_charge))

    async def discharge(self, watts: float) -> None:
        if not self.armed:
            await self.arm()
        await self.command(within(watts, self._most_discharge))

    @abstractmethod
    async def command(self, watts: float) -> None:
        """Put a power into force, discharge positive, in the family's idiom."""


class SmaSetpoint(SmaStorage):
    """The set-point idiom."""

    setpoint = Setting(40149, "s32", unit="W")  # discharge positive
    in_force = Setting(40151, "u32")

    async def command(self, watts: float) -> None:
        await self.write_together((self.setpoint, watts), (self.in_force, IN_FORCE))

    async def release(self) -> None:
        await self.write_together((self.setpoint, 0), (self.in_force, OUT_OF_FORCE))


class SmaTripowerStorage(SmaInDetail, SmaSetpoint):
    """Sunny Tripower Storage STPS30 and STPS50: the set-point idiom, assumed."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {41: ("modbus-tcp",)}
    proven: ClassVar[tuple[int, ...]] = (BATTERY, HYBRID)


class SmaIsland(SmaSetpoint):
    """Sunny Island: the set-point idiom. With own consumption off it fills its battery from the grid in our silence."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {38: ("modbus-tcp",)}

    own_consumption = Setting(40075, "u32", optional=True)  # stored; written once, when it is found switched off

    async def arm(self) -> None:
        await super().arm()
        if await readable(self.own_consumption) == NO:
            await self.own_consumption.write(YES)


class SmaHybrid(SmaInDetail, SmaSetpoint, SmaLimit):
    """Sunny Tripower Smart Energy, hybrid: the set-point idiom, and PV on the DC side."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {42: ("modbus-tcp",)}
    proven: ClassVar[tuple[int, ...]] = (HYBRID,)

    energy = Measure(30513, "u64", unit="Wh", optional=True)
    dc_1 = Measure(30773, "s32", unit="W", absent=UNKNOWN)
    dc_2 = Measure(30961, "s32", unit="W", absent=UNKNOWN)

    async def read(self) -> Reading:
        reading = dict(await super().read())
        reading["pv_power"] = total_of("pv_power", reading, ("dc_1", "dc_2"), self.doubts)
        del reading["dc_1"], reading["dc_2"]
        return reading

    async def release(self) -> None:
        await super().release()
        await self.limit.write(100)


class SmaWindow(SmaStorage):
    """Sunny Boy Storage: the window idiom, which the SBS2.5 has as well as its successors."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {39: ("modbus-tcp",)}

    mode = Setting(40236, "u32")
    charge_least = Setting(40793, "u32", unit="W")
    charge_most = Setting(40795, "u32", unit="W")
    discharge_least = Setting(40797, "u32", unit="W")
    discharge_most = Setting(40799, "u32", unit="W")
    grid_setpoint = Setting(40801, "s32", unit="W")

    async def command(self, watts: float) -> None:
        charge, discharge = max(-watts, 0.0), max(watts, 0.0)
        await self._window(charge, charge, discharge, discharge)
        await self.mode.write(FORCE_DISCHARGE if watts > 0 else FORCE_CHARGE)

    async def release(self) -> None:
        if not self.armed:
            await self.arm()
        await self._window(0, self._most_charge or 0, 0, self._most_discharge or 0)
        await self.mode.write(OWN_REGULATION)

    async def _window(self, charge: float, most_charge: float, discharge: float, most_discharge: float) -> None:
        await self.write_together(
            (self.charge_least, charge),
            (self.charge_most, most_charge),
            (self.discharge_least, discharge),
            (self.discharge_most, most_discharge),
            (self.grid_setpoint, 0),
        )


def within(watts: float, most: float | None) -> float:
    """A power within 0 and what the battery takes."""
    return min(max(watts, 0.0), watts if most is None else most)
