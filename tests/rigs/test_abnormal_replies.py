"""Answers that are none: a typed error on every rig, never a wrong value, and a line that works again afterwards."""

import contextlib
import struct
from typing import Any

import pytest

from controller.errors import DeviceError, Garbled, LineClosed, LineTimeout, Refused

TCP, RTU = "modbus-tcp", "modbus-rtu"
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
    ("duplicate-reply", {}, TCP, Garbled),
    ("duplicate-reply", {}, RTU, Garbled),
    ("late-reply", {"timeouts": 1.5}, TCP, LineTimeout),
    ("late-reply", {"timeouts": 1.5}, RTU, LineTimeout),
    ("half-open", {}, TCP, LineTimeout),
    ("half-open", {}, RTU, LineTimeout),
    ("connect-hang", {}, TCP, LineTimeout),
    ("connect-hang", {}, RTU, LineTimeout),
    ("connect-refused", {}, TCP, LineClosed),
    ("connect-refused", {}, RTU, LineTimeout),
    ("reset-mid-reply", {}, TCP, LineClosed),
    ("reset-mid-reply", {}, RTU, LineTimeout),
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
