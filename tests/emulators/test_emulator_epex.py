"""Day-ahead prices of DE-LU as three services tell them: days of 92, 96 and 100 quarter-hours, and what goes wrong."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from emulators.faces.prices import market
from emulators.family.build import build
from emulators.wires.wire import HttpReply
from rigs.simulated import environment

WINTER = datetime(2026, 11, 5, 15, tzinfo=UTC)
ENTSOE = "/api?securityToken=x&documentType=A44&in_Domain=10Y1001A1001A82H&out_Domain=10Y1001A1001A82H"
DAYS = [("2026-03-29", 92), ("2026-10-25", 100), ("2026-11-04", 96)]


class Service:
    """A client of all three at an instant."""

    def __init__(self, when: datetime = WINTER, **options: Any) -> None:
        self.env = environment(when.timestamp())
        self.installation = build(148, "http", clock=lambda: float(self.env.now), **options)
        self.device = self.installation.main

    def ask(self, path: str) -> HttpReply:
        self.env.run(until=self.env.now + 1.5)
        return self.installation.wire.handle("GET", path, {}, b"")

    def charts(self, day: str, end: str = "") -> dict[str, Any]:
        reply = self.ask(f"/price?bzn=DE-LU&start={day}&end={end or day}")
        assert reply.status == 200, reply
        return json.loads(reply.body)

    def series(self, day: str) -> list[tuple[str, str, dict[int, float]]]:
        """Position, resolution and points of each TimeSeries of ENTSO-E's answer for a local day."""
        start = datetime.fromisoformat(f"{day}T12:00+00:00")
        when = f"&periodStart={start:%Y%m%d%H%M}&periodEnd={start + timedelta(hours=3):%Y%m%d%H%M}"
        reply = self.ask(ENTSOE + when)
        root = ElementTree.fromstring(reply.body)
        space = {"e": root.tag[1:].partition("}")[0]}
        assert root.tag.endswith("Publication_MarketDocument"), reply.body
        found = []
        for each in root.findall("e:TimeSeries", space):
            position = each.findtext("e:classificationSequence_AttributeInstanceComponent.position", "", space)
            points = {
                int(point.findtext("e:position", "", space)): float(point.findtext("e:price.amount", "", space))
                for point in each.iterfind("e:Period/e:Point", space)
            }
            found.append((position, each.findtext("e:Period/e:resolution", "", space), points))
        return found


@pytest.mark.parametrize(("day", "count"), DAYS)
@pytest.mark.parametrize("told", [True, False])
def test_energy_charts_tells_whole_local_days_whether_it_is_that_day_or_not(day: str, count: int, told: bool):
    found = Service(**({"day": day} if told else {})).charts(day)
    assert len(found["unix_seconds"]) == len(found["price"]) == count
    assert {b - a for a, b in pairwise(found["unix_seconds"])} == {900}
    assert min(found["price"]) < 0 < max(found["price"])
    assert (found["unit"], found["deprecated"]) == ("EUR / MWh", False)


def test_before_october_2025_there_are_hours():
    service = Service()
    assert len(service.charts("2025-09-30")["price"]) == 24
    assert len(service.charts("2025-03-30", "2025-03-31")["price"]) == 23 + 24
    assert len(Service(minutes=60).charts("2026-10-25")["price"]) == 25


def test_the_hour_is_the_mean_of_its_quarters():
    start = int(datetime(2026, 11, 4, 12, tzinfo=UTC).timestamp())
    found = Service().charts("2026-11-04")
    first = found["unix_seconds"].index(start)
    assert sum(found["price"][first : first + 4]) / 4 == pytest.approx(10 * market(start), abs=0.01)


def test_seconds_since_1970_are_a_window_too():
    found = json.loads(Service().ask("/price?bzn=DE-LU&start=1793790000&end=1793793600").body)
    assert [each - 1793790000 for each in found["unix_seconds"]] == [0, 900, 1800, 2700, 3600]


def test_another_zone_is_refused_by_all_three():
    service = Service()
    assert service.ask("/price?bzn=AT&start=2026-11-04&end=2026-11-04").status == 404
    assert service.ask("/app/chart_data/4169/AT/index_hour.json").status == 404
    other = ENTSOE.replace("out_Domain=10Y1001A1001A82H", "out_Domain=10YAT-APG------L")
    reply = service.ask(other + "&periodStart=202611040000&periodEnd=202611050000")
    assert (reply.status, b"<code>999</code>" in reply.body) == (200, True)


