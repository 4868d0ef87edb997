"""Three services that publish the day-ahead prices of DE-LU: Energy-Charts, SMARD and ENTSO-E, told apart by path."""

from collections.abc import Mapping
from datetime import date, timedelta

from emulators.epex import entsoe, smard
from emulators.faces.prices import Publisher, Slot, local_day, midnight
from emulators.faces.service import Service
from emulators.family.build import Installation, Order
from emulators.family.profile import BrokenProfile, Profile
from emulators.family.single import single
from emulators.wires.http import NotServed, answer, split
from emulators.wires.wire import HttpReply
from twin.tariff import Tariff

ZONE = "DE-LU"
EUR_PER_MWH = 10  # of a ct/kWh
LICENCE = "CC BY 4.0 (creativecommons.org/licenses/by/4.0) from Bundesnetzagentur | SMARD.de"


class DayAhead:
    """What is behind the paths."""

    def __init__(self, publisher: Publisher, token: str) -> None:
        self._publisher, self._token = publisher, token
        self.service: Service

    def serve(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> HttpReply:
        if method != "GET":
            raise NotServed(405, method)
        segments, query = split(path)
        match segments:
            case ["price"]:
                return self._energy_charts(query)
            case ["api"]:
                return entsoe.reply(query, self._token, self.service.published)
            case ["app", "chart_data", *rest]:
                return smard.reply(rest, self._publisher.now, self.service.published)
        raise NotServed(404, path)

    def _energy_charts(self, query: Mapping[str, str]) -> HttpReply:
        if query.get("bzn", ZONE) != ZONE:
            raise NotServed(404, f"no bidding zone {query['bzn']!r} here, only {ZONE}")
        today = local_day(self._publisher.now)
        start, _ = _span(query.get("start", str(today)))
        _, end = _span(query.get("end", str(today)))
        found = self.service.published(start, end)
        if not found:
            raise NotServed(404, "no content available")
        return answer({
            "license_info": LICENCE,
            "unix_seconds": [round(slot.start) for slot in found],
            "price": [euros(slot) for slot in found],
            "unit": "EUR / MWh",
            "deprecated": False,
        })  # fmt: skip


def euros(slot: Slot) -> float | None:
    """EUR/MWh."""
    return None if slot.price is None else round(slot.price * EUR_PER_MWH, 4)


def _span(text: str) -> tuple[float, float]:
    """Begin and end of a local day, or an instant in s and what is just behind it."""
    if text.isdigit():
        return float(text), float(text) + 1
    try:
        day = date.fromisoformat(text[:10])
    except ValueError as error:
        raise NotServed(422, f"{text!r} is neither a day nor a number of seconds") from error
    return midnight(day), midnight(day + timedelta(days=1))


def install(family: Profile, order: Order) -> Installation:
    family, facts, device = single(family, order)
    if not isinstance(device.twin, Tariff):
        raise BrokenProfile(family.file, "kind", "dynamic-tariff")
    publisher = Publisher(device.twin, order.clock, minutes=int(facts.more["minutes"]), day=str(facts.more["day"]))
    data = DayAhead(publisher, str(facts.more["token"]))
    data.service = service = Service(facts.more, device, publisher, data.serve)
    device.face, device.operator = service, service.operator
    return Installation(family, order.protocol, [device], service, None, int(facts.more["port"]))
