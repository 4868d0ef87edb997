"""Day-ahead prices by the transparency platform of the transmission system operators: XML, with a key.

Sources: evcc-io/evcc:tariff/entsoe/api.go; OpenEMS/openems:io.openems.edge.timeofusetariff.entsoe with a recorded
answer. There are several series of one time; the lowest position is the coupled auction (SDAC), and the order in the
file says nothing. Curve type A03: a point that repeats the one before it is left out. Without data the answer is an
acknowledgement with the reason.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

from controller.drivers.shared.asking import accepted
from controller.drivers.shared.slots import Slot, instant
from controller.errors import Garbled, Refused
from controller.ports import Http

ZONE = "10Y1001A1001A82H"  # DE-LU
PRICES = "A44"
LENGTHS = {"PT15M": 900.0, "PT30M": 1800.0, "PT60M": 3600.0}
NOTHING = "999"  # reason: no matching data found
MOST = 4 << 20  # bytes of an answer; two days are 60 thousand


@dataclass(frozen=True, slots=True)
class Series:
    """One period of a series: slots of `length` s, the first of several series of one time having the lowest rank."""

    rank: int
    length: float
    start: float
    end: float
    prices: tuple[float, ...]


class Entsoe:
    """`token` is the security token that the platform gives to who registers."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def slots(self, line: Http, start: float, end: float) -> list[Slot]:
        """Of each time those of the series that comes first."""
        window = f"periodStart={_stamp(start)}&periodEnd={_stamp(end)}"
        domains = f"documentType={PRICES}&in_Domain={ZONE}&out_Domain={ZONE}"
        answer = await line.request("GET", f"/api?securityToken={self._token}&{domains}&{window}")
        root = _document(accepted(answer))
        if _name(root) == "Acknowledgement_MarketDocument":
            if (code := _text(root, "code")) == NOTHING:
                return []
            raise Refused(f"{code}: {_text(root, 'text')}", raw=answer.body)
        if _name(root) != "Publication_MarketDocument":
            raise Garbled(f"a document {_name(root)!r}", raw=answer.body)
        return list(_laid(list(_series(root))))


def _laid(found: list[Series]) -> Iterator[Slot]:
    """The slots of the series that come first; what another one says of the same time is left out."""
    taken: list[Series] = []
    for each in sorted(found, key=lambda series: (series.rank, series.length)):
        if any(each.start < other.end and other.start < each.end for other in taken):
            continue
        taken.append(each)
        for at, price in enumerate(each.prices):
            begin = each.start + at * each.length
            yield begin, begin + each.length, price / 10  # EUR/MWh to ct/kWh


def _series(root: ElementTree.Element) -> Iterator[Series]:
    for series in _all(root, "TimeSeries"):
        currency, measure = _text(series, "currency_Unit.name"), _text(series, "price_Measure_Unit.name")
        if (currency, measure.upper()) != ("EUR", "MWH"):
            raise Garbled(f"prices in {currency}/{measure}")
        position = _text(series, "classificationSequence_AttributeInstanceComponent.position") or "1"
        if not position.isdigit():
            raise Garbled(f"a series in position {position!r}")
        for period in _all(series, "Period"):
            start, end = instant(_text(period, "start")), instant(_text(period, "end"))
            resolution = _text(period, "resolution")
            if resolution not in LENGTHS or not start < end <= start + 100 * 86_400:
                raise Garbled(f"a period of {resolution!r} from {start} to {end}")
            length = LENGTHS[resolution]
            yield Series(int(position), length, start, end, _filled(period, round((end - start) / length)))


def _filled(period: ElementTree.Element, count: int) -> tuple[float, ...]:
    """A price for each slot: one that is left out is the one before it."""
    points: dict[int, float] = {}
    for point in _all(period, "Point"):
        try:
            points[int(_text(point, "position"))] = float(_text(point, "price.amount"))
        except ValueError as no:
            raise Garbled(f"a point that is none: {no}") from no
    if 1 not in points or max(points) > count:
        raise Garbled(f"a period of {count} slots with points {min(points, default=0)} to {max(points, default=0)}")
    prices = [points[1]]
    for position in range(2, count + 1):
        prices.append(points.get(position, prices[-1]))
    return tuple(prices)


def _document(body: bytes) -> ElementTree.Element:
    if len(body) > MOST or re.search(rb"<!(DOCTYPE|ENTITY)", body):
        raise Garbled(f"no answer of {len(body)} bytes that could be one", raw=body)
    try:
        return ElementTree.fromstring(body)
    except ElementTree.ParseError as no:
        raise Garbled(f"XML that breaks off: {no}", raw=body) from no


def _name(element: ElementTree.Element) -> str:
    """Its name without the version of the schema."""
    return element.tag.rpartition("}")[2]


def _all(element: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (each for each in element.iter() if _name(each) == name)


def _text(element: ElementTree.Element, name: str) -> str:
    """The text of the first element of this name, empty without one."""
    return next(((each.text or "").strip() for each in _all(element, name)), "")


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H%M")
