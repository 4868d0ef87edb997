"""The RCT drivers against a device that speaks through rctclient's frames."""

import struct
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rctclient.frame import ReceiveFrame, make_frame
from rctclient.types import Command

from controller.drivers.rct import RctPowerStorageAc, RctPowerStorageDc
from controller.drivers.rct_frames import READ, RESPONSE, WRITE, Frame, cut
from controller.errors import Garbled, LineTimeout, NotControllable, WrongDevice
from rigs.simulated import SimClock, environment, run

STRATEGY, SETPOINT, GRID, STATUS2, REDUCTION, PEAK, STATE, SOC = (
    0xF168B748, 0xBD008E29, 0x36A9E9A6, 0x0DE3D20D, 0xFE1AA500, 0x4BC0F974, 0x5F33284E, 0x959930BF,
)  # fmt: skip
FLOATS = {
    0xDB2D69AE: 2345.5, 0x400F015B: -309.0, 0x91617C58: 70_123.5, SOC: 0.2118, 0xCF053085: 231.5,
    0x54B4684E: 228.0, 0x2545E22D: 234.25, 0x1C4A665F: 49.98, 0x902AFAFB: -4.5, 0xB1EF67CE: 9_876_543.0,
    0x5570401B: 4_321_700.0, 0xA9033880: 3_987_600.0, 0xDB11855B: 651.75, 0x0CB5D21B: 1090.25, PEAK: 9_300.0,
    REDUCTION: 1.0, SETPOINT: 0.0,
}  # fmt: skip


class Storage:
    """Objects by id; an unknown one is not answered, a write neither. `others`: bytes before each answer."""

    def __init__(self, clock: SimClock, without: tuple[int, ...] = (), others: bytes = b"") -> None:
        self.clock, self.others = clock, others
        self.objects = {key: struct.pack(">f", value) for key, value in FLOATS.items()}
        self.objects |= {STRATEGY: b"\4", GRID: b"\0", STATE: b"\x0d", STATUS2: struct.pack(">i", 0)}
        self.objects |= {0x7924ABD9: b"0065A4631487\0\0\0\0", 0xDDD1C2D0: b"2.3.5685\0\0\0\0\0\0\0\0"}
        for each in without:
            del self.objects[each]
        self.waiting = b""
        self.written: list[tuple[int, bytes]] = []
        self.asked: list[int] = []

    async def send(self, data: bytes) -> None:
        frame = ReceiveFrame()
        assert frame.consume(data) == len(data) and frame.complete()
        if frame.command == Command.WRITE:
            self.written.append((frame.id, bytes(frame.data)))
            self.objects[frame.id] = bytes(frame.data)
        else:
            assert frame.command == Command.READ
            self.asked.append(frame.id)
            if frame.id in self.objects:
                self.waiting += self.others + make_frame(Command.RESPONSE, frame.id, self.objects[frame.id])

    async def receive(self, timeout: float) -> bytes:
        if not self.waiting:
            await self.clock.sleep(timeout)
            raise LineTimeout("silence")
        data, self.waiting = self.waiting[:7], self.waiting[7:]
        return data


Do = Callable[[Coroutine[Any, Any, Any]], Any]


def storage(kind: type = RctPowerStorageDc, **options: Any) -> tuple[Storage, Any, Do]:
    env = environment()
    line = Storage(SimClock(env), **options)
    return line, kind(line, line.clock), lambda story: run(env, story)


def watts(value: float) -> bytes:
    return struct.pack(">f", value)


def test_quantities_come_with_the_signs_of_the_house() -> None:
    _, rct, do = storage()
    reading = do(rct.read())
    assert (reading["power"], reading["battery_power"], reading["grid_power"]) == (2345.5, -309, 70_123.5)
    assert (reading["soc"], reading["pv_power"]) == (pytest.approx(21.18), 1742)
    assert (reading["temperature"], reading["energy"], reading["status"]) == (-4.5, 9_876_543, "running")


def test_the_ac_model_has_neither_strings_nor_a_power_limit() -> None:
    line, rct, do = storage(RctPowerStorageAc, without=(0xDB11855B, 0x0CB5D21B, REDUCTION, PEAK))
    assert "pv_power" not in do(rct.read())
    assert not hasattr(rct, "limit_power")
    do(rct.release())
    assert line.written == []


