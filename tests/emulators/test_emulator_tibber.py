"""Tibber's GraphQL: a token, prices by the hour and the quarter, by the month, and the ways in which it fails."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from emulators.family.build import build
from emulators.tibber import graphql
from emulators.wires.wire import HttpReply
from rigs.simulated import environment

AUTUMN = datetime(2026, 11, 5, 15, 7, tzinfo=UTC)
BEARER = {"Authorization": "Bearer 5K4MVS-OjfWhK_4yrjOlFe1F6kJXPVf7eQYggo8ebAE"}


class Service:
    """A client of one contract at an instant."""

    def __init__(self, row: int = 146, when: datetime = AUTUMN, **options: Any) -> None:
        self.env = environment(when.timestamp())
        self.installation = build(row, "http", clock=lambda: float(self.env.now), **options)
        self.device = self.installation.main

    def post(self, query: str, headers: dict[str, str] = BEARER, **variables: Any) -> HttpReply:
        self.env.run(until=self.env.now + 4)
        body = json.dumps({"query": query, "variables": variables}).encode()
        return self.installation.wire.handle("POST", "/v1-beta/gql", headers, body)

    def ask(self, query: str, **variables: Any) -> Any:
        reply = self.post(query, **variables)
        assert reply.status == 200, reply.body
        found = json.loads(reply.body)
        assert "errors" not in found, found
        return found["data"]["viewer"]

    def prices(self, resolution: str = "") -> dict[str, Any]:
        """As evcc, OpenEMS and openWB ask."""
        argument = f"(resolution: {resolution})" if resolution else ""
        days = " ".join(
            f"{day} {{ total energy tax startsAt currency level }}" for day in ("current", "today", "tomorrow")
        )
        viewer = self.ask(
            f"{{ viewer {{ homes {{ id currentSubscription {{ priceInfo{argument} {{ {days} }} }} }} }} }}"
        )
        return viewer["homes"][0]["currentSubscription"]["priceInfo"]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-04", 24)])
def test_days_have_as_many_slots_as_they_have(day: str, hours: int) -> None:
    service = Service(day=day)
    assert len(service.prices()["today"]) == hours
    today = service.prices("QUARTER_HOURLY")["today"]
    assert len(today) == 4 * hours
    starts = [datetime.fromisoformat(each["startsAt"]).timestamp() for each in today]
    assert {b - a for a, b in pairwise(starts)} == {900}
    assert starts[0] == datetime.fromisoformat(f"{day}T00:00:00{today[0]['startsAt'][-6:]}").timestamp()


def test_in_october_an_hour_comes_twice_with_two_offsets() -> None:
    today = Service(day="2026-10-25").prices()["today"]
    assert [each["startsAt"] for each in today[2:4]] == [
        "2026-10-25T02:00:00.000+02:00",
        "2026-10-25T02:00:00.000+01:00",
    ]


def test_prices_are_gross_euros_and_an_hour_is_the_mean_of_its_quarters() -> None:
    service = Service()
    hours, quarters = service.prices("HOURLY"), service.prices("QUARTER_HOURLY")
    for number, hour in enumerate(hours["today"]):
        mean = sum(each["total"] for each in quarters["today"][4 * number : 4 * number + 4]) / 4
        assert hour["total"] == pytest.approx(mean, abs=1e-6)
        assert hour["energy"] + hour["tax"] == pytest.approx(hour["total"])
    assert min(each["energy"] for each in quarters["today"]) < 0
    assert hours["current"] == hours["today"][16]
    assert {each["currency"] for each in quarters["tomorrow"]} == {"EUR"}


def test_the_truth_is_what_a_customer_pays_in_cents() -> None:
    service = Service(when=datetime(2025, 6, 15, 15, tzinfo=UTC))
    service.device.twin.set(
        "prices", [{"start": "2025-06-15T15:00:00Z", "end": "2025-06-15T16:00:00Z", "price": -3.21}]
    )
    assert service.prices()["current"]["total"] == -0.0321
    assert [each["total"] for each in service.prices("QUARTER_HOURLY")["today"]] == [-0.0321] * 4


def test_tomorrow_is_empty_before_it_is_published_and_may_be_late() -> None:
    service = Service(when=datetime(2026, 11, 5, 11, 50, tzinfo=UTC))
    assert service.prices()["tomorrow"] == []
    service.env.run(until=datetime(2026, 11, 5, 11, 56, tzinfo=UTC).timestamp())
    assert len(service.prices()["tomorrow"]) == 24
    service.device.operator["switch_on"]("tomorrow-late")
    assert service.prices()["tomorrow"] == []
    assert Service(switches=["day-missing"]).prices()["today"] == []
    assert Service(switches=["day-missing"]).prices()["current"] is None


def test_without_a_token_the_answer_is_an_error_with_status_200() -> None:
    for headers, token in (({}, ""), (BEARER, "another")):
        reply = Service(token=token).post("{ viewer { name } }", headers)
        found = json.loads(reply.body)
        assert (reply.status, found["data"]) == (200, None)
        assert found["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert Service().post("{ viewer { name } }", {"authorization": BEARER["Authorization"][7:]}).status == 200


@pytest.mark.parametrize(
    "query", ["{ viewer { nonsense } }", "{ viewer", "", "{ viewer { homes } }", "{ viewer { name { x } } }"]
)
def test_a_query_that_is_none_is_refused_with_400(query: str) -> None:
    reply = Service().post(query)
    assert (reply.status, json.loads(reply.body)["errors"][0]["extensions"]["code"]) == (
        400,
        "GRAPHQL_VALIDATION_FAILED",
    )


def test_errors_come_with_status_200_as_pages_or_as_refusals() -> None:
    reply = Service(switches=["internal-error"]).post("{ viewer { name } }")
    assert (reply.status, b"INTERNAL_SERVER_ERROR" in reply.body) == (200, True)
    assert Service(switches=["not-json"]).post("{ viewer { name } }").content_type == "text/html"
    assert Service(switches=["too-many-requests"]).post("{ viewer { name } }").headers == {"Retry-After": "30"}
    assert Service().installation.wire.handle("GET", "/v1-beta/gql", BEARER, b"").status == 405


def test_a_home_is_found_by_its_id_and_one_has_no_contract() -> None:
    service = Service(homes=2)
    homes = service.ask("query Homes { viewer { homes { id appNickname currentSubscription { status } } } }")["homes"]
    assert [each["currentSubscription"] for each in homes] == [{"status": "running"}] * 2 + [None]
    query = (
        "query One($id: ID!) { viewer { home(id: $id) { nick: appNickname features { realTimeConsumptionEnabled } } } }"
    )
    found = service.ask(query, id=homes[1]["id"])["home"]
    assert found == {"nick": "Haus 2", "features": {"realTimeConsumptionEnabled": True}}
    assert service.post(query, id="nobody").status == 400
    ended = Service(switches=["no-subscription"])
    assert ended.ask("{viewer{homes{currentSubscription{id}}}}")["homes"][0]["currentSubscription"] is None


def test_a_home_without_pulse_says_so() -> None:
    viewer = Service(pulse=False).ask("{ viewer { homes { features { realTimeConsumptionEnabled } } } }")
    assert viewer["homes"][0]["features"]["realTimeConsumptionEnabled"] is False


def test_a_contract_by_the_month_has_an_entry_a_month() -> None:
    service = Service(145)
    query = "{viewer{homes{currentSubscription{priceRating{monthly{currency entries{time total}}}}}}}"

    def entries() -> list[dict[str, Any]]:
        return service.ask(query)["homes"][0]["currentSubscription"]["priceRating"]["monthly"]["entries"]

    found = entries()
    assert (len(found), found[-1]["time"]) == (13, "2026-11-01T00:00:00.000+01:00")
    prices = service.device.twin.truth()["prices"]
    assert (prices[-1]["start"], prices[-1]["end"]) == ("2026-10-31T23:00:00Z", "2026-11-30T23:00:00Z")
    assert prices[-1]["price"] == pytest.approx(100 * found[-1]["total"])
    service.env.run(until=datetime(2026, 12, 1, 12, tzinfo=UTC).timestamp())
    assert entries()[-1]["time"] == "2026-12-01T00:00:00.000+01:00"
    service.device.operator["switch_on"]("month-missing")
    assert entries()[-1]["time"] == "2026-11-01T00:00:00.000+01:00"
    nodes = service.ask("{viewer{homes{consumption(resolution: MONTHLY, last: 2){nodes{from unitPrice consumption}}}}}")
    assert [each["from"][:7] for each in nodes["homes"][0]["consumption"]["nodes"]] == ["2026-10", "2026-11"]


def test_graphql_knows_aliases_fragments_and_variables() -> None:
    root = {"a": {"b": 1, "list": [{"c": "x"}, None], "f": lambda n, m=2: n * m}}
    query = (
        "query Q($n: Int!) { a { one: b ...rest f(n: $n) two: f(n: 3, m: -4) } } fragment rest on A { list { c } b }"
    )
    assert graphql.run(query, {"n": 5}, root) == {
        "a": {"one": 1, "list": [{"c": "x"}, None], "b": 1, "f": 10, "two": -12}
    }
    for broken in (
        "mutation { a { b } }",
        "{ a { f(x: 1) } }",
        "{ a { f(n: $n) } }",
        "{ a { ...gone } }",
        "{ a { b } } }",
    ):
        with pytest.raises(graphql.Invalid):
            graphql.run(broken, {}, root)
