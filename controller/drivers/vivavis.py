"""Reads gas and compressed-air meters BMG 1020, by a profile that is ASSUMED: no map of them is public.

Profile bmg1020-assumed-v1: holding registers, 9600 8N1 on RS485. The volume counter has 32 bits and begins again at 0:
one such turn between two readings is seen and counted on. Gas becomes energy by its conversion number and calorific
value, where the meter knows them.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value
from controller.drivers.modbus.points import Measure, ModbusDevice, Point
from controller.drivers.shared.values import number
from controller.errors import WrongDevice

MEDIA = {1: "gas", 2: "compressed air"}
ALARM, BROKEN_INPUT = 0x1, 0x4  # status bits
TURN = (1 << 32) / 100  # m³ after which the counters begin again
KNOWN = 0xF  # status bits that the profile has


class Bmg1020(ModbusDevice):
    """BMG 1020 of Görlitz, now VIVAVIS."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {134: ("modbus-tcp", "modbus-rtu")}
    kind: ClassVar[Kind] = "gas-meter"

    state = Measure(0, "u16")
    medium = Measure(1, "u16")
    counted = Measure(2, "u32", 0.01, "m³")
    counted_standard = Measure(4, "u32", 0.01, "m³")
    flow = Measure(6, "f32", unit="m³/h")
    standard_flow = Measure(8, "f32", unit="m³/h")
    temperature = Measure(10, "s16", 0.1, "°C", absent=(-0x8000,))
    pressure = Measure(11, "u16", 100, "Pa", absent=(0xFFFF,))
    calorific_value = Measure(12, "u16", 0.001, "kWh/m³", absent=(0,))
    conversion = Measure(13, "u16", 0.0001, absent=(0,))
    serial_number = Point(16, "u32")

    _last: float | None = None
    _turns = 0

    async def identify(self) -> Identity:
        own = type(self)
        await self.expect((own.state, own.medium, own.serial_number), "BMG 1020", "the registers of the profile")
        seen = await self.fetch((own.state, own.medium, own.serial_number))
        state, medium, serial = seen["state"], seen["medium"], seen["serial_number"]
        if medium not in MEDIA or not serial or (isinstance(state, int) and state & ~KNOWN):
            raise WrongDevice(f"a device that measures medium {medium}", ["BMG 1020"])
        self._last, self._turns = None, 0
        return Identity("VIVAVIS", "BMG 1020", serial=str(serial))

    async def read(self) -> Reading:
        seen = await self.sample()
        state, medium = number(seen.pop("state")), seen.pop("medium")
        standard = seen.pop("counted_standard") or None  # 0 where nothing is converted
        volume = self._volume(number(seen.pop("counted")))
        calorific, conversion = seen.pop("calorific_value"), seen.pop("conversion")
        content = _product(calorific, conversion, 1000.0) if medium == 1 else None  # Wh/m³, of gas
        return seen | {
            "volume": volume,
            "standard_volume": standard,
            "standard_flow": seen["standard_flow"] if standard else None,
            "heat_energy": _product(volume, content),
            "heat_power": _product(seen["flow"], content),
            "status": _status(state),
        }

    def _volume(self, counted: float | None) -> float | None:
        """m³ with the turns of the counter added."""
        if counted is None:
            return None
        if self._last is not None and self._last - counted > TURN / 2:
            self._turns += 1
        self._last = counted
        return self._turns * TURN + counted


def _status(bits: float | None) -> str | None:
    """What the status bits say; None where some are set that the profile does not have."""
    if bits is None or int(bits) & ~KNOWN:
        return None
    return "fault" if int(bits) & (ALARM | BROKEN_INPUT) else "running"


def _product(*factors: Value) -> float | None:
    """All multiplied, None when one of them is not known."""
    product = 1.0
    for factor in factors:
        known = number(factor)
        if known is None:
            return None
        product *= known
    return product
