"""Somebody else's requests arrive: framing, who may ask, and a client that keeps trying, in real time."""

import asyncio
import struct

import pytest

from controller.errors import ConfigurationError
from controller.ports import Listening
from emulators.family.build import build
from rigs.answering import Answering
from rigs.loopback import LoopbackRig, free_port, serve
from rigs.physical import RealClock, Wiring, hang_up, line_for
from rigs.physical_listening import ModbusListening

HOST = "127.98.7.1"
READ = bytes.fromhex("0001 0000 0006 02 03 0000 0001")


def answer(unit: int, pdu: bytes) -> bytes:
    """Twelve 32-bit values, the profile first."""
    if pdu[0] == 16:
        return pdu[:5]
    return bytes((3, 2 * int.from_bytes(pdu[3:5], "big"))) + struct.pack(">12i", 0x564D0001, *range(11))[: 2 * pdu[4]]


def test_requests_are_answered_in_order_however_they_are_cut() -> None:
    server = Answering(lambda unit, pdu: bytes((pdu[0], unit)))
    stream = READ + READ.replace(b"\0\1\0\0\0\6", b"\0\2\0\0\0\6")
    out = b"".join(server.feed(stream[at : at + 5]) for at in range(0, len(stream), 5))
    assert out.hex() == "000100000003020302" + "000200000003020302"
    assert (server.answered, server.closed) == (2, False)


def test_what_is_not_modbus_ends_the_connection_and_no_answer_is_none() -> None:
    server = Answering(lambda unit, pdu: b"")
    assert server.feed(READ) == b"" and server.answered == 1
    assert server.feed(b"GET / HTTP/1.1\r\n\r\n") == b"" and server.closed


def in_real_time(story) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await story()

    asyncio.run(bounded())


def test_a_client_that_is_not_allowed_is_turned_away() -> None:
    async def story() -> None:
        port = free_port(HOST)
        line = ModbusListening(HOST, port, allow=("127.98.7.9",))
        line.answer(answer)
        await line.asked(0.0)
        for source, served in (("127.98.7.2", b""), ("127.98.7.9", b"\0\1\0\0\0\5\2\3\2\x56\x4d")):
            reader, writer = await asyncio.open_connection(HOST, port, local_addr=(source, 0))
            writer.write(READ)
            try:
                found = await reader.read(100)
            except ConnectionResetError:
                found = b""
            writer.close()
            assert found == served
        assert line.notices == ["a client at 127.98.7.2 was turned away: it is not in allow"]
        await hang_up(line)

    in_real_time(story)


def test_it_listens_at_loopback_only_when_the_wiring_says_who_may_ask() -> None:
    line = line_for("modbus-tcp", Wiring(port=15502, allow=("127.0.0.1",)))
    assert isinstance(line, ModbusListening) and line.host == "127.0.0.1"
    assert not isinstance(line_for("modbus-tcp", Wiring(host="10.0.0.1")), ModbusListening)
    with pytest.raises(ConfigurationError, match=r"line\.allow"):
        line_for("modbus-tcp", Wiring(allow=("everybody",)))


def test_a_marketer_keeps_trying_until_somebody_listens() -> None:
    async def story() -> None:
        clock, port = RealClock(), free_port(HOST)
        installation = build(144, "modbus-tcp", clock=clock.now)
        installation.main.twin.set("limit_percent", 30.0)
        there = await serve(installation, HOST, port, pace=0.02)
        await asyncio.sleep(0.2)
        line = ModbusListening(HOST, port, allow=("127.0.0.0/8",))
        asked: list[bytes] = []
        line.answer(lambda unit, pdu: asked.append(pdu) or answer(unit, pdu))
        while len(asked) < 4:
            await line.asked(1.0)
        assert asked[0].hex()[:20] == "100066000810" + "0000012c"
        assert there.address == f"{HOST}:{port}" == installation.main.address
        await there.close()
        await hang_up(line)

    in_real_time(story)


def test_the_loopback_rig_listens_for_it() -> None:
    async def story() -> None:
        async with LoopbackRig(pace=0.02) as rig:
            line: Listening = await rig.emulate(144, "modbus-tcp")  # type: ignore[assignment]
            asked: list[int] = []
            line.answer(lambda unit, pdu: asked.append(unit) or answer(unit, pdu))
            while len(asked) < 3:
                await line.asked(1.0)
            assert set(asked) == {2}

    in_real_time(story)
