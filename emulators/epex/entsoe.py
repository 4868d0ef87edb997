"""ENTSO-E's Transparency Platform, document A44: day-ahead prices as XML, whole market days for any part of one.

Each day comes as several TimeSeries, told apart by their position: 1 is the coupled auction, 2 another one with other
prices, which stands first. By curve type A03 a point that is as the one before it is left out. Parameter names count in
any case of letters.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from xml.sax.saxutils import escape

from emulators.faces.prices import Slot, local_day, midnight
from emulators.wires.http import NotServed
from emulators.wires.wire import HttpReply

DE_LU = "10Y1001A1001A82H"
DAY_AHEAD = "A44"
SPACE = "urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3"
REFUSAL = "urn:iec62325.351:tc57wg16:451-1:acknowledgementdocument:7:0"
OTHER_AUCTION = 17.31  # EUR/MWh more than the coupled one
XML = "text/xml"
LONGEST = 366  # days

Published = Callable[[float, float], Sequence[Slot]]


def reply(query: Mapping[str, str], token: str, published: Published) -> HttpReply:
    asked = {name.lower(): value for name, value in query.items()}
    given = asked.get("securitytoken", "")
    if not given or (token and given != token):
        return HttpReply(
            401, b"<html><body>Unauthorized. Missing or invalid security token.</body></html>", "text/html"
        )
    if asked.get("documenttype") != DAY_AHEAD:
        return _refused("The document type is not supported here")
    if any(asked.get(name) != DE_LU for name in ("in_domain", "out_domain")):
        return _refused(f"No matching data found: only the domain {DE_LU} is here")
    first, last = local_day(_instant(asked, "periodstart")), local_day(_instant(asked, "periodend") - 1)
    if not 0 <= (last - first).days <= LONGEST:
        return _refused("The amount of requested data exceeds the allowed limit of a year")
    days = [first + timedelta(days=i) for i in range((last - first).days + 1)]
    series = [text for day in days for text in _day(day, published)]
    if not series:
        return _refused("No matching data found")
    body = "".join((
        f'<?xml version="1.0" encoding="utf-8"?><Publication_MarketDocument xmlns="{SPACE}">',
        "<mRID>1</mRID><type>A44</type>",
        f"<period.timeInterval><start>{_time(midnight(first))}</start>"
        f"<end>{_time(midnight(last + timedelta(days=1)))}</end></period.timeInterval>",
        *(f"<TimeSeries><mRID>{number}</mRID>{text}</TimeSeries>" for number, text in enumerate(series, 1)),
        "</Publication_MarketDocument>",
    ))  # fmt: skip
    return HttpReply(200, body.encode(), XML)


def _day(day: date, published: Published) -> list[str]:
    """The TimeSeries of a market day, without their numbers; none without prices."""
    found = published(midnight(day), midnight(day + timedelta(days=1)))
    priced = [slot for slot in found if slot.price is not None]
    if not priced:
        return []
    return [
        text
        for position, more in ((2, OTHER_AUCTION), (1, 0.0))
        for _, group in groupby(priced, key=lambda slot: round(slot.end - slot.start))
        if (text := _series(position, more, list(group)))
    ]


def _series(position: int, more: float, found: Sequence[Slot]) -> str:
    """One TimeSeries of slots of one length; a gap begins another period."""
    seconds = found[0].end - found[0].start
    periods: list[list[Slot]] = []
    for slot in found:
        if periods and abs(periods[-1][-1].end - slot.start) < 1:
            periods[-1].append(slot)
        else:
            periods.append([slot])
    return "".join((
        "<auction.type>A01</auction.type><businessType>A62</businessType>",
        f'<in_Domain.mRID codingScheme="A01">{DE_LU}</in_Domain.mRID>',
        f'<out_Domain.mRID codingScheme="A01">{DE_LU}</out_Domain.mRID>',
        "<contract_MarketAgreement.type>A01</contract_MarketAgreement.type>",
        "<currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name>",
        "<classificationSequence_AttributeInstanceComponent.position>"
        f"{position}</classificationSequence_AttributeInstanceComponent.position><curveType>A03</curveType>",
        *(_period(each, seconds, more) for each in periods),
    ))  # fmt: skip


def _period(found: Sequence[Slot], seconds: float, more: float) -> str:
    points, before = [], None
    for number, slot in enumerate(found, 1):
        price = round(10 * (slot.price or 0.0) + more, 2)
        if price != before:
            points.append(f"<Point><position>{number}</position><price.amount>{price:.2f}</price.amount></Point>")
        before = price
    return (
        f"<Period><timeInterval><start>{_time(found[0].start)}</start><end>{_time(found[-1].end)}</end></timeInterval>"
        f"<resolution>PT{seconds / 60:.0f}M</resolution>{''.join(points)}</Period>"
    )


def _refused(why: str) -> HttpReply:
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><Acknowledgement_MarketDocument xmlns="{REFUSAL}"><mRID>1</mRID>'
        f"<Reason><code>999</code><text>{escape(why)}</text></Reason></Acknowledgement_MarketDocument>"
    )
    return HttpReply(200, body.encode(), XML)


def _instant(asked: Mapping[str, str], name: str) -> float:
    try:
        return datetime.strptime(asked.get(name, ""), "%Y%m%d%H%M").replace(tzinfo=UTC).timestamp()
    except ValueError as error:
        raise NotServed(400, f"{name} as YYYYMMDDHHMM, not {asked.get(name)!r}") from error


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%MZ")
