"""Typed points on Modbus: one class attribute for every value that the HEM reads or writes.

`Measure` is polled by `ModbusDevice.sample`, `Setting` is read and written when asked for. Neighbouring measures are
fetched in one request and decoded by one unpack. A value that the device marks as not available is None, and so is
one at an address that this device does not know, as long as it knows others that were asked for with it.
"""

from collections.abc import Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Self, overload

from controller.devices import Value, WhenSilent
from controller.drivers.modbus.blocks import Block, Blocks
from controller.drivers.modbus.coding import Coded, Order
from controller.drivers.shared.possible import Doubts
from controller.drivers.shared.values import number
from controller.errors import ConfigurationError, Refused, WrongDevice
from controller.ports import Clock, ModbusLine, PausingLine, SerialSettings

UNKNOWN = (1, 2, 3)  # exceptions with which devices say that they have no such register


@contextmanager
def known_by(found: str, expected: Sequence[str]) -> Iterator[None]:
    """What is asked within is what the device is known by: WrongDevice, as `found`, when it has that not.

    Another refusal (it has failed, it is busy) says nothing of who it is.
    """
    try:
        yield
    except Refused as no:
        if no.code not in UNKNOWN:
            raise
        raise WrongDevice(f"{found} ({no})", expected) from no


@dataclass(frozen=True)
class Point(Coded):
    """A coded value as an attribute of a driver: of the class the declaration, of a device the value itself."""

    @overload
    def __get__(self, device: None, owner: type) -> Self: ...
    @overload
    def __get__(self, device: "ModbusDevice", owner: type) -> "Bound": ...
    def __get__(self, device: "ModbusDevice | None", owner: type) -> "Self | Bound":
        return self if device is None else Bound(device, self)


class Measure(Point):
    """A value that `sample` polls."""


class Setting(Point):
    """A value that is read or written on demand."""


class Bound:
    """A point of one device."""

    def __init__(self, device: "ModbusDevice", point: Point) -> None:
        self._device, self._point = device, point

    async def read(self) -> Value:
        """The value in the point's unit, None when not available."""
        values = await self._device.fetch([self._point])
        return values[self._point.name]

    async def number(self) -> float | None:
        """The value as a number."""
        return number(await self.read())

    async def write(self, value: float) -> None:
        """Give the device a value in the point's unit; `Refused` when it will not take it."""
        device, point = self._device, self._point
        data = point.encode(value, device.word_order)
        function = 6 if len(data) == 2 and device.single_write else 16
        await device.line.write(device.unit, function, device.place(point), data)


