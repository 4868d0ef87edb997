"""The inverter's TCP port: objects read and written by id, unknown ones not answered, answers heard by all clients."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from emulators.rctpower import frames as rct
from emulators.rctpower.powerstorage import PowerStorage
from emulators.wires.device import Device
from emulators.wires.linefaults import spoil
from emulators.wires.told import told
from emulators.wires.wire import Out

_CODES = {"F32": ">f", "U8": ">B", "S8": ">b", "U16": ">H", "S16": ">h", "S32": ">i", "U32": ">I"}


@dataclass(frozen=True, slots=True)
class Object:
    """One entry of the inverter's registry. Value on the wire = quantity / scale; 0 or empty without a quantity."""

    id: int
    type: str
    scale: float
    access: str
    name: str
    quantity: str

    def pack(self, value: Any) -> bytes:
        """The payload; a quantity that is not known is NaN, or zero where the type has none."""
        if self.type == "STR":
            return str(value).encode("utf-8") + b"\0"
        if self.type == "F32":
            return struct.pack(">f", float("nan") if value is None else value / self.scale)
        code = _CODES[self.type]
        size = struct.calcsize(code)
        raw = 0 if value is None else int(value / self.scale)
        return (raw & (1 << 8 * size) - 1).to_bytes(size, "big")  # what does not fit loses its upper bits

    def unpack(self, payload: bytes) -> float:
        """ValueError when the payload has another size."""
        code = _CODES[self.type]
        if len(payload) != struct.calcsize(code):
            raise ValueError(f"{len(payload)} bytes for {self.type}")
        value: float = struct.unpack(code, payload)[0]
        return value * self.scale


class Station:
    """All clients share the one bus behind the port."""

    def __init__(self, face: PowerStorage, device: Device, objects: Iterable[Object]) -> None:
        self.face, self.device = face, device
        self.objects = {each.id: each for each in objects}
        self._turnaround = float(face.facts["turnaround"])

    def session(self) -> "Session":
        return Session(self)

    def answer(self, frame: rct.Frame) -> list[Out]:
        """What one frame brings about."""
        self.device.wake()
        found = self.objects.get(frame.id)
        if frame.command in (rct.READ, rct.READ_PERIODICALLY):
            return [] if found is None else self._reply(frame, found)
        if frame.command not in (rct.WRITE, rct.LONG_WRITE):
            return []
        target = f"{frame.id:08X} {found.name if found else ''}".strip()
        if found is None or "w" not in found.access.split()[0]:
            self.device.log(target, frame.payload.hex(), None, accepted=False, reason="no such object to write")
            return []
        wear = found.access.split()[1]
        try:
            value = found.unpack(frame.payload)
        except ValueError as no:
            self.device.log(target, frame.payload.hex(), None, wear=wear, accepted=False, reason=str(no))
            return []
        if "write-ignored" in self.device.faults:
            self.device.log(target, frame.payload.hex(), value, wear=wear, reason="ignored by fault")
            self.device.faults.acted()
        else:
            name = found.quantity
            now, give = partial(getattr, self.face, name, None), partial(self.face.write, name)
            self.device.touch(name, now, give, kept=wear == "flash")
            self.face.write(name, value)
            self.device.log(target, frame.payload.hex(), value, wear=wear)
            self.device.twin.changed()
        return self._reply(frame, found) if self.face.facts["write_reply"] else []

    def _reply(self, frame: rct.Frame, found: Object) -> list[Out]:
        face = self.face
        blank = "" if found.type == "STR" else 0
        owner = face if hasattr(face, found.quantity) else None
        value = told(self.device, found.quantity, owner) if found.quantity else blank
        payload = found.pack(value)
        command = rct.RESPONSE if len(payload) + 8 <= rct.LONGEST_SHORT else rct.LONG_RESPONSE
        data = rct.encode(rct.Frame(command, found.id, payload, frame.address))
        return spoil(self.device.faults, data, self._turnaround)


class Session:
    """One client. What others were answered reaches it too, with its own next answer."""

    def __init__(self, station: Station) -> None:
        self._station, self._decoder = station, rct.Decoder()
        self._overheard: list[Out] = []

    def feed(self, data: bytes) -> list[Out]:
        own = [out for frame in self._decoder.feed(data) for out in self._station.answer(frame)]
        endpoint = self._station.device.endpoint
        for connection in endpoint.connections if endpoint else ():
            other = connection.session
            if isinstance(other, Session) and other is not self:
                other.overhear(own)
        heard, self._overheard = self._overheard, []
        return [*heard, *own]

    def overhear(self, outs: list[Out]) -> None:
        self._overheard = [*self._overheard, *outs][-8:]
