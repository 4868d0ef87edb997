"""What a driver has told its device, in words: registers by the driver's names and units, datagrams, requests, objects.

`Tap` stands between a driver and its line and remembers what changes the device. Reading is nobody's business here.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from controller.drivers.modbus.blocks import Block
from controller.drivers.modbus.points import ModbusDevice, Point
from controller.drivers.rct_frames import WRITE, Object, cut
from controller.drivers.sunspec.chain import SunSpecDevice
from controller.drivers.sunspec.fetching import LAYOUT
from controller.drivers.sunspec.fetching import Block as Fields
from controller.drivers.sunspec.scaled import SunSpecPoint
from controller.ports import HttpAnswer


@dataclass(frozen=True, slots=True)
class Sent:
    """One value that went to the device, by the driver's name for it; `value` is None for what is no number."""

    name: str
    value: float | None = None
    unit: str = ""

    def __str__(self) -> str:
        if self.value is None:
            return self.name
        return f"{self.name} {self.value:g}" + (f" {self.unit}" if self.unit else "")


class Tap:
    """A line of any kind that remembers what was written through it."""

    def __init__(self, line: Any) -> None:
        self._line = line
        self.writes: list[tuple[int, int, bytes]] = []  # Modbus: unit, address, data
        self.texts: list[str] = []
        self.stream: bytes = b""

    @property
    def connect_pause(self) -> float:
        return float(getattr(self._line, "connect_pause", 0.0))

    @connect_pause.setter
    def connect_pause(self, seconds: float) -> None:
        self._line.connect_pause = seconds

    @property
    def notices(self) -> list[str]:
        return list(getattr(self._line, "notices", ()))

    def forget(self) -> None:
        """Begin anew."""
        self.writes.clear()
        self.texts.clear()
        self.stream = b""

    def close(self) -> None:
        self._line.close()

    async def read(self, *asked: Any) -> Any:
        return await self._line.read(*asked)

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        await self._line.write(unit, function, address, data)
        self.writes.append((unit, address, data))

    async def send(self, data: bytes) -> None:
        await self._line.send(data)
        if data.isascii() and data.decode("ascii").isprintable():
            self.texts.append(data.decode("ascii"))
        else:
            self.stream += data

    async def receive(self, timeout: float) -> bytes:
        data: bytes = await self._line.receive(timeout)
        return data

    def answer(self, handler: Callable[[int, bytes], bytes]) -> None:
        self._line.answer(handler)

    async def asked(self, timeout: float) -> None:
        await self._line.asked(timeout)

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        answer: HttpAnswer = await self._line.request(method, path, body=body, headers=headers)
        if method != "GET":
            self.texts.append(f"{method} {path}" + (f" {body.decode('utf-8', 'replace')}" if body else ""))
        return answer


async def sent(driver: Any, tap: Tap) -> list[Sent]:
    """What went through the tap, as this driver calls it, in order."""
    found = [Sent(text) for text in tap.texts if not text.startswith("report")]
    for unit, address, data in tap.writes:
        found += [each async for each in _registers(driver, unit, address, data)]
    objects = {each.object_id: each for each in _points(type(driver), Object)}
    for frame in cut(tap.stream)[0]:
        point = objects.get(frame.object_id)
        if frame.command == WRITE and point is not None:
            value = point.decode(frame.payload)
            found.append(Sent(point.name, float(value) if isinstance(value, int | float) else None, point.unit))
    return found


async def _registers(driver: Any, unit: int, address: int, data: bytes) -> AsyncIterator[Sent]:
    """The values of one write; registers that no point has are told by their numbers."""
    devices = [each for each in (driver, *vars(driver).values()) if isinstance(each, ModbusDevice)]
    places: dict[int, tuple[Any, Any]] = {}
    for device in devices:
        if device.unit == unit:
            places |= {at: (device, point) for at, point in _places(device)}
    while data:
        device, point = places.get(address, (None, None))
        size = 2 * point.words if point is not None else 2
        part, data = data[:size], data[size:]
        if point is None or device is None or len(part) < size:
            yield Sent(f"register {address} {int.from_bytes(part, 'big')}")
        elif isinstance(point, SunSpecPoint):
            yield Sent(point.key, await _scaled(device, point, part), point.unit)
        else:
            value = Block(device, [point]).decode(part)[point.name]
            yield Sent(point.name, float(value) if isinstance(value, int | float) else None, point.unit)
        address += size // 2


def _places(device: ModbusDevice) -> Iterator[tuple[int, Any]]:
    """Where the points of a device lie that can be written."""
    for point in _points(type(device), Point):
        if not point.text:
            yield device.place(point), point
    if isinstance(device, SunSpecDevice):
        for each in _points(type(device), SunSpecPoint):
            model = device.locate(each)
            if model is not None and not each.text and not each.repeat:
                yield model.address + each.offset, each


def _points(kind: type, of: type) -> list[Any]:
    """The points that a driver class declares: those for writing last, so that they count where two lie together."""
    found = [each for owner in reversed(kind.__mro__) for each in vars(owner).values() if isinstance(each, of)]
    return sorted(found, key=lambda each: "Setting" in type(each).__name__)


async def _scaled(device: Any, point: SunSpecPoint, data: bytes) -> float | None:
    if point.coding not in LAYOUT:
        return None
    raws: dict[int, Any] = {}
    Fields(0, point.words, {0: point.coding}).take(data, raws)
    value: float = raws[0] * 10.0 ** await device.exponent(point) * point.scale
    return value
