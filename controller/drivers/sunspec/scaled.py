"""Points of SunSpec models: where a value lies in a model, and by which scale factor it is read and written.

Source: SunSpec Device Information Model Specification 1.1, github.com/sunspec/models json/model_*.json.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, Self, overload

from controller.devices import Value
from controller.drivers.shared.declared import Declared
from controller.drivers.shared.values import number
from controller.drivers.sunspec.fetching import LAYOUT, words


class Chained(Protocol):
    """What a point asks of the device whose chain it lies in."""

    def locate(self, point: "SunSpecPoint") -> object: ...

    async def gather(self, points: "Iterable[SunSpecPoint]", *, whole: bool = True) -> Mapping[str, Value]: ...

    async def exponent(self, point: "SunSpecPoint") -> int: ...

    async def write_run(self, values: "Mapping[SunSpecPoint, float]") -> None: ...


@dataclass(frozen=True)
class SunSpecPoint(Declared):
    """Where a value lies in a model: `offset` from the model's id word, `factor` the offset of its scale factor.

    `scale` multiplies once more; a negative one turns the device's sign into ours. `quantity`: the name the value goes
    by when the attribute is called otherwise (the same quantity in another model). `repeat`: words from one module to
    the next; the values then go by quantity_1, quantity_2, ...
    """

    models: tuple[int, ...]
    offset: int
    coding: str
    factor: int | None = None
    scale: float = 1
    unit: str = ""
    quantity: str = ""
    repeat: int = 0

    @overload
    def __get__(self, device: None, owner: type) -> Self: ...
    @overload
    def __get__(self, device: Chained, owner: type) -> "BoundSunSpec": ...
    def __get__(self, device: Chained | None, owner: type) -> "Self | BoundSunSpec":
        return self if device is None else BoundSunSpec(device, self)

    @property
    def key(self) -> str:
        return self.quantity or self.name

    @property
    def text(self) -> bool:
        return self.coding.startswith("str")

    @property
    def words(self) -> int:
        return words(self.coding)

    def encode(self, value: float, exponent: int) -> bytes:
        """Bytes of `value` with the model's scale factor."""
        raw = value / self.scale / 10**exponent
        code = LAYOUT[self.coding]
        return struct.pack(">" + code, raw if code in "fd" else round(raw))


class SunSpecMeasure(SunSpecPoint):
    """A value that `sample` polls."""


class SunSpecSetting(SunSpecPoint):
    """A value that is read or written on demand."""


class BoundSunSpec:
    """A point of one device."""

    def __init__(self, device: Chained, point: SunSpecPoint) -> None:
        self._device, self._point = device, point

    @property
    def present(self) -> bool:
        """Whether the device's chain has a model with this point."""
        return self._device.locate(self._point) is not None

    async def read(self) -> Value:
        """The value, None when the device has no such model or marks it as not available."""
        values = await self._device.gather([self._point], whole=False)
        return values.get(self._point.key)

    async def number(self) -> float | None:
        """The value as a number."""
        return number(await self.read())

    async def step(self) -> float:
        """The smallest difference that can be written, in the point's unit."""
        return float(10.0 ** await self._device.exponent(self._point)) * abs(self._point.scale)

    async def write(self, value: float) -> None:
        await self._device.write_run({self._point: value})
