"""The API of a house, asked over HTTP in process."""

import asyncio
import csv
import io
import json

import pytest

from controller.service.live import KEPT, Live

V1 = "/api/v1"


def test_a_device_says_what_it_does_and_why(door):
    door.served.run(30.0)
    client = door.program("read")
    told = client.get(f"{V1}/devices/wallbox").json()
    assert (told["maker"], told["state"]) == ("KEBA", "online")
    assert told["why"] == "pause: no car is plugged in"
    assert told["wanted"]["current"]["chain"][-1]["source"] == "charging"
    assert told["units"]["power"] == "W"
    assert (
        client.get(f"{V1}/devices/wallbux").json()["detail"].startswith("no device 'wallbux', there are roof, battery")
    )
    assert [each["name"] for each in client.get(f"{V1}/devices").json()] == [*door.served.home.hem.members]


def test_readings_tell_the_flows_of_the_house_with_their_signs(door):
    shown = door.served.run(30.0)
    told = door.program("read").get(f"{V1}/readings").json()
    flows = told["house"]
    assert flows["grid"] == pytest.approx(shown.devices["grid"].reading["power"], abs=0.001)
    assert flows["generation"] > 500
    assert flows["consumption"] > 0
    assert told["devices"]["battery"]["soc"] is not None
    assert "prices" not in told["devices"]["prices"]


def test_a_wish_by_hand_is_audited_then_done_and_can_be_taken_back(door):
    door.served.run(30.0)
    client = door.program("operate")
    answer = client.post(f"{V1}/devices/rod/ask", json={"command": "set_power", "value": 1500, "seconds": 3600})
    assert answer.json() == {"asked": "set_power"}
    shown = door.served.run(5.0)
    wanted = shown.devices["rod"].wanted["load"]
    assert (wanted.value, wanted.chain[-1].source) == (1500.0, "user")
    client.post(f"{V1}/devices/rod/ask", json={"command": "release"})
    assert all(each.source != "user" for each in door.served.run(10.0).devices["rod"].wanted["load"].chain)
    audit = door.program("install").get(f"{V1}/audit").json()
    assert [each["who"] for each in audit] == ["operate", "operate"]
    assert json.loads(audit[1]["what"].removeprefix("rod: ")) == {
        "command": "set_power", "value": 1500.0, "seconds": 3600.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("rod", {"command": "limit_current", "value": 6}, 422),
        ("rod", {"command": "set_power"}, 422),
        ("rod", {"command": "set_power", "value": -1}, 422),
        ("rod", {"command": "set_power", "value": "NaN"}, 422),
        ("rod", {"command": "explode"}, 422),
        ("rod", {"command": "release", "more": 1}, 422),
        ("rad", {"command": "release"}, 404),
        ("grid", {"command": "release"}, 422),
    ],
)
def test_a_wish_that_a_device_cannot_follow_is_refused_and_nothing_is_noted(door, name, body, status):
    door.served.run(30.0)
    assert door.program("operate").post(f"{V1}/devices/{name}/ask", json=body).status_code == status
    assert door.house.history.audits() == []
    assert door.served.home.hem.strategy.wishes == {}


def test_history_is_told_in_steps_and_as_a_table(door):
    begin = round(door.served.now)
    door.served.run(300.0)
    door.recorder.work()
    client = door.program("read")
    asked = {"device": "roof", "quantity": "power", "begin": begin, "end": begin + 240, "step": 60}
    told = client.get(f"{V1}/history", params=asked).json()
    assert (told["unit"], told["step"], len(told["points"])) == ("W", 60, 4)
    assert told["points"][2][1] > 500
    table = list(csv.reader(io.StringIO(client.get(f"{V1}/history.csv", params=asked).text)))
    assert table[0] == ["begin", "power W"]
    assert table[1][0] == "2025-06-15 12:00:00+02:00"
    assert [float(row[1]) for row in table[1:]] == [value for _, value in told["points"]]
    assert {"device": "", "quantity": "price", "unit": "ct/kWh"} in client.get(f"{V1}/series").json()
    assert client.get(f"{V1}/history", params={**asked, "end": 2e9, "step": 10}).status_code == 422


def test_the_day_is_balanced_in_local_hours(door):
    door.served.run(3600.0, each=5.0)
    door.recorder.work()
    told = door.program("read").get(f"{V1}/balance", params={"period": "day", "day": "2025-06-15"}).json()
    assert len(told["parts"]) == 24
    noon, total = told["parts"][12], told["total"]
    assert noon["generation"] > 1000
    assert noon["generation"] == total["generation"]
    assert told["known"] == told["priced"] == 4
    assert total["import"] + total["generation"] + total["discharging"] == pytest.approx(
        total["export"] + total["consumption"] + total["charging"], rel=0.1
    )
    assert 0 <= told["self_consumption"] <= 1


def test_days_of_23_and_25_hours_have_as_many_parts(door):
    client = door.program("read")
    assert [
        len(client.get(f"{V1}/balance", params={"period": period, "day": day}).json()["parts"])
        for period, day in (
            ("day", "2025-03-30"),
            ("day", "2025-10-26"),
            ("month", "2024-02-11"),
            ("year", "2025-06-15"),
        )
    ] == [23, 25, 29, 12]


