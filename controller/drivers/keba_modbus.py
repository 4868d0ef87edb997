"""Drives KEBA KeContact P30 charging stations over Modbus/TCP.

Every readable value is two registers and has a request of its own, every writable value is one register. What changes
slowly is therefore asked for less often. Unit id 255. The station's own watchdog (failsafe) is off by default and fed
by writes; with it a station whose controller has died falls to `SAFE_CURRENT`. It is not stored: a restart of the
station switches it off, and the flash is spared.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.keba import MAXIMUM, METERED, MINIMUM, NAMES, SAFE_CURRENT, SAFE_TIMEOUT, STATUS, rfid, vehicle
from controller.drivers.modbus.points import Measure, ModbusDevice, Point, Setting
from controller.errors import WrongDevice
from controller.ports import Clock, ModbusLine

SLOW = 10.0  # s between two looks at a value that changes slowly
SERIES = {"1": 65, "0": 66, "2": 67}  # fourth of the six product digits: c-series, x-series, Deutschland Edition
ENABLED = {2: True, 3: True, 5: False}  # charging states that tell whether the station is enabled


class KebaP30Modbus(ModbusDevice):
    """P30 c-series, x-series and Deutschland Edition.

    Source: KEBA, KeContact P30 Modbus TCP programmer's guide V1.02, p. 10-13 and 16; energies are 0.1 Wh as in
    evcc-io/evcc:charger/keba-modbus.go and openWB, where the guide prints Wh.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {
        65: ("modbus-tcp",),
        66: ("modbus-tcp",),
        67: ("modbus-tcp",),
    }
    kind: ClassVar[Kind] = "charging-station"
    default_unit: ClassVar[int] = 255
    max_block: ClassVar[int] = 2
    single_write: ClassVar[bool] = True
    slow: ClassVar[frozenset[str]] = frozenset({"current_limit", "cable"})
    refresh: float | None = SAFE_TIMEOUT / 3
    when_silent: ClassVar[WhenSilent] = WhenSilent("fallback", SAFE_TIMEOUT, SAFE_CURRENT)
    reaction: ClassVar[float] = 10.0

    state = Measure(1000, "u32")
    cable = Measure(1004, "u32")
    power = Measure(1020, "u32", 0.001, "W")
    current_limit = Measure(1100, "u32", 0.001, "A", absent=(0,))  # what is offered now; 0 without a vehicle
    current_l1 = Measure(1008, "u32", 0.001, "A")
    current_l2 = Measure(1010, "u32", 0.001, "A")
    current_l3 = Measure(1012, "u32", 0.001, "A")
    energy = Point(1036, "u32", 0.1, "Wh")
    voltage_l1 = Point(1040, "u32", unit="V", absent=(0,))  # measured while charging only
    voltage_l2 = Point(1042, "u32", unit="V", absent=(0,))
    voltage_l3 = Point(1044, "u32", unit="V", absent=(0,))
    session_energy = Point(1502, "u32", 0.1, "Wh", optional=True)
    card = Point(1500, "u32", optional=True)
    switch_source = Point(1550, "u32", optional=True)
    switch_state = Point(1552, "u32", optional=True)

    serial_number = Point(1014, "u32")
    product = Point(1016, "u32")
    firmware = Point(1018, "u32")
    hardware_current = Point(1110, "u32", 0.001, "A")
    failsafe_current = Point(1600, "u32", 0.001, "A", optional=True)
    failsafe_timeout = Point(1602, "u32", unit="s", optional=True)

    set_current = Setting(5004, "u16", 0.001, "A")
    set_enable = Setting(5014, "u16")
    set_failsafe_current = Setting(5016, "u16", 0.001, "A")
    set_failsafe_timeout = Setting(5018, "u16", unit="s")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._metered = True
        self._maximum: float | None = None
        self._before = (0.0, 0.0)  # failsafe current and time-out found in the station
        self._seen: Mapping[str, Value] = {}
        self._moved: tuple[Value, Value, float] = (None, None, 0.0)  # state, cable and power at the last slow look
        self._looked = float("-inf")

    def lost(self) -> None:
        super().lost()
        self._looked = float("-inf")

    async def identify(self) -> Identity:
        known = await self.fetch_known((type(self).product, type(self).serial_number, type(self).firmware))
        digits = str(known["product"])
        listed = len(digits) == 6 and digits[0] == "3"
        row = SERIES.get(digits[3], self.row) if listed else 0
        if not row or self.row not in (0, row):
            raise WrongDevice(f"KEBA product {digits}", [NAMES[self.row]] if self.row else list(NAMES.values()))
        self._metered = digits[4] != "0"
        version = int(known["firmware"] if isinstance(known["firmware"], int) else 0).to_bytes(4, "big")
        new = () if digits[3] in SERIES else (f"series {digits[3]} of product {digits} is new; 3 is a P30",)
        firmware = ".".join(map(str, version[:3]))
        return Identity("KEBA", NAMES[row], serial=str(known["serial_number"]), firmware=firmware, notes=new)

    async def read(self) -> Reading:
        seen = await self.sample()
        seen |= await self._slow(seen)
        state, cable = seen.pop("state"), seen.pop("cable")
        card, source, switched = seen.pop("card"), seen.pop("switch_source"), seen.pop("switch_state")
        plugged = bool(int(cable) & 4) if isinstance(cable, int) else None
        number = state if isinstance(state, int) else -1
        if not (self._metered or seen["power"] or seen["energy"]):  # a station without a meter says 0
            seen = {name: value for name, value in seen.items() if name not in METERED}
        if number in ENABLED:  # 5014 cannot be read back
            seen["enabled"] = ENABLED[number]
        if isinstance(source, int) and source and isinstance(switched, int):
            seen["phases"] = 3 if switched else 1  # of the external contactor; P30: 1 is three-phase, evcc PR 13624
        return seen | {
            "plugged": plugged,
            "vehicle": vehicle(number, plugged),
            "rfid": rfid(f"{card:08x}") if isinstance(card, int) else None,
            "status": STATUS.get(number),
        }

    async def _slow(self, fast: Mapping[str, Value]) -> Mapping[str, Value]:
        """The slow values: asked for every `SLOW` seconds, and when state, cable or power have moved."""
        own, now = type(self), self.clock.monotonic()
        power = fast["power"]
        watts = float(power) if isinstance(power, int | float) else 0.0
        moved = (fast["state"], fast["cable"]) != self._moved[:2] or abs(watts - self._moved[2]) > 0.1 * watts + 50
        if moved or now - self._looked >= SLOW:
            self._seen = await self.fetch_known((
                own.energy, own.session_energy, own.card, own.voltage_l1, own.voltage_l2, own.voltage_l3,
                own.switch_source, own.switch_state,
            ))  # fmt: skip
            self._moved, self._looked = (fast["state"], fast["cable"], watts), now
        return self._seen

    async def limit_current(self, amperes: float) -> None:
        if amperes < MINIMUM:
            await self.pause()
            return
        await self._arm()
        await self.set_current.write(min(amperes, self._maximum or MAXIMUM))
        await self.set_enable.write(1)  # again each time: a failsafe that has fired leaves it off

    async def pause(self) -> None:
        await self._arm()
        await self.set_enable.write(0)

    async def release(self) -> None:
        """Full current, and the failsafe that the station had before."""
        self._maximum = await self.hardware_current.number()
        await self.set_current.write(self._maximum or MAXIMUM)
        await self.set_enable.write(1)
        if self.armed and self.refresh is not None:
            await self.set_failsafe_timeout.write(self._before[1])
            await self.set_failsafe_current.write(self._before[0])
        self.armed = False

    async def _arm(self) -> None:
        """Set the failsafe once, its current before its time-out. Stations up to 3.10.27 have none."""
        if self.armed:
            return
        self._maximum = await self.hardware_current.number()
        active = await self.fetch((type(self).failsafe_current, type(self).failsafe_timeout))
        current, timeout = active["failsafe_current"], active["failsafe_timeout"]
        if not isinstance(current, float | int) or not isinstance(timeout, float | int):
            self.refresh = None
        elif (current, timeout) != (SAFE_CURRENT, SAFE_TIMEOUT):
            self._before = (current, timeout)
            await self.set_failsafe_current.write(SAFE_CURRENT)
            await self.set_failsafe_timeout.write(SAFE_TIMEOUT)
        self.armed = True
