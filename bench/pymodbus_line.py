"""A line of the simulated rig with pymodbus's objects in the place of ours, on the controller's side and the device's.

Latency, device and controller are the same. What differs is who builds and takes apart requests and replies, and that
a register is an int of its own.
"""

import struct
from typing import Any

import simpy
from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from controller.errors import Garbled, LineTimeout, Refused
from emulators.family.build import Installation
from emulators.wires.modbus import Station
from rigs import master
from rigs.virtual import Nap, Turn

ROUND_TRIP, PATIENCE = 0.002, 1.0  # s, as the simulated line has them
REQUESTS: dict[int, Any] = {
    3: ReadHoldingRegistersRequest, 4: ReadInputRegistersRequest, 6: WriteSingleRegisterRequest,
    16: WriteMultipleRegistersRequest,
}  # fmt: skip


class Registers:
    """The emulated device as pymodbus's datastore."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._written: list[int] = []

    async def async_getValues(self, unit: int, function: int, address: int, count: int) -> Any:
        if function not in (3, 4):  # it reads back what it has just written
            return self._written
        reply = self._told(unit, master.read_request(function, address, count))
        return reply if isinstance(reply, ExcCodes) else list(struct.unpack(f">{count}H", reply[2:]))

    async def async_setValues(self, unit: int, function: int, address: int, values: list[int]) -> ExcCodes | None:
        self._written = values
        reply = self._told(unit, master.write_request(function, address, struct.pack(f">{len(values)}H", *values)))
        return reply if isinstance(reply, ExcCodes) else None

    def _told(self, number: int, pdu: bytes) -> bytes | ExcCodes:
        unit = self._station.unit(number)
        reply = unit.execute(pdu) if unit else None
        if reply is None:
            raise LineTimeout("the device is silent", unit=number)
        return ExcCodes(reply[1]) if reply[0] & 0x80 else reply


class PymodbusLine:
    """A ModbusLine for one emulated device."""

    def __init__(self, env: simpy.Environment, installation: Installation) -> None:
        serial = installation.serial
        self._character = serial.bits / serial.baud if serial else 0.0
        framer: Any = FramerRTU if serial else FramerSocket
        self._client, self._server = framer(DecodePDU(False)), framer(DecodePDU(True))
        self._station: Station = installation.wire.open()._station
        self._device: Any = Registers(self._station)
        self._nap, self._turn, self._transaction = Nap(env), Turn(env), 0

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        answer = await self._exchange(unit, function, address, count=count)
        return struct.pack(f">{len(answer.registers)}H", *answer.registers)

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        values = list(struct.unpack(f">{len(data) // 2}H", data))
        await self._exchange(unit, function, address, registers=values)

    async def _exchange(self, unit: int, function: int, address: int, **more: Any) -> Any:
        await self._turn.take()
        try:
            self._transaction = self._transaction % 0xFFFF + 1
            number = 0 if self._character else self._transaction
            request = REQUESTS[function](address=address, dev_id=unit, transaction_id=number, **more)
            adu = self._client.buildFrame(request)
            _, asked = self._server.handleFrame(adu, 0, 0)
            try:
                reply = await asked.datastore_update(self._device, asked.dev_id)
            except LineTimeout:
                await self._nap.sleep(PATIENCE)
                raise
            reply.transaction_id, reply.dev_id = asked.transaction_id, asked.dev_id
            said = self._server.buildFrame(reply)
            travel = (len(adu) + len(said) + 3.5) * self._character or ROUND_TRIP
            await self._nap.sleep(travel + self._station.turnaround)
            _, answer = self._client.handleFrame(said, unit, number)
            if answer is None:
                raise Garbled("pymodbus does not understand it", unit=unit, raw=said)
            if answer.isError():
                raise Refused(answer.exception_code, unit=unit, address=address)
            return answer
        finally:
            self._turn.leave()
