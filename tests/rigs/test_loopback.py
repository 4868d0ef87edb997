"""Emulated devices on real sockets and ptys: who is let in, where they are found, what they leave behind."""

import asyncio
import signal
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from controller.errors import ConfigurationError, LineClosed, LineTimeout
from emulators.family.build import Installation, Serial, build
from emulators.family.profile import profile_for
from emulators.wires.device import Device
from emulators.wires.wire import ConnectionRules, Endpoint, HttpReply, Out
from rigs.loopback import LoopbackRig, serve
from rigs.physical import Stream, TcpChannel, Web
from twin.contacts import Contacts
from twin.meter import ElectricityMeter

ROOT = Path(__file__).parents[2]
METER = profile_for(112, "modbus-rtu")


class Echo:
    def feed(self, data: bytes) -> list[Out]:
        return [Out(data)]


def installed(wire: object, protocol: str, port: int = 502, rules: ConnectionRules | None = None) -> Installation:
    """Any wire with a meter behind it."""
    clock = asyncio.get_running_loop().time
    device = Device(112, "SDM630", protocol, ElectricityMeter(3), None, clock)
    if wire is Echo:
        wire = Endpoint(Echo, clock, rules or ConnectionRules())
    return Installation(METER, protocol, [device], wire, None, port)


def test_all_requests_that_come_at_once_are_answered_in_order():
    async def story() -> bytes:
        rig = LoopbackRig(pace=0)
        async with rig:
            await rig.connect(build(112, "modbus-tcp", clock=rig.clock.now, profile=METER))
            rig.installations[0].main.twin.set("power", -4321.5)
            served = rig.served[0]
            reader, writer = await asyncio.open_connection(served.host, served.port)
            ask = bytes.fromhex("0000000601040034") + b"\0\2"
            writer.write(b"".join(struct.pack(">H", number) + ask for number in range(1, 41)))
            answers = await reader.readexactly(40 * 13)
            writer.close()
            await writer.wait_closed()
            return answers

    answers = asyncio.run(story())
    assert [int.from_bytes(answers[at : at + 2], "big") for at in range(0, len(answers), 13)] == list(range(1, 41))
    assert struct.unpack(">f", answers[-4:]) == (-4321.5,)


@pytest.mark.parametrize(
    ("policy", "first", "second"),
    [("refuse", b"one", LineClosed), ("kick", LineClosed, b"two"), ("starve", b"one", LineTimeout)],
)
def test_one_client_too_many_is_refused_starved_or_kicks_the_oldest(policy, first, second):
    async def ask(line: Stream, text: bytes) -> object:
        try:
            await line.send(text)
            return await line.receive(0.2)
        except (LineClosed, LineTimeout) as error:
            return type(error)

    async def story() -> list[object]:
        served = await serve(installed(Echo, "tcp", rules=ConnectionRules(1, policy)), "127.0.0.1", 0)
        lines = [Stream(TcpChannel(served.host, served.port)) for _ in range(2)]
        assert await ask(lines[0], b"hello") == b"hello"
        later = await ask(lines[1], b"two")
        if first is LineClosed:
            with pytest.raises(LineClosed):
                await lines[0].receive(0.2)
            earlier: object = LineClosed
        else:
            earlier = await ask(lines[0], b"one")
        for line in lines:
            line.close()
        await served.close()
        return [earlier, later]

    assert asyncio.run(story()) == [first, second]


def test_a_silent_client_is_dropped_when_the_device_says_so():
    async def story() -> None:
        served = await serve(installed(Echo, "tcp", rules=ConnectionRules(idle=0.05)), "127.0.0.1", 0, pace=0.1)
        line = Stream(TcpChannel(served.host, served.port))
        await line.send(b"x")
        assert await line.receive(1) == b"x"
        with pytest.raises(LineClosed):
            await line.receive(1)
        await served.close()

    asyncio.run(story())


def test_an_address_that_is_taken_is_a_configuration_error():
    async def story() -> None:
        first = await serve(installed(Echo, "tcp"), "127.0.0.1", 0)
        with pytest.raises(ConfigurationError, match="cannot listen at 127"):
            await serve(installed(Echo, "tcp"), "127.0.0.1", first.port)
        await first.close()

    asyncio.run(story())


def test_line_settings_that_differ_are_found_by_the_rig_as_the_pty_would_not_tell():
    async def story() -> None:
        rig = LoopbackRig()
        async with rig:
            with pytest.raises(ConfigurationError, match=r"line\.parity"):
                await rig.connect(build(112, "modbus-rtu", clock=rig.clock.now), Serial(9600, "E", 1))

    asyncio.run(story())


