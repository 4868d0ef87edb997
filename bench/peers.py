"""The other side of the comparison: pymodbus's own framer, PDU classes and server, at the same work."""

from typing import Any

from pymodbus.framer import FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    ReadInputRegistersRequest,
    ReadInputRegistersResponse,
)

REQUESTS: dict[int, Any] = {3: ReadHoldingRegistersRequest, 4: ReadInputRegistersRequest}
ANSWERS: dict[int, Any] = {3: ReadHoldingRegistersResponse, 4: ReadInputRegistersResponse}


class Exchange:
    """A client and a server made of pymodbus's framer and PDU classes, without a socket."""

    def __init__(self) -> None:
        self._client = FramerSocket(DecodePDU(False))
        self._server = FramerSocket(DecodePDU(True))
        self._transaction = 0
        self._registers = list(range(125))

    def read(self, unit: int, function: int, address: int, count: int) -> list[int]:
        """One read, encoded and decoded on both sides."""
        self._transaction = self._transaction % 0xFFFF + 1
        request = REQUESTS[function](address=address, count=count, dev_id=unit, transaction_id=self._transaction)
        adu = self._client.buildFrame(request)
        _, asked = self._server.handleFrame(adu, 0, 0)
        assert asked is not None
        answer = ANSWERS[function](
            registers=self._registers[: asked.count], dev_id=asked.dev_id, transaction_id=asked.transaction_id
        )
        _, told = self._client.handleFrame(self._server.buildFrame(answer), unit, self._transaction)
        assert told is not None
        return list(told.registers)
