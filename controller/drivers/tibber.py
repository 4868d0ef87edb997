"""Asks Tibber what a home pays: by the quarter-hour, or one price a month.

GraphQL: one query says all, errors come with status 200 as well. Prices are gross, in the currency of the home. The
prices of tomorrow are an empty list until they are published. Nobody says how often the service may be asked: once an
hour, and after a 429 not for half a day, as OpenEMS does. A token is never told to anybody else.

Sources: Danielhiversen/pyTibber:tibber/gql_queries.py, response_handler.py and const.py; evcc-io/evcc:tariff/tibber.go
and meter/tibber; OpenEMS/openems:io.openems.edge.timeofusetariff.tibber; the quarter-hours: openhab/openhab-addons pull
request 19312; months: npm tibber-api, IPriceRating.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from controller.devices import Identity, Kind, Reading, WhenSilent
from controller.drivers.shared.asking import Asking, accepted
from controller.drivers.shared.keys import Call, Key, json_object
from controller.drivers.shared.slots import DAY, Price, Slot, closed, instant, iso, month, priced
from controller.errors import DeviceError, Garbled, Refused, WrongDevice
from controller.ports import Clock, Http, HttpAnswer

AGENT = "hemtwin/1 (home energy manager)"
CODES = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403, "NOT_FOUND": 404, "INTERNAL_SERVER_ERROR": 500}
UNWELCOME = (401, 403)  # asking again with the same token changes nothing
HALF_A_DAY = 43_200.0  # s
MONTH = 32 * DAY
EURO = "EUR"

Home = Mapping[str, Any]


class TibberApi:
    """The service as one customer's client sees it. `home`: id or name of the one that is meant, where he has more."""

    api = Call("POST", "/v1-beta/gql", "viewer")
    keep: ClassVar[float] = 3600.0  # s an answer is good for

    def __init__(self, line: Http, clock: Clock, token: str, home: str) -> None:
        self._line, self._home = line, home
        self._headers = {"Content-Type": "application/json", "User-Agent": AGENT}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self.asking = Asking(clock, self.keep, self.keep, closed=HALF_A_DAY)

    async def home(self, parts: str) -> Home:
        """The home that is meant, with `parts` of it; WrongDevice when it is not clear which."""
        viewer = await self._viewer(f"{{viewer{{homes{{id appNickname {parts}}}}}}}")
        homes = viewer.get("homes")
        if not isinstance(homes, list) or not all(isinstance(each, dict) for each in homes):
            raise Garbled("an answer without homes")
        return self._meant(homes)

    def _meant(self, homes: Sequence[Home]) -> Home:
        wanted = self._home.strip().casefold()
        found = [each for each in homes if not wanted or wanted in _names(each)]
        supplied = [each for each in found if isinstance(each.get("currentSubscription"), dict)]
        if len(supplied) == 1:
            return supplied[0]
        if supplied:
            names = ", ".join(str(each.get("appNickname") or each.get("id")) for each in supplied)
            raise WrongDevice(f"{len(supplied)} homes: {names}", ["one home: its id or name as tariff.home"])
        what = f"no home {self._home!r}" if wanted and not found else "no home that Tibber supplies"
        raise WrongDevice(f"an account with {what}", ["a contract with Tibber"])

    async def _viewer(self, query: str) -> Mapping[str, object]:
        """What a query is answered; the pace is noted here, whatever comes."""
        wait: float | None = None
        try:
            answer = await self._line.request(
                self.api.method,
                self.api.path,
                body=json.dumps({"query": query}).encode(),
                headers=self._headers,
            )
            wait = self.asking.refused(answer)
            return self._data(answer)
        except DeviceError as error:
            unwelcome = isinstance(error, Refused) and error.code in UNWELCOME
            self.asking.failed(error, self.keep if unwelcome else wait)
            raise

    def _data(self, answer: HttpAnswer) -> Mapping[str, object]:
        """`data.viewer` of an answer; Refused with what the service says where it does not do it."""
        found = json_object(answer.body) if answer.status in (200, 400) else {}
        errors = found.get("errors")
        if errors:
            raise _refused(errors, answer)
        data = json_object(accepted(answer)).get("data")
        viewer = data.get(self.api.key) if isinstance(data, dict) else None
        if not isinstance(viewer, dict):
            raise Garbled(f"an answer without {self.api.key!r}", raw=answer.body)
        return viewer


