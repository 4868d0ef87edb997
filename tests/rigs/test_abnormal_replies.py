"""Answers that are none: a typed error on every rig, never a wrong value, and a line that works again afterwards."""

import contextlib
import struct
from typing import Any

import pytest

from controller.errors import DeviceError, Garbled, LineClosed, LineTimeout, Refused
from emulators.wires.wire import Out

TCP, RTU = "modbus-tcp", "modbus-rtu"
BOX = 75  # a charging station on RTU, written with function 6
POWER = -70000.5  # below -65 535 and not round

CASES = [
    ("short-count", {}, TCP, Garbled),
    ("short-count", {}, RTU, Garbled),
    ("long-count", {}, TCP, Garbled),
    ("long-count", {}, RTU, Garbled),
    ("odd-bytes", {}, TCP, Garbled),
    ("odd-bytes", {}, RTU, Garbled),
    ("wrong-function", {}, TCP, Garbled),
    ("wrong-function", {}, RTU, Garbled),
    ("wrong-unit", {}, TCP, Garbled),
    ("wrong-unit", {}, RTU, Garbled),
    ("wrong-transaction", {"value": 0}, TCP, Garbled),
    ("wrong-transaction", {"value": 4711}, TCP, Garbled),
    ("exception", {"code": 6}, TCP, Refused),
    ("exception", {"code": 6}, RTU, Refused),
    ("noise", {}, TCP, Garbled),
    ("noise", {}, RTU, Garbled),
    ("late-reply", {"timeouts": 1.5}, TCP, LineTimeout),
    ("late-reply", {"timeouts": 1.5}, RTU, LineTimeout),
    ("half-open", {}, TCP, LineTimeout),
    ("half-open", {}, RTU, LineTimeout),
    ("connect-hang", {}, TCP, LineTimeout),
    ("connect-hang", {}, RTU, LineTimeout),
    ("connect-refused", {}, TCP, LineClosed),
    ("connect-refused", {}, RTU, LineTimeout),
    ("reset-mid-reply", {}, TCP, LineClosed),
    ("reset-mid-reply", {}, RTU, Garbled),
]


async def power(table: Any) -> float:
    return struct.unpack(">f", await table.line.read(1, 4, 0x34, 2))[0]


@pytest.mark.parametrize(("fault", "parameters", "protocol", "error"), CASES)
def test_what_is_no_answer_is_a_typed_error_and_passes(rig, fault, parameters, protocol, error):
    async def story(table: Any) -> None:
        nonlocal parameters
        table.device.twin.set("power", POWER)
        if "timeouts" in parameters:
            parameters = {"seconds": table.late(parameters["timeouts"])}
        table.device.faults.on(fault, **parameters)
        with pytest.raises(error):
            await power(table)
        table.device.faults.off(fault)
        for _ in range(4):
            try:
                assert await power(table) == POWER
                return
            except DeviceError:
                pass
        raise AssertionError("the line does not work again")

    rig.tell(story, protocol=protocol)


@pytest.mark.parametrize("protocol", [TCP, RTU])
def test_an_answer_in_pieces_is_a_healthy_one(rig, protocol):
    async def story(table: Any) -> None:
        table.device.twin.set("power", POWER)
        table.device.faults.on("split-reply")
        assert await power(table) == POWER

    rig.tell(story, protocol=protocol)


@pytest.mark.parametrize("protocol", [TCP, RTU])
def test_an_answer_that_comes_twice_is_one_answer_and_is_said_once(rig, protocol):
    async def story(table: Any) -> None:
        table.device.faults.on("duplicate-reply")
        for turn in range(5):
            table.device.twin.set("power", POWER + turn)
            assert await power(table) == POWER + turn
            await table.line.write(1, 16, 0x1C, struct.pack(">f", 3.0))
        assert [notice for notice in table.line.notices if "twice" in notice] == table.line.notices
        assert len(table.line.notices) == 1

    rig.tell(story, protocol=protocol)


@pytest.mark.parametrize("protocol", [TCP, RTU])
def test_late_answers_are_never_taken_for_those_to_later_questions(rig, protocol):
    async def story(table: Any) -> None:
        taken = []
        table.device.faults.on("late-reply", seconds=table.late(1.42))
        for turn in range(10):
            if turn == 4:
                table.device.faults.off("late-reply")
            table.device.twin.set("power", float(turn))
            with contextlib.suppress(DeviceError):
                taken.append((turn, await power(table)))
        assert taken
        assert all(found == turn for turn, found in taken)

    rig.tell(story, protocol=protocol)


@pytest.mark.parametrize("protocol", [TCP, RTU])
def test_a_peer_that_goes_away_is_noticed_within_100_ms(rig, protocol):
    async def story(table: Any) -> float:
        table.device.faults.on("half-open")
        when: list[float] = []

        async def cut() -> None:
            await table.clock.sleep(0.05)
            when.append(table.clock.now())
            table.cut()

        table.start(cut())
        with pytest.raises(LineClosed):
            await power(table)
        return table.clock.now() - when[0]

    assert rig.tell(story, protocol=protocol) < 0.1


def test_a_write_that_is_echoed_differently_is_no_success(rig):
    async def story(table: Any) -> None:
        table.device.faults.on("short-count")
        with pytest.raises((Garbled, LineTimeout)):
            await table.line.write(1, 16, 0x14, struct.pack(">f", 2.0))
        assert [write.value for write in table.device.writes] == [2.0]

    rig.tell(story, protocol=TCP)


class Adapter:
    """A serial adapter that repeats what is sent, and puts `before` in front of each answer."""

    def __init__(self, session: Any, echo: bool, before: bytes) -> None:
        self._session, self._echo, self._before = session, echo, before

    def feed(self, data: bytes) -> list[Out]:
        own = [Out(data)] if self._echo else []
        return own + [Out(self._before + out.data, out.delay) for out in self._session.feed(data)]

    def silence(self) -> None:
        self._session.silence()


def plugged_in(table: Any, echo: bool, before: bytes) -> None:
    wire = table.installation.wire
    inner = wire.open
    wire.open = lambda: Adapter(inner(), echo, before)


@pytest.mark.parametrize(("echo", "before", "notices"), [(True, b"", 1), (False, b"\0", 1), (True, b"\0\xfe", 2)])
def test_a_device_behind_a_bad_serial_adapter_is_read_and_written(rig, echo, before, notices):
    async def story(table: Any) -> None:
        plugged_in(table, echo, before)
        for current in (160, 61):
            await table.line.write(1, 6, 261, current.to_bytes(2, "big"))
            assert await table.line.read(1, 3, 261, 1) == current.to_bytes(2, "big")
        assert [write.value for write in table.device.writes] == [16.0, pytest.approx(6.1)]
        assert len(table.line.notices) == notices

    rig.tell(story, row=BOX)


def test_a_write_behind_an_echo_that_nobody_acknowledges_is_no_success(rig):
    async def story(table: Any) -> None:
        plugged_in(table, True, b"")
        table.device.faults.on("half-open")
        with pytest.raises(Garbled, match="may be the adapter's echo"):
            await table.line.write(1, 6, 261, b"\0\xa0")
        table.device.faults.off("half-open")
        await table.line.write(1, 6, 261, b"\0\x3d")

    rig.tell(story, row=BOX)


def test_the_first_write_on_a_line_without_echo_is_proved_by_reading_back(rig):
    async def story(table: Any) -> None:
        await table.line.write(1, 6, 261, b"\0\xa0")
        assert [write.value for write in table.device.writes] == [16.0]
        assert table.line.notices == []

    rig.tell(story, row=BOX)
