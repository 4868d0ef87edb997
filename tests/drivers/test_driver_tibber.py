"""The Tibber drivers: gross prices in UTC, whose home is meant, what measures it, and never a request too many."""

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import pytest

from controller.drivers.tibber import TibberHourly, TibberMonthly
from controller.errors import Garbled, Refused, WrongDevice
from controller.ports import HttpAnswer
from rigs.simulated import SimClock, environment, run

NOW = 1_793_000_000.0  # 2026-10-26T07:33:20Z
UNAUTHENTICATED = {"message": "No valid access token in request", "extensions": {"code": "UNAUTHENTICATED"}}


def slots(*told: tuple[str, float | None]) -> list[dict[str, Any]]:
    return [{"startsAt": start, "total": price, "currency": "EUR"} for start, price in told]


TODAY = slots(("2026-10-26T00:00:00.000+01:00", 0.2874), ("2026-10-26T00:15:00.000+01:00", -0.0105))


def home(today: Any = TODAY, tomorrow: Any = (), *, pulse: bool = True, **more: Any) -> dict[str, Any]:
    info = {"today": list(today), "tomorrow": list(tomorrow)}
    features = {"realTimeConsumptionEnabled": pulse}
    return {"id": "96a14971", "features": features, "currentSubscription": {"priceInfo": info}} | more


class Service:
    """Answers each query with a customer's homes; `hours`: what consumption by the hour is told."""

    def __init__(self, *homes: Any, hours: list[Any] | None = None) -> None:
        self.homes, self.hours = list(homes), hours
        self.answer: HttpAnswer | None = None
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        assert (method, path) == ("POST", "/v1-beta/gql")
        query = json.loads(body)["query"]
        self.asked.append((query, headers or {}))
        if self.answer is not None:
            return self.answer
        nodes = [{"from": "2026-10-25T22:00:00+01:00", "consumption": each} for each in self.hours or ()]
        homes = [each | {"consumption": {"nodes": nodes}} for each in self.homes]
        return HttpAnswer(200, json.dumps({"data": {"viewer": {"homes": homes}}}).encode())