def test_tomorrow_is_published_in_the_afternoon_and_can_be_late_or_in_parts():
    service = Service(datetime(2026, 11, 5, 11, 50, tzinfo=UTC))
    assert service.ask("/price?bzn=DE-LU&start=2026-11-06&end=2026-11-06").status == 404
    service.env.run(until=datetime(2026, 11, 5, 11, 56, tzinfo=UTC).timestamp())
    assert len(service.charts("2026-11-06")["price"]) == 96
    assert len(Service(switches=["tomorrow-partial"]).charts("2026-11-06")["price"]) == 24
    late = Service(switches=["tomorrow-late"])
    assert late.ask("/price?bzn=DE-LU&start=2026-11-06&end=2026-11-06").status == 404
    late.device.operator["switch_off"]("tomorrow-late")
    assert len(late.charts("2026-11-06")["price"]) == 96
    missing = Service(switches=["day-missing"])
    assert missing.ask("/price?bzn=DE-LU&start=2026-11-05&end=2026-11-05").status == 404


@pytest.mark.parametrize(("day", "count"), DAYS)
def test_entsoe_tells_whole_market_days_with_the_coupled_auction_last(day: str, count: int):
    service = Service()
    (_, _, other), (first, resolution, points) = service.series(day)
    assert (first, resolution) == ("1", "PT15M")
    wanted = service.charts(day)["price"]
    filled = [points.get(number) for number in range(1, count + 1)]
    for number, price in enumerate(filled):
        filled[number] = price if price is not None else filled[number - 1]
    assert filled == pytest.approx(wanted)
    assert other[1] == pytest.approx(points[1] + 17.31)


def test_entsoe_leaves_out_what_repeats_and_breaks_at_a_gap():
    service = Service()
    at = datetime(2026, 11, 4, 12, tzinfo=UTC)
    prices = (-3.51, -3.51, 12.4, None, 7.0)
    edges = [(at + timedelta(minutes=15 * i)).isoformat() for i in range(6)]
    told = [{"start": edges[i], "end": edges[i + 1], "price": price} for i, price in enumerate(prices)]
    service.device.twin.set("prices", told)
    reply = service.ask(ENTSOE + "&periodStart=202611040000&periodEnd=202611050000")
    text = reply.body.decode().partition("<curveType>A03")[2].rpartition("position>1</class")[2]
    assert text.count("<Point>") == 3 and text.count("<Period>") == 2
    assert "<position>3</position><price.amount>124.00<" in text


def test_entsoe_wants_a_token_and_says_when_there_is_nothing():
    service = Service(token="secret")
    window = "&periodStart=202611040000&periodEnd=202611050000"
    assert service.ask(ENTSOE + window).status == 401
    assert service.ask(ENTSOE.replace("securityToken=x", "securitytoken=secret") + window).status == 200
    evcc = ENTSOE.replace("documentType", "DocumentType").replace("in_D", "In_D").replace("out_D", "Out_D")
    assert b"Publication" in Service().ask(evcc + window.replace("period", "Period")).body
    nothing = Service().ask(ENTSOE + "&periodStart=203011040000&periodEnd=203011050000")
    assert b"Acknowledgement_MarketDocument" in nothing.body
    assert Service().ask(ENTSOE + "&periodStart=tomorrow").status == 400


@pytest.mark.parametrize(("day", "count"), DAYS)
def test_smard_has_a_file_a_week(day: str, count: int):
    service = Service()
    weeks = json.loads(service.ask("/app/chart_data/4169/DE-LU/index_quarterhour.json").body)["timestamps"]
    begin = datetime.fromisoformat(f"{day}T12:00+00:00").timestamp() * 1000
    week = max(each for each in weeks if each <= begin)
    file = f"/app/chart_data/4169/DE-LU/4169_DE-LU_quarterhour_{week}.json"
    series = json.loads(service.ask(file).body)["series"]
    charts = service.charts(day)
    told = {at / 1000: price for at, price in series}
    assert [told[at] for at in charts["unix_seconds"]] == pytest.approx(charts["price"])
    assert len(charts["price"]) == count
    hours = json.loads(service.ask(file.replace("quarterhour", "hour")).body)["series"]
    assert len(series) == 4 * len(hours)


def test_smard_says_null_of_what_is_not_published_and_begins_a_week_on_sunday_at_noon():
    saturday, sunday = datetime(2026, 11, 7, 15, tzinfo=UTC), datetime(2026, 11, 8, 12, tzinfo=UTC)
    index = "/app/chart_data/4169/DE-LU/index_hour.json"
    before, after = (json.loads(Service(when).ask(index).body)["timestamps"] for when in (saturday, sunday))
    assert len(after) == len(before) + 1
    file = f"/app/chart_data/4169/DE-LU/4169_DE-LU_hour_{after[-1]}.json"
    assert Service(saturday).ask(file).status == 404
    series = json.loads(Service(sunday).ask(file).body)["series"]
    assert (len(series), sum(price is not None for _, price in series)) == (168, 24)


def test_the_truth_is_what_is_published():
    service = Service(datetime(2026, 10, 25, 15, tzinfo=UTC))
    assert len(service.device.twin.truth()["prices"]) == 100 + 96
    assert service.ask("/somewhere").status == 404