class TibberHourly:
    """Prices by the quarter-hour, for homes whose use is measured by the quarter-hour: with a Pulse or an SMGW."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {146: ("http",)}
    kind: ClassVar[Kind] = "dynamic-tariff"
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent()
    reaction: ClassVar[float] = 1.0
    keep: ClassVar[float] = TibberApi.keep
    needs_token: ClassVar[bool] = True

    start = Key("startsAt")
    price = Key("total", 100, "ct/kWh")
    currency = Key("currency", optional=True)
    pulse = Key("realTimeConsumptionEnabled", optional=True)
    used = Key("consumption", 1, "kWh", optional=True)

    def __init__(
        self, line: Http, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None,
        token: str = "", home: str = "",
    ) -> None:  # fmt: skip
        self.line, self.clock, self.unit, self.row, self.model = line, clock, unit, row, model
        self._api = TibberApi(line, clock, token, home)
        self._prices: list[Price] = []
        self._measured_at = float("-inf")  # when an SMGW was last seen to measure

    def lost(self) -> None:
        self._api.asking.lost()

    @property
    def problem(self) -> str:
        """What is missing of today's prices."""
        return self._api.asking.problem

    async def identify(self) -> Identity:
        self._api.asking.admit()
        home = await _known(self._ask(), "Tibber")
        return Identity("Tibber", "Stündlich", serial=str(home.get("id") or ""))

    async def read(self) -> Reading:
        if self._api.asking.due():
            await self._ask()
        return {"prices": self._prices}

    async def _ask(self) -> Home:
        slot = "total startsAt currency"
        home = await self._api.home(
            f"features{{{self.pulse.key}}} currentSubscription{{priceInfo(resolution:QUARTER_HOURLY)"
            f"{{today{{{slot}}} tomorrow{{{slot}}}}}}}"
        )
        try:
            await self._measured(home)
            prices = priced(self._slots(_inner(home, "currentSubscription", "priceInfo")), b"")
        except WrongDevice as error:
            self._api.asking.failed(error, self.keep)
            raise
        except DeviceError as error:
            self._api.asking.failed(error)
            raise
        self._prices = self._api.asking.answered(prices, self._prices)
        return home

    async def _measured(self, home: Home) -> None:
        """WrongDevice when nothing measures this home by the hour: Tibber then bills another price than the hour's."""
        features = home.get("features")
        if isinstance(features, dict) and self.pulse.flag(features):
            return
        now = self.clock.monotonic()
        if now - self._measured_at < DAY:
            return
        home = await self._api.home(
            f"currentSubscription{{id}} consumption(resolution:HOURLY,last:48){{nodes{{from {self.used.key}}}}}"
        )
        consumption = home.get("consumption")
        nodes = consumption.get("nodes") if isinstance(consumption, dict) else None
        known = [each for each in nodes or () if isinstance(each, dict) and self.used.number(each) is not None]
        if not known:
            raise WrongDevice("a home that nothing measures by the hour", ["a home with Pulse or SMGW"])
        self._measured_at = now

    def _slots(self, info: Home) -> Iterator[Slot]:
        told: dict[float, float | None] = {}
        for day in ("today", "tomorrow"):
            slots = info.get(day)
            if not isinstance(slots, list) or not all(isinstance(each, dict) for each in slots):
                raise Garbled(f"no list of slots in {day!r}")
            for each in slots:
                in_euro(self.currency.text(each))
                told.setdefault(instant(self.start.text(each)), self.price.number(each))
        starts = sorted(told)
        for begin, end in zip(starts, closed(starts), strict=True):
            yield begin, end, told[begin]


