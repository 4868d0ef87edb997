"""aWATTar's market data service: a window of prices."""

from collections.abc import Mapping

from emulators.faces.prices import HOUR, Publisher, Slot
from emulators.faces.service import Service
from emulators.family.build import Installation, Order
from emulators.family.profile import BrokenProfile, Profile
from emulators.family.single import single
from emulators.wires.http import NotServed, answer, split
from emulators.wires.wire import HttpReply
from twin.tariff import Tariff

PATH = ["v1", "marketdata"]
DAY = 24 * HOUR
EUR_PER_MWH = 10  # of a ct/kWh


class MarketData:
    """What is behind the path."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.service: Service

    def serve(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> HttpReply:
        segments, query = split(path)
        if segments != PATH:
            raise NotServed(404, path)
        if method != "GET":
            raise NotServed(405, method)
        start = _milliseconds(query, "start", (self._publisher.now // HOUR) * HOUR)
        end = _milliseconds(query, "end", start + DAY)
        data = [_entry(slot) for slot in self.service.published(start, end)]
        return answer({"object": "list", "data": data, "url": "/de/v1/marketdata"})


def _entry(slot: Slot) -> dict[str, float | int | str | None]:
    return {
        "start_timestamp": round(slot.start * 1000),
        "end_timestamp": round(slot.end * 1000),
        "marketprice": None if slot.price is None else round(slot.price * EUR_PER_MWH, 4),
        "unit": "Eur/MWh",
    }


def _milliseconds(query: Mapping[str, str], name: str, default: float) -> float:
    if name not in query:
        return default
    try:
        return int(query[name]) / 1000
    except ValueError as error:
        raise NotServed(400, f"{name} {query[name]!r} is no number of milliseconds") from error


def install(family: Profile, order: Order) -> Installation:
    family, facts, device = single(family, order)
    if not isinstance(device.twin, Tariff):
        raise BrokenProfile(family.file, "kind", "dynamic-tariff")
    publisher = Publisher(device.twin, order.clock, day=str(facts.more["day"]))
    data = MarketData(publisher)
    data.service = service = Service(facts.more, device, publisher, data.serve)
    device.face, device.operator = service, service.operator
    return Installation(family, order.protocol, [device], service, None, int(facts.more["port"]))
