"""eCB1 over HTTP: the charging point it controls and the meters it shows, one request at a time."""

import json
from typing import Any

import pytest

from emulators.family.build import build
from emulators.wires.wire import HttpReply, NoConnection
from rigs.simulated import environment


class Box:
    """A client that waits for each answer."""

    def __init__(self, row: int = 84, **options: Any) -> None:
        self.env = environment()
        self.installation = build(row, "http", clock=lambda: float(self.env.now), **options)
        self.device = self.installation.main

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> HttpReply:
        self.env.run(until=self.env.now + 0.1)
        return self.installation.wire.handle(method, f"/api/v1{path}", headers, body.encode())

    def get(self, path: str) -> Any:
        reply = self.ask("GET", path)
        assert reply.status == 200
        return json.loads(reply.body)

    def control(self) -> dict[str, Any]:
        return self.get("/chargecontrols/1")["chargecontrol"]

    def data(self, meter: int = 1) -> dict[str, float]:
        return self.get(f"/meters/{meter}")["meter"]["data"]

    def act(self, action: str) -> int:
        return self.ask("POST", f"/chargecontrols/1/{action}", **{"Content-Length": "0"}).status

    def ampere(self, amperes: float) -> int:
        return self.ask("POST", "/chargecontrols/1/mode/manual/ampere", f"manualmodeamp={amperes}").status

    def set(self, **quantities: Any) -> None:
        self.device.wake()
        for name, value in quantities.items():
            self.device.twin.set(name, value)


def test_the_controller_is_described_as_in_a_recorded_answer() -> None:
    box = Box()
    box.set(plugged=True)
    box.ampere(0)
    reply = box.ask("GET", "/chargecontrols/1")
    assert b"\\u2019" in reply.body
    seen = json.loads(reply.body)
    assert seen["protocol-version"] == "1.4"
    control = seen["chargecontrol"]
    assert (control["state"], control["stateid"], control["modeid"], control["connected"]) == ("A’", 17, 3, True)
    assert control["vendor"] == "Phoenix Contact"


def test_a_manual_current_moves_the_power() -> None:
    box = Box()
    box.set(plugged=True)
    assert box.ampere(13) == 200
    assert box.device.twin.power == pytest.approx(13 * 690)
    control = box.control()
    assert (control["state"], control["stateid"], control["currentpwmamp"]) == ("C", 5, 13.0)


def test_amperes_are_whole_and_within_the_supply_line() -> None:
    box = Box()
    box.set(plugged=True)
    box.ampere(9.9)
    assert box.device.twin.current_limit == 9
    assert [box.ampere(bad) for bad in (-1, 33)] == [400, 400]
    reply = box.ask("POST", "/chargecontrols/1/mode/manual/ampere", "manualmodeamp=many")
    assert (reply.status, box.device.twin.current_limit) == (400, 9)
    assert [each.accepted for each in box.device.writes] == [True, False, False, False]


def test_a_current_counts_in_manual_mode_only() -> None:
    box = Box(start_mode="eco")
    box.set(plugged=True)
    box.ampere(10)
    assert box.device.twin.power == 0
    assert box.ask("POST", "/chargecontrols/1/mode", "mode=manual").status == 200
    assert box.device.twin.power == pytest.approx(6900)
    box.ask("PUT", "/pvmode", "pvmode=quick")
    assert (box.control()["mode"], box.device.twin.current_limit) == ("quick", 32)
    assert box.ask("POST", "/chargecontrols/1/mode", "mode=turbo").status == 400


def test_start_and_stop_need_a_content_length() -> None:
    box = Box()
    box.set(plugged=True)
    box.ampere(10)
    assert box.ask("POST", "/chargecontrols/1/stop").status == 411
    assert box.device.twin.power == pytest.approx(6900)
    assert box.act("stop") == 200
    assert (box.device.twin.power, box.control()["stateid"], box.control()["connected"]) == (0, 17, True)
    assert box.act("start") == 200
    assert box.device.twin.power == pytest.approx(6900)


def test_without_a_vehicle_the_state_is_0() -> None:
    box = Box()
    assert (box.control()["stateid"], box.control()["connected"]) == (0, False)


def test_the_last_command_stands_for_ever_and_over_a_restart() -> None:
    box = Box()
    box.set(plugged=True)
    box.ampere(10)
    box.env.run(until=box.env.now + 86_400)
    assert box.control()["currentpwmamp"] == 10
    box.act("stop")
    box.device.face.reboot()
    assert box.device.twin.power == pytest.approx(6900)


