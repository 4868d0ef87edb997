"""A meter that pushes SML telegrams through its optical interface: which entries, how coded, with or without PIN.

The table of a meter (`[meters.<profile>]` in the family file) lists its entries in the order of its telegram:

    [OBIS code, type, unit, scaler, status, time, quantity]

type: octets, or u or s with the number of bytes: none for as few as will do, w for as few of 1, 2, 4 and 8.
status: hex octets as the meter sends them. time: "index" the meter's seconds, "zero" an empty one, "bare" without
the list around it, "" none. quantity: an attribute of the meter or the twin, or "=hex" for constant octets. 0 stands
for no unit; a scaler is left out with it.
"""

from collections.abc import Callable, Mapping
from math import floor
from typing import Any

from emulators.family.build import Installation, Order, Serial
from emulators.family.profile import BrokenProfile, Facts, Profile
from emulators.family.single import following, single
from emulators.wires import sml
from emulators.wires.device import Device
from emulators.wires.linefaults import spoil_stream
from emulators.wires.told import told
from twin.meter import ElectricityMeter

WH, W = 30, 27
LETTERS = slice(2, 5)  # where a server id has the maker's three letters


class SmlMeter:
    """One meter. It only sends; PIN and display are reached with a lamp by a person."""

    def __init__(self, twin: ElectricityMeter, facts: Facts, device: Device, table: Mapping[str, Any]) -> None:
        self.twin, self.device, self.table = twin, device, table
        self.server = bytes.fromhex(table["server"])
        self.interval = float(table.get("interval", facts.more.get("interval", 1.0)))
        self.locked = not facts.more.get("pin_entered", True) and "locked_scaler" in table
        self._pin = str(facts.more.get("pin", "0000"))
        self._night = float(table.get("night_share", 0.0))
        self._started = device.clock() - float(facts.more.get("uptime", 3600))
        self._next = device.clock() + self.interval
        self._index = 0  # seconds since power-up, in the telegram that is being written
        first = bytes.fromhex(table.get("transaction", "00000001"))
        self._transaction = int.from_bytes(first, table.get("transaction_order", "big"))
        self.operator: dict[str, Callable[..., None]] = {
            "enter_pin": self.enter_pin, "lock": self.lock, "replace_meter": self.replace_meter,
        }  # fmt: skip

    # what only a person at the meter can do

    def enter_pin(self, pin: str | None = None) -> None:
        """Blink in the PIN and switch the extended data set on. A wrong PIN changes nothing."""
        right = pin is None or str(pin) == self._pin
        self.device.log("PIN", pin, None, accepted=right, reason="" if right else "wrong PIN")
        if right:
            self.locked = False

    def lock(self) -> None:
        """Switch the extended data set off again."""
        self.locked = "locked_scaler" in self.table

    def replace_meter(self, number: int | None = None) -> None:
        """Another unit of the same type: new server id, counters from zero."""
        old = int.from_bytes(self.server[-4:], "big")
        self.server = self.server[:-4] + (old + 1 if number is None else int(number)).to_bytes(4, "big")
        self.twin.import_energy = self.twin.export_energy = 0.0
        self.locked = "locked_scaler" in self.table
        self.reboot()

    def reboot(self) -> None:
        """Power returns: the seconds index begins anew, the PIN is kept."""
        self._started = self.device.clock()
        self._next = self._started + self.interval

    # quantities in the meter's own words

    @property
    def maker(self) -> bytes:
        return bytes(self.server[LETTERS])

    @property
    def absolute_power(self) -> float | None:
        """W without sign; the direction is a bit of the status word."""
        power = told(self.device, "power")
        return None if power is None else abs(power)

    @property
    def import_day(self) -> float:
        """Wh in tariff 1."""
        return self.twin.import_energy - self.import_night

    @property
    def import_night(self) -> float:
        """Wh in tariff 2."""
        return self.twin.import_energy * self._night

    @property
    def export_night(self) -> float:
        return self.twin.export_energy * self._night

    @property
    def export_day(self) -> float:
        return self.twin.export_energy - self.export_night

    # telegrams

    def due(self, now: float) -> tuple[list[bytes], float]:
        """The telegram that is due at `now`, if any, and when the next one comes."""
        if now < self._next:
            return [], self._next
        self._next = following(self._next, self.interval, now)
        self.device.wake()
        return spoil_stream(self.device.faults, [self.telegram(now)]), self._next

    def telegram(self, now: float | None = None) -> bytes:
        """Open response, value list, close response, as they go on the line at `now`."""
        self._index = int((self.device.clock() if now is None else now) - self._started) % (1 << 32)
        table, seconds = self.table, self._index
        wide = int(table.get("tag_bytes", 2))
        start = 0 if table.get("message_crc") == "kermit" else 0xFFFF
        client = sml.octets(bytes.fromhex(table.get("client", "")))
        caller = sml.octets(bytes.fromhex(table.get("open_client", table.get("client", ""))))
        name = sml.octets(sml.obis("1-0:98.10.255*255") if table.get("list_name", True) else b"")
        clock = sml.index_time(seconds, self._time_bytes)
        file = table.get("file", "")
        opened = sml.listing((
            sml.OMITTED,
            caller,
            sml.octets(bytes.fromhex(file) if file else seconds.to_bytes(4, "big")),
            sml.octets(self.server),
            clock if table.get("open_time", True) else sml.OMITTED,
            sml.unsigned(int(table["version"])) if "version" in table else sml.OMITTED,
        ))  # fmt: skip
        entries = sml.listing(entry for entry in map(self._entry, table["entries"]) if entry)
        sensed = clock if table.get("sensor_time", True) else sml.OMITTED
        values = sml.listing((client, sml.octets(self.server), name, sensed, entries, sml.OMITTED, sml.OMITTED))
        closed = sml.listing((sml.OMITTED,))
        parts = ((sml.OPEN_RESPONSE, opened), (sml.GET_LIST_RESPONSE, values), (sml.CLOSE_RESPONSE, closed))
        steps = table.get("transaction_steps", (1, 1, 1))
        return sml.transport(
            b"".join(
                sml.message(self._number(step), tag, body, wide, start)
                for (tag, body), step in zip(parts, steps, strict=True)
            )
        )

    @property
    def _time_bytes(self) -> int:
        """Width of the seconds index, 0 for as few bytes as will do."""
        return int(self.table.get("time_bytes", 4))

    def _number(self, step: int) -> bytes:
        """The transaction id of the next message; the one after it is `step` higher."""
        size = len(bytes.fromhex(self.table.get("transaction", "00000001")))
        number = self._transaction
        self._transaction = (number + step) % (1 << 8 * size)
        return number.to_bytes(size, self.table.get("transaction_order", "big"))

    def _entry(self, row: list[Any]) -> bytes:
        """One entry of the list; nothing when the meter keeps it back."""
        code, kind, unit, scaler, status, time, quantity = row
        if self.locked and unit:
            if unit != WH:
                return b""
            scaler = self.table["locked_scaler"]
        value = self._value(quantity)
        if value is None and unit:
            return b""
        empty = self.table.get("empty_unit", False)
        return sml.listing((
            sml.octets(sml.obis(code)),
            self._status(status),
            {"": sml.OMITTED, "index": sml.index_time(self._index, self._time_bytes), "zero": sml.index_time(0, 1),
             "bare": sml.unsigned(self._index, 4)}[time],
            sml.unsigned(unit, 1) if unit or empty else sml.OMITTED,
            sml.signed(scaler, 1) if unit or empty else sml.OMITTED,
            self._coded(kind, unit, scaler, value),
            sml.OMITTED,
        ))  # fmt: skip

    def _value(self, quantity: str) -> Any:
        if quantity.startswith("="):
            return bytes.fromhex(quantity[1:])
        return told(self.device, quantity, self if hasattr(self, quantity) else None)

    def _coded(self, kind: str, unit: int, scaler: int, value: Any) -> bytes:
        if kind == "octets":
            return sml.octets(value)
        exact = round(value * 10.0**-scaler, 6)
        raw = floor(exact) if unit == WH else round(exact)  # counters are cut, as their display is
        size = _width(raw, kind[0] == "s") if kind[1:] == "w" else int(kind[1:] or 0)
        if kind[0] == "u":
            return sml.unsigned(max(0, raw if not size else min(raw, (1 << 8 * size) - 1)), size)
        if self.table.get("sign_bug") and unit == W:  # positive values in too few bytes, negative ones in four
            return (
                sml.signed_octets(raw.to_bytes((raw.bit_length() + 7) // 8, "big")) if raw > 0 else sml.signed(raw, 4)
            )
        if size:
            top = (1 << 8 * size - 1) - 1
            raw = max(-top - 1, min(raw, top))
        return sml.signed(raw, size)

    def _status(self, octets: str) -> bytes:
        """The status word, with the bit that tells the direction of the power."""
        if not octets:
            return sml.OMITTED
        word, size = int(octets, 16), len(octets) // 2
        if "outflow" in self.table and (told(self.device, "power") or 0) < 0:
            word |= int(self.table["outflow"])
        return sml.unsigned(word, size)


def _width(raw: int, signed: bool) -> int:
    """The fewest of 1, 2, 4 and 8 bytes that hold `raw`."""
    bits = (raw if raw >= 0 else ~raw).bit_length() + signed
    return next((size for size in (1, 2, 4) if bits <= 8 * size), 8)


def install(family: Profile, order: Order) -> Installation:
    """A meter of the row; the option `meter` chooses another profile than the row's own."""
    family, facts, device = single(family, order)
    known: Mapping[str, Mapping[str, Any]] = family.data["meters"]
    choice = str(facts.more["meter"])
    if choice not in known:
        raise BrokenProfile(family.file, "meters", f"no {choice}, there are {', '.join(known)}")
    if not isinstance(device.twin, ElectricityMeter):
        raise BrokenProfile(family.file, "kind", "electricity-meter")
    meter = SmlMeter(device.twin, facts, device, known[choice])
    device.face, device.operator = meter, meter.operator
    return Installation(family, order.protocol, [device], meter, Serial(**family.data.get("serial", {})), 0)
