"""The Hardy Barth drivers against the eCB1's pages."""

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import pytest

from controller.drivers.hardybarth import EcbCharger, EcbMeter
from controller.drivers.shared.keys import json_object
from controller.errors import Garbled, Refused, WrongDevice
from controller.ports import HttpAnswer
from rigs.simulated import SimClock, environment, run

CONTROL = {
    "id": 1, "mode": "manual", "modeid": 3, "manualmodeamp": 10.0, "evminamp": 6.0, "supplylinemaxamp": 16.0,
    "connected": True, "stateid": 5, "state": "C", "version": "V1.3.1",
}  # fmt: skip
DATA = {
    "1-0:1.4.0": 3450.5, "1-0:1.8.0": 1234.567, "1-0:21.4.0": 1150.0, "1-0:41.4.0": 1150.25, "1-0:61.4.0": 1150.25,
    "1-0:31.4.0": 5.0, "1-0:51.4.0": 5.1, "1-0:71.4.0": 5.2, "1-0:32.4.0": 230.1, "1-0:52.4.0": 230.4,
    "1-0:72.4.0": 229.9,
}  # fmt: skip


class Box:
    """The pages of an eCB1 with one charge control and one meter; it moves as it is told."""

    def __init__(self, control: dict[str, Any] | None = None, data: dict[str, Any] | None = None) -> None:
        self.control = CONTROL | (control or {})
        self.meter: dict[str, Any] = {"id": 1, "type": "eCB1 intern", "serial": 12345678, "data": DATA | (data or {})}
        self.asked: list[str] = []
        self.told: list[tuple[str, str]] = []
        self.status = 200

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> HttpAnswer:
        tail = path.removeprefix("/api/v1/")
        if method == "GET":
            self.asked.append(tail)
            page = {"chargecontrols/1": {"chargecontrol": self.control}, "meters/1": {"meter": self.meter}}.get(tail)
            return HttpAnswer(404, b"") if page is None else HttpAnswer(self.status, json.dumps(page).encode())
        if (headers or {}).get("Content-Length") != str(len(body)):
            return HttpAnswer(411, b"length required")
        self.told.append((tail.removeprefix("chargecontrols/1/"), body.decode()))
        self.control |= {"start": {"stateid": 5}, "stop": {"stateid": 17}}.get(tail.rpartition("/")[2], {})
        return HttpAnswer(self.status, b"{}")


Do = Callable[[Coroutine[Any, Any, Any]], Any]


def station(
    control: dict[str, Any] | None = None, data: dict[str, Any] | None = None, row: int = 84
) -> tuple[Box, EcbCharger, Do]:
    env, line = environment(), Box(control, data)
    return line, EcbCharger(line, SimClock(env), row=row), lambda story: run(env, story)


def meter(data: dict[str, Any] | None = None, unit: int | None = None) -> tuple[Box, EcbMeter, Do]:
    env, line = environment(), Box(None, data)
    return line, EcbMeter(line, SimClock(env), unit, row=127), lambda story: run(env, story)


def test_a_charging_point_tells_its_quantities() -> None:
    _, barth, do = station()
    reading = do(barth.read())
    assert (reading["power"], reading["energy"]) == (3450.5, pytest.approx(1_234_567))
    assert (reading["power_l3"], reading["current_l2"], reading["voltage_l1"]) == (1150.25, 5.1, 230.1)
    assert (reading["vehicle"], reading["plugged"], reading["enabled"]) == ("C", True, True)
    assert (reading["current_limit"], reading["status"]) == (10, "running")


def test_whether_a_vehicle_is_there_is_not_read_from_the_state() -> None:
    _, barth, do = station({"stateid": 17, "state": "A\u2019", "manualmodeamp": 0.0})
    reading = do(barth.read())
    assert (reading["vehicle"], reading["enabled"], reading["current_limit"]) == ("B", False, 0)
    _, barth, do = station({"stateid": 0, "connected": False})
    assert do(barth.read())["vehicle"] == "A"


def test_a_limit_goes_out_in_whole_amperes_within_the_supply_line() -> None:
    line, barth, do = station()
    for amperes in (13.9, 13.2, 99):
        do(barth.limit_current(amperes))
        line.control["manualmodeamp"] = 13.0
    assert line.told == [
        ("mode/manual/ampere", "manualmodeamp=13"), ("mode/manual/ampere", "manualmodeamp=16"),
    ]  # fmt: skip


