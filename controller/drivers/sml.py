"""Reads electricity meters that push SML telegrams through an optical head.

The meter sends every 1 to 4 s and hears nothing. A reading is the next whole telegram, never one from the buffer.
Ex factory a Basiszähler gives whole kWh and no power until its owner has entered the PIN and switched INF on: then
power is absent, with the reason. Peculiarities of makers, all from real telegrams (devZer0/libsml-testing):

EMH   15.7.0 is never negative; bit 5 in the status of 1.8.0 says that power flows out
EMH   the oldest eHZ tell 1.7.0, or a signed 1.7.1, and energies by tariff only
DZG   units 42 000 000 to 48 999 999 and 55 000 000 to 58 999 999 pack a positive 16.7.0 into too few bytes, so that it
      reads negative; bit 11 in the status of 1.8.0, power flows out, tells them from real negatives
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar

from smllib.builder._builder import SmlObjBuilder
from smllib.builder.default_context import create_context
from smllib.builder.list_entry import SmlListEntryBuilder
from smllib.sml.list_entry import SmlListEntry
from smllib.sml.response_get_list import SmlGetListResponse
from smllib.sml_frame import SmlFrame

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.shared.declared import Declared
from controller.drivers.shared.possible import Doubts, believed
from controller.drivers.sml_transport import cut, sound
from controller.errors import Garbled, LineTimeout, WrongDevice
from controller.ports import ByteStream, Clock

PATIENCE = 12.0  # s, three of the longest intervals
OUTWARD_EMH, OUTWARD_DZG = 0x20, 0x0800
DZG_DEFECT = (range(42_000_000, 49_000_000), range(55_000_000, 59_000_000))
LOCKED = "power not available: enter the PIN at the meter and switch INF on"
UNITS = {27: "W", 29: "var", 30: "Wh", 33: "A", 35: "V", 44: "Hz"}  # DLMS unit codes
MAKERS = {
    "EMH": "EMH", "ISK": "ISKRAEMECO", "DZG": "DZG", "ITR": "Itron", "ESY": "EasyMeter", "HLY": "Holley",
    "EBZ": "eBZ", "LGZ": "Landis+Gyr", "LOG": "Logarex",
}  # fmt: skip


@dataclass(frozen=True)
class Obis(Declared):
    """An entry of the telegram's list: its OBIS code in hex, the SML unit it must have, and value = raw * scale.

    Units are those of `UNITS`; 0 is text.
    """

    obis: str
    code: int
    scale: float = 1

    @property
    def text(self) -> bool:
        return self.code == 0

    def number(self, entries: Mapping[str, Any], doubts: Doubts | None = None, raw: int | None = None) -> float | None:
        """The value, None when the meter does not send it, or with a doubt one that cannot be.

        `raw` stands in for a repaired one.
        """
        entry = entries.get(self.obis)
        if entry is None:
            return None
        raw = entry.value if raw is None else raw
        if not isinstance(raw, int) or entry.unit != self.code:
            raise Garbled(f"{self.name} is {entry.value!r} in unit {entry.unit}, not a number in unit {self.code}")
        power = entry.scaler or 0
        value: float = raw * 10**power if power >= 0 else raw / 10**-power
        return believed(self.name, value * self.scale, UNITS.get(self.code, ""), doubts=doubts)


@dataclass(frozen=True)
class Telegram:
    """One reading as the meter sent it. `server` is the meter's identification, ten bytes in hex."""

    server: str
    entries: Mapping[str, Any]