class ModbusDevice:
    """A device at one unit id of one line.

    `max_block`: most registers in one request. `max_gap`: registers without a point that one request may span.
    `windows`: (address, count) that the maker's own clients ask for at once; points in one are fetched with all of it.
    `absent`: raw values by type that mean "not available". `single_write`: function 6 for single registers.
    `slow`: what else than `SLOW` a cycle may take over from an earlier one.
    `connect_pause`: s that the device wants to be left alone after a client has connected.
    `serial_settings`: of a serial line to a device that nobody has set otherwise.
    `charge_points`: how many the device of a row has, where there is more than one; `point` is the one this instance
    speaks for. They lie `stride` registers apart, or answer `ports[row]` TCP ports beyond the device's own.
    """

    default_unit: ClassVar[int] = 1
    word_order: Order = "high first"
    function: ClassVar[int] = 3
    max_block: ClassVar[int] = 100
    max_gap: ClassVar[int] = 0
    windows: ClassVar[Sequence[tuple[int, int]]] = ()
    single_write: ClassVar[bool] = False
    absent: ClassVar[Mapping[str, tuple[int, ...]]] = {}
    slow: ClassVar[frozenset[str]] = frozenset()
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent()
    reaction: ClassVar[float] = 3.0
    connect_pause: ClassVar[float] = 0.0
    serial_settings: ClassVar[SerialSettings] = SerialSettings()
    charge_points: ClassVar[Mapping[int, int]] = {}
    stride: int = 0
    ports: ClassVar[Mapping[int, tuple[int, ...]]] = {}

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None,
        point: int = 1,
    ) -> None:  # fmt: skip
        most = self.charge_points.get(row, 1) if row else max(self.charge_points.values(), default=1)
        if not 1 <= point <= most:
            raise ConfigurationError(f"charge point {point}, expected 1 to {most}", key="point")
        self.line, self.clock, self.row, self.model, self.point = line, clock, row, model, point
        self.unit = self.default_unit if unit is None else unit
        self.armed = False  # whether the device's enable chain has been gone through since the line was last lost
        self.doubts: Doubts = {}  # why values are absent that the device told
        self.pace = 0.0  # s that values which change slowly may be old
        self.by_phase = False  # whether currents and powers of single phases are none of these
        self._plans: dict[tuple[Point, ...], Blocks] = {}
        self._polled: Blocks | None = None
        if self.connect_pause and isinstance(line, PausingLine):
            line.connect_pause = max(line.connect_pause, self.connect_pause)

    def lost(self) -> None:
        """The line was lost or the device restarted: enable chains have to be gone through again."""
        self.armed = False
        self.doubts.clear()
        self._polled = None
        self._plans.clear()

    def place(self, point: Coded) -> int:
        """Where a point lies in this device, for this charge point."""
        return point.address + self.stride * (self.point - 1) if point.each else point.address

    def sample(self) -> Coroutine[Any, Any, dict[str, Value]]:
        """All measures of this class, by attribute name. Slow ones may be `pace` seconds old."""
        if self._polled is None:
            self._polled = Blocks(self._plan(measures(type(self))))
        return self._read(self._polled, self.pace, known_only=True)

    def fetch(self, points: Iterable[Point], pace: float = 0.0) -> Coroutine[Any, Any, dict[str, Value]]:
        """These points, in as few requests as the device allows. Slow ones may be `pace` seconds old."""
        return self._read(self._planned(points), pace)

    def fetch_known(self, points: Iterable[Point]) -> Coroutine[Any, Any, dict[str, Value]]:
        """Those of the points that the device knows; the others are None. `Refused` when it knows none of them."""
        return self._read(self._planned(points), 0.0, known_only=True)

    async def expect(self, points: Iterable[Point], model: str, lacking: str) -> None:
        """Look for these points; WrongDevice, as a device `lacking` something, when it refuses one of them."""
        with known_by(f"a device without {lacking}", [model]):
            await self.fetch(points)

    async def _read(self, blocks: Blocks, pace: float, known_only: bool = False) -> dict[str, Value]:
        """The values of `blocks`. A window that is refused is asked for point by point, now and from then on.

        `known_only`: so is every other block, and a point that is refused then is None.
        """
        now = self.clock.monotonic() if pace else 0.0
        refusal: Refused | None = None
        at = 0
        while at < len(blocks):
            block = blocks[at]
            if not (pace and block.slow and now - block.read_at < pace):
                try:
                    data = await self.line.read(self.unit, block.function, block.address, block.count)
                    if data != block.data:  # values that come as they came before are decoded already
                        block.take(data)
                        blocks.stale = True
                except Refused as no:
                    if no.code not in UNKNOWN:
                        raise
                    if block.divisible and (known_only or block.window):
                        blocks[at : at + 1] = [Block(self, [point]) for point in block.points]
                        blocks.stale = True
                        continue
                    if not block.optional:
                        if not known_only:
                            raise
                        refusal = no
                    block.missing()
                    blocks.stale = True
                block.read_at = now
            at += 1
        values = blocks.values()
        if refusal is not None and all(value is None for value in values.values()):
            self._polled = None  # it refuses everything, for now: what was divided says nothing of its registers
            self._plans.clear()
            raise refusal
        return values

    async def write_together(self, *values: tuple[Bound, float]) -> None:
        """Give neighbouring settings in one request of function 16: the device has all of a command or none of it."""
        first, data = self.place(values[0][0]._point), b""
        for bound, value in values:
            setting = bound._point
            if self.place(setting) != first + len(data) // 2:
                raise ValueError(f"{type(self).__name__}: {setting.name} does not follow the setting before it")
            data += setting.encode(value, self.word_order)
        await self.line.write(self.unit, 16, first, data)

    def _planned(self, points: Iterable[Point]) -> Blocks:
        points = tuple(points)
        blocks = self._plans.get(points)
        if blocks is None:
            blocks = self._plans[points] = Blocks(self._plan(points))
        return blocks

    def _plan(self, points: tuple[Point, ...]) -> "list[Block]":
        def sort(point: Point) -> tuple[int, str, bool, int]:
            return (point.function or self.function, point.order or self.word_order, point.optional, self.place(point))

        groups: list[list[Point]] = []
        blocks: list[Block] = []
        places = sorted(points, key=sort)
        for window in self.windows:
            if held := [point for point in places if not point.optional and self._holds(window, point)]:
                blocks.append(Block(self, held, window))
                places = [point for point in places if point not in held]
        for point in places:
            if groups:
                first, last = groups[-1][0], groups[-1][-1]
                at = self.place(point)
                near = at - (self.place(last) + last.words) <= self.max_gap and not point.optional
                fits = at + point.words - self.place(first) <= self.max_block
                if near and fits and sort(point)[:3] == sort(first)[:3]:
                    groups[-1].append(point)
                    continue
            groups.append([point])
        return blocks + [Block(self, group) for group in groups]

    def _holds(self, window: tuple[int, int], point: Point) -> bool:
        own = (point.function or self.function, point.order or self.word_order) == (self.function, self.word_order)
        return own and window[0] <= self.place(point) and self.place(point) + point.words <= sum(window)


def measures(device: type) -> tuple[Measure, ...]:
    """The measures that a driver class declares, its bases' first."""
    found: dict[str, Measure] = {}
    for owner in reversed(device.__mro__):
        found.update({name: each for name, each in vars(owner).items() if isinstance(each, Measure)})
    return tuple(found.values())
