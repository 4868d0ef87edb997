"""Asks for the day-ahead prices of the German and Luxembourgian zone, by one of three services.

The list says EPEX API and not which: the exchange's own feed is sold, these services pass its prices on. Each answers
for the day that is and the one to come, in EUR/MWh without taxes, by the quarter-hour since 2025-10-01 and by the hour
before. Which one is asked is the installer's choice (`provider`); what differs is a class each:

    energy-charts  Fraunhofer ISE, without a key: here, the one that is asked unless another is named
    entso-e        controller.drivers.epex_entsoe, with a key
    smard          controller.drivers.epex_smard, Bundesnetzagentur, without a key
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar, Protocol

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.epex_entsoe import Entsoe
from controller.drivers.epex_smard import Smard
from controller.drivers.shared.asking import Asking, accepted
from controller.drivers.shared.keys import Call, Key, json_object, scaled
from controller.drivers.shared.slots import Price, Slot, closed, midnight, priced
from controller.errors import ConfigurationError, DeviceError, Garbled, Refused, WrongDevice
from controller.ports import Clock, Http, HttpAnswer

ZONE = "DE-LU"
UNITS = ("eur/mwh", "nounit")  # the latter in 2024, mampfes/ha_epex_spot issue 179


class Provider(Protocol):
    """One service."""

    async def slots(self, line: Http, start: float, end: float) -> list[Slot]:
        """What is known of the time from `start` to `end` (s since 1970)."""
        ...


class EnergyCharts:
    """Source: api.energy-charts.info, `/price`; answers as in mampfes/ha_epex_spot issue 179."""

    page = Call("GET", "/price?bzn={}&start={}&end={}", "price")
    start = Key("unix_seconds", 1, "s")
    price = Key("price", 0.1, "ct/kWh")
    unit_name = Key("unit", optional=True)

    async def slots(self, line: Http, start: float, end: float) -> list[Slot]:
        """The last second of the window is told: the service counts the end in."""
        path = self.page.path.format(ZONE, int(start), int(end) - 1)
        return list(self._told(accepted(await line.request(self.page.method, path))))

    def _told(self, body: bytes) -> Iterator[Slot]:
        found = json_object(body)
        starts, prices = found.get(self.start.key), found.get(self.price.key)
        if not isinstance(starts, list) or not isinstance(prices, list) or len(starts) != len(prices):
            raise Garbled(f"no two lists of one length in {self.start.key!r} and {self.price.key!r}", raw=body)
        unit = self.unit_name.text(found)
        if unit and unit.lower().replace(" ", "") not in UNITS:
            raise Garbled(f"prices in {unit!r}", raw=body)
        told: dict[float, object] = {}
        for start, price in zip(starts, prices, strict=True):
            if isinstance(start, bool) or not isinstance(start, int | float):
                raise Garbled(f"a slot from {start!r}", raw=body)
            told.setdefault(scaled(start, self.start.scale), price)
        begins = sorted(told)
        for begin, end in zip(begins, closed(begins), strict=True):
            yield begin, end, self.price.number({self.price.key: told[begin]})


PROVIDERS = ("energy-charts", "entso-e", "smard")


class EpexDayAhead:
    """Day-ahead prices of DE-LU. Sources: with each provider; what is published when: support.montel.energy."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {148: ("http",)}
    kind: ClassVar[Kind] = "dynamic-tariff"
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent()
    reaction: ClassVar[float] = 1.0
    keep: ClassVar[float] = 3600.0  # s an answer is good for
    soon: ClassVar[float] = 600.0  # s until tomorrow is asked for again while it is late

    def __init__(
        self, line: Http, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None,
        provider: str = "energy-charts", token: str = "", zone: str = ZONE,
    ) -> None:  # fmt: skip
        if zone != ZONE:
            raise ConfigurationError(f"{ZONE}, the only price zone of this row, not {zone!r}", key="tariff.zone")
        self.line, self.clock, self.unit, self.row, self.model = _Heard(line), clock, unit, row, model
        self._provider = _provider(provider, token)
        self._name = provider
        self._prices: list[Price] = []
        self._asking = Asking(clock, self.keep, self.soon, closed=self.keep)

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
            raise WrongDevice(f"a service that does not answer as {self._name} does ({no.what})", [self._name]) from no
        return Identity("EPEX", "Stündlich", notes=(f"by {self._name}",))

    async def read(self) -> Reading:
        if self._asking.due():
            await self._ask()
        return {"prices": self._prices}

    async def _ask(self) -> None:
        now = self.clock.now()
        try:
            slots = await self._provider.slots(self.line, midnight(now), midnight(now, 2))
            prices = priced(slots, self.line.answer.body)
        except DeviceError as error:
            self._asking.failed(error, self._asking.refused(self.line.answer) if isinstance(error, Refused) else None)
            raise
        self._prices = self._asking.answered(prices, self._prices)


class _Heard:
    """A line that remembers its last answer."""

    def __init__(self, line: Http) -> None:
        self._line = line
        self.answer = HttpAnswer(0, b"")

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        self.answer = await self._line.request(method, path, body=body, headers=headers)
        return self.answer


def _provider(name: str, token: str) -> Provider:
    if name == "energy-charts":
        return EnergyCharts()
    if name == "smard":
        return Smard()
    if name == "entso-e":
        if not token:
            raise ConfigurationError("the security token that ENTSO-E gives to who registers", key="tariff.token")
        return Entsoe(token)
    raise ConfigurationError(f"one of {', '.join(PROVIDERS)}, not {name!r}", key="tariff.provider")
