"""Finds the answer to a request in what a serial line brings, and says what came instead when there is none.

Theory. A serial line brings more than answers: adapters repeat what is sent, transceivers put 00 bytes before a frame,
lines pick up noise, devices answer late, twice, or two at once. An answer is the one frame whose unit, function, length
and CRC fit, wherever it begins. Nothing that we sent ourselves proves anything: the acknowledgement of function 5 or 6
is the request again, so on a line that may echo it takes two such frames, or a register that is read back. Whether a
line echoes is seen at every exchange whose answer differs from its request. Sans-io.
"""

from collections.abc import Awaitable, Callable

from controller.errors import DeviceError, Garbled, LineClosed, LineTimeout, Refused
from rigs import master, wording
from rigs.master import Exchange, crc
from rigs.serial_frames import Heard, same_answer, taken_apart

MOST = 1024  # bytes looked at for one answer: twice the longest request with the longest answer
MEMORY = 5  # time-outs
BABBLE = 10  # time-outs after which a line that does not fall quiet is given up for now
ECHO = "the adapter repeats what we send: its echo is left out, and is no proof of a write"
ZEROS = "00 bytes come before answers: they are left out; check bias and termination"
NOISE = "bytes that are no frame come with answers: they are left out; check termination, shield and common ground"
TWICE = "answers come twice: the second ones are left out"


class Unproven(Garbled):
    """A write was followed by nothing but a frame that may be its own echo."""


