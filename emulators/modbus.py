"""Modbus as the device speaks it: requests in, replies out, over TCP (MBAP) and RTU (CRC).

Source: MODBUS Application Protocol V1.1b3; MODBUS Messaging on TCP/IP V1.0b; MODBUS over Serial Line V1.02.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial

from emulators.answers import Busy, DeviceFailure, IllegalAddress, IllegalFunction, IllegalValue, Refusal, Silence
from emulators.crc import reflected
from emulators.device import Device
from emulators.manglers import mangle
from emulators.registers import MEMORY, Plan, Space
from emulators.wire import Out

_REQUEST = struct.Struct(">BHH")
_HEADER = struct.Struct(">HHHB")
_Read = tuple[tuple[int, int, int], bytes, Plan]  # what is asked, the reply's first two bytes, how to fill the rest
_Heard = tuple["Unit", _Read, bytes]  # a read over TCP: who answers, how, and the reply between transaction and data
_out: Callable[[tuple[bytes, float, bool]], Out] = partial(tuple.__new__, Out)  # its constructor costs more than a read
_DATA = {1: "coils", 2: "discrete", 3: "holding", 4: "input"}


@dataclass
class Unit:
    """What answers at one unit id. `hook` sees (function, address, count) first and may raise a refusal."""

    device: Device
    spaces: Mapping[str, Space]
    functions: frozenset[int] = frozenset({3, 4, 6, 16})
    hook: Callable[[int, int, int], None] | None = None
    write_gap: float = 0.0  # s between writes; sooner is refused as busy
    bad_value: int = 3  # exception code for a value that a setting does not take
    private: Mapping[int, Callable[[bytes], bytes]] = field(
        default_factory=dict
    )  # functions that a face answers itself
    last_write: float = float("-inf")
    _reads: dict[bytes, "_Read"] = field(default_factory=dict, init=False, repr=False)

    def execute(self, pdu: bytes) -> bytes | None:
        """The reply PDU, None when the device stays silent."""
        device, hook = self.device, self.hook
        device.wake()
        try:
            known = self._reads.get(pdu)  # most requests have been heard before
            if known is None or device.faults.active:
                return self._answer(pdu[0], pdu)
            asked, head, plan = known
            if hook:
                hook(*asked)
            return head + plan.fill()
        except Refusal as no:
            return bytes((pdu[0] | 0x80, no.code))
        except Silence:
            return None

    def known(self, pdu: bytes) -> "_Read | None":
        """A read that was answered before."""
        return self._reads.get(pdu)

    def _answer(self, function: int, pdu: bytes) -> bytes:
        if function in self.private:
            return self.private[function](pdu)
        if function not in self.functions:
            raise IllegalFunction
        if function not in (3, 4):
            return self._other(function, pdu)
        if len(pdu) != 5:
            raise IllegalValue
        asked = _, address, count = _REQUEST.unpack(pdu)
        if self.hook:
            self.hook(function, address, count)
        plan, faults = self._space(function).plan(address, count), self.device.faults
        head = bytes((function, 2 * count))
        if len(self._reads) >= MEMORY:
            self._reads.clear()
        self._reads[pdu] = asked, head, plan
        return head + (plan.falsified(faults.view) if faults.lies else plan.fill())

    def _other(self, function: int, pdu: bytes) -> bytes:
        if function in (1, 2):
            _, address, count = _REQUEST.unpack(pdu[:5])
            if self.hook:
                self.hook(function, address, count)
            bits = [data[1] & 1 for data in (self._space(function).read(address + i, 1) for i in range(count))]
            packed = sum(bit << i for i, bit in enumerate(bits)).to_bytes((count + 7) // 8, "little")
            return bytes((function, len(packed))) + packed
        if function in (5, 6) and len(pdu) == 5:
            address = int.from_bytes(pdu[1:3], "big")
            data = pdu[3:5] if function == 6 else (b"\0\1" if pdu[3:5] == b"\xff\0" else b"\0\0")
            if function == 5 and pdu[3:5] not in (b"\xff\0", b"\0\0"):
                raise IllegalValue
            self._write(function, 1 if function == 5 else 3, address, data)
            return pdu
        if function == 16 and len(pdu) >= 8:
            _, address, count = _REQUEST.unpack(pdu[:5])
            data = pdu[6:]
            if not 1 <= count <= 123 or pdu[5] != 2 * count or len(data) != 2 * count:
                raise IllegalValue
            self._write(function, 3, address, data)
            return pdu[:5]
        if function == 23 and len(pdu) >= 12:
            address, count, target, words, size = struct.unpack(">HHHHB", pdu[1:10])
            if size != 2 * words or len(pdu) != 10 + size:
                raise IllegalValue
            self._write(function, 3, target, pdu[10:])
            data = self._space(3).read(address, count)
            return bytes((function, len(data))) + data
        raise IllegalValue

    def _space(self, function: int) -> Space:
        space = self.spaces.get(_DATA[function])
        if space is None:
            raise IllegalFunction
        return space

    def _write(self, function: int, kind: int, address: int, data: bytes) -> None:
        device = self.device
        space = self.spaces.get("written") if kind == 3 else None
        space = space or self._space(kind)
        try:
            now = device.clock()
            if now - self.last_write < self.write_gap:
                raise Busy
            self.last_write = now
            if self.hook:
                self.hook(function, address, len(data) // 2)
            if len(data) // 2 > space.rules.max_write:
                raise IllegalValue(f"{len(data) // 2} registers")
            hits = space.values(address, data)
        except Refusal as no:
            device.log(address, data.hex(), None, accepted=False, reason=f"exception {no.code}")
            raise
        for row, raw, value in hits:
            wear = "flash" if "flash" in row.remarks else "volatile" if "volatile" in row.remarks else ""
            if "write-ignored" in device.faults:
                device.log(row.address, raw, value, wear=wear, accepted=True, reason="ignored by fault")
                continue
            try:
                space.assign(row, value)
            except Refusal as no:
                device.log(row.address, raw, value, wear=wear, accepted=False, reason=str(no) or f"exception {no.code}")
                if self.bad_value == DeviceFailure.code and isinstance(no, IllegalValue):
                    raise DeviceFailure from no
                raise
            device.log(row.address, raw, value, wear=wear)
        device.twin.settle()


@dataclass
class Station:
    """The units behind one socket or on one serial line.

    `unknown_unit`: exception code for an absent unit on TCP, 0 = silence. `any_unit`: the device ignores the id.
    `turnaround`: seconds from request to reply.
    """

    units: dict[int, Unit]
    unknown_unit: int = 0
    any_unit: bool = False
    turnaround: float = 0.005
    broadcast: bool = False
    main: int = field(default=1)
    _heard: dict[bytes, "_Heard"] = field(default_factory=dict, init=False, repr=False)

    def unit(self, number: int) -> Unit | None:
        found = self.units.get(number)
        return self.units[self.main] if found is None and self.any_unit else found

    def exchange(self, transaction: int | None, number: int, pdu: bytes) -> list[Out]:
        """One request answered, framed for TCP with a transaction id, for RTU without, broken where faults say so."""
        unit = self.units.get(number) or self.unit(number)
        if unit is None:
            reply = bytes((pdu[0] | 0x80, self.unknown_unit)) if self.unknown_unit else None
        else:
            reply = unit.execute(pdu)
            if unit.device.faults.active:
                return mangle(unit.device.faults, transaction, number, pdu, reply, self.turnaround, frame)
        return [] if reply is None else [Out(frame(transaction, number, reply), self.turnaround)]

    def whole(self, data: bytes) -> list[Out]:
        """One whole request over TCP answered; a read that was heard before without taking it apart."""
        known = self._heard.get(data[2:])
        if known is None:
            return self._first(data)
        unit, (asked, _, plan), head = known
        device = unit.device
        if device.faults.active or unit is not self.units.get(data[6]):
            return self._first(data)
        device.settle(device.clock())
        try:
            if unit.hook:
                unit.hook(*asked)
            return [_out((data[:2] + head + plan.fill(), self.turnaround, False))]
        except Refusal as no:
            refusal = bytes((asked[0] | 0x80, no.code))
            return [Out(frame(int.from_bytes(data[:2], "big"), data[6], refusal), self.turnaround)]
        except Silence:
            return []

    def _first(self, data: bytes) -> list[Out]:
        number, pdu = data[6], data[7:]
        outs = self.exchange(int.from_bytes(data[:2], "big"), number, pdu)
        unit = self.units.get(number)
        if unit is not None and (read := unit.known(pdu)):
            if len(self._heard) >= MEMORY:
                self._heard.clear()
            self._heard[data[2:]] = unit, read, _HEADER.pack(0, 0, 3 + read[1][1], number)[2:] + read[1]
        return outs


class TcpSession:
    """A Modbus/TCP connection: splits the stream into requests, answers pipelined ones in order."""

    def __init__(self, station: Station) -> None:
        self._station, self._buffer = station, b""

    def feed(self, data: bytes) -> list[Out]:
        if not self._buffer and len(data) == 12 and data[2:6] == b"\0\0\0\6":  # one request of the usual length
            return self._station.whole(data)
        data = self._buffer + data if self._buffer else data
        out: list[Out] = []
        while len(data) >= 8:
            _, protocol, length, _ = _HEADER.unpack_from(data)
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


def frame(transaction: int | None, number: int, pdu: bytes) -> bytes:
    """An ADU: MBAP with a transaction id, RTU with CRC without one."""
    if transaction is None:
        body = bytes((number,)) + pdu
        return body + crc16(body)
    return _HEADER.pack(transaction, 0, len(pdu) + 1, number) + pdu


_remainder = reflected(0xA001)


@lru_cache(1024)  # what has not changed is said again
def crc16(data: bytes) -> bytes:
    """CRC-16/MODBUS of `data`, low byte first as it goes on the line."""
    return _remainder(data, 0xFFFF).to_bytes(2, "little")


__all__ = ["IllegalAddress", "RtuSession", "Station", "TcpSession", "Unit", "crc16", "frame"]
