"""A recording stands as a device: each request that was recorded gets the answer that the device gave, byte for byte.

Asked the same again it gives the next answer, at the end the last one. On Modbus/TCP the transaction id is the
asker's. What was never asked is not answered, and said once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from controller.errors import ConfigurationError
from emulators.wires.wire import Endpoint, Out
from rigs.bench.recording import RECEIVED, SENT, Recorded

MBAP = 7  # bytes of a Modbus/TCP header, the first two of them the transaction id
Say = Callable[[str], None]


@dataclass
class Replay:
    """What a recording answers; as a station on TCP, a serial line or UDP."""

    answers: dict[bytes, list[bytes]]
    modbus_tcp: bool
    say: Say = lambda line: None
    _asked: dict[bytes, int] = field(default_factory=dict)
    _unknown: set[bytes] = field(default_factory=set)

    def answer(self, request: bytes) -> bytes | None:
        """The answer to a whole request, None for one that was never asked."""
        key = request[2:] if self.modbus_tcp else request
        known = self.answers.get(key)
        if known is None:
            if key not in self._unknown:
                self._unknown.add(key)
                self.say(f"never asked: {request.hex(' ')}")
            return None
        number = self._asked.get(key, 0)
        self._asked[key] = number + 1
        reply = known[min(number, len(known) - 1)]
        return request[:2] + reply[2:] if self.modbus_tcp and reply else reply

    def datagram(self, data: bytes) -> list[Out]:
        reply = self.answer(data)
        return [Out(reply)] if reply else []

    def due(self, now: float) -> tuple[list[bytes], float]:
        return [], float("inf")

    def endpoint(self, clock: Callable[[], float]) -> Endpoint:
        return Endpoint(lambda: ReplaySession(self), clock)


@dataclass
class ReplaySession:
    """One client of a replay on a connection or a serial line."""

    replay: Replay
    buffer: bytes = b""

    def feed(self, data: bytes) -> list[Out]:
        self.buffer += data
        return [Out(reply) for request in self._requests() if (reply := self.replay.answer(request))]

    def silence(self) -> None:
        self.buffer = b""

    def _requests(self) -> Iterator[bytes]:
        """Whole requests: by the length in the header on Modbus/TCP, by what was asked before elsewhere."""
        while self.buffer:
            size = _length(self.buffer) if self.replay.modbus_tcp else self._known()
            if size == 0:
                return
            yield self.buffer[:size]
            self.buffer = self.buffer[size:]

    def _known(self) -> int:
        """Bytes of the request that begins here, 0 while it may be one; what is none is one request to its end."""
        for request in sorted(self.replay.answers, key=len, reverse=True):
            if self.buffer.startswith(request):
                return len(request)
        return 0 if any(each.startswith(self.buffer) for each in self.replay.answers) else len(self.buffer)


def replay(place: Recorded, say: Say = lambda line: None) -> Replay:
    """The answers of one place; ConfigurationError when nothing was ever asked there."""
    modbus_tcp = place.about.get("protocol") == "modbus-tcp" and not place.about.get("serial_line")
    answers: dict[bytes, list[bytes]] = {}
    for request, reply in exchanges(place):
        answers.setdefault(request[2:] if modbus_tcp else request, []).append(reply)
    if not answers:
        raise ConfigurationError(f"nothing was asked at {place.name}, so nothing can be answered", key="place")
    return Replay(answers, modbus_tcp, say)


def exchanges(place: Recorded) -> Iterator[tuple[bytes, bytes]]:
    """Each request with all that came until the next one."""
    request, reply = b"", b""
    for _, way, data in place.events:
        if way == SENT:
            if request:
                yield request, reply
            request, reply = data, b""
        elif way == RECEIVED:
            reply += data
    if request:
        yield request, reply


def _length(data: bytes) -> int:
    """Bytes of the Modbus/TCP request that begins here, 0 when not all of it has come."""
    if len(data) < MBAP:
        return 0
    size = 6 + int.from_bytes(data[4:6], "big")
    return size if len(data) >= size else 0
