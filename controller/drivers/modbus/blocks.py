"""Neighbouring points fetched in one request and decoded by one unpack."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from controller.devices import Value
from controller.drivers.modbus.coding import CODES, Coded, Order, swap
from controller.drivers.shared.possible import Doubts, halves, near, raw_range, why

# Quantities that control does not look at: a cycle may take them over from an earlier one.
SLOW = frozenset({
    "energy", "import_energy", "export_energy", "charge_energy", "discharge_energy", "session_energy", "temperature",
    "voltage", "frequency", "power_factor", "reactive_power", "capacity", "rated_power", "dc_power",
})  # fmt: skip
BY_PHASE = frozenset({"current", "power_l1", "power_l2", "power_l3"})  # so are these where no fuse depends on them


class Laid(Protocol):
    """How a device lays its points out."""

    doubts: Doubts
    by_phase: bool

    @property
    def word_order(self) -> Order: ...

    @property
    def function(self) -> int: ...

    @property
    def absent(self) -> Mapping[str, tuple[int, ...]]: ...

    @property
    def slow(self) -> frozenset[str]: ...

    def place(self, point: Coded) -> int: ...


class Block:
    """A request and how its answer is taken apart; for just the points, or for a window that holds them."""

    __slots__ = (
        "_device", "_halves", "_low", "_numbers", "_struct", "_texts", "_told", "address", "count", "data", "divisible",
        "function", "optional", "points", "read_at", "slow", "values", "window",
    )  # fmt: skip

    def __init__(self, device: Laid, points: Sequence[Coded], window: tuple[int, int] | None = None) -> None:
        first = points[0]
        self.points, self.window = points, window
        slow = SLOW | device.slow | (frozenset() if device.by_phase else BY_PHASE)
        self.slow = all(point.name in slow or point.name[:-3] in slow for point in points)
        self.values: dict[str, Value] = {}  # of the last answer
        self.data: bytes | None = None  # the last answer
        self.read_at = float("-inf")
        self.function = first.function or device.function
        end = max(device.place(point) + point.words for point in points)
        self.address, self.count = window or (device.place(first), end - device.place(first))
        self.divisible = len(points) > 1 or self.count > first.words
        self.optional = first.optional
        self._low = (first.order or device.word_order) == "low first"
        layout, at = "", self.address
        self._numbers: list[tuple[str, float, float, frozenset[int], float, float]] = []
        self._halves: dict[str, frozenset[int]] = {}
        self._told = {point.name: point for point in points}
        self._device = device
        self._texts: list[tuple[str, int, int, bool]] = []
        for point in points:
            place = device.place(point)
            if place < at:
                raise ValueError(f"{type(device).__name__}: {point.name} overlaps the point before it")
            layout += "xx" * (place - at)
            at = place + point.words
            if point.text:
                layout += "xx" * point.words
                turned = point.order == "low first"
                self._texts.append((point.name, 2 * (place - self.address), 2 * (at - self.address), turned))
                continue
            layout += CODES[point.coding]
            absent = frozenset((*point.absent, *device.absent.get(point.coding, ())))
            low, high = raw_range(point.coding, point.scale, point.unit, absent, getattr(device, "kind", None))
            if half := halves(point.coding, point.unit, absent):
                self._halves[point.name] = half
                absent |= half
            divisor = round(1 / point.scale) if 0 < abs(point.scale) < 1 else 0
            exact = divisor and abs(1 / divisor - point.scale) < 1e-12
            self._numbers.append((point.name, 0 if exact else point.scale, divisor if exact else 1, absent, low, high))
        layout += "xx" * (self.address + self.count - at)
        self._struct = struct.Struct(("<" if self._low else ">") + layout)

    def take(self, data: bytes) -> None:
        """An answer that is not the last one again."""
        self.values, self.data = self.decode(data), data

    def missing(self) -> None:
        """The device does not know these."""
        self.values, self.data = dict.fromkeys((point.name for point in self.points), None), None
        for point in self.points:
            self._device.doubts.pop(point.name, None)

    def decode(self, data: bytes) -> dict[str, Value]:
        """The values of a block of bytes by their names."""
        values: dict[str, Value] = {}
        raws = self._struct.unpack(swap(data) if self._low else data)
        doubts: Doubts = {}
        for (name, scale, divisor, absent, low, high), raw in zip(self._numbers, raws, strict=True):
            if low <= raw <= high and raw not in absent:
                values[name] = raw * scale if scale else raw / divisor
            else:
                values[name] = self._odd(name, raw, raw * scale if scale else raw / divisor, doubts)
        for name, start, end, turned in self._texts:
            text = swap(data[start:end]) if turned else data[start:end]
            values[name] = text.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
        if doubts or self._device.doubts:
            for point in self.points:
                self._device.doubts.pop(point.name, None)
            self._device.doubts.update(doubts)
        return values

    def _odd(self, name: str, raw: float, value: float, doubts: Doubts) -> Value:
        """What is made of a raw value that is absent, cannot be, or looks like half of an absent one."""
        point = self._told[name]
        if raw != raw or raw in point.absent or raw in self._device.absent.get(point.coding, ()):
            return None  # no number, as devices that tell floating point say it
        if raw in self._halves.get(name, ()) and near(self.values.get(name), value):
            return value
        doubts[name] = why(raw, point.coding, value, point.unit)
        return None


class Blocks(list[Block]):
    """Blocks that are read together. `stale`: one of them has said something else since `values` was asked."""

    __slots__ = ("_values", "stale")

    def __init__(self, blocks: Iterable[Block] = ()) -> None:
        super().__init__(blocks)
        self.stale = True
        self._values: Mapping[str, Value] = {}

    def values(self) -> dict[str, Value]:
        """What all of them said last."""
        if self.stale:
            found: dict[str, Value] = {}
            for block in self:
                found.update(block.values)
            self._values, self.stale = found, False
        return dict(self._values)
