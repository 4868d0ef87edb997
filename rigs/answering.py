"""The server's side of a Modbus/TCP connection: a stream of bytes taken apart into requests, each answered.

Sans-io; what is answered is the controller's. Source: MODBUS Messaging on TCP/IP V1.0b, section 3.
"""

import struct
from collections.abc import Callable

_MBAP = struct.Struct(">HHHB")
Handler = Callable[[int, bytes], bytes]


class Answering:
    """One connection. `closed`: what came is not Modbus, and the connection has to end."""

    def __init__(self, handler: Handler) -> None:
        self._handler, self._buffer = handler, b""
        self.answered = 0  # requests
        self.closed = False

    def feed(self, data: bytes) -> bytes:
        """Bytes from the client; the answers to all whole requests in them, in order."""
        out = b""
        self._buffer += data
        while len(self._buffer) >= _MBAP.size + 1 and not self.closed:
            transaction, protocol, length, unit = _MBAP.unpack_from(self._buffer)
            if protocol or not 2 <= length <= 254:
                self.closed = True
                break
            end = 6 + length
            if len(self._buffer) < end:
                break
            pdu, self._buffer = self._buffer[_MBAP.size : end], self._buffer[end:]
            answer = self._handler(unit, pdu)
            self.answered += 1
            if answer:
                out += _MBAP.pack(transaction, 0, len(answer) + 1, unit) + answer
        return out
