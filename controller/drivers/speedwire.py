"""Listens to SMA energy meters on Speedwire.

Meters send a datagram a second to a multicast group that inverters and other meters share, so every datagram is
looked at for whose it is: SUSy-ID and serial number. Which of several meters is meant only the installer knows: without
a serial number the group is listened to for a while, and more than one sender is refused by name. Power and energy come
as two numbers that are never negative, import and export. The same datagram can come twice on hosts with several
interfaces: its ticker tells.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.shared.declared import Declared
from controller.drivers.shared.keys import scaled
from controller.drivers.shared.possible import Doubts, believed
from controller.errors import Garbled, LineTimeout, WrongDevice
from controller.ports import Clock, Datagrams

HEAD = struct.Struct(">4s8sHHHHII")  # SMA, group 1, length, data2, protocol, SUSy-ID, serial number, ticker
SMA, GROUP, DATA2, METER = b"SMA\0", bytes.fromhex("000402a000000001"), 0x0010, 0x6069
BEFORE_LENGTH, END = 16, 4  # the length counts neither what is before it nor the four end bytes
VERSION = 0x90  # channel of the element with the software version
MODELS = {270: "EnergyMeter", 349: "EnergyMeter", 372: "Sunny Home Manager 2.0"}  # SUSy-ID
PATIENCE = 5.0  # s; one datagram a second
CROWD, MOST = 2.5, 12  # s after the first meter in which a second one would speak twice; the fastest sends every 0.2 s


@dataclass(frozen=True)
class Element(Declared):
    """A number in the datagram: `index` of its quantity, `size` 4 for the present value and 8 for the counter."""

    index: int
    size: int
    scale: float
    unit: str = ""

    def number(self, datagram: "Datagram", doubts: Doubts) -> float | None:
        """The value, None when the meter does not send it, or with a doubt one that cannot be."""
        raw = datagram.elements.get((self.index, self.size))
        return None if raw is None else believed(self.name, scaled(raw, self.scale), self.unit, doubts=doubts)


@dataclass(frozen=True)
class Datagram:
    """One meter's datagram; elements by index and size."""

    susy: int
    serial: int
    ticker: int
    version: str
    elements: Mapping[tuple[int, int], int]