class SmlMeter:
    """SML meter on an optical head. Source: FNN Lastenheft EDL and Basiszähler; entries as sent by 35 real meters.

    `serial` is the meter that has to stand there, where the installer has named one.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = dict.fromkeys(range(99, 106), ("sml",))
    kind: ClassVar[Kind] = "electricity-meter"
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent()
    reaction: ClassVar[float] = 5.0

    import_energy = Obis("0100010800ff", 30)
    import_energy_1 = Obis("0100010801ff", 30)
    import_energy_2 = Obis("0100010802ff", 30)
    export_energy = Obis("0100020800ff", 30)
    export_energy_1 = Obis("0100020801ff", 30)
    export_energy_2 = Obis("0100020802ff", 30)
    power = Obis("0100100700ff", 27)
    power_l1 = Obis("0100240700ff", 27)
    power_l2 = Obis("0100380700ff", 27)
    power_l3 = Obis("01004c0700ff", 27)
    absolute_power = Obis("01000f0700ff", 27)
    import_power = Obis("0100010700ff", 27)
    signed_power = Obis("0100010701ff", 27)
    export_power = Obis("0100020700ff", 27)
    voltage_l1 = Obis("0100200700ff", 35)
    voltage_l2 = Obis("0100340700ff", 35)
    voltage_l3 = Obis("0100480700ff", 35)
    current_l1 = Obis("01001f0700ff", 33)
    current_l2 = Obis("0100330700ff", 33)
    current_l3 = Obis("0100470700ff", 33)
    frequency = Obis("01000e0700ff", 44)
    maker = Obis("010060320101", 0)

    def __init__(
        self, line: ByteStream, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None,
        serial: str = "",
    ) -> None:  # fmt: skip
        self.line, self.clock, self.unit, self.row, self.model = line, clock, unit, row, model
        self._wanted = serial
        self.doubts: Doubts = {}  # why values are absent that the meter told
        self._buffer = b""
        self._server = ""

    def lost(self) -> None:
        self._buffer = b""

    async def identify(self) -> Identity:
        telegram = await self._telegram()
        if self._wanted and not meant(self._wanted, telegram.server):
            raise WrongDevice(f"meter {telegram.server}", [f"meter {self._wanted}"])
        letters, _ = numbered(telegram.server)
        self._server = telegram.server
        model = "Basiszähler" if self.maker.obis in telegram.entries else "eHz"
        return Identity(MAKERS.get(letters, letters or "unknown"), model, serial=telegram.server)

    async def read(self) -> Reading:
        telegram = await self._telegram()
        if self._server and telegram.server != self._server:
            raise WrongDevice(f"meter {telegram.server}", [f"meter {self._server}"])
        self._server = telegram.server
        entries, doubts = telegram.entries, self.doubts
        doubts.clear()
        reading: dict[str, Value] = {
            "power": self._power(telegram),
            "import_energy": _total(entries, doubts, self.import_energy, self.import_energy_1, self.import_energy_2),
            "export_energy": _total(entries, doubts, self.export_energy, self.export_energy_1, self.export_energy_2),
        }
        others = (
            self.power_l1, self.power_l2, self.power_l3, self.voltage_l1, self.voltage_l2, self.voltage_l3,
            self.current_l1, self.current_l2, self.current_l3, self.frequency,
        )  # fmt: skip
        reading |= {point.name: point.number(entries, doubts) for point in others if point.obis in entries}
        if reading["export_energy"] is None:
            del reading["export_energy"]  # a meter that counts one direction only
        if reading["power"] is None and not doubts:
            reading["status"] = LOCKED
        return reading

    def _power(self, telegram: Telegram) -> float | None:
        """Active power, positive when importing, from whichever entry the meter has."""
        entries = telegram.entries
        counted = entries.get(self.import_energy.obis)
        status = counted.status if counted is not None and isinstance(counted.status, int) else None
        doubts = self.doubts
        if self.power.obis in entries:
            return self.power.number(entries, doubts, _repaired(telegram, entries[self.power.obis], status))
        absolute = self.absolute_power.number(entries, doubts)
        if absolute is not None:
            return -absolute if status is not None and status & OUTWARD_EMH else absolute
        signed = self.signed_power.number(entries, doubts)
        if signed is not None:
            return signed
        inward, outward = self.import_power.number(entries, doubts), self.export_power.number(entries, doubts)
        if (inward is None and outward is None) or {"import_power", "export_power"} & doubts.keys():
            return None
        return (inward or 0.0) - (outward or 0.0)

    async def _telegram(self) -> Telegram:
        """The next whole telegram that begins or ends after now."""
        end = self.clock.monotonic() + PATIENCE
        await self._pass_over()
        damaged, heard = 0, len(self._buffer)
        while (left := end - self.clock.monotonic()) > 0:
            try:
                data = await self.line.receive(left)
            except LineTimeout:
                break
            heard += len(data)
            contents, self._buffer, broken = cut(self._buffer + data)
            damaged += broken
            for content in reversed(contents):
                try:
                    return decoded(content)
                except Garbled:
                    damaged += 1
        if heard:
            raise Garbled(
                f"{heard} bytes in {PATIENCE:g} s, {damaged} damaged telegrams, no whole one", raw=self._buffer
            )
        raise LineTimeout(f"the meter has sent nothing in {PATIENCE:g} s")

    async def _pass_over(self) -> None:
        """Drop the telegrams that came while nobody listened, keep the one that is coming in."""
        until = self.clock.monotonic() + 0.05  # bytes that wait take no time, bytes that come in do
        while self.clock.monotonic() < until:
            try:
                data = await self.line.receive(0.005)
            except LineTimeout:
                return
            _, self._buffer, _ = cut(self._buffer + data)


def _total(entries: Mapping[str, Any], doubts: Doubts, total: Obis, *tariffs: Obis) -> float | None:
    """The total register, or the sum of the tariffs where a meter has no total."""
    value = total.number(entries, doubts)
    if value is not None or total.name in doubts:
        return value
    parts = [part for tariff in tariffs if (part := tariff.number(entries, doubts)) is not None]
    return sum(parts) if parts and not doubts.keys() & {tariff.name for tariff in tariffs} else None


def _repaired(telegram: Telegram, entry: Any, status: int | None) -> int | None:
    """The raw power of a DZG meter with the sign defect, None where nothing is to be repaired."""
    letters, number = numbered(telegram.server)
    if letters != "DZG" or not number.isdigit() or not any(int(number) in each for each in DZG_DEFECT):
        return None
    if not isinstance(entry.value, int) or entry.value >= 0 or entry.octets > 3 or (status or 0) & OUTWARD_DZG:
        return None
    repaired: int = entry.value + (1 << 8 * entry.octets)
    return repaired


def numbered(server: str) -> tuple[str, str]:
    """Maker's letters and number of a server id: 0a01 444b47 0002821a9e, 0901 45425a 0100104c78 or, older,
    06 454d48 01 027156cd45.

    Both are empty when it is of another kind.
    """
    raw = bytes.fromhex(server)
    for start, letters in ((b"\x0a\x01", raw[2:5]), (b"\x09\x01", raw[2:5]), (b"\x06", raw[1:4])):
        if len(raw) == 10 and raw.startswith(start) and letters.isascii() and letters.isalpha():
            return letters.decode("ascii"), str(int.from_bytes(raw[5:], "big"))
    return "", ""


def meant(serial: str, server: str) -> bool:
    """Whether a serial number as an installer writes it, whole or as printed (1 DZG 00 42081950), is this server id."""
    letters, number = numbered(server)
    plain = "".join(serial.split()).lower()
    if plain == server.lower():
        return True
    digits = plain.rpartition(letters.lower())[2] if letters else plain
    return bool(number) and digits.isdigit() and digits.lstrip("0")[-len(number) :] == number


class _Entries:
    """Builds list entries as smllib does, but keeps how many bytes the value took and lets entries without value be."""

    def __init__(self) -> None:
        self._builder: Any = SmlListEntryBuilder()

    def build(self, found: Any, classes: Any) -> Any:
        entry: Any = SmlObjBuilder.build(self._builder, found, classes)
        bytes_of_value = found.value[5].msg
        entry.octets = 0 if bytes_of_value is None else len(bytes_of_value) - 1
        return entry


@cache
def _builders() -> Any:
    """smllib's builders with ours for entries. To make them costs as much as a telegram; they keep nothing of one."""
    context: Any = create_context()
    context[SmlListEntry] = _Entries()
    return context


def decoded(content: bytes) -> Telegram:
    """The list in a telegram whose check sum was right; Garbled when it holds none."""
    if not sound(content):
        raise Garbled("an SML telegram whose lengths do not fit", raw=content)
    try:
        messages = SmlFrame(content, build_ctx=_builders()).parse_frame()
    except Exception as defect:  # smllib raises ValueError, TypeError, IndexError and its own, all for bad content
        raise Garbled(f"an SML telegram that cannot be read ({type(defect).__name__})", raw=content) from defect
    for message in messages:
        body = message.message_body
        if isinstance(body, SmlGetListResponse):
            return Telegram(str(body.server_id), {str(entry.obis): entry for entry in body.val_list})
    raise Garbled("an SML telegram without a list", raw=content)
