"""Drives the Amperfied connect.home on Modbus/TCP.

Its registers are those of the Heidelberg Energy Control, without standby. A watchdog is fed by any exchange; when it
fires the box falls to a failsafe current, or with the factory's 0 into a locked state. Both are set once, where they
differ. The maker wants a new current to stand for 20 s: a lower one is given at once, a higher one waits until the
controller repeats it. The current command is 0 after a restart.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting
from controller.drivers.shared.iec61851 import MINIMUM, THREE_PHASES, allowed, offers, smallest
from controller.errors import WrongDevice
from controller.ports import Clock, ModbusLine

MAXIMUM = 16.0  # A
WATCHDOG = 30.0  # s
SAFE_CURRENT = 6.0  # A
STANDING = 20.0  # s that a new current stands before a higher one, OpenEMS EvseChargePointHeidelbergConnectImpl
NAME = "connect.home"
STATES: Mapping[int, tuple[str, bool | None, str]] = {
    2: ("A", False, "standby"),
    3: ("A", False, "standby"),
    4: ("B", True, "standby"),
    5: ("B", True, "standby"),
    6: ("C", True, "running"),
    7: ("C", True, "running"),
    8: ("C", True, "limited"),
    9: ("E", None, "fault"),
    10: ("F", None, "fault"),
    11: ("E", None, "fault"),
}  # register 5: state of IEC 61851, plugged, status


class AmperfiedConnect(ModbusDevice):
    """connect.home. It cannot switch phases while it charges, which is left to its sister connect.solar.

    Source: Amperfied, Modbus register layout of the connect series, 22 April 2025, as in evcc-io/evcc:
    charger/amperfied.go and OpenEMS io.openems.edge.evse.chargepoint.heidelberg; ms for the watchdog as in evcc.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {76: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "charging-station"
    function: ClassVar[int] = 4
    single_write: ClassVar[bool] = True
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
    power = Measure(14, "u16", unit="W")
    energy = Measure(17, "u32", unit="Wh")
    session_energy = Measure(19, "u32", unit="Wh")
    card_length = Measure(2001, "u16")
    rfid = Measure(2002, "u64")  # the first eight bytes of the card
    card_end = Measure(2006, "u32")
    current_limit = Measure(261, "u16", 0.1, "A", function=3)

    layout = Point(4, "u16")
    hardware_maximum = Point(100, "u16", unit="A")

    watchdog = Setting(257, "u16", 0.001, "s", function=3)
    failsafe_current = Setting(262, "u16", 0.1, "A", function=3)

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._maximum = MAXIMUM
        self._given: float | None = None
        self._given_at = float("-inf")

    def lost(self) -> None:
        super().lost()
        self._given = None

    async def identify(self) -> Identity:
        own = type(self)
        await self.expect((own.layout, own.hardware_maximum), NAME, "register layout")
        told = await self.fetch((own.layout, own.hardware_maximum))
        layout, maximum = told["layout"], told["hardware_maximum"]
        if not isinstance(layout, int) or not 0x107 <= layout <= 0x2FF:
            raise WrongDevice(f"register layout {layout}", [NAME])
        if not isinstance(maximum, int) or not MINIMUM <= maximum <= MAXIMUM:
            raise WrongDevice(f"a box for {maximum} A", [NAME])
        return Identity("Amperfied", NAME, rated_power=maximum * THREE_PHASES)

    async def read(self) -> Reading:
        seen = await self.sample()
        code = seen.pop("state")
        vehicle, plugged, status = STATES.get(code if isinstance(code, int) else 0, (None, None, None))
        length, start, end = seen.pop("card_length"), seen.pop("rfid"), seen.pop("card_end")
        if isinstance(length, int) and isinstance(start, int) and isinstance(end, int):
            seen["rfid"] = (start.to_bytes(8) + end.to_bytes(4))[:length].hex()
        return seen | {
            "vehicle": vehicle,
            "plugged": plugged,
            "status": status,
            "enabled": offers(seen["current_limit"]),
        }

    async def limit_current(self, amperes: float) -> None:
        await self._arm()
        told = allowed(amperes, self._maximum, type(self).current_limit.scale)
        now = self.clock.monotonic()
        if self._given is not None and told > self._given and now - self._given_at < STANDING:
            return
        if told != self._given:
            self._given_at = now
        await self.current_limit.write(told)
        self._given = told

    async def pause(self) -> None:
        await self.limit_current(0)

    async def release(self) -> None:
        """As much as the box is set to, and no watchdog that would end it when nobody asks any more."""
        await self._look()
        await self.current_limit.write(self._maximum)
        if await self.watchdog.number():
            await self.watchdog.write(0)
        self.armed, self._given = False, None

    async def _look(self) -> None:
        self._maximum = smallest((await self.hardware_maximum.read(),), MAXIMUM)

    async def _arm(self) -> None:
        """The failsafe current before the watchdog that leads to it."""
        if self.armed:
            return
        await self._look()
        if await self.failsafe_current.number() != SAFE_CURRENT:
            await self.failsafe_current.write(SAFE_CURRENT)
        found = await self.watchdog.number()
        # a box that counts in s, as another table says, has 15 there and not 15 000
        wanted = WATCHDOG / 1000 if found and found < 1 else WATCHDOG
        if found != wanted:
            await self.watchdog.write(wanted)
        self.armed = True
