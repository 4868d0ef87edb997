"""Lines in virtual time: what they carry, how long it takes, what is noticed when something breaks."""

import struct

import pytest

from controller.errors import ConfigurationError, Garbled, LineClosed, LineTimeout
from emulators.family.build import Serial, build
from emulators.wires.wire import Endpoint, HttpReply, NoConnection, Out
from rigs.simulated import (
    START,
    SimulatedDatagrams,
    SimulatedHttp,
    SimulatedListener,
    SimulatedRig,
    SimulatedStream,
    Wait,
    agree,
    environment,
    run,
)


class Echo:
    """Answers every byte string with itself after 0.3 s; "bye" with half of it and a hang-up."""

    def feed(self, data: bytes) -> list[Out]:
        return [Out(data[:1], 0.3, close=True)] if data == b"bye" else [Out(data, 0.3)]


class Ticker:
    """Sends its count on every full second, answers datagrams with their length."""

    def __init__(self) -> None:
        self.count = 0

    def due(self, now: float) -> tuple[list[bytes], float]:
        self.count += 1
        return [b"%04d" % self.count * 24], now + 1.0

    def datagram(self, data: bytes) -> list[Out]:
        return [Out(b"%d" % len(data), 0.05)]


def meter_rig() -> tuple[SimulatedRig, object]:
    rig = SimulatedRig(record=True)
    line = rig.emulate(112, "modbus-rtu")
    rig.installations[0].main.twin.set("power", -4321.5)
    return rig, line


def test_a_simulated_serial_line_carries_real_frames_at_the_pace_of_its_baud_rate():
    rig, line = meter_rig()
    data = rig.tell(line.read(1, 4, 0x34, 2))
    assert struct.unpack(">f", data) == (-4321.5,)
    (_, out, request), (_, back, reply) = rig.frames[0]
    assert (out, back, request[:6].hex(), len(reply)) == (">", "<", "010400340002", 9)
    characters = (len(request) + 3.5 + len(reply)) * 10 / 9600
    assert rig.clock.now() - START == pytest.approx(0.002 + 0.02 + characters, abs=1e-6)


@pytest.mark.parametrize(("baud", "silence"), [(9600, 3.5 * 10 / 9600), (115_200, 0.00175)])
def test_a_serial_line_is_silent_before_each_request(baud, silence):
    rig = SimulatedRig(record=True)
    made = build(112, "modbus-rtu", clock=rig.clock.monotonic)
    made.serial = Serial(baud=baud)
    line = rig.connect(made)
    for _ in range(3):
        rig.tell(line.read(1, 4, 0x34, 2))
    frames = rig.frames[0]
    gaps = [after[0] - before[0] for before, after in zip(frames[1::2], frames[2::2], strict=False)]
    assert gaps == pytest.approx([silence, silence], abs=1e-6)


def test_two_processes_on_one_line_take_turns():
    rig, line = meter_rig()
    done = []

    async def ask(name: str) -> None:
        for _ in range(2):
            await line.read(1, 4, 0x34, 2)
            done.append(name)

    rig.start(ask("a"))
    rig.start(ask("b"))
    rig.run(START + 1)
    assert done == ["a", "b", "a", "b"]


def test_a_peer_that_closes_in_the_middle_of_an_exchange_is_noticed_within_100_ms():
    rig, line = meter_rig()
    device = rig.installations[0].main
    device.faults.on("late-reply", seconds=0.7)
    seen = []

    async def ask() -> None:
        with pytest.raises(LineClosed):
            await line.read(1, 4, 0x34, 2)
        seen.append(rig.clock.now())

    async def cut() -> None:
        await rig.clock.sleep(0.25)
        device.endpoint.drop_all()

    rig.start(ask())
    rig.start(cut())
    rig.run(START + 2)
    assert seen == [pytest.approx(START + 0.25, abs=0.1)]


def test_line_settings_that_differ_are_a_configuration_error_that_names_the_key():
    with pytest.raises(ConfigurationError, match=r"line\.parity: the device is set to N, the line to E"):
        agree(Serial(9600, "E", 1), Serial(9600, "N", 1))


def test_a_stream_brings_the_reply_and_then_the_hang_up():
    env = environment()
    stream = SimulatedStream(env, Endpoint(Echo, lambda: env.now))

    async def story() -> bytes:
        await stream.send(b"hello")
        assert await stream.receive(1) == b"hello"
        with pytest.raises(LineTimeout):
            await stream.receive(0.2)
        await stream.send(b"bye")
        assert await stream.receive(1) == b"b"
        with pytest.raises(LineClosed):
            await stream.receive(1)
        await stream.send(b"again")  # connects anew
        return await stream.receive(1)

    assert run(env, story()) == b"again"


def test_a_stream_whose_peer_throws_it_out_notices_at_once():
    env = environment()
    endpoint = Endpoint(Echo, lambda: env.now)
    stream = SimulatedStream(env, endpoint)

    async def story() -> None:
        await stream.send(b"x")
        with pytest.raises(LineClosed):
            await stream.receive(1)

    async def cut() -> None:
        await Wait(env.timeout(0.1))
        endpoint.drop_all()

    env.process(cut())
    run(env, story())
    assert env.now - START == pytest.approx(0.1, abs=0.01)


