"""aWATTar's market data: windows, days of 23 and 25 hours, prices below zero, and what goes wrong with services."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from emulators.family.build import build
from emulators.wires.wire import HttpReply, NoConnection
from rigs.simulated import environment

JUNE = datetime(2025, 6, 15, 15, 6, 40, tzinfo=UTC)
HOUR = 3600


class Service:
    """A client of the service at a certain instant."""

    def __init__(self, when: datetime = JUNE, **options: Any) -> None:
        self.env = environment(when.timestamp())
        self.installation = build(147, "http", clock=lambda: float(self.env.now), **options)
        self.device = self.installation.main

    def ask(self, query: str = "", method: str = "GET") -> HttpReply:
        self.env.run(until=self.env.now + 1.5)
        return self.installation.wire.handle(method, f"/v1/marketdata{query}", {}, b"")

    def data(self, query: str = "") -> list[dict[str, Any]]:
        reply = self.ask(query)
        assert reply.status == 200
        return json.loads(reply.body)["data"]

    def around(self, before: int = 24, after: int = 48) -> list[dict[str, Any]]:
        """Everything from so many hours before now to so many after it."""
        now = int(self.env.now)
        return self.data(f"?start={(now - before * HOUR) * 1000}&end={(now + after * HOUR) * 1000}")


def at(year: int, month: int, day: int, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def test_without_parameters_the_next_24_hours_are_told() -> None:
    service = Service()
    data = service.data()
    assert len(data) == 24
    assert data[0]["start_timestamp"] == at(2025, 6, 15, 15).timestamp() * 1000
    assert {each["unit"] for each in data} == {"Eur/MWh"}
    assert json.loads(service.ask().body)["object"] == "list"


def test_a_window_in_milliseconds_is_kept() -> None:
    service = Service()
    start = int(at(2025, 6, 15, 8).timestamp() * 1000)
    data = service.data(f"?start={start}&end={start + 3 * HOUR * 1000}")
    assert [each["start_timestamp"] - start for each in data] == [0, HOUR * 1000, 2 * HOUR * 1000]
    assert service.ask("?start=yesterday").status == 400


def test_prices_are_ten_times_those_per_kilowatt_hour_and_can_be_negative() -> None:
    service = Service()
    service.device.twin.set(
        "prices",
        [{"start": "2025-06-15T16:00:00Z", "end": "2025-06-15T17:00:00Z", "price": -0.351},
         {"start": "2025-06-15T17:00:00Z", "end": "2025-06-15T17:15:00Z", "price": 12.4}],
    )  # fmt: skip
    data = service.data()
    assert [each["marketprice"] for each in data] == [-3.51, 124.0]
    assert data[1]["end_timestamp"] - data[1]["start_timestamp"] == 900_000


def test_by_default_there_are_48_hours_around_now_and_midday_is_below_zero() -> None:
    service = Service()
    prices = service.device.twin.truth()["prices"]
    assert len(prices) == 48
    assert prices[0]["start"] == "2025-06-14T22:00:00Z"
    assert min(each["price"] for each in prices) < 0
    assert Service().device.twin.truth()["prices"] == prices


def test_tomorrow_appears_after_the_auction() -> None:
    service = Service(at(2025, 6, 15, 10, 50))
    assert len(service.around()) == 35  # to local midnight
    service.env.run(until=at(2025, 6, 15, 10, 56).timestamp())
    assert service.around()[-1]["end_timestamp"] == at(2025, 6, 16, 22).timestamp() * 1000


def test_prices_that_were_set_are_not_replaced_by_new_ones() -> None:
    service = Service(at(2025, 6, 15, 10, 50))
    service.device.twin.set("prices", [])
    service.env.run(until=at(2025, 6, 15, 20).timestamp())
    assert service.data() == []


@pytest.mark.parametrize(
    ("day", "begin", "hours"), [("2026-03-29", at(2026, 3, 28, 23), 23), ("2026-10-25", at(2026, 10, 24, 22), 25)]
)
@pytest.mark.parametrize("how", ["it is that day", "it is told that day", "it is asked for that day"])
def test_days_of_the_clock_change_have_23_and_25_hours(how: str, day: str, begin: datetime, hours: int) -> None:
    now = begin + timedelta(hours=12) if how == "it is that day" else at(2026, 11, 5)
    service = Service(now, **({"day": day} if how == "it is told that day" else {}))
    start = int(begin.timestamp()) * 1000
    data = service.data(f"?start={start}&end={start + hours * HOUR * 1000}")
    assert len(data) == hours
    assert [b["start_timestamp"] - a["start_timestamp"] for a, b in pairwise(data)] == [HOUR * 1000] * (hours - 1)
    if how != "it is asked for that day":
        told = service.device.twin.truth()["prices"]
        assert sum(begin.timestamp() <= datetime.fromisoformat(each["start"]).timestamp() for each in told) >= hours


@pytest.mark.parametrize(
    ("switch", "status", "header"),
    [("too-many-requests", 429, {"Retry-After": "30"}), ("too-many-requests-bare", 429, {}), ("server-error", 500, {})],
)
def test_refusals_come_with_their_status(switch: str, status: int, header: dict[str, str]) -> None:
    service = Service(switches=[switch])
    reply = service.ask()
    assert (reply.status, reply.headers) == (status, header)
    service.device.operator["switch_off"](switch)
    assert service.ask().status == 200


def test_a_truncated_answer_is_no_json() -> None:
    with pytest.raises(ValueError):
        Service(switches=["truncated"]).data()


def test_tomorrow_can_be_late_or_partial() -> None:
    assert len(Service().around(0, 48)) == 30
    assert len(Service(switches=["tomorrow-late"]).around(0, 48)) == 6
    assert len(Service(switches=["tomorrow-partial"]).around(0, 48)) == 12
    assert len(Service(switches=["day-missing"]).around(0, 48)) == 24


def test_slots_can_be_unsorted_double_overlapping_or_without_a_price() -> None:
    starts = [each["start_timestamp"] for each in Service(switches=["unsorted"]).data()]
    assert starts == sorted(starts, reverse=True)
    doubled = Service(switches=["duplicate"]).around()
    assert doubled[0] == doubled[1]
    first, second = Service(switches=["overlap"]).around()[:2]
    assert second["start_timestamp"] < first["end_timestamp"]
    assert [each["marketprice"] is None for each in Service(switches=["null"]).around()[:4]] == [
        False, False, True, False,
    ]  # fmt: skip


def test_the_resolution_can_change_within_an_answer_and_keeps_the_hourly_mean() -> None:
    plain, mixed = Service().around(), Service(switches=["quarter-hours"]).around()
    assert {each["end_timestamp"] - each["start_timestamp"] for each in mixed} == {3_600_000, 900_000}
    last = [each["marketprice"] for each in mixed[-4:]]
    assert sum(last) / 4 == pytest.approx(plain[-1]["marketprice"])


def test_more_than_60_requests_a_minute_are_too_many() -> None:
    service = Service(rate_limit=3)
    assert [service.ask().status for _ in range(4)] == [200, 200, 200, 429]
    service.env.run(until=service.env.now + 60)
    assert service.ask().status == 200


def test_other_paths_and_methods_are_refused() -> None:
    service = Service()
    assert service.installation.wire.handle("GET", "/v2/marketdata", {}, b"").status == 404
    assert service.ask(method="POST").status == 405
    with pytest.raises(ValueError, match="server-error"):
        service.device.operator["switch_on"]("earthquake")


def test_line_faults_reach_the_answers() -> None:
    service = Service()
    service.device.faults.on("connect-refused")
    with pytest.raises(NoConnection):
        service.ask()
    service.device.faults.off("connect-refused")
    service.device.faults.on("exception", status=503)
    assert service.ask().status == 503
