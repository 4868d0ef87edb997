"""The aWATTar driver: slots as they are, in order, each once, and no request too many."""

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import pytest

from controller.drivers.awattar import Awattar
from controller.errors import Garbled, Refused, WrongDevice
from controller.ports import HttpAnswer
from rigs.simulated import SimClock, environment, run

MIDNIGHT = 1_774_825_200_000  # 2026-03-29T23:00:00Z, in ms
HOUR = 3_600_000


def slot(hours: float, price: float | None, length: float = 1, **more: Any) -> dict[str, Any]:
    start = MIDNIGHT + int(hours * HOUR)
    end = start + int(length * HOUR)
    return {"start_timestamp": start, "end_timestamp": end, "marketprice": price, "unit": "Eur/MWh"} | more


class Service:
    """A web page with slots, or what else it answers."""

    def __init__(self, slots: list[Any]) -> None:
        self.answer = HttpAnswer(200, json.dumps({"object": "list", "data": slots}).encode())
        self.asked: list[str] = []

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        assert (method, body) == ("GET", b"")
        self.asked.append(path)
        return self.answer


def service(*slots: Any) -> tuple[Service, Awattar, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env, line = environment(1_774_828_800.0), Service(list(slots))
    return line, Awattar(line, SimClock(env), row=147), lambda story: run(env, story)


def test_prices_come_in_cents_per_kilowatt_hour_and_utc() -> None:
    _, tariff, do = service(slot(0, -3.51), slot(1, 12.4))
    assert do(tariff.read())["prices"] == [
        {"start": "2026-03-29T23:00:00Z", "end": "2026-03-30T00:00:00Z", "price": pytest.approx(-0.351)},
        {"start": "2026-03-30T00:00:00Z", "end": "2026-03-30T01:00:00Z", "price": pytest.approx(1.24)},
    ]


def test_slots_are_sorted_told_once_and_left_out_without_a_price() -> None:
    _, tariff, do = service(slot(2, 30.0), slot(0, 10.0), slot(1, None), slot(0, 99.0))
    assert [each["price"] for each in do(tariff.read())["prices"]] == [1, 3]


def test_quarter_hours_keep_their_length() -> None:
    _, tariff, do = service(slot(0, 0.0, 0.25), slot(0.25, 8.0, 0.25))
    assert [each["end"][11:16] for each in do(tariff.read())["prices"]] == ["23:15", "23:30"]


def test_the_window_holds_today_and_tomorrow() -> None:
    line, tariff, do = service()
    do(tariff.read())
    assert line.asked == [f"/v1/marketdata?start={1_774_828_800 - 90_000}000&end={1_774_828_800 + 176_400}000"]


def test_an_answer_is_kept_for_a_quarter_of_an_hour() -> None:
    line, tariff, do = service(slot(0, 5.0))

    async def day() -> None:
        for _ in range(24 * 60):
            await tariff.read()
            await tariff.clock.sleep(60)

    do(day())
    assert len(line.asked) == 96


def test_the_list_is_the_same_object_while_nothing_has_changed() -> None:
    line, tariff, do = service(slot(0, 5.0))

    async def twice() -> tuple[Any, Any]:
        first = (await tariff.read())["prices"]
        await tariff.clock.sleep(1000)
        return first, (await tariff.read())["prices"]

    one, other = do(twice())
    assert one is other
    assert len(line.asked) == 2


def test_a_service_that_cannot_be_reached_is_tried_again_ever_more_rarely() -> None:
    line, tariff, do = service(slot(0, 5.0))
    line.answer = HttpAnswer(503, b"")

    async def hour() -> None:
        for _ in range(360):
            with pytest.raises(Refused, match="503"):
                await tariff.read()
            tariff.lost()
            await tariff.clock.sleep(10)

    do(hour())
    assert len(line.asked) == 7  # after 1, 2, 4, 8 minutes and every 15


def test_too_many_requests_is_refused_and_not_repeated_before_its_time() -> None:
    line, tariff, do = service(slot(0, 5.0))
    good, line.answer = line.answer, HttpAnswer(429, b"", {"Retry-After": "120"})

    async def nap(seconds: float) -> None:
        await tariff.clock.sleep(seconds)

    for _ in range(3):
        with pytest.raises(Refused, match="429"):
            do(tariff.read())
    assert len(line.asked) == 1
    line.answer = good
    do(nap(121))
    assert len(do(tariff.read())["prices"]) == 1


@pytest.mark.parametrize(
    "slots",
    [
        [slot(0, 5.0), slot(0.5, 6.0)],  # overlapping
        [slot(0, 5.0, -1)],
        [slot(0, 5.0, unit="ct/kWh")],
        [slot(0, 5.0, end_timestamp="later")],
        [slot(0, 5.0, start_timestamp=9e30, end_timestamp=9e30 + 36e5)],
        ["not a slot"],
    ],
)
def test_what_makes_no_sense_is_garbled(slots: list[Any]) -> None:
    _, tariff, do = service(*slots)
    with pytest.raises(Garbled):
        do(tariff.read())


def test_another_service_is_refused() -> None:
    line, tariff, do = service(slot(0, 5.0))
    assert (do(tariff.identify()).manufacturer, do(tariff.identify()).model) == ("aWATTar", "Stündlich")
    line.answer = HttpAnswer(200, b"<html>parked</html>")
    with pytest.raises(WrongDevice):
        do(tariff.identify())
