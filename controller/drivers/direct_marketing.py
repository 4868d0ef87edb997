"""Answers a direct marketer: the HEM is the Modbus server here, by a profile that is ASSUMED, marketer-assumed-v1.

All values are 32 bit, high word first. From 0 on the plant is shown; from 100 on a command is laid down, and it counts
when its sequence (100) changes. A unit id is a role: 1 the grid operator, 2 the marketer (or another), 3 one
who only reads. Only the marketer commands, and his heartbeat has to change. What of a command is refused, and why,
stands in 22; 20 names the last one that was accepted.
Function 6 is refused, since it would write half a value, and so is a function 16 that does.

Roles and registers follow anleitung.smart-dog.eu (PowerDog, unit id by role), chloepriceless/dvhub and meteocontrol's
blue'Log; what an AMPERIX exchanges with a marketer: service.wendeware.com, Vermarkter-Schnittstelle. On the wire grid
power is positive when importing, battery power when charging.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.shared.declared import Declared
from controller.drivers.shared.keys import scaled
from controller.drivers.shared.values import number
from controller.errors import LineTimeout
from controller.ports import Clock, Listening

PROFILE = 0x564D0001
NONE = -(1 << 31)  # 0x80000000: no value, or a battery that is free
NOT_USED = -1
GRID_OPERATOR, MARKETER, MONITOR = 1, 2, 3  # unit ids
READ, WRITE_ONE, WRITE = (3, 4), 6, 16
FUNCTION, ADDRESS, VALUE = 1, 2, 3  # Modbus exceptions
MOST_READ, MOST_WRITTEN = 125, 123  # registers
ACCEPTED, RANGE, ROLE, STALE, OVERRIDDEN = 0, 1, 2, 3, 4  # reject codes
READY, BY_OPERATOR, BY_MARKETER, SILENT, FAULT = 0x01, 0x02, 0x04, 0x08, 0x20  # plant state
LIFE = 60.0  # s within which the heartbeat has to change, and somebody has to call
FIRST = 1.0  # s to wait for the first call at a time
WRAP = 1 << 32
PERCENT, VALIDITY = (0, 1000), (1, 3600)  # raw


@dataclass(frozen=True)
class Place(Declared):
    """32 bit at `address`: value = raw * scale in `unit`, positive the other way round where the scale is negative."""

    address: int
    scale: float = 1
    unit: str = ""

    def raw(self, value: Value, absent: int = NONE) -> int:
        known = number(value)
        return absent if known is None else min(max(round(known / self.scale), NONE + 1), -NONE - 1)

    def limit(self, command: Mapping[int, int]) -> float | None:
        """What a command says here, None for a limit that is not used."""
        raw = command[self.address]
        return None if raw < 0 else scaled(raw, self.scale)


class DirectMarketing:
    """What a marketer asks for last, with its age; what the house shows him is set by `show`."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {144: ("modbus-tcp",)}
    kind: ClassVar[Kind] = "direct-marketing"
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent()
    reaction: ClassVar[float] = 1.0
    default_unit: ClassVar[int] = MARKETER
    keep: ClassVar[float] = LIFE  # s for which what was said counts without another call

    profile = Place(0)
    plant_state = Place(2)
    grid_power = Place(4, 1, "W")
    pv_power = Place(6, 1, "W")
    battery_power = Place(8, -1, "W")
    soc = Place(10, 0.1, "%")
    available_power = Place(12, 1, "W")
    installed_power = Place(14, 1, "W")
    effective_limit = Place(16, 1, "W")
    effective_setpoint = Place(18, -1, "W")
    acknowledged = Place(20)
    rejected = Place(22)

    sequence = Place(100)
    limit_percent = Place(102, 0.1, "%")
    limit_power = Place(104, 1, "W")
    battery_setpoint = Place(106, -1, "W")
    validity = Place(108, 1, "s")
    heartbeat = Place(110)

    def __init__(
        self, line: Listening, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        self.line, self.clock, self.row, self.model = line, clock, row, model
        self.unit = self.default_unit if unit is None else unit
        self._plant: dict[int, int] = {place.address: NONE for place in places(type(self)) if place.address < 100}
        self._plant[self.profile.address] = PROFILE
        self._plant[self.effective_limit.address] = NOT_USED
        self._reject(ACCEPTED)
        self._plant[self.acknowledged.address] = 0
        self._laid: dict[int, int] = {place.address: NOT_USED for place in places(type(self)) if place.address >= 100}
        self._laid |= {self.sequence.address: 0, self.heartbeat.address: 0, self.validity.address: VALIDITY[1]}
        self._laid[self.battery_setpoint.address] = NONE
        self._command: Mapping[int, int] | None = None  # the last one that was accepted
        self._accepted_at = self._called_at = self._beat_at = float("-inf")
        self._state = READY
        self._listens = False

    def lost(self) -> None:
        """Nobody is known to be there until there is another call; who calls is answered as before."""
        self._called_at = float("-inf")

    async def wait(self, seconds: float) -> None:
        """Until somebody has called, `seconds` at most."""
        await self.line.asked(seconds)

    async def identify(self) -> Identity:
        """A marketer who calls; LineTimeout until one has."""
        if not self._listens:
            self.line.answer(self._answer)
            self._listens = True
        if self._called_at == float("-inf"):
            await self.line.asked(FIRST)
        self._called()
        return Identity("any", "Vermarkter Schnittstelle")

    async def read(self) -> Reading:
        self._called()
        command = self._command
        if command is None:
            return {}
        battery = command[self.battery_setpoint.address]
        return {
            "limit_percent": self.limit_percent.limit(command),
            "limit_power": self.limit_power.limit(command),
            "battery_setpoint": None if battery == NONE else scaled(battery, self.battery_setpoint.scale),
            "validity": scaled(command[self.validity.address], self.validity.scale),
            "sequence": command[self.sequence.address] % WRAP,
            "heartbeat": self._laid[self.heartbeat.address] % WRAP,
            "age": floor(self.clock.monotonic() - self._accepted_at),
        }

    def show(self, values: Mapping[str, Value]) -> None:
        """What the house is and does now, by the names of the places; `limited_by`: grid operator, direct marketer.

        A limit of the marketer's that another one's undercuts is overridden, and that is said.
        """
        for place in places(type(self)):
            if place.name in values and place.address in self._plant:
                absent = NOT_USED if place.name == "effective_limit" else NONE
                self._plant[place.address] = place.raw(values[place.name], absent)
        by = values.get("limited_by")
        self._state = READY | {"grid operator": BY_OPERATOR, "direct marketer": BY_MARKETER}.get(str(by), 0)
        if values.get("fault"):
            self._state |= FAULT
        self._override(by == "grid operator" and self._undercut(number(values.get("effective_limit"))))

    def _undercut(self, limit: float | None) -> bool:
        """Whether less than the marketer's limit is left to him."""
        if self._command is None or limit is None:
            return False
        percent, power = self.limit_percent.limit(self._command), self.limit_power.limit(self._command)
        installed = self._plant[self.installed_power.address]
        asked = [] if power is None else [power]
        asked += [] if percent is None or installed < 0 else [percent / 100 * installed]
        return not asked or limit < min(asked) - 1.0

    def _override(self, overridden: bool) -> None:
        code = self._plant[self.rejected.address]
        if overridden and code == ACCEPTED:
            self._reject(OVERRIDDEN)
        elif not overridden and code == OVERRIDDEN:
            self._reject(ACCEPTED)

    def _called(self) -> None:
        if self.clock.monotonic() - self._called_at > self.keep:
            raise LineTimeout("no marketer has called" + ("" if self._command is None else f" for {LIFE:g} s"))
        if self._command is not None and self.clock.monotonic() - self._beat_at > self.keep:
            raise LineTimeout(f"a marketer calls, but his heartbeat has stood still for {LIFE:g} s")

    # the server

    def _answer(self, unit: int, pdu: bytes) -> bytes:
        """The answer to a request, none for a unit id that is nobody's."""
        if unit not in (self.unit, GRID_OPERATOR, MONITOR) or not pdu:
            return b""
        if unit == self.unit:
            self._called_at = self.clock.monotonic()
        function = pdu[0]
        if function in READ:
            return self._read(function, pdu)
        if function == WRITE:
            return self._write(unit, pdu)
        return refusal(function, FUNCTION)

    def _read(self, function: int, pdu: bytes) -> bytes:
        if len(pdu) != 5:
            return refusal(function, VALUE)
        first, count = struct.unpack(">HH", pdu[1:])
        if not 1 <= count <= MOST_READ:
            return refusal(function, VALUE)
        words = dict(self._words())
        if any(first + at not in words for at in range(count)):
            return refusal(function, ADDRESS)
        return bytes((function, 2 * count)) + struct.pack(f">{count}H", *(words[first + at] for at in range(count)))

    def _words(self) -> Iterator[tuple[int, int]]:
        silent = SILENT if self.clock.monotonic() - self._beat_at > LIFE else 0
        now = self._plant | {self.plant_state.address: self._state | silent}
        for address, raw in (*now.items(), *self._laid.items()):
            yield address, raw >> 16 & 0xFFFF
            yield address + 1, raw & 0xFFFF

    def _write(self, unit: int, pdu: bytes) -> bytes:
        if len(pdu) < 6 or len(pdu) != 6 + pdu[5]:
            return refusal(WRITE, VALUE)
        first, count, size = struct.unpack(">HHB", pdu[1:6])
        if not 1 <= count <= MOST_WRITTEN or size != 2 * count:
            return refusal(WRITE, VALUE)
        if any(word - word % 2 not in self._laid for word in range(first, first + count)):
            return refusal(WRITE, ADDRESS)
        if first % 2 or count % 2:
            return refusal(WRITE, VALUE)  # half a value
        if unit != self.unit:
            self._reject(ROLE)
            return refusal(WRITE, FUNCTION)
        self._lay(dict(zip(range(first, first + count, 2), struct.unpack(f">{count // 2}i", pdu[6:]), strict=True)))
        return pdu[:5]

    def _lay(self, written: Mapping[int, int]) -> None:
        """Take what is written; a sequence that has changed makes a command of it."""
        beat, sequence = self.heartbeat.address, self.sequence.address
        if written.get(beat, self._laid[beat]) != self._laid[beat]:
            self._beat_at = self.clock.monotonic()
        before = self._laid[sequence]
        self._laid |= written
        if self._laid[sequence] != before or (self._command is None and sequence in written):
            self._take()

    def _take(self) -> None:
        """Make what is laid down the command, or say why it is none."""
        sequence = self._laid[self.sequence.address]
        if self._command is not None:
            ahead = (sequence - self._command[self.sequence.address]) % WRAP
            if not 0 < ahead < WRAP / 2:
                self._reject(STALE)
                return
        if not self._in_range():
            self._reject(RANGE)
            return
        self._command, self._accepted_at = dict(self._laid), self.clock.monotonic()
        self._plant[self.acknowledged.address] = sequence
        self._reject(ACCEPTED)

    def _in_range(self) -> bool:
        percent, power = self._laid[self.limit_percent.address], self._laid[self.limit_power.address]
        validity = self._laid[self.validity.address]
        return (
            (percent == NOT_USED or PERCENT[0] <= percent <= PERCENT[1])
            and power >= NOT_USED
            and VALIDITY[0] <= validity <= VALIDITY[1]
        )

    def _reject(self, code: int) -> None:
        self._plant[self.rejected.address] = code


def places(driver: type[DirectMarketing]) -> tuple[Place, ...]:
    """All places, in the order of their addresses."""
    found = [each for each in (getattr(driver, name) for name in dir(driver)) if isinstance(each, Place)]
    return tuple(sorted(found, key=lambda place: place.address))


def refusal(function: int, code: int) -> bytes:
    return bytes((function | 0x80, code))
