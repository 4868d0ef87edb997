"""Connections of a Modbus station: a stream of bytes taken apart into requests, over TCP and on a serial line."""

from emulators.table.answers import Refusal, Silence
from emulators.wires.modbus import HEADER, Station, crc16, frame
from emulators.wires.wire import Out

_tuple = tuple.__new__  # the constructor of a named tuple costs as much as a read


class TcpSession:
    """A Modbus/TCP connection: splits the stream into requests, answers pipelined ones in order."""

    __slots__ = ("_buffer", "_heard", "_station")

    def __init__(self, station: Station) -> None:
        self._station, self._heard, self._buffer = station, station.heard, b""

    def feed(self, data: bytes) -> list[Out]:
        if self._buffer:
            data = self._buffer + data
        elif known := self._heard.get(data[2:]):  # as most of what comes
            active, clock, settle, hook, asked, head, fill, turnaround = known
            if not active:
                settle(clock())
                try:
                    if hook is not None:
                        hook(*asked)
                    return [_tuple(Out, (data[:2] + head + fill(), turnaround, False))]
                except Refusal as no:
                    refusal = bytes((asked[0] | 0x80, no.code))
                    return [Out(frame(int.from_bytes(data[:2], "big"), data[6], refusal), turnaround)]
                except Silence:
                    return []
        out: list[Out] = []
        while len(data) >= 8:
            _, protocol, length, _ = HEADER.unpack_from(data)
            if protocol or not 2 <= length <= 254:  # not Modbus: a device drops the connection
                self._buffer = b""
                return [*out, Out(b"", 0.0, close=True)]
            end = 6 + length
            if len(data) < end:
                break
            out += self._station.whole(data[:end])
            data = data[end:]
        self._buffer = data
        return out


class RtuSession:
    """A serial line: frames found by length and CRC, noise before a frame skipped, bad CRC unanswered."""

    def __init__(self, station: Station) -> None:
        self._station, self._buffer = station, b""

    def feed(self, data: bytes) -> list[Out]:
        data = self._buffer + data
        out: list[Out] = []
        while len(data) >= 4:
            length = _request_length(data)
            if length is None or len(data) < length:
                if length is None or len(data) > 256:
                    data = data[1:]
                    continue
                break
            if crc16(data[: length - 2]) == data[length - 2 : length]:
                number = data[0]
                if number == 0:
                    if self._station.broadcast:
                        for each in self._station.units.values():
                            each.execute(data[1 : length - 2])
                else:
                    out += self._station.exchange(None, number, data[1 : length - 2])
                data = data[length:]
            else:
                data = data[1:]
        self._buffer = data
        return out

    def silence(self) -> None:
        """3.5 characters without a byte: what was begun is no frame."""
        self._buffer = b""


def _request_length(data: bytes) -> int | None:
    """Whole length of the RTU request that begins here; None when this cannot be one."""
    function = data[1]
    if function in (1, 2, 3, 4, 5, 6):
        return 8
    if function in (15, 16):
        return 9 + data[6] if len(data) > 6 else 9
    if function == 23:
        return 13 + data[10] if len(data) > 10 else 13
    if function in (7, 11, 12, 17):
        return 4
    if function == 0x2B:  # device identification: type, code, object
        return 7
    if function == 0x41:  # Huawei's own: service, length, data
        return 6 + data[3] if len(data) > 3 else 6
    return 8 if 0 < function < 0x80 else None