def tibber(
    *homes: Any, hours: list[Any] | None = None, kind: Any = TibberHourly, **options: Any
) -> tuple[Service, Any, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env, line = environment(NOW), Service(*homes, hours=hours)
    return line, kind(line, SimClock(env), **{"token": "5K4MVS", **options}), lambda story: run(env, story)


async def later(driver: Any, seconds: float) -> None:
    await driver.clock.sleep(seconds)


def test_prices_are_gross_cents_in_utc_and_may_be_negative() -> None:
    _, tariff, do = tibber(home())
    assert do(tariff.read())["prices"] == [
        {"start": "2026-10-25T23:00:00Z", "end": "2026-10-25T23:15:00Z", "price": 28.74},
        {"start": "2026-10-25T23:15:00Z", "end": "2026-10-25T23:30:00Z", "price": -1.05},
    ]


def test_the_query_asks_for_quarter_hours_with_the_token_in_a_header() -> None:
    line, tariff, do = tibber(home())
    do(tariff.identify())
    query, headers = line.asked[0]
    assert "priceInfo(resolution:QUARTER_HOURLY)" in query
    assert headers["Authorization"] == "Bearer 5K4MVS"


def test_without_a_token_no_header_is_sent_that_would_be_none() -> None:
    line, tariff, do = tibber(home(), token="")
    do(tariff.identify())
    assert "Authorization" not in line.asked[0][1]


def test_the_hour_that_comes_twice_in_october_is_two_hours() -> None:
    night = slots(("2026-10-25T02:00:00.000+02:00", 0.2874), ("2026-10-25T02:00:00.000+01:00", 0.1802))
    _, tariff, do = tibber(home(night))
    assert [each["start"][11:16] for each in do(tariff.read())["prices"]] == ["00:00", "01:00"]


def test_a_slot_without_a_price_is_left_out() -> None:
    _, tariff, do = tibber(home(slots(("2026-10-26T00:00:00+01:00", None), ("2026-10-26T01:00:00+01:00", 0.31))))
    assert [each["price"] for each in do(tariff.read())["prices"]] == [31.0]


def test_the_list_is_the_same_object_while_nothing_has_changed() -> None:
    line, tariff, do = tibber(home())
    first = do(tariff.read())["prices"]
    do(later(tariff, 7200))
    assert do(tariff.read())["prices"] is first
    assert len(line.asked) == 2


def test_it_asks_once_an_hour_and_no_more_while_tomorrow_is_late() -> None:
    line, tariff, do = tibber(home())

    async def day() -> None:
        for _ in range(24 * 60):
            await tariff.read()
            await tariff.clock.sleep(60)

    do(day())
    assert len(line.asked) == 24


def test_a_home_that_nothing_measures_by_the_hour_is_refused_and_left_alone_for_an_hour() -> None:
    line, tariff, do = tibber(home(pulse=False), hours=[None, None])
    for _ in range(5):
        with pytest.raises(WrongDevice, match="Pulse or SMGW"):
            do(tariff.identify())
        do(later(tariff, 60))
    assert len(line.asked) == 2


def test_a_smart_meter_gateway_shows_in_what_was_used_by_the_hour() -> None:
    line, tariff, do = tibber(home(pulse=False), hours=[None, 0.229])
    assert do(tariff.identify()).model == "Stündlich"
    do(later(tariff, 4000))
    do(tariff.read())
    assert ["consumption" in query for query, _ in line.asked] == [False, True, False]


def test_of_several_homes_one_has_to_be_named_by_name_or_id() -> None:
    two = (home(id="a1", appNickname="Flat"), home(slots(("2026-10-26T00:00:00+01:00", 0.5)), id="b2"))
    _, tariff, do = tibber(*two)
    with pytest.raises(WrongDevice, match=r"2 homes: Flat, b2.*tariff\.home"):
        do(tariff.identify())
    _, tariff, do = tibber(*two, home="B2")
    assert do(tariff.read())["prices"][0]["price"] == 50
    _, tariff, do = tibber(*two, home="cellar")
    with pytest.raises(WrongDevice, match="no home 'cellar'"):
        do(tariff.identify())


def test_a_home_without_a_contract_does_not_count() -> None:
    _, tariff, do = tibber(home(id="a1", currentSubscription=None), home(id="b2"))
    assert do(tariff.identify()).serial == "b2"


def test_an_error_with_status_200_is_an_error() -> None:
    line, tariff, do = tibber(home())
    line.answer = HttpAnswer(200, json.dumps({"errors": [UNAUTHENTICATED], "data": None}).encode())
    with pytest.raises(Refused, match="token are missing or wrong") as refused:
        do(tariff.identify())
    assert "5K4MVS" not in str(refused.value)
    line.answer = HttpAnswer(400, b'{"errors":[{"message":"Cannot query field"}]}')
    do(later(tariff, 3601))
    with pytest.raises(Refused, match="Cannot query field"):
        do(tariff.read())


@pytest.mark.parametrize(
    ("answer", "before", "after"),
    [
        (HttpAnswer(429, b""), 43_199, 43_201),
        (HttpAnswer(429, b"", {"Retry-After": "120"}), 119, 121),
        (HttpAnswer(503, b"busy"), 59, 61),
        (HttpAnswer(200, b"<html>"), 59, 61),
    ],
)
def test_a_service_that_says_no_is_left_alone(answer: HttpAnswer, before: float, after: float) -> None:
    line, tariff, do = tibber(home())
    line.answer = answer
    for seconds in (0, before):
        do(later(tariff, seconds))
        with pytest.raises((Refused, Garbled)):
            do(tariff.read())
        tariff.lost()
    assert len(line.asked) == 1
    line.answer = None
    do(later(tariff, after - before))
    assert len(do(tariff.read())["prices"]) == 2


def test_other_money_and_other_services_are_refused() -> None:
    krona = [{"startsAt": "2026-10-26T00:00:00+01:00", "total": 2.5, "currency": "SEK"}]
    _, tariff, do = tibber(home(krona))
    with pytest.raises(WrongDevice, match="prices in SEK"):
        do(tariff.identify())
    line, tariff, do = tibber()
    line.answer = HttpAnswer(200, b'{"object":"list"}')
    with pytest.raises(WrongDevice, match="Tibber"):
        do(tariff.identify())


def months(*told: tuple[str, float | None]) -> dict[str, Any]:
    entries = [{"time": start, "total": price} for start, price in told]
    return {"id": "96a14971", "currentSubscription": {"priceRating": {"monthly": {"entries": entries}}}}


def test_a_month_is_one_slot_of_its_own_length() -> None:
    line, tariff, do = tibber(
        months(("2026-09-01T00:00:00.000+02:00", 0.2911), ("2026-10-01T00:00:00.000+02:00", 0.3305)), kind=TibberMonthly
    )
    assert do(tariff.identify()).model == "Monatlich"
    assert do(tariff.read())["prices"] == [
        {"start": "2026-08-31T22:00:00Z", "end": "2026-09-30T22:00:00Z", "price": 29.11},
        {"start": "2026-09-30T22:00:00Z", "end": "2026-10-31T23:00:00Z", "price": 33.05},
    ]
    assert (tariff.problem, len(line.asked)) == ("", 1)


def test_while_a_month_has_no_price_that_of_the_last_one_counts_and_is_said() -> None:
    _, tariff, do = tibber(months(("2026-09-01T00:00:00.000+02:00", 0.2911)), kind=TibberMonthly)
    assert do(tariff.read())["prices"][-1] == {
        "start": "2026-09-30T22:00:00Z", "end": "2026-10-31T23:00:00Z", "price": 29.11,
    }  # fmt: skip
    assert tariff.problem.endswith("that from 2026-08-31T22:00:00Z on counts")
