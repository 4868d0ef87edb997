"""Asks aWATTar for its hourly prices.

The service answers for a window of time, in Eur/MWh without taxes. Slots are as long as they say, an hour or a
quarter; a slot without price is left out. It allows about 100 requests a day, so that an answer is kept for a quarter
of an hour, and a service that says when to come back is not asked before.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.shared.keys import Call, Key, json_object
from controller.errors import Garbled, Refused, WrongDevice
from controller.ports import Clock, Http

BEFORE, AFTER = 25 * 3600, 49 * 3600  # s of the window around now: today and tomorrow in any zone, on any day
SENSIBLE = (0.0, 86_400.0)  # s a slot may be long

Price = dict[str, object]


class Awattar:
    """Market prices of aWATTar. Source: awattar.de, API; windows as in evcc-io/evcc:tariff/awattar.go."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {147: ("http",)}
    kind: ClassVar[Kind] = "dynamic-tariff"
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent()
    reaction: ClassVar[float] = 1.0
    keep: ClassVar[float] = 900.0  # s an answer is good for

    page = Call("GET", "/v1/marketdata?start={}&end={}", "data")
    start = Key("start_timestamp", 0.001, "s")
    end = Key("end_timestamp", 0.001, "s")
    price = Key("marketprice", 0.1, "ct/kWh")
    unit_name = Key("unit")

    def __init__(
        self, line: Http, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None
    ) -> None:
        self.line, self.clock, self.unit, self.row, self.model = line, clock, unit, row, model
        self._prices: list[Price] = []
        self._asked = float("-inf")
        self._closed = (float("-inf"), Refused(429))  # until when the service is not to be asked, and why

    def lost(self) -> None:
        self._asked = float("-inf")

    async def identify(self) -> Identity:
        try:
            await self._ask()
        except Garbled as no:
            raise WrongDevice(f"a service that does not answer as aWATTar does ({no.what})", ["aWATTar"]) from no
        return Identity("aWATTar", "Stündlich")

    async def read(self) -> Reading:
        if self.clock.monotonic() - self._asked >= self.keep:
            await self._ask()
        return {"prices": list(self._prices)}

    async def _ask(self) -> None:
        now, until = self.clock.monotonic(), self._closed[0]
        if now < until:
            raise self._closed[1]
        today = self.clock.now()
        path = self.page.path.format(int(today - BEFORE) * 1000, int(today + AFTER) * 1000)
        answer = await self.line.request(self.page.method, path)
        if not 200 <= answer.status < 300:
            refused = Refused(answer.status, raw=answer.body)
            again = {name.lower(): value for name, value in answer.headers.items()}.get("retry-after", "")
            if again.strip().isdigit():
                self._closed = (now + int(again), refused)
            raise refused
        self._prices = self._slots(answer.body)
        self._asked = now

    def _slots(self, body: bytes) -> list[Price]:
        """The slots in order of time; Garbled when they are none, overlap or are not in Eur/MWh."""
        found = json_object(body).get(self.page.key)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Garbled(f"no list of slots in {self.page.key!r}", raw=body)
        slots: dict[float, tuple[float, float]] = {}
        for each in found:
            start, end, price = self.start.number(each), self.end.number(each), self.price.number(each)
            if price is None:
                continue
            if start is None or end is None or not SENSIBLE[0] < end - start <= SENSIBLE[1]:
                raise Garbled(f"a slot from {start} to {end}", raw=body)
            if self.unit_name.text(each).lower() != "eur/mwh":
                raise Garbled(f"prices in {self.unit_name.text(each)!r}", raw=body)
            slots.setdefault(start, (end, price))
        prices: list[Price] = []
        last = float("-inf")
        for start, (end, price) in sorted(slots.items()):
            if start < last:
                raise Garbled("slots that overlap", raw=body)
            last = end
            prices.append(
                {"start": iso(start), "end": iso(end), "price": round(price, 4)}
            )  # the exchange has cents a MWh
        return prices


def iso(seconds: float) -> str:
    """An instant in UTC as ISO 8601."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError) as no:
        raise Garbled(f"a slot at {seconds} s") from no
