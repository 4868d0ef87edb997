"""Modbus as the device speaks it: requests in, replies out, over TCP (MBAP) and RTU (CRC).

Source: MODBUS Application Protocol V1.1b3; MODBUS Messaging on TCP/IP V1.0b; MODBUS over Serial Line V1.02.
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial

from emulators.table.answers import Busy, DeviceFailure, IllegalFunction, IllegalValue, Refusal, Silence
from emulators.table.plan import Plan
from emulators.table.registers import MEMORY, Space
from emulators.table.rows import Row
from emulators.wires.crc import reflected
from emulators.wires.device import Device
from emulators.wires.manglers import mangle
from emulators.wires.wire import Out

_REQUEST = struct.Struct(">BHH")
HEADER = struct.Struct(">HHHB")
_Read = tuple[tuple[int, int, int], bytes, Plan]  # what is asked, the reply's first two bytes, how to fill the rest
Hook = Callable[[int, int, int], None]
# a read over TCP that was heard: the device's faults, its time and what brings it there, who is asked first and what
# for, the reply between transaction id and data, what fills in the data, the turnaround
Heard = tuple[
    Mapping[str, object], Callable[[], float], Callable[[float], None], Hook | None, tuple[int, int, int], bytes,
    Callable[[], bytes], float,
]  # fmt: skip
_DATA = {1: "coils", 2: "discrete", 3: "holding", 4: "input"}


@dataclass
class Unit:
    """What answers at one unit id. `hook` sees (function, address, count) first and may raise a refusal.

    `points`: further charge points behind the same registers, by the prefix of their quantities.
    """

    device: Device
    spaces: Mapping[str, Space]
    functions: frozenset[int] = frozenset({3, 4, 6, 16})
    hook: Hook | None = None
    write_gap: float = 0.0  # s between writes; sooner is refused as busy
    bad_value: int = 3  # exception code for a value that a setting does not take
    private: Mapping[int, Callable[[bytes], bytes]] = field(
        default_factory=dict
    )  # functions that a face answers itself
    points: Mapping[str, Device] = field(default_factory=dict)
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

    def forget(self) -> None:
        """Answers are worked out anew: the registers have changed."""
        self._reads.clear()

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
        return head + (self._falsified(plan) if faults.lies else plan.fill())

    def _falsified(self, plan: Plan) -> bytes:
        faults = self.device.faults
        data = plan.falsified(faults.view, faults.active.values())
        faults.acted(data != plan.fill())
        return data

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
        if function == 15 and len(pdu) >= 7:
            _, address, count = _REQUEST.unpack(pdu[:5])
            if not 1 <= count <= 1968 or pdu[5] != (count + 7) // 8 or len(pdu) != 6 + pdu[5]:
                raise IllegalValue
            states = int.from_bytes(pdu[6:], "little")
            self._write(function, 1, address, b"".join(bytes((0, states >> i & 1)) for i in range(count)))
            return pdu[:5]
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
            self._owner(next((each for each in space.rows if 0 <= address - each.address < each.words), None)).log(
                address, data.hex(), None, accepted=False, reason=f"exception {no.code}"
            )
            raise
        for row, raw, value in hits:
            device = self._owner(row)
            wear = "flash" if "flash" in row.remarks else "volatile" if "volatile" in row.remarks else ""
            if "write-ignored" in device.faults:
                device.log(row.address, raw, value, wear=wear, accepted=True, reason="ignored by fault")
                device.faults.acted()
                continue
            if row.quantity and not row.quantity.startswith("="):
                device.touch(row.quantity, partial(space.value, row), partial(space.assign, row), kept=wear == "flash")
            try:
                space.assign(row, value)
            except Refusal as no:
                device.log(row.address, raw, value, wear=wear, accepted=False, reason=str(no) or f"exception {no.code}")
                if self.bad_value == DeviceFailure.code and isinstance(no, IllegalValue):
                    raise DeviceFailure from no
                raise
            device.log(row.address, raw, value, wear=wear)
        for each in (self.device, *self.points.values()):
            each.twin.settle()

    def _owner(self, row: Row | None) -> Device:
        """Whose register that is."""
        return self.points.get(row.quantity.partition(".")[0], self.device) if row is not None else self.device


@dataclass
class Station:
    """The units behind one socket or on one serial line. Whoever changes a unit lets it `forget`.

    `unknown_unit`: exception code for an absent unit on TCP, 0 = silence. `any_unit`: the device ignores the id.
    `turnaround`: seconds from request to reply.
    """

    units: dict[int, Unit]
    unknown_unit: int = 0
    any_unit: bool = False
    turnaround: float = 0.005
    broadcast: bool = False
    main: int = field(default=1)
    heard: dict[bytes, "Heard"] = field(default_factory=dict, init=False, repr=False)  # by all but transaction ids

    def unit(self, number: int) -> Unit | None:
        found = self.units.get(number)
        return self.units[self.main] if found is None and self.any_unit else found

    def forget(self) -> None:
        """Answers are worked out anew: the registers of a unit have changed."""
        self.heard.clear()
        for unit in self.units.values():
            unit.forget()

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
        """One whole request over TCP answered, and remembered where it is a read."""
        number, pdu = data[6], data[7:]
        outs = self.exchange(int.from_bytes(data[:2], "big"), number, pdu)
        unit = self.units.get(number)
        if unit is not None and (read := unit.known(pdu)):
            if len(self.heard) >= MEMORY:
                self.heard.clear()
            device, (request, asked, head) = unit.device, _reading(data[2:])
            self.heard[request] = (
                device.faults.active, device.clock, device.settle, unit.hook, asked, head, read[2].fill, self.turnaround
            )  # fmt: skip
        return outs


@lru_cache(4096)  # devices of one family are asked the same
def _reading(request: bytes) -> tuple[bytes, tuple[int, int, int], bytes]:
    """A read over TCP without its transaction id, what it asks for, and how the reply begins behind that id."""
    function, _, count = asked = _REQUEST.unpack(request[5:])
    return request, asked, HEADER.pack(0, 0, 3 + 2 * count, request[4])[2:] + bytes((function, 2 * count))


def frame(transaction: int | None, number: int, pdu: bytes) -> bytes:
    """An ADU: MBAP with a transaction id, RTU with CRC without one."""
    if transaction is None:
        body = bytes((number,)) + pdu
        return body + crc16(body)
    return HEADER.pack(transaction, 0, len(pdu) + 1, number) + pdu


_remainder = reflected(0xA001)


@lru_cache(1024)  # what has not changed is said again
def crc16(data: bytes) -> bytes:
    """CRC-16/MODBUS of `data`, low byte first as it goes on the line."""
    return _remainder(data, 0xFFFF).to_bytes(2, "little")