def test_a_limit_of_the_grid_operator_is_a_signal_evidence_and_a_setpoint(door):
    door.served.run(20.0)
    door.served.home.built["operator"].main.twin.set("k3", True)
    door.served.run(10.0)
    door.recorder.work()
    client = door.program("read")
    signal = next(each for each in client.get(f"{V1}/signals").json() if each["limits"])
    assert (signal["source"], signal["value"], signal["unit"]) == ("operator", 30.0, "%")
    told = client.get(f"{V1}/evidence").json()
    assert (told["broken"], told["records"][0]["who"], told["records"][0]["value"]) == (None, "operator", 30.0)
    table = list(csv.reader(io.StringIO(client.get(f"{V1}/evidence.csv").text)))
    assert table[1][1:5] == ["operator", "feed-in", "30.0", "%"]
    setpoints = client.get(f"{V1}/setpoints", params={"device": "roof"}).json()
    assert setpoints["now"]["roof"]["feed_in"]["chain"][-1]["rank"] == "grid"
    assert setpoints["past"][0]["value"] == 2400.0
    events = client.get(f"{V1}/events", params={"device": "roof", "limit": 1}).json()
    assert events[0]["what"].startswith("limit_power 2400")


def test_the_plan_has_prices_and_what_waits_for_them(door):
    door.served.run(30.0)
    told = door.program("read").get(f"{V1}/plan").json()
    assert told["prices"][0]["start"] <= told["now"] < told["prices"][0]["end"]
    wallbox = next(each for each in told["devices"] if each["name"] == "wallbox")
    assert (wallbox["mode"], wallbox["cheap"]) == ("surplus", [])


def test_the_site_tells_rules_and_remarks_and_no_secret(door):
    told = door.program("read").get(f"{V1}/site").json()
    assert told["site"] == "Haus am See"
    assert (
        "ripple control by operator"
        in next(each for each in told["devices"] if each["name"] == "roof")["controlled_by"]
    )
    assert told["missing"][0].startswith("battery: no rating is known until it answers")


def test_the_description_names_every_path_and_the_page_offers_them(door):
    client = door.program("read")
    described = client.get(f"{V1}/openapi.json").json()
    assert f"{V1}/devices/{{name}}/ask" in described["paths"]
    page = client.get(f"{V1}/docs")
    assert f'data-path="{V1}/balance"' in page.text
    assert "'sha256-" in page.headers["content-security-policy"]


def test_a_viewer_gets_the_whole_house_and_then_what_changes(door):
    live = Live(door.served.exchange, pause=0.0, spread=0.0)
    door.served.run(30.0)

    async def watch():
        seen = []
        stream = live.stream()
        while len(seen) < 12:
            told = (await anext(stream)).decode().splitlines()
            seen += [json.loads(line.removeprefix("data: ")) for line in told if line.startswith("data: ")]
            for _ in range(5):
                door.served.run(0.2, each=0.2)
                await asyncio.sleep(0)
        return seen

    whole, *later = asyncio.run(watch())
    everybody = set(door.served.home.hem.members)
    assert set(whole["devices"]) == everybody
    assert min(len(each["devices"]) for each in later) < len(everybody)
    assert any("grid" in each["devices"] for each in later)
    numbers = [each["number"] for each in (whole, *later)]
    assert numbers == sorted(set(numbers))


def test_many_viewers_are_shown_the_same_without_writing_it_again(door):
    live = Live(door.served.exchange, pause=0.0, spread=0.0)
    door.served.run(30.0)

    async def watch():
        streams = [live.stream() for _ in range(50)]
        first = [await anext(each) for each in streams]
        later = [asyncio.ensure_future(anext(each)) for each in streams]
        await asyncio.sleep(0)
        door.served.run(1.0)
        return first, await asyncio.gather(*later)

    first, later = asyncio.run(watch())
    assert len({id(each) for each in first}) == 1
    assert len(set(later)) == 1
    assert later[0] != first[0]


def test_a_viewer_who_cannot_keep_up_gets_the_whole_house_again(door):
    live = Live(door.served.exchange, pause=0.0, spread=0.0)
    door.served.run(30.0)

    async def watch():
        stream = live.stream()
        await anext(stream)
        for _ in range(KEPT + 5):
            door.served.run(1.0)
            await asyncio.sleep(0)
        return json.loads((await anext(stream)).decode().splitlines()[0].removeprefix("data: "))

    assert set(asyncio.run(watch())["devices"]) == set(door.served.home.hem.members)


def test_history_is_exported_with_times_that_say_utc(door):
    door.served.run(60.0)
    door.recorder.work()
    wanted, program = {"begin": 0, "end": 4e9, "grain": "10s"}, door.program("read")
    answer = program.get("/api/v1/history/export", params=wanted)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    head, first, *_ = answer.text.splitlines()
    assert head == "time_utc,device,quantity,unit,value"
    assert first.split(",")[0].endswith("Z")
    parquet = program.get("/api/v1/history/export", params={**wanted, "format": "parquet"})
    assert (parquet.content[:4], parquet.content[-4:]) == (b"PAR1", b"PAR1")
    assert door.client().get("/api/v1/history/export", params=wanted).status_code == 401
