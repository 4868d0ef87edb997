"""Replays golden bytes, each with its source, against the driver that serves the row.

A file tests/golden/<family>.toml holds `[[exchange]]` tables; keys before the first table are defaults for all:

    name, source, row, protocol, unit
    request, response   Modbus: unit and PDU in hex. sml, speedwire, tcp: hex, and no request where the device pushes.
                        udp: text. http: "GET /path" and the body
    more                further [request, response] pairs the driver needs to come to the value
    expect              quantity = value, with "absent" for a quantity that has to be None
    identity            what `identify` has to find, e.g. {serial = "12"}
    command             e.g. ["limit_current", 16]: the driver then has to send exactly `request`
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from controller.drivers.serving import driver_for, drivers
from controller.errors import LineTimeout, Refused
from controller.ports import HttpAnswer
from rigs.master import read_request, write_request
from rigs.simulated import SimClock, environment, run

HERE = Path(__file__).parent


def exchanges() -> list[Any]:
    found = []
    for file in sorted(HERE.glob("*.toml")):
        table = tomllib.loads(file.read_text("utf-8"))
        shared = {key: value for key, value in table.items() if key != "exchange"}
        found += [pytest.param(shared | each, id=f"{file.stem}: {each['name']}") for each in table["exchange"]]
    return found


class GoldenModbus:
    """A Modbus line that knows the golden registers; all others read 0."""

    def __init__(self, pairs: list[list[str]]) -> None:
        self.words: dict[tuple[int, int, int], bytes] = {}
        self.refused: dict[bytes, int] = {}
        self.asked: set[tuple[int, int, int]] = set()
        self.sent: list[bytes] = []
        for request, response in pairs:
            asked, answer = bytes.fromhex(request), bytes.fromhex(response)
            unit, function, address = asked[0], asked[1], int.from_bytes(asked[2:4], "big")
            if answer[1] & 0x80:
                self.refused[asked] = answer[2]
            elif function in (3, 4):
                data = answer[3:]
                assert answer[:3] == bytes((unit, function, len(data))), f"{response} does not answer {request}"
                assert len(data) == 2 * int.from_bytes(asked[4:6], "big"), f"{response} does not answer {request}"
                for at in range(len(data) // 2):
                    self.words[unit, function, address + at] = data[2 * at : 2 * at + 2]

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        request = bytes((unit,)) + read_request(function, address, count)
        if request in self.refused:
            raise Refused(self.refused[request], unit=unit, address=address)
        keys = [(unit, function, address + at) for at in range(count)]
        self.asked.update(keys)
        return b"".join(self.words.get(key, b"\0\0") for key in keys)

    async def write(self, unit: int, function: int, address: int, data: bytes) -> None:
        self.sent.append(bytes((unit,)) + write_request(function, address, data))


class GoldenStream:
    """Bytes or datagrams: what was recorded answers what was recorded; what is pushed comes every second."""

    def __init__(self, clock: SimClock, pairs: list[tuple[bytes, bytes]]) -> None:
        self.clock, self.pairs = clock, pairs
        self.sent: list[bytes] = []
        self.waiting: list[bytes] = []
        self.pushed = b"".join(response for request, response in pairs if not request)

    async def send(self, data: bytes) -> None:
        self.sent.append(data)
        self.waiting += [response for request, response in self.pairs if request == data]

    async def receive(self, timeout: float) -> bytes:
        if self.waiting:
            return self.waiting.pop(0)
        if self.pushed and timeout >= 1:
            await self.clock.sleep(1)
            return self.pushed
        await self.clock.sleep(timeout)
        raise LineTimeout("nothing recorded")


class GoldenHttp:
    """A web API that knows the recorded pages."""

    def __init__(self, pairs: list[list[str]]) -> None:
        self.pages = {request: response.encode() for request, response in pairs}

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> HttpAnswer:
        page = self.pages.get(f"{method} {path}", self.pages.get(f"{method} {path.partition('?')[0]}"))
        return HttpAnswer(404, b"") if page is None else HttpAnswer(200, page)


@pytest.mark.parametrize("golden", exchanges())
def test_the_driver_reads_and_writes_the_recorded_bytes(golden: dict[str, Any]) -> None:
    env = environment()
    clock = SimClock(env)
    request = golden.get("request", "")
    pairs = [[request, golden["response"]], *golden.get("more", [])]
    protocol = golden["protocol"]
    line: Any
    if protocol in ("modbus-tcp", "modbus-rtu"):
        line = GoldenModbus(pairs)
    elif protocol == "http":
        line = GoldenHttp(pairs)
    elif protocol == "udp":
        line = GoldenStream(clock, [(asked.encode(), answer.encode()) for asked, answer in pairs])
    else:
        line = GoldenStream(clock, [(bytes.fromhex(asked), bytes.fromhex(answer)) for asked, answer in pairs])
    device = driver_for(golden["row"], protocol)(line, clock, golden.get("unit"), row=golden["row"])
    for key, value in golden.get("identity", {}).items():
        assert getattr(run(env, device.identify()), key) == value
    if "command" in golden:
        name, *values = golden["command"]
        run(env, getattr(device, name)(*values))
        wanted = request.encode() if protocol == "udp" else bytes.fromhex(request)
        assert wanted in line.sent, f"{[each.hex(' ') for each in line.sent]}"
    if "expect" in golden:
        reading = run(env, device.read())
        for quantity, value in golden["expect"].items():
            found = reading.get(quantity)
            assert found == (None if value == "absent" else pytest.approx(value)), f"{quantity}: {found}"
        if isinstance(line, GoldenModbus):
            missing = set(line.words) - line.asked
            assert not missing, f"the driver does not read {sorted(missing)}"


def families() -> dict[str, set[str]]:
    """What the golden exchanges show of the inverters that one module of drivers serves: identity, expect, command."""
    found: dict[str, set[str]] = {}
    for driver in drivers():
        if driver.kind in ("pv-inverter", "battery-inverter"):
            found[driver.__module__] = set()
    for golden in (param.values[0] for param in exchanges()):
        name = driver_for(golden["row"], golden["protocol"]).__module__
        if name in found:
            found[name] |= golden.keys()
    return found


@pytest.mark.parametrize("driver", families())
def test_each_family_of_inverters_has_an_identification_and_a_measurement(driver: str) -> None:
    assert {"identity", "expect"} <= families()[driver]
