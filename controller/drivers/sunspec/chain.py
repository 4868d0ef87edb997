"""SunSpec from the controller's side: walk the chain of models, read each in one request, scale, write controls.

Theory: at one of three bases stands "SunS", then a chain of models, each (id, length L, L words), ended by id 0xFFFF.
Devices differ in which models they have, in which order and where, so a point names its models and its offset from the
model's id word; the address is found in the chain of the session. A value is raw * 10^(scale factor), and the scale
factor is another point of the model. 32-bit values are high word first.

Source: SunSpec Device Information Model Specification 1.1, github.com/sunspec/models json/model_*.json.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from controller.devices import Value
from controller.drivers.modbus.points import ModbusDevice, measures
from controller.drivers.shared.possible import halves, most, near, raw_range, why
from controller.drivers.sunspec.fetching import ABSENT, Block, Fields, Model, Raw
from controller.drivers.sunspec.scaled import SunSpecMeasure, SunSpecPoint
from controller.errors import Garbled, Refused, WrongDevice
from controller.ports import Clock, ModbusLine

COMMON, END = 1, 0xFFFF
NO_FACTOR = -0x8000  # a scale factor that is not implemented
FAILED = 4  # some say it of an address that holds nothing, and all of them of a read that went wrong
NOT_THERE = (1, 2, 3, FAILED)  # exceptions with which devices say that an address holds nothing


@dataclass(frozen=True, slots=True)
class _Cell:
    """One value to be had: a point at its place in the chain."""

    key: str
    point: SunSpecPoint
    address: int
    model: Model

    @property
    def factor(self) -> int | None:
        return None if self.point.factor is None else self.model.address + self.point.factor


@dataclass(slots=True)
class _Plan:
    """What is to be had together and the requests that fetch it; what came the last time, and its values."""

    cells: list[_Cell]
    blocks: list[Block]
    said: list[tuple[Block, bytes]] = field(default_factory=list)
    values: Mapping[str, Value] = field(default_factory=dict)


class SunSpecDevice(ModbusDevice):
    """A device that announces what it has in a chain of SunSpec models.

    `bases`: where the marker is looked for. `across`: whether one request may go over the border of two models.
    """

    max_block: ClassVar[int] = 125
    bases: ClassVar[Sequence[int]] = (40000, 50000, 0)
    across: ClassVar[bool] = False

    maker = SunSpecPoint((COMMON,), 2, "str16")
    product = SunSpecPoint((COMMON,), 18, "str16")
    version = SunSpecPoint((COMMON,), 42, "str8")
    serial_number = SunSpecPoint((COMMON,), 50, "str16")

    def __init__(
        self, line: ModbusLine, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        super().__init__(line, clock, unit, row=row, model=model)
        self.chain: tuple[Model, ...] = ()
        self._gathered: dict[tuple[tuple[str, ...], bool], _Plan] = {}
        self._exponents: dict[int, int] = {}
        self._believed: dict[str, float] = {}  # values of earlier readings
        self._plain, self._modelled = measures(type(self)), sunspec_measures(type(self))

    def lost(self) -> None:
        """After a restart the device may offer other models (integer or float) and other scale factors."""
        super().lost()
        self.chain = ()

    async def walk(self) -> tuple[Model, ...]:
        """The chain of models, read once a session; `WrongDevice` when there is no marker.

        A device that says of every place where it could stand that the read has failed is in trouble, not another one.
        """
        if not self.chain:
            self._gathered.clear()
            self._exponents.clear()
            self.chain = await self._walk()
        return self.chain

    async def _walk(self) -> tuple[Model, ...]:
        failed: list[Refused] = []
        for base in self.bases:
            marker = await self._head(base)
            if marker == b"SunS":
                return await self._models(base + 2)
            if isinstance(marker, Refused) and marker.code == FAILED:
                failed.append(marker)
        if len(failed) == len(self.bases):
            raise failed[0]
        raise WrongDevice("a device without SunSpec", ["SunSpec marker"])

    async def _models(self, address: int) -> tuple[Model, ...]:
        found: list[Model] = []
        while address < 0xFFFF:
            head = await self._head(address)
            if isinstance(head, Refused):
                break  # some devices end with an exception instead of the end model
            number, length = struct.unpack(">HH", head)
            if number == END or not length:
                break
            found.append(Model(address, number, length))
            address = found[-1].end
        return tuple(found)

    async def _head(self, address: int) -> bytes | Refused:
        """The two registers with which a chain or a model begins, or the refusal that says that none begins there."""
        try:
            return await self.line.read(self.unit, self.function, address, 2)
        except Refused as no:
            if no.code not in NOT_THERE:
                raise
            return no

    def locate(self, point: SunSpecPoint) -> Model | None:
        """The model of the chain in which a point lies."""
        return next((model for model in self.chain if model.id in point.models), None)

    async def common(self) -> dict[str, str]:
        """Maker, product, version and serial number as the common model has them."""
        kind = type(self)
        values = await self.gather((kind.maker, kind.product, kind.version, kind.serial_number))
        return {name: str(value or "") for name, value in values.items()}

    async def sample(self) -> dict[str, Value]:
        """All measures of this class, plain and SunSpec ones, by quantity."""
        values = await self.fetch_known(self._plain)
        if self._modelled:
            values.update(await self.gather(self._modelled))
        return values

    async def gather(self, points: Iterable[SunSpecPoint], whole: bool = True) -> dict[str, Value]:
        """Those of the points that the device has, by quantity. Of points for one quantity the first present counts.

        `whole`: with the data of whole models in one request each, as clients of measuring models do it; otherwise
        word by word, because controls may have points that cannot be read. What is refused is asked for word by word
        too, and a word that is refused then is None, as long as there are others.
        """
        points = tuple(points)
        await self.walk()
        key = tuple(point.name for point in points), whole
        if key not in self._gathered:
            self._gathered[key] = self._plan_chain(points, whole)
        plan = self._gathered[key]
        blocks, said = plan.blocks, list[tuple[Block, bytes]]()
        refusal: Refused | None = None
        at = 0
        while at < len(blocks):
            block = blocks[at]
            try:
                said.append((block, await self.line.read(self.unit, self.function, block.address, block.count)))
            except Refused as no:
                if no.code not in NOT_THERE:
                    raise
                if block.divisible:
                    blocks[at : at + 1] = block.apart()
                    continue
                refusal = no
            at += 1
        if refusal is not None and not said:
            raise refusal
        if said != plan.said or self.doubts:  # otherwise it is decoded already, and nothing of it was doubtful
            raws: dict[int, Raw] = {}
            for block, data in said:
                block.take(data, raws)
            plan.values = {cell.key: self._value(cell, raws) for cell in plan.cells}
            plan.said = said
        return dict(plan.values)

    async def exponent(self, point: SunSpecPoint) -> int:
        """The scale factor of a point, read once a session."""
        await self.walk()
        model = self.locate(point)
        if point.factor is None or model is None:
            return 0
        address = model.address + point.factor
        if address not in self._exponents:
            data = await self.line.read(self.unit, self.function, address, 1)
            self._exponents[address] = self._exponent(struct.unpack(">h", data)[0], address) or 0
        return self._exponents[address]

    async def write_run(self, values: Mapping[SunSpecPoint, float]) -> None:
        """Write points that lie side by side in one request, so that they count together."""
        await self.walk()
        data, start, at = b"", 0, 0
        for point, value in values.items():
            model = self.locate(point)
            if model is None:
                raise Refused(2, unit=self.unit)
            address = model.address + point.offset
            if data and address != at:
                raise ValueError(f"{point.name} does not follow the point before it")
            start = start if data else address
            data += point.encode(value, await self.exponent(point))
            at = address + point.words
        function = 6 if len(data) == 2 and self.single_write else 16
        await self.line.write(self.unit, function, start, data)

    def _plan_chain(self, points: Sequence[SunSpecPoint], whole: bool) -> _Plan:
        """Where in this device's chain the points lie, and the requests that fetch them."""
        cells: dict[str, _Cell] = {}
        served: set[str] = set()
        for point in points:
            model = self.locate(point)
            if model is None or point.key in served:
                continue
            served.add(point.key)
            room = range(point.offset, model.length + 3 - point.words, point.repeat or 0x10000)
            for place, offset in enumerate(room, 1):
                key = f"{point.key}_{place}" if point.repeat else point.key
                cells[key] = _Cell(key, point, model.address + offset, model)
        fields = Fields()
        for cell in cells.values():
            fields.add(cell.address, cell.point.coding, cell.model)
            if cell.factor is not None:
                fields.add(cell.factor, "sunssf", cell.model)
        return _Plan(list(cells.values()), fields.requests(self.max_block, whole, self.across))

    def _value(self, cell: _Cell, raws: Mapping[int, Raw]) -> Value:
        point, raw = cell.point, raws.get(cell.address)
        if raw is None:
            return None
        if isinstance(raw, bytes):
            return raw.split(b"\0", 1)[0].decode("utf-8", "replace").strip()
        if raw in ABSENT[point.coding] or raw != raw:
            self.doubts.pop(cell.key, None)
            return None
        exponent = 0 if cell.factor is None else self._exponent(int(raws.get(cell.factor, NO_FACTOR)), cell.factor)
        if exponent is None:
            return None
        value = raw * float(10**exponent) if exponent >= 0 else raw / float(10**-exponent)
        value = value * point.scale if point.scale != 1 else value
        return self._sane(cell, raw, value) if point.unit else value

    def _sane(self, cell: _Cell, raw: float, value: float) -> float | None:
        """The value of a quantity; None, with a doubt, when it cannot be or only half of it has arrived."""
        coding, unit = cell.point.coding, cell.point.unit
        low, high = raw_range(coding, 0, unit, ABSENT[coding])
        half = raw in halves(coding, unit, ABSENT[coding]) and not near(self._believed.get(cell.key), value)
        if low <= raw <= high and not half and abs(value) <= most(unit, getattr(self, "kind", None)):
            self.doubts.pop(cell.key, None)
            self._believed[cell.key] = value
            return value
        self.doubts[cell.key] = why(raw, coding, value, unit)
        return None

    def _exponent(self, raw: int, address: int) -> int | None:
        if raw in ABSENT["sunssf"]:
            return None
        if not -10 <= raw <= 10:
            raise Garbled(f"scale factor {raw}", unit=self.unit, address=address)
        return raw


def sunspec_measures(device: type) -> tuple[SunSpecMeasure, ...]:
    """The SunSpec measures that a driver class declares, those of its first base first; None takes one away."""
    found: dict[str, object] = {}
    for owner in device.__mro__:
        for name, each in vars(owner).items():
            found.setdefault(name, each)
    return tuple(each for each in found.values() if isinstance(each, SunSpecMeasure))
