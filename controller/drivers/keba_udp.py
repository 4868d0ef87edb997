"""Drives KEBA KeContact P30 charging stations over UDP: ASCII commands, JSON reports.

The station wants 100 ms between two commands and 2 s after it was disabled. It sends changes unasked, as JSON without
an ID: they are let pass. The failsafe is fed by `curr`, `currtime` and `ena` only; when it has fired, both a current
and `ena 1` are needed, so both are sent each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, Value, WhenSilent
from controller.drivers.keba import MAXIMUM, METERED, MINIMUM, NAMES, SAFE_CURRENT, SAFE_TIMEOUT, STATUS, rfid, vehicle
from controller.drivers.shared.declared import Declared
from controller.drivers.shared.keys import Key, json_object, numbers
from controller.drivers.shared.possible import Doubts
from controller.errors import Garbled, LineTimeout, Refused, WrongDevice
from controller.ports import Clock, Datagrams

X_SERIES = ("b", "c", "e", "g", "h")  # by radio: WLAN, 3G, 4G; nymea/nymea-plugins:keba/kebaproductinfo.cpp
PATIENCE = 1.0  # s for an answer; the station answers within some 100 ms
SLOW = 30.0  # s between two looks at the session's report


@dataclass(frozen=True)
class Command(Declared):
    """A word, `key`, and its number: what is sent is value / scale, a whole number."""

    key: str
    scale: float = 1
    unit: str = ""
    rest: str = ""  # what follows the number
    gap: float = 0.1  # s of silence after it

    def told(self, value: float) -> str:
        return f"{self.key} {round(value / self.scale)}{self.rest}"


class KebaP30Udp:
    """P30 c-series, x-series and Deutschland Edition.

    Source: KEBA, KeContact P30 UDP programmer's guide V2.01, p. 10-35.
    """

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {65: ("udp",), 66: ("udp",), 67: ("udp",)}
    kind: ClassVar[Kind] = "charging-station"
    refresh: float | None = SAFE_TIMEOUT / 3
    when_silent: ClassVar[WhenSilent] = WhenSilent("fallback", SAFE_TIMEOUT, SAFE_CURRENT)
    reaction: ClassVar[float] = 10.0

    product = Key("Product", part="1")
    serial_number = Key("Serial", part="1")
    firmware = Key("Firmware", part="1")
    state = Key("State", part="2")
    plug = Key("Plug", part="2")
    enabled = Key("Enable sys", part="2")
    offered_current = Key("Max curr", 0.001, "A", part="2", absent=(0,))  # 0 without a vehicle
    user_current = Key("Curr user", 0.001, "A", part="2", absent=(0,))
    hardware_current = Key("Curr HW", 0.001, "A", part="2", absent=(0,))
    safe_current = Key("Curr FS", 0.001, "A", part="2")
    safe_timeout = Key("Tmo FS", 1, "s", part="2")
    switch_source = Key("X2 phaseSwitch source", part="2", optional=True)
    switch_state = Key("X2 phaseSwitch", part="2", optional=True)
    voltage_l1 = Key("U1", 1, "V", part="3", absent=(0,), optional=True)  # measured while charging only
    voltage_l2 = Key("U2", 1, "V", part="3", absent=(0,), optional=True)
    voltage_l3 = Key("U3", 1, "V", part="3", absent=(0,), optional=True)
    current_l1 = Key("I1", 0.001, "A", part="3", optional=True)
    current_l2 = Key("I2", 0.001, "A", part="3", optional=True)
    current_l3 = Key("I3", 0.001, "A", part="3", optional=True)
    power = Key("P", 0.001, "W", part="3")
    session_energy = Key("E pres", 0.1, "Wh", part="3", optional=True)
    energy = Key("E total", 0.1, "Wh", part="3", optional=True)
    card = Key("RFID tag", part="100", optional=True)

    report = Command("report")
    set_current = Command("curr", 0.001, "A")
    set_enable = Command("ena")
    set_disable = Command("ena", gap=2.0)
    set_failsafe = Command("failsafe", 1, "s")

    def __init__(
        self, line: Datagrams, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        self.line, self.clock, self.row, self.model = line, clock, row, model
        self.unit = unit
        self.armed = False
        self.doubts: Doubts = {}  # why values are absent that the station told
        self._metered = True
        self._maximum = MAXIMUM
        self._before = (0.0, 0.0)  # failsafe current and time-out found in the station
        self._session: Mapping[str, object] | None = None
        self._looked = float("-inf")
        self._free_at = float("-inf")  # when the station takes the next command

    def lost(self) -> None:
        self.armed = False
        self._looked = float("-inf")

    # what the station tells

    async def identify(self) -> Identity:
        found = await self._report("1")
        product = self.product.text(found)
        rows = _rows(product)
        if not rows or (self.row and self.row not in rows):
            raise WrongDevice(product or "no product", [NAMES[self.row]] if self.row else list(NAMES.values()))
        self._metered = product.split("-")[3][:1] != "0"
        firmware = self.firmware.text(found).removeprefix("P30 v ").partition(" ")[0]
        new = () if len(rows) == 1 else (f"the series of {product} is new; it is a P30",)
        name = NAMES[self.row or rows[0]]
        return Identity("KEBA", name, serial=self.serial_number.text(found), firmware=firmware, notes=new)

    async def read(self) -> Reading:
        found = await self._report("2")
        meter = await self._report("3")
        self.doubts.clear()
        if self.clock.monotonic() - self._looked >= SLOW:
            self._session, self._looked = await self._last_session(), self.clock.monotonic()
        state = self.state.number(found)
        plug = self.plug.number(found)
        plugged = None if plug is None else plug >= 5
        number = -1 if state is None else int(state)
        reading: dict[str, Value] = {
            "plugged": plugged,
            "vehicle": vehicle(number, plugged),
            "enabled": self.enabled.flag(found),
            "current_limit": self._limit(found),
            "rfid": None if self._session is None else rfid(self.card.text(self._session)),
            "status": STATUS.get(number),
        }
        switched = self.switch_state.number(found)
        if self.switch_source.number(found) and switched is not None:
            reading["phases"] = 3 if switched else 1
        measured = {
            name: value for name, value in numbers(type(self), "3", meter, self.doubts).items() if name in METERED
        }
        metered = self._metered or measured["power"] or measured["energy"]  # a station without a meter says 0
        return reading | measured if metered else reading

    async def _last_session(self) -> Mapping[str, object] | None:
        """The report on the last session; older firmware has none."""
        try:
            return await self._report("100")
        except (LineTimeout, Refused):
            return None

    def _limit(self, found: Mapping[str, object]) -> float | None:
        """What is offered to the vehicle; without one, what it would be offered."""
        offered = self.offered_current.number(found)
        hardware, user = self.hardware_current.number(found), self.user_current.number(found)
        if offered is not None or hardware is None:
            return offered
        return hardware if user is None else min(hardware, user)

    # commands

    async def limit_current(self, amperes: float) -> None:
        if amperes < MINIMUM:
            await self.pause()
            return
        await self._arm()
        await self._tell(self.set_current, min(amperes, self._maximum))
        await self._tell(self.set_enable, 1)

    async def pause(self) -> None:
        await self._arm()
        await self._tell(self.set_disable, 0)

    async def release(self) -> None:
        """Full current, and the failsafe that the station had before."""
        maximum = self.hardware_current.number(await self._report("2"))
        await self._tell(self.set_current, maximum or MAXIMUM)
        await self._tell(self.set_enable, 1)
        if self.armed:
            await self._set_failsafe(*self._before)
        self.armed = False

    async def _arm(self) -> None:
        """Set the failsafe once if it differs; never saved, that would wear the EEPROM."""
        if self.armed:
            return
        found = await self._report("2")
        self._maximum = self.hardware_current.number(found) or MAXIMUM
        current, timeout = self.safe_current.number(found) or 0.0, self.safe_timeout.number(found) or 0.0
        if (current, timeout) != (SAFE_CURRENT, SAFE_TIMEOUT):
            self._before = (current, timeout)
            await self._set_failsafe(SAFE_CURRENT, SAFE_TIMEOUT)
        self.armed = True

    async def _set_failsafe(self, current: float, timeout: float) -> None:
        rest = f" {round(current / self.safe_current.scale)} 0"  # not saved
        await self._tell(replace(self.set_failsafe, rest=rest), timeout)

    # the wire

    async def _tell(self, command: Command, value: float) -> None:
        await self._confirmed(command.told(value), command.gap)

    async def _confirmed(self, text: str, gap: float) -> None:
        await self._send(text, gap)
        end = self.clock.monotonic() + PATIENCE
        while True:
            answer = await self._hear(end, text)
            if answer.startswith(b"TCH-OK"):
                return
            if answer.startswith(b"TCH-ERR"):
                raise Refused(answer.decode("ascii", "replace"), raw=answer)

    async def _report(self, number: str) -> Mapping[str, object]:
        text = self.report.told(int(number))
        await self._send(text, self.report.gap)
        end = self.clock.monotonic() + PATIENCE
        while True:
            answer = await self._hear(end, text)
            if answer.startswith(b"TCH-ERR"):
                raise Refused(answer.decode("ascii", "replace"), raw=answer)
            if not answer.startswith(b"{"):
                continue  # a late confirmation
            found = json_object(answer)
            if str(found.get("ID")) == number:
                return found

    async def _send(self, text: str, gap: float) -> None:
        """Wait until the station takes a command, letting pass what it has sent meanwhile."""
        quiet = max(self._free_at, self.clock.monotonic() + 0.02)
        while (left := quiet - self.clock.monotonic()) > 0:
            try:
                await self.line.receive(left)
            except LineTimeout:
                break
        await self.line.send(text.encode("ascii"))
        self._free_at = self.clock.monotonic() + gap

    async def _hear(self, end: float, asked: str) -> bytes:
        """The next datagram without its padding; LineTimeout when there is none before `end`."""
        try:
            if (left := end - self.clock.monotonic()) <= 0:
                raise LineTimeout("only other messages came")
            answer = (await self.line.receive(left)).strip(b"\0\r\n\t ")
        except LineTimeout as no:
            raise LineTimeout(f"no answer to {asked!r} in {PATIENCE:g} s") from no
        # the station counts from when it took the command, and that may have been just now
        self._free_at = max(self._free_at, self.clock.monotonic() + self.report.gap)
        if not answer:
            raise Garbled(f"an empty answer to {asked!r}")
        return answer


def _rows(product: str) -> tuple[int, ...]:
    """The rows that a product text such as KC-P30-EC240122-E00 can belong to, none when it is no P30.

    Both c-series and x-series where the letter of its radio is unknown: KC-P30-EC2204U2-E00-PV.
    """
    parts = product.split("-")
    if len(parts) < 4 or len(parts[2]) != 8 or parts[:2] != ["KC", "P30"]:
        return ()
    if parts[-1] == "DE":
        return (67,)
    series = parts[2][6:7].lower()
    return (65,) if series == "2" else (66,) if series in X_SERIES else (65, 66)
