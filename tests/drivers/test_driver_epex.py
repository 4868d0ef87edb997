"""The day-ahead driver: three services, one market day, slots keyed by UTC."""

import json
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from controller.drivers.epex import EpexDayAhead
from controller.drivers.shared.slots import midnight
from controller.errors import ConfigurationError, Garbled, Refused, WrongDevice
from controller.ports import HttpAnswer
from rigs.simulated import SimClock, environment, run

NOW = 1_774_864_800.0  # 2026-03-30T10:00:00Z, noon in Germany
QUARTER = 900


class Service:
    """Pages by their path without the query."""

    def __init__(self, pages: Mapping[str, Any]) -> None:
        self.pages = dict(pages)
        self.asked: list[str] = []

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        assert (method, body) == ("GET", b"")
        self.asked.append(path)
        page = self.pages.get(path.partition("?")[0])
        if isinstance(page, HttpAnswer):
            return page
        return HttpAnswer(404, b"") if page is None else HttpAnswer(200, json.dumps(page).encode())


def charts(starts: list[float], prices: list[Any], **more: Any) -> dict[str, Any]:
    return {"/price": {"unix_seconds": starts, "price": prices, "unit": "EUR / MWh", "deprecated": False} | more}


def epex(
    pages: Mapping[str, Any], now: float = NOW, **options: Any
) -> tuple[Service, EpexDayAhead, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env, line = environment(now), Service(pages)
    return line, EpexDayAhead(line, SimClock(env), row=148, **options), lambda story: run(env, story)


def test_prices_come_in_cents_and_a_slot_without_one_is_left_out() -> None:
    line, tariff, do = epex(charts([NOW, NOW + 900, NOW + 1800, NOW + 2700], [4.2, -1.0, -7.51, None]))
    prices = do(tariff.read())["prices"]
    assert [each["price"] for each in prices] == [0.42, -0.1, -0.751]
    assert prices[2]["end"] == "2026-03-30T10:45:00Z"
    begin, end = int(midnight(NOW)), int(midnight(NOW, 2)) - 1
    assert line.asked == [f"/price?bzn=DE-LU&start={begin}&end={end}"]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-07-01", 24)])
@pytest.mark.parametrize("length", [900, 3600])
def test_a_day_of_a_clock_change_has_every_slot_once(day: str, hours: int, length: int) -> None:
    begin = midnight(datetime.fromisoformat(f"{day}T12:00:00+01:00").timestamp())
    starts = [begin + at * length for at in range(hours * 3600 // length)]
    _, tariff, do = epex(charts(starts, [float(at) for at in range(len(starts))]), now=begin + 7200)
    prices: Any = do(tariff.read())["prices"]
    assert len(prices) == hours * 3600 // length
    assert all(one["end"] == other["start"] for one, other in pairwise(prices))
    assert tariff.problem == ""


def test_a_gap_is_not_bridged_and_a_change_of_length_is_followed() -> None:
    starts = [NOW, NOW + 900, NOW + 2700, NOW + 3600, NOW + 7200, NOW + 10_800]
    _, tariff, do = epex(charts(starts, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    told: Any = do(tariff.read())["prices"]
    assert [(each["start"][11:16], each["end"][11:16]) for each in told] == [
        ("10:00", "10:15"), ("10:15", "10:30"), ("10:45", "11:00"), ("11:00", "12:00"), ("12:00", "13:00"),
        ("13:00", "14:00"),
    ]  # fmt: skip
    assert tariff.problem == "prices are missing from 2026-03-30T10:30:00Z on"


def test_after_the_auction_tomorrow_is_asked_for_ever_more_rarely_until_it_is_there() -> None:
    today = [midnight(NOW) + at * 3600 for at in range(24)]
    line, tariff, do = epex(charts(today, [50.0] * 24), now=midnight(NOW) + 12.9 * 3600)
    asked: list[float] = []

    async def watch(hours: float) -> None:
        end = tariff.clock.now() + 3600 * hours
        while tariff.clock.now() < end:
            before = len(line.asked)
            await tariff.read()
            asked.extend([(tariff.clock.now() - midnight(NOW)) / 3600] * (len(line.asked) - before))
            await tariff.clock.sleep(10)

    do(watch(3))
    assert asked[0] == pytest.approx(12.9)
    assert 13.0 <= asked[1] <= 13.1
    assert [round(60 * (one - other)) for other, one in pairwise(asked[1:])] == [10, 20, 40, 60]
    line.pages = charts([*today, *(each + 86_400 for each in today)], [50.0] * 48)
    do(watch(3))
    assert [round(60 * (one - other)) for other, one in pairwise(asked[5:])] == [60, 60, 60]


def test_the_list_is_the_same_object_while_nothing_has_changed() -> None:
    line, tariff, do = epex(charts([NOW], [80.0]))
    first = do(tariff.read())["prices"]

    async def later() -> None:
        await tariff.clock.sleep(3700)

    do(later())
    assert do(tariff.read())["prices"] is first
    assert len(line.asked) == 2


@pytest.mark.parametrize(
    "page",
    [
        {"unit": "EUR / kWh"}, {"price": [1.0, 2.0]}, {"unix_seconds": ["soon"]}, {"price": ["cheap"]},
        {"unix_seconds": [9e30]}, {"unix_seconds": None},
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_garbled(page: dict[str, Any]) -> None:
    _, tariff, do = epex(charts([NOW], [80.0], **page))
    with pytest.raises(Garbled):
        do(tariff.read())


def test_another_service_is_refused_and_a_busy_one_left_alone() -> None:
    line, tariff, do = epex({"/price": HttpAnswer(200, b"<html>parked</html>")})
    with pytest.raises(WrongDevice, match="energy-charts"):
        do(tariff.identify())
    line, tariff, do = epex({"/price": HttpAnswer(429, b"", {"retry-after": "300"})})
    for _ in range(3):
        with pytest.raises(Refused, match="429"):
            do(tariff.read())
    assert len(line.asked) == 1


@pytest.mark.parametrize(
    ("options", "key"),
    [({"zone": "AT"}, "tariff.zone"), ({"provider": "EEX"}, "tariff.provider"), ({"provider": "entso-e"}, "token")],
)
def test_other_zones_unknown_services_and_a_missing_key_are_refused_before_anything_is_asked(
    options: dict[str, Any], key: str
) -> None:
    with pytest.raises(ConfigurationError, match=key):
        epex({}, **options)


ROOT = "/app/chart_data/4169/DE-LU"


def test_smard_is_read_from_the_last_two_weeks_with_what_is_not_known_yet_left_out() -> None:
    weeks = [1_774_216_800_000, 1_773_612_000_000, 1_774_821_600_000]
    begin = int(midnight(NOW)) * 1000
    line, tariff, do = epex(
        {
            f"{ROOT}/index_quarterhour.json": {"timestamps": weeks},
            f"{ROOT}/4169_DE-LU_quarterhour_{weeks[0]}.json": {"series": [[begin - 900_000, 55.0], [begin, -3.51]]},
            f"{ROOT}/4169_DE-LU_quarterhour_{weeks[2]}.json": {
                "series": [[begin + 900_000, 120.07], [begin + 1_800_000, None]]
            },
        },
        provider="smard",
    )
    prices: Any = do(tariff.read())["prices"]
    assert [(each["start"][11:16], each["price"]) for each in prices] == [("22:00", -0.351), ("22:15", 12.007)]
    assert len(line.asked) == 3


def test_smard_gives_hours_where_it_has_no_quarters() -> None:
    week, begin = 1_774_821_600_000, int(midnight(NOW)) * 1000
    pages = {
        f"{ROOT}/index_quarterhour.json": {"timestamps": [week]},
        f"{ROOT}/4169_DE-LU_quarterhour_{week}.json": {"series": [[begin, None]]},
        f"{ROOT}/index_hour.json": {"timestamps": [week]},
        f"{ROOT}/4169_DE-LU_hour_{week}.json": {"series": [[begin, 80.0]]},
    }
    _, tariff, do = epex(pages, provider="smard")
    prices: Any = do(tariff.read())["prices"]
    assert prices == [{"start": "2026-03-29T22:00:00Z", "end": "2026-03-29T23:00:00Z", "price": 8.0}]


def series(
    position: int | str, points: Mapping[int, float], resolution: str = "PT15M", end: str = "23:00Z", **more: str
) -> str:
    told = "".join(
        f"<Point><position>{at}</position><price.amount>{price}</price.amount></Point>" for at, price in points.items()
    )
    unit = more.get("unit", "MWH")
    return (
        f"<TimeSeries><currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>{unit}</price_Measure_Unit.name>"
        f"<classificationSequence_AttributeInstanceComponent.position>{position}"
        "</classificationSequence_AttributeInstanceComponent.position><curveType>A03</curveType><Period><timeInterval>"
        f"<start>2026-03-29T22:00Z</start><end>2026-03-29T{end}</end></timeInterval>"
        f"<resolution>{resolution}</resolution>{told}</Period></TimeSeries>"
    )


def market(*parts: str, root: str = "Publication_MarketDocument") -> dict[str, Any]:
    space = "urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3"
    text = f'<?xml version="1.0"?><{root} xmlns="{space}">{"".join(parts)}</{root}>'
    return {"/api": HttpAnswer(200, text.encode())}


def entsoe(pages: Mapping[str, Any]) -> tuple[Service, EpexDayAhead, Callable[[Coroutine[Any, Any, Any]], Any]]:
    return epex(pages, provider="entso-e", token="k3y")


def test_of_entsoes_series_the_coupled_auction_counts_and_points_that_repeat_are_filled_in() -> None:
    line, tariff, do = entsoe(market(series(2, {1: 102.1, 2: 98.7}), series(1, {1: 100.41, 3: -5})))
    prices: Any = do(tariff.read())["prices"]
    assert [each["price"] for each in prices] == [10.041, 10.041, -0.5, -0.5]
    assert line.asked == [
        "/api?securityToken=k3y&documentType=A44&in_Domain=10Y1001A1001A82H&out_Domain=10Y1001A1001A82H"
        "&periodStart=202603292200&periodEnd=202603312200"
    ]


def test_hours_and_quarters_of_one_time_are_not_mixed() -> None:
    _, tariff, do = entsoe(market(series(1, {1: 70.0}, "PT60M"), series(1, {1: 60.0, 2: 80.0})))
    assert len(do(tariff.read())["prices"]) == 4


def test_no_data_yet_is_an_empty_list_and_any_other_reason_a_refusal() -> None:
    reason = "<Reason><code>{}</code><text>No matching data found</text></Reason>"
    _, tariff, do = entsoe(market(reason.format(999), root="Acknowledgement_MarketDocument"))
    assert do(tariff.read())["prices"] == []
    _, tariff, do = entsoe(market(reason.format(400), root="Acknowledgement_MarketDocument"))
    with pytest.raises(Refused, match="400: No matching"):
        do(tariff.read())


@pytest.mark.parametrize(
    "parts",
    [
        (series(1, {2: 5.0}),), (series(1, {1: 5.0, 9: 5.0}),), (series("one", {1: 5.0}),),
        (series(1, {1: 5.0}, "P1Y"),), (series(1, {1: 5.0}, end="21:00Z"),), (series(1, {1: 5.0}, unit="KWH"),),
        ("<broken>",),
    ],
)  # fmt: skip
def test_xml_that_makes_no_sense_is_garbled(parts: tuple[str, ...]) -> None:
    _, tariff, do = entsoe(market(*parts))
    with pytest.raises(Garbled):
        do(tariff.read())


class Market(Service):
    """Prices by the quarter-hour for whatever is asked, those of tomorrow from 12:55 on."""

    def __init__(self) -> None:
        super().__init__({})
        self.clock: Any = None

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        self.asked.append(path)
        window = dict(each.split("=") for each in path.partition("?")[2].split("&"))
        now = self.clock.now()
        known = midnight(now, 2 if now >= midnight(now) + 12 * 3600 + 3300 else 1)
        starts = range(int(window["start"]), int(min(float(window["end"]) + 1, known)), QUARTER)
        page = charts(list(starts), [float(at // QUARTER % 997) - 100 for at in starts])["/price"]
        return HttpAnswer(200, json.dumps(page).encode())


def test_a_year_with_both_clock_changes_has_every_quarter_hour_once() -> None:
    begin = midnight(1_767_225_600.0 + 7200)  # 2026-01-01
    env, line = environment(begin), Market()
    tariff = EpexDayAhead(line, SimClock(env), row=148)
    line.clock = tariff.clock
    told: dict[str, float] = {}

    async def year() -> None:
        while tariff.clock.now() < begin + 365 * 86_400:
            prices: Any = (await tariff.read())["prices"]
            for each in prices:
                assert told.setdefault(str(each["start"]), float(str(each["price"]))) == each["price"]
            await tariff.clock.sleep(6 * 3600)

    run(env, year())
    instants = sorted(datetime.fromisoformat(each).timestamp() for each in told)
    assert {after - before for before, after in pairwise(instants)} == {float(QUARTER)}
    assert instants[0] == begin and instants[-1] >= begin + 365 * 86_400 - QUARTER
    assert len(line.asked) <= 4 * 365 + 1