class SerialAnswers:
    """One exchange after the other. `echoes`: whether the adapter repeats what is sent, None while that is unknown.

    Every request that timed out may bring one late answer, until `MEMORY` time-outs later. An answer that could be
    such a one is refused; one that could not shows that the device, which answers in order, owes nothing any more.
    After an answer of doubtful origin the line has to be quiet for two time-outs before it is used again.
    """

    def __init__(self, timeout: float) -> None:
        self._timeout = timeout
        self._owed: dict[int, list[tuple[int, int | bytes, float]]] = {}  # unit -> function, shape, until when
        self._buffer = b""
        self._own = b""  # the request under way, as it goes on the line
        self._last = b""  # the frame that was the last answer
        self._twice = False  # whether answers come twice
        self._copy_due = False  # whether the copy of the last answer is still to come
        self.echoes: bool | None = None
        self.quiet_until = 0.0
        self.notices: list[str] = []

    def connected(self) -> None:
        """The line was opened, maybe through another adapter."""
        self._buffer, self._last, self.echoes = b"", b"", None
        self._twice = self._copy_due = False

    def begin(self, exchange: Exchange) -> bytes:
        """The request as it goes on the line."""
        self._buffer, self._own = b"", exchange.rtu()
        return self._own

    def unasked(self, exchange: Exchange, data: bytes, now: float) -> None:
        """Bytes that came before the request was sent. Late answers and copies are let pass, other frames Garbled."""
        heard = taken_apart(data, exchange, self._own, final=True)
        for frame in heard.frames:
            if self._paid(frame, now):
                continue
            if frame != self._last:
                self._disturbed(now)
                raise exchange.garbled(
                    f"a frame of unit {frame[0]} that nobody asked for: check whether two devices have one unit id, "
                    "or another master is on the line",
                    data,
                )
            self._copied()
        if len(heard.junk) > MOST // 4:
            self._disturbed(now)
            raise exchange.garbled(f"{len(heard.junk)} bytes that nobody asked for", data)
        self._notice_junk(heard.junk)

    def babbling(self, exchange: Exchange, data: bytes, since: float, now: float) -> None:
        """Bytes that came while the line was to be quiet: it has to be so for longer, Garbled when it never is."""
        if now - since > BABBLE * self._timeout:
            raise exchange.garbled("the line does not fall quiet: something else is talking on it", data[:MOST])
        for frame in taken_apart(data[:MOST], exchange, self._own, final=True).frames:
            self._paid(frame, now)
        self._disturbed(now)

    def heard(self, exchange: Exchange, data: bytes, now: float) -> bytes | None:
        """The data of the answer, None while it is not there. Raises Garbled or Refused."""
        if not (self._buffer or self._owed or self._twice) and self._healthy(exchange, data):
            self._last, self.echoes = data, False
            return data[3:-2]
        self._buffer += data
        return self._decide(exchange, taken_apart(self._buffer, exchange, self._own, final=False), now)

    def time_is_up(self, exchange: Exchange, now: float) -> bytes:
        """The answer if it hides among the rest, otherwise raises what has to be said of the line."""
        raw, unit, address = self._buffer, exchange.unit, exchange.address
        heard = taken_apart(raw, exchange, self._own, final=True)
        data = self._decide(exchange, heard, now)
        if data is not None:
            return data
        self._buffer, self._twice, self._copy_due = b"", False, False
        mine = any(frame[0] == unit and frame[1] & 0x7F == exchange.function for frame in heard.frames)
        due = 8 if exchange.wanted is None else 5 + exchange.wanted
        if not mine and len(heard.junk) < due and bytes((unit, exchange.function)) not in heard.junk:
            self._owe(exchange, now)  # nothing of it has come, not even damaged
        if heard.own and same_answer(exchange):
            raise Unproven(wording.UNPROVEN, unit=unit, address=address, raw=raw)
        if heard.own and not heard.frames and not heard.junk:
            self._notice(ECHO)
            raise LineTimeout(wording.ONLY_ECHO.format(self._timeout), unit=unit, address=address, raw=raw)
        if heard.frames:
            raise exchange.garbled(wording.of_frame(heard.frames[-1], exchange), raw)
        if heard.junk:
            raise exchange.garbled(wording.of_serial(exchange, heard.junk), raw)
        raise LineTimeout(wording.NOTHING_ON_SERIAL.format(self._timeout), unit=unit, address=address)

    def closed(self, exchange: Exchange, reason: str = "") -> DeviceError:
        """What has to be said when the line goes away."""
        what = "the serial line is gone" + (f" ({reason})" if reason else "") + ": check the adapter"
        return LineClosed(what, unit=exchange.unit, address=exchange.address, raw=self._buffer)

    def cancelled(self, exchange: Exchange, now: float) -> None:
        """Whoever waited has gone; the answer may still come."""
        self._owe(exchange, now)

    def _healthy(self, exchange: Exchange, data: bytes) -> bool:
        """Whether `data` is the answer to a read and nothing else, as it is nearly always."""
        wanted = exchange.wanted
        return (
            wanted is not None
            and len(data) == wanted + 5
            and data[0] == exchange.unit
            and data[1] == exchange.function
            and data[2] == wanted
            and crc(data[:-2]) == data[-2:]
            and not self._own.startswith(data)
        )

    def _decide(self, exchange: Exchange, heard: Heard, now: float) -> bytes | None:
        """The answer among what was heard; None while there is none."""
        fits = [frame for frame in heard.frames if frame[0] == exchange.unit and not exchange.unlike(frame[1:-2])]
        if not fits and same_answer(exchange) and heard.own > (self.echoes is not False):
            fits = [self._own]
        if not fits:
            if len(self._buffer) > MOST:
                self._disturbed(now)
                raise exchange.garbled(f"{len(self._buffer)} bytes and no answer among them", self._buffer)
            return None
        raw = self._buffer
        if self._copy_due and fits[0] == self._last:
            self._copy_due, fits = len(fits) == 1, fits[1:]
            if not fits:
                return None
        frame = fits[0]
        if any(other != frame for other in fits):
            self._disturbed(now)
            raise exchange.garbled("two different answers: two devices have the same unit id", raw)
        self._buffer, self._last = b"", frame
        if not same_answer(exchange) or frame[1] & 0x80:
            self.echoes = heard.own > 0
        if self.echoes:
            self._notice(ECHO)
        self._copy_due = self._twice
        if len(fits) > 1:
            self._copied()
        self._notice_junk(heard.junk)
        self._check_owed(exchange, frame, raw, now)
        return exchange.data(frame[1:-2])

    def _check_owed(self, exchange: Exchange, frame: bytes, raw: bytes, now: float) -> None:
        """Garbled when the answer may belong to an earlier request; otherwise the unit owes nothing any more."""
        if not self._owed:
            return
        unit, function, wanted = exchange.shape
        owed = [each for each in self._owed.pop(unit, ()) if each[2] > now]
        refused = frame[1] & 0x80
        late = next((each for each in owed if each[0] == function and (refused or each[1] == wanted)), None)
        if late is not None or refused:
            if late is not None:
                owed.remove(late)
            if owed:
                self._owed[unit] = owed
        if late is not None:
            self._disturbed(now)
            what = "refusal of" if refused else "answer to"
            raise exchange.garbled(f"may be the late {what} an earlier request", raw)

    def _paid(self, frame: bytes, now: float) -> bool:
        """Whether a frame is a late answer that was still owed."""
        for each in self._owed.get(frame[0], ()):
            function, wanted, until = each
            alike = frame[1] & 0x80 or wanted in (frame[2], frame[1:-2])
            if frame[1] & 0x7F == function and until > now and alike:
                self._owed[frame[0]].remove(each)
                if not self._owed[frame[0]]:
                    del self._owed[frame[0]]
                return True
        return False

    def _owe(self, exchange: Exchange, now: float) -> None:
        unit, function, wanted = exchange.shape
        self._owed.setdefault(unit, []).append((function, wanted, now + MEMORY * self._timeout))

    def _copied(self) -> None:
        """The second of two same answers came."""
        self._twice, self._copy_due = True, False
        self._notice(TWICE)

    def _disturbed(self, now: float) -> None:
        self._buffer, self.quiet_until = b"", now + 2 * self._timeout

    def _notice_junk(self, junk: bytes) -> None:
        if junk:
            self._notice(NOISE if junk.strip(b"\0") else ZEROS)

    def _notice(self, what: str) -> None:
        if what not in self.notices:
            self.notices.append(what)


async def acknowledged(
    ask: Callable[[Exchange], Awaitable[bytes]], exchange: Exchange, echoes: Callable[[], bool | None]
) -> None:
    """Write, and believe it when the device has answered: where only an echo is sure, the register is read back.

    `echoes`: what is known of the line after an exchange that shows it.
    """
    try:
        await ask(exchange)
    except Unproven as doubt:
        bit = exchange.function == 5
        try:
            found = await ask(master.read(exchange.unit, 1 if bit else 3, exchange.address, 1))
        except Refused:
            found = b""  # it cannot be read, but who refuses has shown whether the line echoes
        except DeviceError as silence:
            raise doubt from silence
        data = exchange.pdu[3:5]
        same = bool(found) and (found[0] & 1 == (data != b"\0\0") if bit else found == data)
        if echoes() is not False and not same:
            raise
