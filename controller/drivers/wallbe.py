"""Drives wallbe charging stations: Phoenix' EV-CC-AC1-M3 controller with wallbe's firmware, or in older ones Phoenix'.

On Ethernet 32-bit values have their low word first and texts, but for the card, their low byte. Commands need DIP
switch 10, or they are ignored. With Phoenix' firmware currents are whole amperes, and the energy lies elsewhere. The
station knows no watchdog: it keeps what it was told until its mains fail, and may then give its full current (evcc
issue 3081); the release and the current are therefore both given with every command. Without a meter, as the list says
of the Pro, it tells no voltage and measures nothing. On RS485 nothing is published for wallbe: that side is Phoenix'
EV-SER set, ASSUMED.
"""

from collections.abc import Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.modbus.coils import Coil
from controller.drivers.modbus.points import Bound, Measure, ModbusDevice, Point, Setting
from controller.drivers.shared.iec61851 import PLUGGED, allowed, status
from controller.errors import WrongDevice
from controller.ports import Clock, ModbusLine

MAXIMUM = 32.0  # A, 22 kW
NAMES = {68: "Pro", 69: "Eco 2.0 22 kW"}
MEASURED = (
    "power", "energy", "session_energy", "current_l1", "current_l2", "current_l3",
    "voltage_l1", "voltage_l2", "voltage_l3",
)  # fmt: skip


class WallbeEth(ModbusDevice):
    """Pro and Eco 2.0 on Modbus/TCP, which do not tell which of the two they are.

    Source: nymea/nymea-plugins-modbus:phoenixconnect/phoenixconnect-registers.json and
    evcc-io/evcc:charger/phoenix-ev-eth.go.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {68: ("modbus-tcp",), 69: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "charging-station"
    default_unit: ClassVar[int] = 255
    word_order = "low first"
    function: ClassVar[int] = 4
    single_write: ClassVar[bool] = True
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 10.0

    state = Measure(100, "u16")
    voltage_l1 = Measure(108, "u32", unit="V")
    voltage_l2 = Measure(110, "u32", unit="V")
    voltage_l3 = Measure(112, "u32", unit="V")
    current_l1 = Measure(114, "u32", unit="A")
    current_l2 = Measure(116, "u32", unit="A")
    current_l3 = Measure(118, "u32", unit="A")
    power = Measure(120, "s32", unit="W")  # -1 to -3 W at rest
    energy = Measure(2980, "u64", unit="Wh", function=3, optional=True)  # one firmware counts half Wh, evcc 21887
    session_energy = Measure(3376, "u64", unit="Wh", function=3, optional=True)
    rfid = Measure(606, "str16", function=3, optional=True)

    firmware = Point(149, "str6", order="low first", optional=True)
    phoenix_firmware = Point(105, "str2", order="low first")
    phoenix_energy = Point(904, "u32", unit="Wh", function=3)  # one word of it with wallbe's firmware
    serial = Point(304, "str6", order="low first", function=3)
    name = Point(310, "str5", order="low first", function=3)

    enabled = Coil(400)
    current_limit = Setting(528, "u16", 0.1, "A", function=3)
    whole_limit = Setting(528, "u16", unit="A", function=3)

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self._phoenix = False  # whose firmware it has

    @property
    def _limit(self) -> Bound:
        return self.whole_limit if self._phoenix else self.current_limit

    async def identify(self) -> Identity:
        own = type(self)
        await self.expect((own.serial, own.name, own.current_limit), NAMES[self.row or 68], "wallbe's names and limit")
        told = await self.fetch((own.firmware, own.phoenix_firmware, own.serial, own.name))
        self._phoenix = not told["firmware"]
        firmware = str(told["phoenix_firmware"] if self._phoenix else told["firmware"])
        if not firmware or not firmware.isascii() or not firmware.isprintable():
            raise WrongDevice(f"a controller with firmware {firmware!r}", [NAMES[self.row or 68]])
        return Identity("wallbe", NAMES[self.row or 68], str(told["serial"]), firmware)

    async def read(self) -> Reading:
        seen = await self.sample()
        vehicle = letter(seen.pop("state"))
        if self._phoenix:
            seen["energy"] = await self.phoenix_energy.read()
        if not (seen["voltage_l1"] or seen["current_l1"] or seen["power"]):  # no meter
            seen = {name: value for name, value in seen.items() if name not in MEASURED}
        return seen | {
            "vehicle": vehicle,
            "plugged": PLUGGED.get(vehicle or ""),
            "status": status(vehicle),
            "enabled": await self.enabled.read(),
            "current_limit": await self._limit.read(),
        }

    async def limit_current(self, amperes: float) -> None:
        own = type(self)
        told = allowed(amperes, MAXIMUM, own.whole_limit.scale if self._phoenix else own.current_limit.scale)
        if told:
            await self._limit.write(told)
        await self.enabled.write(bool(told))

    async def pause(self) -> None:
        await self.enabled.write(0)

    async def release(self) -> None:
        """Full current."""
        await self.limit_current(MAXIMUM)


class WallbeSer(ModbusDevice):
    """Pro and Eco 2.0 on RS485, ASSUMED to be Phoenix' EV-SER set: state, release and a current in whole amperes.

    Source of the set: evcc-io/evcc:charger/phoenix-ev-ser.go. It has no measured values.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {68: ("modbus-rtu",), 69: ("modbus-rtu",)}
    kind: ClassVar[Kind] = "charging-station"
    single_write: ClassVar[bool] = True
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent("keeps")
    reaction: ClassVar[float] = 10.0

    state = Measure(24000, "u16", function=4)
    current_limit = Measure(22000, "u16", unit="A")

    enabled = Coil(20000)

    async def identify(self) -> Identity:
        own, name = type(self), NAMES[self.row or 68]
        await self.expect((own.state, own.current_limit), name, "Phoenix' state and current")
        told = await self.fetch((own.state, own.current_limit))
        limit = told["current_limit"]
        if high_letter(told["state"]) is None or not isinstance(limit, int) or limit > MAXIMUM:
            raise WrongDevice(f"state {told['state']}, {limit} A", [name])
        return Identity("wallbe", name)

    async def read(self) -> Reading:
        seen = await self.sample()
        vehicle = high_letter(seen["state"])
        return {
            "vehicle": vehicle,
            "plugged": PLUGGED.get(vehicle or ""),
            "status": status(vehicle),
            "enabled": await self.enabled.read(),
            "current_limit": seen["current_limit"],
        }

    async def limit_current(self, amperes: float) -> None:
        told = allowed(amperes, MAXIMUM)
        if told:
            await self.current_limit.write(told)
        await self.enabled.write(bool(told))

    async def pause(self) -> None:
        await self.enabled.write(0)

    async def release(self) -> None:
        """Full current."""
        await self.limit_current(MAXIMUM)


def letter(value: Value) -> str | None:
    """State of IEC 61851, an ASCII letter in the low byte; None for no such letter."""
    found = chr(value & 0xFF) if isinstance(value, int) else ""
    return found if found and found in "ABCDEF" else None


def high_letter(value: Value) -> str | None:
    """The same in the high byte."""
    return letter(value >> 8) if isinstance(value, int) else None
