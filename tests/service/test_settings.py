"""Settings that change while the controller runs."""

import pytest

from controller import changes
from controller.changes import changed, kept, restored
from controller.errors import ConfigurationError
from controller.service.setting import TRIAL
from controller.sitefile import check
from controller.store import Memory
from controller.strategy import charging

V1 = "/api/v1"
MODE = "device.wallbox.charging.mode"


def test_a_change_counts_from_the_next_decision_and_outlives_the_process(door):
    door.served.home.built["wallbox"].main.twin.set("plugged", True)
    door.served.run(30.0)
    client = door.program("operate")
    assert client.get(f"{V1}/settings").json()["values"][MODE] == "surplus"
    assert client.post(f"{V1}/settings/apply", json={"changes": {MODE: "fast"}}).json() == {"changes": {MODE: "fast"}}
    shown = door.served.run(15.0)
    assert shown.devices["wallbox"].wanted["current"].reason == "fast charging"
    assert client.get(f"{V1}/settings").json()["values"][MODE] == "fast"
    again, misfit = restored(door.served.home.site, door.served.home.hem.store)
    assert (again.device[2].charging.mode, misfit) == ("fast", "")
    assert door.house.history.audits()[0]["what"] == f"settings: {{'{MODE}': 'fast'}}"


def test_a_draft_is_checked_as_the_file_is_and_changes_nothing(door):
    door.served.run(10.0)
    client = door.program("install")
    good = {"changes": {"device.wallbox.charging.maximum_current": 10, "grid.export_power": 2000}}
    assert client.post(f"{V1}/settings/draft", json=good).json() == good
    for path, value, why in (
        (MODE, "warp", "device.wallbox.charging.mode: "),
        ("device.wallbox.charging.maximum_current", -3, "device.wallbox.charging.maximum_current: "),
        ("device.wallbox.row", 66, "device.wallbox.row: can be changed in the site file only"),
        ("device.nobody.charging.mode", "fast", "can be changed in the site file only"),
        ("site.fuse", 63, "site.fuse: can be changed in the site file only"),
    ):
        answer = client.post(f"{V1}/settings/draft", json={"changes": {path: value}})
        assert (answer.status_code, answer.json()["detail"].startswith(why) or why in answer.json()["detail"]) == (
            422,
            True,
        )
        assert client.post(f"{V1}/settings/apply", json={"changes": {path: value}}).status_code == 422
    assert kept(door.served.home.hem.store)["now"] == {}


def test_only_an_installer_changes_the_connection_point(door):
    door.served.run(10.0)
    asked = {"changes": {"grid.export_power": 0}}
    assert door.program("operate").post(f"{V1}/settings/apply", json=asked).status_code == 403
    assert door.program("read").post(f"{V1}/settings/apply", json={"changes": {MODE: "off"}}).status_code == 403
    assert door.program("install").post(f"{V1}/settings/apply", json=asked).status_code == 200
    assert door.served.run(30.0).devices["roof"].wanted["feed_in"].chain[-1].source == "feed-in limit"


def test_the_last_change_can_be_taken_back_once(door):
    door.served.run(10.0)
    client = door.program("install")
    client.post(f"{V1}/settings/apply", json={"changes": {MODE: "off"}})
    assert client.post(f"{V1}/settings/rollback").json() == {"changes": {}}
    assert client.get(f"{V1}/settings").json()["values"][MODE] == "surplus"
    assert client.post(f"{V1}/settings/rollback").status_code == 409


@pytest.mark.parametrize(("later", "mode"), [(1.0, "surplus"), (TRIAL + 1.0, "fast")])
def test_a_change_under_which_a_rule_fails_is_taken_back_while_it_is_on_trial(door, monkeypatch, later, mode):
    door.served.run(30.0)
    door.program("operate").post(f"{V1}/settings/apply", json={"changes": {MODE: "fast"}})
    door.served.run(later)

    def failing(*_):
        raise ZeroDivisionError("a rule's mistake")

    monkeypatch.setattr(charging, "claims", failing)
    for _ in range(10):
        shown = door.served.run(1.0)
        door.house.setting.watch(True, shown, door.served.home.hem)
    assert shown.defect.startswith("ZeroDivisionError")
    assert shown.site.device[2].charging.mode == mode


def test_what_no_longer_fits_the_site_file_is_left_out_and_said():
    store, site = Memory(), check({"device": [{"name": "roof", "row": 1}]})
    store.save(changes.KEY, {"now": {MODE: "fast"}, "before": None})
    found, misfit = restored(site, store)
    assert found is site
    assert misfit.endswith(f"no longer fit the site file: {MODE}: can be changed in the site file only")


def test_a_device_with_dots_in_its_name_is_found():
    site = check({"device": [{"name": "box.1", "row": 65, "protocol": "modbus-tcp"}]})
    assert changed(site, {"device.box.1.charging.mode": "off"}).device[0].charging.mode == "off"
    with pytest.raises(ConfigurationError, match=r"^device\.box\.1\.charging\.mode: "):
        changed(site, {"device.box.1.charging.mode": 7})
