"""Lines for those who only look: whatever would change a device does not leave this machine."""

from collections.abc import Mapping
from dataclasses import dataclass

from controller.drivers.rct_frames import READ, START
from controller.errors import Refused
from controller.ports import ByteStream, Datagrams, HttpAnswer, Line
from rigs.physical import Datagrams as Udp
from rigs.physical import Modbus, Stream, Web

NO = "whoever looks for devices only reads"


def harmless(line: Line) -> Line:
    """The same line without what changes a device; a driver that tries that finds itself refused."""
    match line:
        case Modbus():
            return ReadModbus(line)
        case Stream():
            return ReadStream(line)
        case Udp():
            return ReadDatagrams(line)
        case Web():
            return ReadWeb(line)
    raise TypeError(f"nobody looks for devices on {type(line).__name__}")


@dataclass
class ReadModbus:
    line: Modbus

    @property
    def connect_pause(self) -> float:
        return self.line.connect_pause

    @connect_pause.setter
    def connect_pause(self, seconds: float) -> None:
        self.line.connect_pause = seconds

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        return await self.line.read(unit, function, address, count)

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        raise Refused(NO, unit=unit, address=address, raw=data)

    def beyond(self, ports: int) -> "ReadModbus":
        return ReadModbus(self.line.beyond(ports))

    def close(self) -> None:
        self.line.close()


@dataclass
class ReadStream:
    """Of the makers' own protocols only RCT Power's is asked anything, with a frame that reads."""

    line: ByteStream

    async def send(self, data: bytes) -> None:
        if data[:2] != bytes((START, READ)):
            raise Refused(NO, raw=data)
        await self.line.send(data)

    async def receive(self, timeout: float) -> bytes:
        return await self.line.receive(timeout)


@dataclass
class ReadDatagrams:
    """KEBA's `i` and `report N` ask, everything else it takes for a command."""

    line: Datagrams

    async def send(self, data: bytes) -> None:
        if data.strip() != b"i" and not data.startswith(b"report "):
            raise Refused(NO, raw=data)
        await self.line.send(data)

    async def receive(self, timeout: float) -> bytes:
        return await self.line.receive(timeout)


@dataclass
class ReadWeb:
    line: Web

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        if method not in ("GET", "HEAD"):
            raise Refused(NO, raw=f"{method} {path}".encode())
        return await self.line.request(method, path, body=body, headers=headers)