class Ticker:
    """Sends its serial number now and again, and answers questions."""

    def __init__(self, serial: bytes) -> None:
        self.serial = serial

    def due(self, now: float) -> tuple[list[bytes], float]:
        return [self.serial], now + 0.02

    def datagram(self, data: bytes) -> list[Out]:
        return [Out(self.serial + b" heard " + data, 0.01)]


def test_multicast_arrives_on_a_loopback_interface_and_only_from_the_device_asked_for():
    async def story() -> None:
        rig = LoopbackRig()
        async with rig:
            lines = [await rig.connect(installed(Ticker(name), "speedwire")) for name in (b"one", b"two")]
            for _ in range(3):
                assert [await line.receive(1) for line in lines] == [b"one", b"two"]
            assert rig.served[0].address == "239.12.255.254:9522"
            assert rig.installations[0].main.address == "239.12.255.254:9522"

    asyncio.run(story())


def test_udp_answers_go_to_the_senders_address_at_port_7090_whatever_port_asked():
    async def story() -> tuple[bytes, tuple[str, int]]:
        loop = asyncio.get_running_loop()
        served = await serve(installed(Ticker(b"KC-P30"), "udp"), "127.92.0.1")
        listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for each, port in ((listener, 7090), (asker, 0)):
            each.setblocking(False)
            each.bind(("127.92.0.9", port))
        await loop.sock_sendto(asker, b"report 1", ("127.92.0.1", 7090))
        found = [await asyncio.wait_for(loop.sock_recvfrom(listener, 600), 1) for _ in range(3)]
        for each in (listener, asker):
            each.close()
        await served.close()
        return next((data, peer) for data, peer in found if b"heard" in data)

    assert asyncio.run(story()) == (b"KC-P30 heard report 1", ("127.92.0.1", 7090))


class Shop:
    """A web API that echoes what it was asked."""

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> HttpReply:
        broken = 0.5 if path == "/half" else None
        return HttpReply(201, f"{method} {path} {headers.get('Authorization')} ".encode() + body, broken=broken)


def test_http_devices_are_served_with_method_path_headers_and_body():
    async def story() -> None:
        served = await serve(installed(Shop(), "http"), "127.0.0.1", 0)
        web = Web(f"http://{served.address}")
        answer = await web.request("PUT", "/api/1?x=%C3%BC", body=b"\x00\xff", headers={"authorization": "Bearer t"})
        assert (answer.status, answer.body) == (201, b"PUT /api/1?x=%C3%BC Bearer t \x00\xff")
        assert answer.headers["Content-Type"] == "application/json"
        with pytest.raises(LineClosed):
            await web.request("GET", "/half")
        assert (await web.request("GET", "/whole")).body == b"GET /whole None "
        await web.aclose()
        await served.close()

    asyncio.run(story())


class Relays:
    def __init__(self, twin: Contacts) -> None:
        self._twin = twin

    def closed(self) -> tuple[bool | None, ...]:
        return (self._twin.k1, self._twin.k2, self._twin.k3, self._twin.k4)


def test_contacts_are_read_from_the_truth_of_the_emulated_block():
    async def story() -> None:
        rig = LoopbackRig()
        async with rig:
            twin = Contacts()
            device = Device(143, "relay", "contacts", twin, None, rig.clock.now)
            line = await rig.connect(Installation(METER, "contacts", [device], Relays(twin)))
            for name, closed in (("k1", False), ("k2", True), ("k3", False), ("k4", None)):
                twin.set(name, closed)
            assert await line.read() == (False, True, False, None)

    asyncio.run(story())


SERVER = """
import asyncio, sys, time
from emulators.family.build import build
from rigs.loopback import serve, told_to_end
async def main():
    end = told_to_end()
    served = await serve(build(112, "modbus-rtu", clock=time.time), link=sys.argv[1])
    print(served.address, flush=True)
    await end.wait()
    await served.close()
asyncio.run(main())
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_pty_link_is_there_before_it_is_told_and_gone_after_the_end(tmp_path, number):
    link = tmp_path / "meter"
    link.symlink_to("/dev/pts/stale")
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, str(link)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout.readline().strip() == str(link)
        assert str(link.readlink()).startswith("/dev/pts/")
        assert link.exists()
        process.send_signal(number)
        assert process.wait(5) == 0
    assert not link.is_symlink()


def test_a_link_that_would_replace_something_is_refused(tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("mine")

    async def story() -> None:
        with pytest.raises(ConfigurationError, match="cannot make the link"):
            await serve(build(112, "modbus-rtu", clock=asyncio.get_running_loop().time), link=taken)

    asyncio.run(story())
    assert taken.read_text() == "mine"