def test_an_eco_station_is_set_to_manual_first_and_back_on_release() -> None:
    line, barth, do = station({"mode": "eco", "manualmodeamp": 16.0})
    do(barth.limit_current(8))
    line.control["mode"] = "manual"
    do(barth.release())
    assert line.told == [
        ("mode", "mode=manual"), ("mode/manual/ampere", "manualmodeamp=8"), ("mode", "mode=eco"),
    ]  # fmt: skip


def test_pause_stops_and_the_next_limit_sets_the_current_before_it_starts() -> None:
    line, barth, do = station()
    do(barth.limit_current(5.9))
    do(barth.limit_current(7))
    assert line.told == [("stop", ""), ("mode/manual/ampere", "manualmodeamp=7"), ("start", "")]


def test_within_a_second_a_page_is_asked_for_once() -> None:
    line, barth, do = station()
    do(barth.read())
    do(barth.limit_current(10))
    assert line.asked == ["chargecontrols/1", "meters/1"]


def test_refusals_and_damage_are_told_apart() -> None:
    line, barth, do = station()
    line.status = 503
    with pytest.raises(Refused, match="503"):
        do(barth.read())
    line.status, line.meter["data"] = 200, DATA | {"1-0:1.4.0": "much"}
    with pytest.raises(Garbled, match="much"):
        do(barth.read())
    line.meter["data"] = {}
    barth.lost()
    with pytest.raises(Garbled, match=r"without '1-0:1\.4\.0'"):
        do(barth.read())
    del line.meter["data"]
    barth.lost()
    with pytest.raises(Garbled, match="without data"):
        do(barth.read())


def test_an_ecb1_without_that_charge_control_is_refused() -> None:
    line, barth, do = station()
    assert do(barth.identify()).model == "Cph1"
    barth.unit = 2
    with pytest.raises(WrongDevice, match="charge control 2"):
        do(barth.identify())
    line.control |= {"supplylinemaxamp": None}
    barth.unit = 1
    barth.lost()
    with pytest.raises(WrongDevice):
        do(barth.identify())


def test_a_meter_gives_import_less_export_and_kilowatt_hours_as_watt_hours() -> None:
    _, barth, do = meter({"1-0:1.4.0": 0.0, "1-0:2.4.0": 70123.4, "1-0:22.4.0": 99.5, "1-0:2.8.0": 98.765})
    reading = do(barth.read())
    assert (reading["power"], reading["power_l1"]) == (-70_123.4, 1050.5)
    assert (reading["import_energy"], reading["export_energy"]) == (pytest.approx(1_234_567), pytest.approx(98_765))
    assert reading["power_factor"] is None


def test_what_another_makers_meter_behind_an_ecb1_does_not_tell_is_absent() -> None:
    """Keys that evcc-io/evcc:charger/echarge/ecb1 reads, and no others."""
    line, barth, do = meter()
    line.meter["data"] = {"1-0:1.4.0": 70_123.4, "1-0:1.8.0": 12.5}
    reading = do(barth.read())
    assert (reading["power"], reading["import_energy"]) == (70_123.4, 12_500)
    assert (reading["power_l2"], reading["voltage_l1"], reading["export_energy"]) == (None, None, None)


def test_a_meter_is_told_by_its_number_and_names_what_it_is() -> None:
    line, barth, do = meter()
    who = do(barth.identify())
    assert (who.model, who.serial) == ("eCB1", "12345678")
    line.meter["type"] = "KLEFR 6934"
    barth.lost()
    assert do(barth.identify()).model == "KLEFR 6934"
    _, barth, do = meter(unit=7)
    with pytest.raises(Refused, match="404"):
        do(barth.read())


@pytest.mark.parametrize(
    ("body", "words"),
    [(b"\n<!DOCTYPE html><html>", "a web page instead of JSON"), (b'{"meter": {', "breaks off"), (b"OK", "not JSON")],
)
def test_what_is_no_json_says_what_it_is(body: bytes, words: str) -> None:
    with pytest.raises(Garbled, match=words) as error:
        json_object(body)
    assert error.value.raw == body
