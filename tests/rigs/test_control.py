"""The control API: what it takes of a truth, what it refuses, and a page that needs nothing from outside."""

import asyncio
import json
import re

import httpx
import pytest

from emulators.family.build import Installation, build
from rigs.control import application
from rigs.simulated import SimulatedModbus, environment, run


class Desk:
    """One emulated device with its API, and its wire."""

    def __init__(self, row: int, protocol: str) -> None:
        self.env = environment()
        self.installation: Installation = build(row, protocol, clock=lambda: float(self.env.now))
        self.device = self.installation.main
        self.line = SimulatedModbus(self.env, self.installation.wire)
        self.app = application(self.installation.devices)

    def ask(self, method: str, path: str, text: str = "") -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://here") as web:
                return await web.request(method, path, content=text, headers={"Content-Type": "application/json"})

        return asyncio.run(asked())

    def patch(self, text: str, query: str = "") -> httpx.Response:
        return self.ask("PATCH", f"/devices/{self.device.id}/truth{query}", text)

    def read(self, function: int, address: int, count: int) -> bytes:
        return run(self.env, self.line.read(self.device.unit, function, address, count))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"power": NaN}', "power is no number"),
        ('{"power": Infinity}', "power is infinite"),
        ('{"power": -Infinity}', "power is infinite"),
        ('{"soc": 150}', "soc is 0 to 100, not 150"),
        ('{"soc": -0.5}', "soc is 0 to 100, not -0.5"),
        ('{"voltage_l1": -230}', "voltage_l1 is 0 to 100000, not -230"),
        ('{"charge_energy": -1}', "charge_energy is 0 to 1e+13, not -1"),
        ('{"temperature": -300}', "temperature is -273.15 to 2000, not -300"),
        ('{"frequency": 50, "soc": 101}', "soc is 0 to 100, not 101"),
    ],
)
def test_a_truth_that_cannot_be_is_refused_whole(text: str, words: str) -> None:
    desk = Desk(53, "modbus-tcp")
    before = desk.device.twin.truth()
    answer = desk.patch(text)
    assert answer.status_code == 422
    assert answer.json()["detail"] == f"{words}; --force or ?force=true sets it all the same"
    assert desk.device.twin.truth() == before


def test_what_is_rare_but_possible_is_taken() -> None:
    desk = Desk(53, "modbus-tcp")
    answer = desk.patch('{"soc": 100, "power": -70123.5, "temperature": -40, "charge_energy": 0}')
    assert answer.status_code == 200
    assert answer.json()["power"] == -70123.5


@pytest.mark.parametrize(("told", "raw"), [("NaN", "7fffffff"), ("Infinity", "7fffffff"), ("-Infinity", "80000000")])
def test_forced_nonsense_is_told_as_the_device_can_and_the_connection_lives(told: str, raw: str) -> None:
    desk = Desk(53, "modbus-tcp")
    assert desk.patch(f'{{"power": {told}}}', "?force=true").status_code == 200
    data = desk.read(4, 13033, 2)
    assert (data[2:] + data[:2]).hex() == raw
    assert desk.read(4, 13022, 1) == desk.read(4, 13022, 1)
    shown = desk.ask("GET", f"/devices/{desk.device.id}/truth")
    assert shown.status_code == 200
    assert json.loads(shown.text)["power"] in ("nan", "inf", "-inf")


def test_a_float_register_can_say_what_no_integer_can() -> None:
    desk = Desk(112, "modbus-rtu")
    assert desk.patch('{"power": Infinity, "frequency": 1e300}', "?force=true").status_code == 200
    pdu = desk.installation.wire.open().feed(bytes.fromhex("0104003400023005"))[0].data
    assert pdu[3:7].hex() == "7f800000"
    assert desk.installation.wire.open().feed(bytes.fromhex("010400460002901e"))[0].data[3:7].hex() == "7f800000"


def test_the_page_for_people_lists_every_operation_and_needs_nothing_from_outside() -> None:
    desk = Desk(53, "modbus-tcp")
    page = desk.ask("GET", "/docs")
    described = json.loads(desk.ask("GET", "/openapi.json").text)["paths"]
    assert page.headers["content-type"].startswith("text/html")
    assert page.text.count("<form") == sum(map(len, described.values())) == 7
    assert all(path in page.text for path in described)
    assert not re.search(r"(src|href)=.?(https?:|//)|@import|url\(", page.text)
    assert f'value="{desk.device.id}"' in page.text
