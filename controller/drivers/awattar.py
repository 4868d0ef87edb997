"""Asks aWATTar for its hourly prices.

The service answers for a window of time, in Eur/MWh without taxes. Slots are as long as they say, an hour or a
quarter; a slot without price is left out. It allows about 100 requests a day, so that an answer is kept for a quarter
of an hour, and a service that says when to come back is not asked before.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.shared.asking import Asking, accepted
from controller.drivers.shared.keys import Call, Key, json_object
from controller.drivers.shared.slots import Price, Slot, priced
from controller.errors import DeviceError, Garbled, WrongDevice
from controller.ports import Clock, Http

BEFORE, AFTER = 25 * 3600, 49 * 3600  # s of the window around now: today and tomorrow in any zone, on any day


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
        self._asking = Asking(clock, self.keep, self.keep, closed=self.keep)

    def lost(self) -> None:
        self._asking.lost()

    @property
    def problem(self) -> str:
        """What is missing of today's prices."""
        return self._asking.problem

    async def identify(self) -> Identity:
        self._asking.admit()
        try:
            await self._ask()
        except Garbled as no:
            raise WrongDevice(f"a service that does not answer as aWATTar does ({no.what})", ["aWATTar"]) from no
        return Identity("aWATTar", "Stündlich")

    async def read(self) -> Reading:
        if self._asking.due():
            await self._ask()
        return {"prices": self._prices}

    async def _ask(self) -> None:
        today = self.clock.now()
        path = self.page.path.format(int(today - BEFORE) * 1000, int(today + AFTER) * 1000)
        wait: float | None = None
        try:
            answer = await self.line.request(self.page.method, path)
            wait = self._asking.refused(answer)
            prices = priced(self._slots(accepted(answer)), answer.body)
        except DeviceError as error:
            self._asking.failed(error, wait)
            raise
        self._prices = self._asking.answered(prices, self._prices)

    def _slots(self, body: bytes) -> Iterator[Slot]:
        """The slots that the service tells; Garbled when they are none or not in Eur/MWh."""
        found = json_object(body).get(self.page.key)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise Garbled(f"no list of slots in {self.page.key!r}", raw=body)
        for each in found:
            start, end, price = self.start.number(each), self.end.number(each), self.price.number(each)
            if price is None:
                continue
            if start is None or end is None:
                raise Garbled(f"a slot from {start} to {end}", raw=body)
            if self.unit_name.text(each).lower() != "eur/mwh":
                raise Garbled(f"prices in {self.unit_name.text(each)!r}", raw=body)
            yield start, end, price