def test_the_meter_counts_what_is_charged_in_watts_and_kilowatt_hours() -> None:
    box = Box()
    box.set(plugged=True, vehicle="C", power=9123.4, current_l1=13.41, voltage_l2=233.1, energy=9_876_543.2)
    data = box.data()
    assert (data["1-0:1.4.0"], data["1-0:2.4.0"]) == (9123.4, 0)
    assert (data["1-0:31.4.0"], data["1-0:52.4.0"]) == (13.41, 233.1)
    assert data["1-0:1.8.0"] == pytest.approx(9876.5432, abs=0.001)
    assert "1-0:16.7.0" not in data
    assert box.get("/meters/1")["meter"]["type"] == "eCB1 intern"
    assert Box(83).get("/meters/1")["meter"]["type"] == "eCB1 extern"


def test_the_meter_row_shows_export_as_a_positive_number_of_its_own() -> None:
    box = Box(127)
    box.set(power=-4321.5, power_l1=-1500.0, import_energy=71_234_500.0, export_energy=9_876_500.0)
    data = box.data()
    assert (data["1-0:1.4.0"], data["1-0:2.4.0"], data["lgwb"]) == (0, 4321.5, 4321.5)
    assert (data["1-0:21.4.0"], data["1-0:22.4.0"]) == (0, 1500)
    assert data["1-0:1.8.0"] == pytest.approx(71_234.5)
    box.set(power=70_123.4)
    assert (box.data()["1-0:1.4.0"], box.data()["lgwb"]) == (70_123.4, -70_123.4)


def test_each_aggregated_meter_has_its_own_name_and_data() -> None:
    box = Box(127)
    box.installation.devices[4].twin.set("power", -1234.0)
    meters = box.get("/meters")["meters"]
    assert [each["vendor"] for each in meters] == ["eCHARGE", "B-Control", "KLEFR", "RCT Power", "Tesla"]
    assert [each["data"]["1-0:2.4.0"] for each in meters] == [0, 0, 0, 0, 1234]
    assert len(box.get("/meters?vendor=B-Control")["meters"]) == 1
    assert box.get("/chargecontrols")["chargecontrols"] == []


def test_all_lists_everything() -> None:
    seen = Box().get("/all")
    assert [len(seen[key]) for key in ("meters", "chargecontrols", "rfid")] == [1, 1, 0]
    assert seen["system"]["serial"] == 12345678


def test_what_is_not_there_is_404_and_what_cannot_be_written_405() -> None:
    box = Box()
    found = [box.ask("GET", path).status for path in ("/meters/9", "/chargecontrols/2", "/salia")]
    assert found == [404, 404, 404]
    assert box.ask("POST", "/meters/1", "x=1").status == 405
    assert box.ask("DELETE", "/meters/1").status == 405
    assert box.ask("POST", "/chargecontrols/1/mode", "modus=manual").status == 400


def test_two_requests_at_once_lock_the_box_up() -> None:
    box = Box()
    box.get("/meters")
    with pytest.raises(NoConnection):
        box.installation.wire.handle("GET", "/api/v1/meters", {}, b"")
    with pytest.raises(NoConnection):
        box.ask("GET", "/meters")
    box.env.run(until=box.env.now + 31)
    assert box.ask("GET", "/meters").status == 200


def test_line_faults_reach_the_answers() -> None:
    box = Box()
    for fault in ("connect-refused", "connect-hang", "half-open"):
        box.device.faults.on(fault)
        with pytest.raises(NoConnection):
            box.ask("GET", "/meters")
        box.device.faults.off(fault)
    box.device.faults.on("noise")
    with pytest.raises(ValueError):
        box.get("/meters")
    box.device.faults.off("noise")
    box.device.faults.on("late-reply", seconds=9.0)
    assert box.ask("GET", "/meters").delay > 9
    box.device.faults.off("late-reply")
    box.device.faults.on("reset-mid-reply")
    assert box.ask("GET", "/meters").broken == 0.5
    box.device.faults.off("reset-mid-reply")
    box.device.faults.on("write-ignored")
    assert box.ampere(9) == 200
    assert box.device.twin.current_limit == 0


def test_values_can_be_missing_or_lie() -> None:
    box = Box(127)
    box.set(power=1234.0)
    box.device.faults.on("not-available", quantity="power")
    assert not {"1-0:1.4.0", "1-0:2.4.0", "lgwb"} & box.data().keys()
    box.device.faults.off("not-available")
    box.device.faults.on("frozen", quantity="power")
    box.data()
    box.set(power=2345.0)
    assert box.data()["1-0:1.4.0"] == 1234