class TibberMonthly:
    """One price for each month, that of the running one as far as it is known."""

    serves: ClassVar[Mapping[int, tuple[str, ...]]] = {145: ("http",)}
    kind: ClassVar[Kind] = "dynamic-tariff"
    refresh: float | None = None
    when_silent: ClassVar[WhenSilent] = WhenSilent()
    reaction: ClassVar[float] = 1.0
    keep: ClassVar[float] = TibberApi.keep
    needs_token: ClassVar[bool] = True

    start = Key("time")
    price = Key("total", 100, "ct/kWh")
    currency = Key("currency", optional=True)

    def __init__(
        self, line: Http, clock: Clock, unit: int | None = None, *, row: int = 0, model: str | None = None,
        token: str = "", home: str = "",
    ) -> None:  # fmt: skip
        self.line, self.clock, self.unit, self.row, self.model = line, clock, unit, row, model
        self._api = TibberApi(line, clock, token, home)
        self._prices: list[Price] = []
        self.problem = ""  # whether the price is an old one

    def lost(self) -> None:
        self._api.asking.lost()

    async def identify(self) -> Identity:
        self._api.asking.admit()
        home = await _known(self._ask(), "Tibber")
        return Identity("Tibber", "Monatlich", serial=str(home.get("id") or ""))

    async def read(self) -> Reading:
        if self._api.asking.due():
            await self._ask()
        return {"prices": self._prices}

    async def _ask(self) -> Home:
        entry = f"{self.start.key} {self.price.key}"
        home = await self._api.home(f"currentSubscription{{priceRating{{monthly{{currency entries{{{entry}}}}}}}}}")
        try:
            monthly = _inner(home, "currentSubscription", "priceRating", "monthly")
            in_euro(self.currency.text(monthly))
            prices = priced(self._months(monthly), b"", MONTH)
        except DeviceError as error:
            self._api.asking.failed(error)
            raise
        self._prices = self._api.asking.answered(prices, self._prices)
        return home

    def _months(self, monthly: Home) -> Iterator[Slot]:
        """A slot for each month that is told; where this one is not yet, the price of the last one before counts."""
        entries = monthly.get("entries")
        if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
            raise Garbled("no list of months in 'entries'")
        told = {month(instant(self.start.text(each))): self.price.number(each) for each in entries}
        this = month(self.clock.now())
        known = [start for start, price in told.items() if start <= this and price is not None]
        self.problem = "" if this in known else f"no price is known of the month from {iso(this)} on"
        if known and this not in known:
            self.problem += f": that from {iso(max(known))} on counts"
            told[this] = told[max(known)]
        for start, price in sorted(told.items()):
            yield start, month(start, 1), price


async def _known(asked: Any, service: str) -> Home:
    """What was asked; another service than this one is a WrongDevice."""
    try:
        found: Home = await asked
        return found
    except Garbled as no:
        raise WrongDevice(f"a service that does not answer as {service} does ({no.what})", [service]) from no


def _names(home: Home) -> set[str]:
    return {str(home.get(key) or "").casefold() for key in ("id", "appNickname")}


def _inner(home: Home, *path: str) -> Home:
    """The object at the end of a path."""
    found: object = home
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        raise Garbled(f"a home without {'.'.join(path)}")
    return found


def in_euro(currency: str) -> None:
    """Garbled when prices are told in something else; an answer without a currency is one in euros."""
    if currency not in ("", EURO):
        raise Garbled(f"prices in {currency}")


def _refused(errors: object, answer: HttpAnswer) -> Refused:
    """The service's own words."""
    first = errors[0] if isinstance(errors, list) and errors else None
    first = first if isinstance(first, dict) else {}
    extensions = first.get("extensions")
    code = str(extensions.get("code", "")) if isinstance(extensions, dict) else ""
    said = str(first.get("message") or code or "an error without a message")
    return Refused(CODES.get(code) or f"{code}: {said}" if code else said, raw=answer.body)
