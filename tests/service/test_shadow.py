"""A second controller that looks on."""

import json
import signal

import pytest
from typer.testing import CliRunner

import hem
from controller.log import Event
from controller.service.history import History
from controller.service.shadow import LEAST, Shadow
from controller.sitefile import check
from rigs.resolve import unwired

MORNING = 7 * 3600.0


@pytest.fixture
def beside(house_of):
    """A house, and a second controller by the same site file with some parts of some devices changed."""

    def made(**parts):
        served = house_of(at=MORNING)
        site = served.home.site.model_dump(exclude={"file"})
        for device in site["device"]:
            device.update(parts.get(device["name"], {}))
        second = Shadow(check(site, "other.toml"), served.home.hem, unwired)
        served.home.hem.decided = second.see
        return served, second

    return made


def test_a_second_controller_by_the_same_file_never_differs(beside):
    served, second = beside()
    for turn in range(6):
        served.home.built["operator"].main.twin.set("k3", turn % 3 == 1)
        served.run(50.0)
        assert second.work() == []
    assert (second.apart, dict(second.now), list(second.past), second.problem) == ({}, {}, [], "")
    assert second.watched > 290.0


def test_what_another_file_would_do_is_told_with_both_chains_and_the_time(beside):
    patterns = {"0000": 100, "1000": 100, "0100": 60, "0010": 15, "0001": 0}
    served, second = beside(operator={"patterns": patterns})
    contact = served.home.built["operator"].main.twin
    served.run(30.0)
    contact.set("k3", True)
    served.run(120.0)
    assert second.work() == []
    (found,) = [each for each in second.data["now"] if each["device"] == "roof"]
    assert (found["is_asked"]["value"], found["would_be"]["value"]) == (2400.0, 1200.0)
    assert found["would_be"]["chain"][-1]["source"] == found["is_asked"]["chain"][-1]["source"]
    assert found["seconds"] > 110.0
    contact.set("k3", False)
    served.run(60.0)
    over = [each for each in second.work() if each.device == "roof"]
    assert over[0].said.startswith("shadow: for 12")
    assert " would be limit_power 1200 [" in over[0].said
    assert " instead of limit_power 2400 [" in over[0].said
    assert second.apart["roof"] == pytest.approx(over[0].seconds)
    assert json.loads(json.dumps(second.data))["past"][0]["device"] == "roof"


def test_it_changes_nothing_of_what_the_first_one_does(beside, house_of):
    logs = []
    for served, work in ((house_of(at=MORNING), lambda: None), beside(wallbox={"charging": {"mode": "fast"}})):
        for turn in range(4):
            served.home.built["operator"].main.twin.set("k3", turn % 2 == 1)
            served.run(40.0)
            getattr(work, "work", work)()
        logs.append([(event.time, event.device, event.what) for event in served.home.hem.log])
    assert logs[0] == logs[1]


def test_what_users_ask_for_and_set_holds_for_both(beside):
    served, second = beside()
    hem = served.home.hem
    hem.strategy.ask("rod", "set_power", 1500.0, 600.0)
    served.run(60.0)
    assert hem.wanted["rod"]["load"].value == 1500.0
    assert second.work() == []
    assert second.now == {}
    assert second.watched > LEAST


def test_a_rule_that_is_defect_in_the_second_is_told_and_the_first_goes_on(beside, monkeypatch):
    served, second = beside()
    monkeypatch.setattr(second._hem.strategy, "envelopes", None)
    served.run(10.0)
    second.work()
    assert second.problem == "a rule is defect: TypeError: 'NoneType' object is not callable"
    assert served.home.hem.defect == ""


def test_it_is_told_over_http(door):
    assert door.program("read").get("/api/v1/shadow").status_code == 404


def test_what_is_kept_of_it_is_printed(tmp_path):
    (tmp_path / "site.toml").write_text('[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\n')
    history = History(tmp_path / "site.history.sqlite")
    what = "for 320 s would be limit_power 1200 [ripple control: K3] instead of nothing"
    history.write({}, [Event(1_750_000_000.0, 7.0, "roof", each) for each in ("online", f"shadow: {what}")])
    history.close()
    done = CliRunner().invoke(hem.app, ["shadow", str(tmp_path / "site.toml")])
    assert (done.exit_code, done.stdout) == (0, f"2025-06-15 17:06:40+02:00 roof: {what}\n")


def test_a_served_house_has_one(tmp_path, serving):
    (tmp_path / "other.toml").write_text('[[device]]\nname = "roof"\nrow = 1\nmodel = "STP 8.0"\npeak_power = 7000\n')
    with serving(tmp_path, "--shadow", str(tmp_path / "other.toml"), "--folder", str(tmp_path)) as (process, _):
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, "")
    assert "shadow" not in out  # nothing is wrong with it
