"""aWATTar's market data service: a window of prices, and the ways in which such services fail."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

from emulators.faces.prices import HOUR, Publisher, Slot, local_day, midnight, slots
from emulators.family.build import Installation, Order
from emulators.family.profile import BrokenProfile, Facts, Profile
from emulators.family.single import single
from emulators.wires.device import Device
from emulators.wires.http import NotServed, answer, split
from emulators.wires.linefaults import gate, spoil_http
from emulators.wires.told import told
from emulators.wires.wire import HttpReply
from twin.tariff import Tariff

PATH = ["v1", "marketdata"]
DAY = 24 * HOUR
EUR_PER_MWH = 10  # of a ct/kWh
QUARTER = HOUR / 4


class MarketData:
    """An HttpStation."""

    def __init__(self, facts: Facts, device: Device) -> None:
        self._facts, self._device = facts.more, device
        self._asked: list[float] = []
        self.switches: set[str] = set()
        for name in self._facts["switches"]:
            self.switch_on(name)
        self.operator: dict[str, Callable[..., None]] = {"switch_on": self.switch_on, "switch_off": self.switch_off}

    def switch_on(self, name: str) -> None:
        known = self._facts["known_switches"]
        if name not in known:
            raise ValueError(f"no switch {name!r}, there are {', '.join(known)}")
        self.switches.add(name)

    def switch_off(self, name: str) -> None:
        self.switches.discard(name)

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> HttpReply:
        gate(self._device.faults)
        now = self._device.wake()
        try:
            reply = self._serve(now, method, path)
        except NotServed as no:
            reply = no.reply
        if "truncated" in self.switches:
            reply = replace(reply, body=reply.body[: len(reply.body) * 2 // 3])
        return spoil_http(self._device.faults, replace(reply, delay=float(self._facts["latency"])))

    def _serve(self, now: float, method: str, path: str) -> HttpReply:
        segments, query = split(path)
        if segments != PATH:
            raise NotServed(404, path)
        if method != "GET":
            raise NotServed(405, method)
        self._limit(now)
        if "server-error" in self.switches:
            raise NotServed(500, "internal server error")
        start = _milliseconds(query, "start", (now // HOUR) * HOUR)
        end = _milliseconds(query, "end", start + DAY)
        found = [slot for slot in self._published(now) if start <= slot.start < end]
        return answer({"object": "list", "data": [_entry(slot) for slot in found], "url": "/de/v1/marketdata"})

    def _limit(self, now: float) -> None:
        """Refuse more than so many requests a minute."""
        self._asked = [at for at in self._asked if at > now - 60]
        after = {"Retry-After": str(self._facts["retry_after"])}
        if "too-many-requests" in self.switches or len(self._asked) >= int(self._facts["rate_limit"]):
            raise NotServed(429, "too many requests", after)
        if "too-many-requests-bare" in self.switches:
            raise NotServed(429, "too many requests")
        self._asked.append(now)

    def _published(self, now: float) -> list[Slot]:
        """The prices with what is wrong about them."""
        found = sorted(slots(told(self._device, "prices") or []), key=lambda slot: slot.start)
        tomorrow = midnight(local_day(now) + timedelta(days=1))
        if "tomorrow-late" in self.switches:
            found = [slot for slot in found if slot.start < tomorrow]
        if "tomorrow-partial" in self.switches:
            found = [slot for slot in found if slot.start < tomorrow + 6 * HOUR]
        if "quarter-hours" in self.switches:
            half = len(found) // 2
            found = [*found[:half], *(part for slot in found[half:] for part in _quarters(slot))]
        if "null" in self.switches:
            found[2:3] = [replace(slot, price=None) for slot in found[2:3]]
        if "overlap" in self.switches:
            found[1:2] = [replace(slot, start=slot.start - HOUR / 2) for slot in found[1:2]]
        if "duplicate" in self.switches:
            found = [*found[:1], *found]
        return found[::-1] if "unsorted" in self.switches else found


def _quarters(slot: Slot) -> list[Slot]:
    """An hour in four parts whose mean it is."""
    if slot.price is None or slot.end - slot.start != HOUR:
        return [slot]
    steps = (0.312, 0.104, -0.104, -0.312)
    return [
        Slot(slot.start + i * QUARTER, slot.start + (i + 1) * QUARTER, round(slot.price + step, 3))
        for i, step in enumerate(steps)
    ]


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
    Publisher(device.twin, order.clock())
    service = MarketData(facts, device)
    device.face, device.operator = service, service.operator
    return Installation(family, order.protocol, [device], service, None, int(facts.more["port"]))