class SmaEnergyMeter:
    """Energy Meter 1.0, 2.0 and Sunny Home Manager 2.0. Source: SMA, EMETER-Protokoll-TI.

    `serial` picks one of several meters; a `unit` above 255 does so too.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {120: ("speedwire",)}
    kind: ClassVar[Kind] = "electricity-meter"
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent()
    reaction: ClassVar[float] = 2.0

    import_power = Element(1, 4, 0.1, "W")
    export_power = Element(2, 4, 0.1, "W")
    import_energy = Element(1, 8, 1 / 3600, "Wh")
    export_energy = Element(2, 8, 1 / 3600, "Wh")
    import_reactive_power = Element(3, 4, 0.1, "var")
    export_reactive_power = Element(4, 4, 0.1, "var")
    power_factor = Element(13, 4, 0.001)
    frequency = Element(14, 4, 0.001, "Hz")
    import_power_l1 = Element(21, 4, 0.1, "W")
    export_power_l1 = Element(22, 4, 0.1, "W")
    current_l1 = Element(31, 4, 0.001, "A")
    voltage_l1 = Element(32, 4, 0.001, "V")
    import_power_l2 = Element(41, 4, 0.1, "W")
    export_power_l2 = Element(42, 4, 0.1, "W")
    current_l2 = Element(51, 4, 0.001, "A")
    voltage_l2 = Element(52, 4, 0.001, "V")
    import_power_l3 = Element(61, 4, 0.1, "W")
    export_power_l3 = Element(62, 4, 0.1, "W")
    current_l3 = Element(71, 4, 0.001, "A")
    voltage_l3 = Element(72, 4, 0.001, "V")

    def __init__(
        self, line: Datagrams, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None,
        serial: str = "",
    ) -> None:  # fmt: skip
        self.line, self.clock, self.unit, self.row, self.model = line, clock, unit, row, model
        self._wanted = serial.strip() or (str(unit) if unit is not None and unit > 0xFF else "")
        self._others: dict[tuple[int, int], None] = {}  # SUSy-ID and serial number of meters that were let pass
        self._meter: tuple[int, int] | None = None  # SUSy-ID and serial number of the one that is listened to
        self._alone = False  # whether it was the only one when it was identified
        self._ticker: int | None = None
        self.doubts: Doubts = {}  # why values are absent that the meter told

    def lost(self) -> None:
        self._ticker = None

    async def identify(self) -> Identity:
        self._meter, self._ticker, self._alone = None, None, False
        self._others.clear()
        datagram = await self._next()
        self._meter = (datagram.susy, datagram.serial)
        if not self._wanted:
            await self._listen()
            self._be_sure()
            self._alone = True
        model = MODELS.get(datagram.susy, "energy meter")
        new = () if datagram.susy in MODELS else (f"SUSy-ID {datagram.susy} is new; it speaks the meters' protocol",)
        return Identity("SMA", model, str(datagram.serial), datagram.version, notes=new)

    async def _listen(self) -> None:
        """Hear who else speaks in the group."""
        end = self.clock.monotonic() + CROWD
        for _ in range(MOST):
            try:
                self._take(await self.line.receive(max(end - self.clock.monotonic(), 0.0)))
            except LineTimeout:
                break
            except Garbled:
                continue

    def _be_sure(self) -> None:
        """WrongDevice, with all that were heard, when nobody has said which of several meters is meant."""
        if self._others and not self._wanted and not self._alone:
            heard = [_named(*each) for each in sorted({*self._others, *([self._meter] if self._meter else [])})]
            raise WrongDevice(f"{len(heard)} meters: {', '.join(heard)}", ["the serial number of one as `serial`"])

    async def read(self) -> Reading:
        self._be_sure()
        datagram = await self._next()
        self._meter = (datagram.susy, datagram.serial)
        self.doubts.clear()
        pairs = {
            "power": (self.import_power, self.export_power),
            "power_l1": (self.import_power_l1, self.export_power_l1),
            "power_l2": (self.import_power_l2, self.export_power_l2),
            "power_l3": (self.import_power_l3, self.export_power_l3),
            "reactive_power": (self.import_reactive_power, self.export_reactive_power),
        }
        singles = (
            self.import_energy, self.export_energy, self.power_factor, self.frequency, self.current_l1,
            self.current_l2, self.current_l3, self.voltage_l1, self.voltage_l2, self.voltage_l3,
        )  # fmt: skip
        reading: dict[str, Value] = {name: _balance(datagram, *pair, self.doubts) for name, pair in pairs.items()}
        reading |= {element.name: element.number(datagram, self.doubts) for element in singles}
        if reading["frequency"] is None:
            del reading["frequency"]  # the shorter datagrams have none
        return reading

    async def _next(self) -> Datagram:
        """The meter's next datagram that is not known yet; others' are let pass."""
        end = self.clock.monotonic() + PATIENCE
        until = self.clock.monotonic() + 0.05
        while self.clock.monotonic() < until:  # what waits is old
            try:
                self._take(await self.line.receive(0.005))
            except LineTimeout:
                break
            except Garbled:
                continue
        damage: Garbled | None = None
        while (left := end - self.clock.monotonic()) > 0:
            try:
                datagram = self._take(await self.line.receive(left))
            except LineTimeout:
                break
            except Garbled as bad:
                damage = bad
                continue
            if datagram is not None:
                return datagram
        if damage is not None:
            raise damage
        who = f"meter {self._meter[1]}" if self._meter else f"meter {self._wanted}" if self._wanted else "a meter"
        heard = f", heard was {', '.join(_named(*each) for each in sorted(self._others))}" if self._others else ""
        raise LineTimeout(f"nothing new from {who} in {PATIENCE:g} s{heard}")

    def _take(self, data: bytes) -> Datagram | None:
        """The datagram in `data`, None when it is somebody else's or known already."""
        datagram = decoded(data)
        if datagram is None:
            return None
        sender = (datagram.susy, datagram.serial)
        if self._wanted not in ("", str(datagram.serial)) or self._meter not in (None, sender):
            self._others[sender] = None
            return None
        if datagram.ticker == self._ticker:
            return None
        self._ticker = datagram.ticker
        return datagram


def _named(susy: int, serial: int) -> str:
    return f"{MODELS.get(susy, f'SUSy-ID {susy}')} {serial}"


def _balance(datagram: Datagram, inward: Element, outward: Element, doubts: Doubts) -> float | None:
    """Import less export, one of which is usually 0."""
    drawn, fed = inward.number(datagram, doubts), outward.number(datagram, doubts)
    return None if drawn is None or fed is None else drawn - fed


def decoded(data: bytes) -> Datagram | None:
    """An energy meter's datagram taken apart, None for any other Speedwire message; Garbled when it is damaged."""
    if len(data) < HEAD.size or not data.startswith(SMA):
        raise Garbled("no Speedwire message", raw=data)
    _, group, length, tag, protocol, susy, serial, ticker = HEAD.unpack_from(data)
    if group != GROUP or tag != DATA2 or protocol != METER:
        return None
    end = BEFORE_LENGTH + length
    if len(data) != end + END:
        raise Garbled(f"a meter's datagram of {len(data)} bytes that says {end + END}", raw=data)
    elements: dict[tuple[int, int], int] = {}
    version, at = "", HEAD.size
    while at + 4 <= end:
        channel, index, size, _ = data[at : at + 4]
        at += 4
        if channel == VERSION:
            version, size = ".".join(map(str, data[at : at + 3])) + "." + chr(data[at + 3]), 4
        elif channel == 0 and size in (4, 8):
            elements[index, size] = int.from_bytes(data[at : at + size], "big")
        else:
            raise Garbled(f"element {index} of channel {channel} and type {size}", raw=data)
        at += size
    if at != end:
        raise Garbled("a meter's datagram whose last element is cut", raw=data)
    return Datagram(susy, serial, ticker, version, elements)
