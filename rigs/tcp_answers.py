"""Finds the answer to a request in what a TCP connection brings, and says what came instead when there is none.

Transaction ids make it sure: an answer with the id of an earlier request of this connection was there before and is
passed over, one with any other id is none. Sans-io.
"""

import struct

from controller.errors import DeviceError, LineClosed, LineTimeout
from rigs import wording
from rigs.master import Exchange

_MBAP = struct.Struct(">HHHBB")
TWICE = "answers come twice: the second ones are left out"


class TcpAnswers:
    """One connection after the other. `any_transaction`: the gateway puts ids of its own, they are not looked at.

    Without ids an answer that comes twice could be taken for the next one: there it is an error.
    """

    __slots__ = ("_any", "_buffer", "_count", "_earlier", "_timeout", "notices")
    quiet_until = 0.0  # a connection is dropped instead
    echoes: bool | None = False  # there is no adapter that could

    def __init__(self, timeout: float, any_transaction: bool = False) -> None:
        self._timeout, self._any = timeout, any_transaction
        self._count = self._earlier = 0  # requests; those before this connection
        self._buffer = b""
        self.notices: list[str] = []

    def connected(self) -> None:
        """A new connection: nothing of earlier ones can come."""
        self._buffer, self._earlier = b"", self._count

    def begin(self, exchange: Exchange) -> bytes:
        """The request as it goes on the wire."""
        self._count += 1
        return self._transaction.to_bytes(2, "big") + exchange.request

    def unasked(self, exchange: Exchange, data: bytes, now: float) -> None:
        """Bytes that came before the request was sent; Garbled when they are more than what was answered already."""
        self._buffer += data
        self._search(exchange, waiting=False)

    def babbling(self, exchange: Exchange, data: bytes, since: float, now: float) -> None:
        """Nothing is waited for: what is doubtful comes with the old connection."""

    def heard(self, exchange: Exchange, data: bytes, now: float) -> bytes | None:
        """The data of the answer, None while it is not whole. Raises Garbled or Refused."""
        head = self._transaction.to_bytes(2, "big") + exchange.expected
        if data[:9] == head and len(data) == exchange.size and not self._buffer:
            return data[9:]  # the whole answer to a read that went well, and nothing else
        self._buffer += data
        pdu = self._search(exchange, waiting=True)
        return None if pdu is None else exchange.data(pdu)

    def time_is_up(self, exchange: Exchange, now: float) -> bytes:
        """Raises what has to be said of an answer that has not come."""
        if self._buffer:
            raise exchange.garbled(self._broken_off(exchange), self._buffer)
        what = wording.NOTHING_ON_TCP.format(self._timeout)
        raise LineTimeout(what, unit=exchange.unit, address=exchange.address)

    def closed(self, exchange: Exchange, reason: str = "") -> DeviceError:
        """What has to be said when the peer hangs up before it has answered."""
        raw = self._buffer
        what = "the peer closed the connection" + (f" ({reason})" if reason else "")
        what += f": {self._broken_off(exchange)}" if raw else (
            " before it answered: it may serve one client at a time, or none with this unit id"
        )  # fmt: skip
        return LineClosed(what, unit=exchange.unit, address=exchange.address, raw=raw)

    def cancelled(self, exchange: Exchange, now: float) -> None:
        """Whoever waited has gone; the connection is dropped."""

    @property
    def _transaction(self) -> int:
        """The id of the last request."""
        return (self._count - 1) % 0xFFFF + 1

    def _broken_off(self, exchange: Exchange) -> str:
        raw = self._buffer
        if raw[2:4].strip(b"\0"):
            return wording.of_tcp(exchange, raw)
        return wording.half(raw, 6 + int.from_bytes(raw[4:6], "big") if len(raw) >= 6 else 0)

    def _search(self, exchange: Exchange, waiting: bool) -> bytes | None:
        """The PDU that answers this request; it, what came before it and its copies leave the buffer."""
        found: bytes | None = None
        while len(self._buffer) >= 8:
            buffer = self._buffer
            transaction, protocol, length, unit, _ = _MBAP.unpack_from(buffer)
            if protocol or not 3 <= length <= 254:
                raise exchange.garbled(wording.of_tcp(exchange, buffer), buffer)
            age = (self._count - transaction) % 0xFFFF  # requests ago
            mine = waiting and (self._any or age == 0)
            if not mine and (self._any or not transaction or age >= self._count - self._earlier):
                raise exchange.garbled(self._foreign(transaction, waiting), buffer)
            if mine and unit != exchange.unit:
                raise exchange.garbled(wording.of_unit(unit, exchange), buffer)
            end = 6 + length
            if len(buffer) < end:
                break
            pdu, self._buffer = buffer[7:end], buffer[end:]
            if mine and found is None:
                found = pdu
                continue
            self._notice(TWICE)
            if mine and (self._any or pdu != found):
                raise exchange.garbled("two answers to one request", buffer)
        return found

    def _foreign(self, transaction: int, waiting: bool) -> str:
        if self._any:
            return "an answer that nobody waits for: with any_transaction it could be taken for the next one"
        if waiting:
            return wording.FOREIGN_TRANSACTION.format(transaction, self._transaction)
        return f"an answer to transaction {transaction}, which was never asked"

    def _notice(self, what: str) -> None:
        if what not in self.notices:
            self.notices.append(what)
