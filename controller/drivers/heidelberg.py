"""Drives the Heidelberg Energy Control and its sister WALTHER basicEvo PRO on RS485.

The box has a watchdog fed by any valid telegram. When it fires the box falls to a failsafe current, or with the
factory's 0 into a locked state in which it no longer tells whether a vehicle is there. Both are therefore set once,
where they differ: layout 1.0.8 and later keep them over a restart. Standby is switched off, or the bus falls silent
whenever no vehicle is there. The current command itself is lost at every power-on: 0, no charging.
"""

from collections.abc import Mapping
from math import floor
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting, known_by
from controller.errors import NotControllable, WrongDevice
from controller.ports import Clock, ModbusLine, SerialSettings

MINIMUM = 6.0  # A
MAXIMUM = 16.0  # A
WATCHDOG = 30.0  # s
SAFE_CURRENT = 6.0  # A
STANDBY_OFF = 4
CONTROLLED, RETAINED = 0x107, 0x108  # layouts that take a current, and that keep the settings and tell standby

NAMES = {75: ("Heidelberg", "Energy Control"), 78: ("WALTHER-WERKE", "basicEvo")}
STATES: Mapping[int, tuple[str, bool | None, str]] = {
    2: ("A", False, "standby"),
    3: ("A", False, "standby"),
    4: ("B", True, "standby"),
    5: ("B", True, "standby"),
    6: ("C", True, "running"),
    7: ("C", True, "running"),
    8: ("C", True, "limited"),  # too warm for the full current
    9: ("E", None, "fault"),
    10: ("F", None, "fault"),  # locked, or the watchdog has expired: whether a vehicle is there is unknown
    11: ("E", None, "fault"),
}  # register 5: state of IEC 61851, plugged, status


class HeidelbergEnergyControl(ModbusDevice):
    """Energy Control and basicEvo PRO, which do not tell which of the two they are.

    Source: table of Modbus registers, Heidelberg Wallbox Energy Control, 22 February 2021; the WALTHER basicEVO
    manual prints the same table on p. 17.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {75: ("modbus-rtu",), 78: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "charging-station"
    function: ClassVar[int] = 4
    single_write: ClassVar[bool] = True
    serial_settings: ClassVar[SerialSettings] = SerialSettings(19200, "E")
    refresh: float | None = WATCHDOG / 3
    when_silent: ClassVar[WhenSilent] = WhenSilent("fallback", WATCHDOG, SAFE_CURRENT)
    reaction: ClassVar[float] = 15.0  # a box that was locked comes back after 10 s

    state = Measure(5, "u16")
    current_l1 = Measure(6, "u16", 0.1, "A")
    current_l2 = Measure(7, "u16", 0.1, "A")
    current_l3 = Measure(8, "u16", 0.1, "A")
    temperature = Measure(9, "s16", 0.1, "°C")
    voltage_l1 = Measure(10, "u16", unit="V")
    voltage_l2 = Measure(11, "u16", unit="V")
    voltage_l3 = Measure(12, "u16", unit="V")
    power = Measure(14, "u16", unit="W")  # VA in the table
    energy = Measure(17, "u32", unit="Wh")  # since installation, VAh in the table

    layout = Point(4, "u16")
    hardware_maximum = Point(100, "u16", unit="A", optional=True)
    software = Point(203, "u16", optional=True)

    watchdog = Setting(257, "u16", 0.001, "s", function=3)
    standby = Setting(258, "u16", function=3)
    current_limit = Setting(261, "u16", 0.1, "A", function=3)
    failsafe_current = Setting(262, "u16", 0.1, "A", function=3)

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._layout: int | None = None
        self._maximum = MAXIMUM

    async def identify(self) -> Identity:
        layout = await self._version()
        maximum = await self.hardware_maximum.read()
        if layout >> 8 != 1 or (isinstance(maximum, int) and not MINIMUM <= maximum <= MAXIMUM):
            raise WrongDevice(f"register layout {layout:x}h with at most {maximum} A", [NAMES[self.row or 75][1]])
        software = await self.software.read()
        return Identity(
            *NAMES[self.row or 75],
            firmware="" if software is None else str(software),
            rated_power=maximum * 3 * 230.0 if isinstance(maximum, int) else None,
        )

    async def read(self) -> Reading:
        seen = await self.sample()
        code = seen.pop("state")
        vehicle, plugged, status = STATES.get(code if isinstance(code, int) else 0, (None, None, None))
        limit: Value = None
        if await self._version() >= CONTROLLED:
            limit = await self.current_limit.read()
        return seen | {
            "vehicle": vehicle,
            "plugged": plugged,
            "status": status,
            "current_limit": limit,
            "enabled": limit >= MINIMUM if isinstance(limit, int | float) else None,
        }

    async def limit_current(self, amperes: float) -> None:
        await self._arm()
        step = type(self).current_limit.scale
        steps = floor(min(amperes, self._maximum) / step + 1e-6) if amperes >= MINIMUM else 0
        await self.current_limit.write(steps * step)

    async def pause(self) -> None:
        await self.limit_current(0)

    async def release(self) -> None:
        """As much as the box is set to, and no watchdog that would end it when nobody asks any more."""
        maximum = await self.hardware_maximum.number()
        await self.current_limit.write(MAXIMUM if maximum is None else min(maximum, MAXIMUM))
        if await self.watchdog.number():
            await self.watchdog.write(0)
        self.armed = False

    async def _arm(self) -> None:
        """Standby off, then the failsafe current before the watchdog that leads to it."""
        if self.armed:
            return
        layout = await self._version()
        if layout < CONTROLLED:
            raise NotControllable(f"register layout {layout:x}h takes no current, 1.0.7 does", unit=self.unit)
        maximum = await self.hardware_maximum.number()
        self._maximum = MAXIMUM if maximum is None else min(maximum, MAXIMUM)
        retained = layout >= RETAINED
        if not retained or await self.standby.read() != STANDBY_OFF:
            await self.standby.write(STANDBY_OFF)
        if await self.failsafe_current.number() != SAFE_CURRENT:
            await self.failsafe_current.write(SAFE_CURRENT)
        if await self.watchdog.number() != WATCHDOG:
            await self.watchdog.write(WATCHDOG)
        self.armed = True

    async def _version(self) -> int:
        if self._layout is None:
            with known_by("a device without register layout", [NAMES[self.row or 75][1]]):
                layout = await self.layout.read()
            self._layout = layout if isinstance(layout, int) else 0
        return self._layout