def test_a_stream_that_is_not_let_in_says_whether_it_was_refused_or_never_answered():
    env = environment()

    def refuse() -> None:
        raise NoConnection("full")

    def hang() -> None:
        raise NoConnection("silent", hang=True)

    for gate, error in ((refuse, LineClosed), (hang, LineTimeout)):
        stream = SimulatedStream(env, Endpoint(Echo, lambda: env.now, gate=gate))
        with pytest.raises(error):
            run(env, stream.send(b"x"))


def test_a_listener_gets_telegrams_in_slices_at_9600_baud():
    env = environment()
    line = SimulatedListener(env, Ticker())
    first = run(env, line.receive(2))
    assert len(first) == 96
    assert env.now - START == pytest.approx(96 * 10 / 9600, abs=1e-5)
    assert run(env, line.receive(2)) == b"0002" * 24
    assert env.now - START == pytest.approx(1 + 96 * 10 / 9600, abs=1e-5)


def test_a_listener_that_comes_back_after_an_hour_finds_only_the_newest_telegrams():
    env = environment()
    ticker = Ticker()
    line = SimulatedListener(env, ticker, memory=300)
    run(env, line.receive(2))
    env.run(START + 3600.5)
    waiting = [run(env, line.receive(0.2)) for _ in range(3)]
    assert waiting == [b"%04d" % count * 24 for count in (ticker.count - 2, ticker.count - 1, ticker.count)]
    assert ticker.count < 500


def test_datagrams_are_answers_and_what_the_device_sends_unasked():
    env = environment()
    line = SimulatedDatagrams(env, Ticker())

    async def story() -> list[bytes]:
        await line.send(b"report 2")
        return [await line.receive(2) for _ in range(3)]

    assert run(env, story()) == [b"0001" * 24, b"8", b"0002" * 24]
    with pytest.raises(LineTimeout):
        run(env, line.receive(0.3))


class Web:
    """Answers slowly, in part or not at all, as the path says."""

    def handle(self, method: str, path: str, headers: dict[str, str], body: bytes) -> HttpReply:
        if path == "/gone":
            raise NoConnection("switched off", hang=headers.get("Hang") == "yes")
        cut = {"/half": 0.5}.get(path)
        return HttpReply(200, b"token " + headers["Authorization"].encode(), delay=0.4, broken=cut)


def test_http_takes_its_time_and_header_names_in_any_case():
    env = environment()
    line = SimulatedHttp(env, Web(), frames=(frames := []))
    answer = run(env, line.request("GET", "/v1?x=1", headers={"authorization": "secret"}))
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"token secret", "application/json")
    assert env.now - START == pytest.approx(0.41)
    assert [data for _, _, data in frames] == [b"GET /v1?x=1\n", b"200\ntoken secret"]


def test_http_that_breaks_off_refuses_or_hangs_is_a_typed_error():
    env = environment()
    line = SimulatedHttp(env, Web(), timeout=2.0)
    for path, headers, error in (
        ("/half", {"authorization": "x"}, LineClosed),
        ("/gone", {}, LineClosed),
        ("/gone", {"hang": "yes"}, LineTimeout),
    ):
        with pytest.raises(error):
            run(env, line.request("GET", path, headers=headers))


def test_a_late_answer_on_a_serial_line_is_never_taken_for_the_next_one():
    rig, line = meter_rig()
    device = rig.installations[0].main
    taken = []

    async def story() -> None:
        for turn in range(40):
            if turn == 3:
                device.faults.on("late-reply", seconds=5.4)
            if turn == 9:
                device.faults.off("late-reply")
            device.wake()
            device.twin.set("power", float(turn))
            try:
                asked = rig.clock.now()
                (power,) = struct.unpack(">f", await line.read(1, 4, 0x34, 2))
                taken.append((turn, power, rig.clock.now() - asked))
            except (LineTimeout, Garbled):
                pass
            await rig.clock.sleep(2.0)

    rig.tell(story())
    assert all(power == turn for turn, power, _ in taken)
    assert [turn for turn, *_ in taken][-20:] == list(range(20, 40))


def test_a_healthy_exchange_costs_one_event_and_none_while_nobody_else_wants_anything():
    rig, line = meter_rig()
    rig.tell(line.read(1, 4, 0x34, 2))

    async def events(others: int) -> int:
        for _ in range(others):
            rig.start(ticking())
        await rig.clock.sleep(0.01)
        before = int(repr(rig.env._eid)[6:-1])
        for _ in range(50):
            await line.read(1, 4, 0x34, 2)
        return int(repr(rig.env._eid)[6:-1]) - before

    async def ticking() -> None:
        while True:
            await rig.clock.sleep(0.001)

    assert rig.tell(events(0)) == 0
    assert rig.tell(events(1)) == 100  # one of the line, and one of who ticks meanwhile when it is the line's turn
