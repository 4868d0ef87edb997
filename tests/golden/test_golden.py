"""Replays golden bytes, each with its source, against the driver that serves the row.

A file tests/golden/<family>.toml holds `[[exchange]]` tables; keys before the first table are defaults for all:

    name, source, row, protocol, unit
    request, response   Modbus: unit and PDU in hex. sml, speedwire, tcp: hex, and no request where the device pushes.
                        udp: text. http: "GET /path" and the body
    more                further [request, response] pairs the driver needs to come to the value
    around              pairs that the source does not have: made up, and only what it takes for the driver to come to
                        the golden ones; nothing of them is expected. All else is refused as an unknown address
    expect              quantity = value, with "absent" for a quantity that has to be None
    identity            what `identify` has to find, e.g. {serial = "12"}
    command             e.g. ["limit_current", 16]: the driver then has to send exactly `request`
    derived             what the emulator's table has no register for: the driver works it out, or words it
    emulator            how the golden device was set up, e.g. {model = "...", option = ...}
"""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from controller.drivers.serving import driver_for, drivers
from controller.errors import LineTimeout, Refused
from controller.ports import HttpAnswer
from rigs.master import read_request, write_request
from rigs.simulated import SimClock, environment, run

UNKNOWN = 2  # the exception for an address that a device does not have
Place = tuple[int, int, int]  # unit, function, address
HERE = Path(__file__).parent


def exchanges() -> list[Any]:
    found = []
    for file in sorted(HERE.glob("*.toml")):
        table = tomllib.loads(file.read_text("utf-8"))
        shared = {key: value for key, value in table.items() if key != "exchange"}
        found += [pytest.param(shared | each, id=f"{file.stem}: {each['name']}") for each in table["exchange"]]
    return found


def words(request: str, response: str) -> dict[Place, bytes]:
    """What a response says of each register, or of one coil, by unit, function and address."""
    asked, answer = bytes.fromhex(request), bytes.fromhex(response)
    unit, function, address = asked[0], asked[1], int.from_bytes(asked[2:4], "big")
    if answer[1] & 0x80 or function not in (1, 2, 3, 4):
        return {}
    data, count = answer[3:], int.from_bytes(asked[4:6], "big")
    assert answer[:3] == bytes((unit, function, len(data))), f"{response} does not answer {request}"
    if function < 3:
        assert len(data) == count == 1, f"{request} asks for more than one bit"
        return {(unit, function, address): data}
    assert len(data) == 2 * count, f"{response} does not answer {request}"
    return {(unit, function, address + at): data[2 * at : 2 * at + 2] for at in range(count)}


class GoldenModbus:
    """A Modbus line that knows the golden registers; a request for any other is refused as an unknown address."""

    def __init__(self, pairs: list[list[str]], around: Sequence[list[str]] = ()) -> None:
        self.words: dict[Place, bytes] = {}
        self.refused: dict[bytes, int] = {}
        self.asked: set[Place] = set()
        self.sent: list[bytes] = []
        for request, response in pairs:
            if bytes.fromhex(response)[1] & 0x80:
                self.refused[bytes.fromhex(request)] = bytes.fromhex(response)[2]
            self.words |= words(request, response)
        self.golden = set(self.words)
        for request, response in around:
            self.words = words(request, response) | self.words

    async def read(self, unit: int, function: int, address: int, count: int) -> bytes:
        request = bytes((unit,)) + read_request(function, address, count)
        if request in self.refused:
            raise Refused(self.refused[request], unit=unit, address=address)
        keys = [(unit, function, address + at) for at in range(count)]
        if not self.words.keys() >= set(keys):
            raise Refused(UNKNOWN, unit=unit, address=address)
        self.asked.update(keys)
        return b"".join(self.words[key] for key in keys)

    @property
    def unread(self) -> list[Place]:
        """Golden registers that nobody asked for."""
        return sorted(self.golden - self.asked)

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
        line = GoldenModbus(pairs, golden.get("around", ()))
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
            assert not line.unread, f"the driver does not read {line.unread}"


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
