"""Drives KEBA KeContact P30 charging stations over Modbus/TCP.

Every readable value is two registers and has a request of its own, every writable value is one register. What changes
slowly is therefore asked for less often. Unit id 255. The station's own watchdog (failsafe) is off by default and fed
by writes; with it a station whose controller has died falls to `SAFE_CURRENT`. It is not stored: a restart of the
station switches it off, and the flash is spared.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.keba import MAXIMUM, MINIMUM, NAMES, SAFE_CURRENT, SAFE_TIMEOUT, STATES, rfid, vehicle
from controller.drivers.points import Measure, ModbusDevice, Setting
from controller.errors import WrongDevice
from controller.ports import Clock, ModbusLine

SLOW = 10.0  # s between two looks at a value that changes slowly
SERIES = {"1": 65, "0": 66, "2": 67}  # fourth of the six product digits: c-series, x-series, Deutschland Edition


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
    error = Setting(1006, "u32")
    energy = Setting(1036, "u32", 0.1, "Wh")
    voltage_l1 = Setting(1040, "u32", unit="V", absent=(0,))  # measured while charging only
    voltage_l2 = Setting(1042, "u32", unit="V", absent=(0,))
    voltage_l3 = Setting(1044, "u32", unit="V", absent=(0,))
    session_energy = Setting(1502, "u32", 0.1, "Wh", optional=True)
    card = Setting(1500, "u32", optional=True)
    switch_source = Setting(1550, "u32", optional=True)
    switch_state = Setting(1552, "u32", optional=True)

    serial_number = Setting(1014, "u32")
    product = Setting(1016, "u32")
    firmware = Setting(1018, "u32")
    hardware_current = Setting(1110, "u32", 0.001, "A")
    failsafe_current = Setting(1600, "u32", 0.001, "A", optional=True)
    failsafe_timeout = Setting(1602, "u32", unit="s", optional=True)

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
        self._seen: dict[str, Value] = {}
        self._looked = 0.0

    def lost(self) -> None:
        super().lost()
        self._seen.clear()

    async def identify(self) -> Identity:
        known = await self.fetch((type(self).product, type(self).serial_number, type(self).firmware))
        digits = str(known["product"])
        row = SERIES.get(digits[3]) if len(digits) == 6 and digits[0] == "3" else None
        if row is None or self.row not in (0, row):
            raise WrongDevice(f"KEBA product {digits}", [NAMES[self.row]] if self.row else list(NAMES.values()))
        self._metered = digits[4] != "0"
        version = int(known["firmware"] if isinstance(known["firmware"], int) else 0).to_bytes(4, "big")
        return Identity(
            "KEBA", NAMES[row], serial=str(known["serial_number"]), firmware=".".join(map(str, version[:3]))
        )

    async def read(self) -> Reading:
        seen = await self.sample() | await self._slow()
        state, cable = seen["state"], seen["cable"]
        number = state if isinstance(state, int) else -1
        plugged = bool(int(cable) & 4) if isinstance(cable, int) else None
        meters = ("power", "energy", "session_energy", "current_l1", "current_l2", "current_l3")
        reading: dict[str, Value] = {name: seen[name] if self._metered else None for name in meters}
        for name in ("current_limit", "voltage_l1", "voltage_l2", "voltage_l3"):
            reading[name] = seen[name]
        error = seen["error"]
        failed = number == 4 and isinstance(error, int) and error
        return reading | {
            "plugged": plugged,
            "vehicle": vehicle(number, plugged),
            "enabled": {2: True, 3: True, 5: False}.get(number),  # 5014 cannot be read back
            "rfid": rfid(f"{seen['card']:08x}" if isinstance(seen["card"], int) else ""),
            "phases": self._phases(seen["switch_source"], seen["switch_state"]),
            "status": f"error {error:x}h" if failed else STATES.get(number),
        }

    async def _slow(self) -> dict[str, Value]:
        """The slow values, asked for when the last look was `SLOW` seconds ago."""
        own, now = type(self), self.clock.monotonic()
        if not self._seen or now - self._looked >= SLOW:
            self._seen = await self.fetch((
                own.energy, own.session_energy, own.card, own.error, own.voltage_l1, own.voltage_l2, own.voltage_l3,
                own.switch_source, own.switch_state,
            ))  # fmt: skip
            self._looked = now
        return self._seen

    @staticmethod
    def _phases(source: Value, state: Value) -> int | None:
        """Phases by the external contactor, None where nothing switches them."""
        if not isinstance(source, int) or not source or not isinstance(state, int):
            return None
        return 3 if state else 1  # P30: 1 is three-phase, evcc PR 13624

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