def test_charging_writes_the_power_before_it_hands_over_the_strategy() -> None:
    line, rct, do = storage()
    do(rct.charge(1500))
    assert line.written == [(SETPOINT, watts(-1500)), (GRID, b"\1"), (STRATEGY, b"\2")]
    do(rct.discharge(99_000))
    assert line.written[3:] == [(SETPOINT, watts(6000)), (STRATEGY, b"\2")]


def test_release_goes_back_to_the_strategy_of_before() -> None:
    line, rct, do = storage()
    line.objects[STRATEGY] = b"\5"
    do(rct.charge(1500))
    line.written.clear()
    do(rct.release())
    do(rct.release())
    assert line.written == [(STRATEGY, b"\5"), (SETPOINT, watts(0)), (GRID, b"\0")]


def test_what_a_dead_controller_left_is_released_to_the_devices_own_regulation() -> None:
    line, rct, do = storage()
    line.objects[STRATEGY] = b"\2"
    do(rct.release())
    assert line.objects[STRATEGY] == b"\4"


def test_a_battery_in_calibration_is_left_alone() -> None:
    line, rct, do = storage()
    line.objects[STATUS2] = struct.pack(">i", 8)
    with pytest.raises(NotControllable, match="status 8"):
        do(rct.discharge(500))
    assert line.written == []
    line.objects[STATUS2] = struct.pack(">i", 2048)
    do(rct.discharge(500))


def test_pv_is_limited_as_a_share_of_the_peak_and_freed_again() -> None:
    line, rct, do = storage()
    do(rct.limit_power(4650))
    do(rct.limit_power(-5))
    do(rct.release())
    assert line.written == [(REDUCTION, watts(0.5)), (REDUCTION, watts(0)), (REDUCTION, watts(1))]
    line.objects[PEAK] = watts(0)
    with pytest.raises(NotControllable, match="peak"):
        do(rct.limit_power(1000))


def test_answers_for_others_and_noise_in_between_are_let_pass() -> None:
    foreign = make_frame(Command.RESPONSE, 0x16ED8F8F, watts(1)) + b"\0\x2b\x2b\x05\xff" + Frame(READ, 5).encode()
    _, rct, do = storage(others=foreign)
    assert do(rct.read())["grid_power"] == 70_123.5


def test_an_optional_object_is_asked_for_once_and_a_missing_one_times_out() -> None:
    line, rct, do = storage()
    do(rct.read())
    do(rct.read())
    assert line.asked.count(0x37F9D5CA) == 1
    del line.objects[SOC]
    with pytest.raises(LineTimeout, match=r"959930bf \(soc\)"):
        do(rct.read())


def test_a_wrong_check_sum_and_a_wrong_length_are_garbled() -> None:
    line, rct, do = storage()
    line.objects[0xDB2D69AE] = b"\x45"
    with pytest.raises(Garbled, match="power has 1 bytes"):
        do(rct.read())
    del line.objects[0xDB2D69AE]
    line.waiting = make_frame(Command.RESPONSE, 0xDB2D69AE, watts(5))[:-1] + b"\x55"
    with pytest.raises(Garbled, match="damaged"):
        do(rct.read())


def test_identity_and_the_model_without_strings() -> None:
    line, rct, do = storage()
    who = do(rct.identify())
    assert (who.manufacturer, who.serial, who.firmware) == ("RCT Power", "0065A4631487", "2.3.5685")
    del line.objects[0xDB11855B]
    with pytest.raises(WrongDevice, match="Power Storage DC"):
        do(rct.identify())


def test_com_service_is_never_written() -> None:
    line, rct, do = storage()
    for story in (rct.charge(500), rct.discharge(500), rct.limit_power(800), rct.release()):
        do(story)
    assert {each for each, _ in line.written} == {STRATEGY, SETPOINT, GRID, REDUCTION}


@given(st.integers(0, 0xFFFFFFFF), st.binary(max_size=200), st.sampled_from([WRITE, RESPONSE]))
def test_frames_are_those_of_an_independent_implementation(number: int, payload: bytes, command: int) -> None:
    theirs = make_frame(Command(command), number, payload)
    assert Frame(command, number, payload).encode() == theirs
    assert cut(b"\0" + theirs) == ([Frame(command, number, payload)], b"", 0)


@given(st.binary(max_size=300), st.integers(0, 300))
def test_noise_never_breaks_the_reader(noise: bytes, at: int) -> None:
    good = Frame(RESPONSE, SOC, watts(0.5))
    _, rest, _ = cut(noise[:at])
    assert cut(rest + b"\0" * 9000 + good.encode())[0][-1:] == [good]
