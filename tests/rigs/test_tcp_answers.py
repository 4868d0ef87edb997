"""What a Modbus/TCP connection brings: copies are passed over, foreign ids and other protocols are told by name."""

import asyncio
import struct

import pytest

from controller.errors import DeviceError, Garbled, LineClosed, LineTimeout, Refused
from rigs import master
from rigs.physical import Modbus, TcpChannel, Wiring, line_for
from rigs.serial_answers import crc
from rigs.tcp_answers import TcpAnswers

READ = master.read(7, 3, 5000, 2)


def adu(transaction: int, data: str, unit: int = 7, function: int = 3) -> bytes:
    pdu = bytes((function, len(data) // 2)) + bytes.fromhex(data)
    return struct.pack(">HHHB", transaction, 0, len(pdu) + 1, unit) + pdu


def complaint(*chunks: bytes, any_transaction: bool = False) -> DeviceError:
    """What is raised when a connection brings these bytes in answer to its first request, and no more."""
    answers = TcpAnswers(1.0, any_transaction)
    answers.connected()
    answers.begin(READ)
    with pytest.raises(DeviceError) as error:
        for chunk in chunks:
            answers.heard(READ, chunk, 0.5)
        answers.time_is_up(READ, 1.0)
    return error.value


def test_copies_of_answers_are_passed_over_wherever_they_come():
    answers = TcpAnswers(1.0)
    answers.connected()
    answers.begin(READ)
    one, two, three = adu(1, "fffeee90"), adu(2, "00011170"), adu(3, "00000007")
    assert answers.heard(READ, one, 0.1) == one[-4:]
    answers.unasked(READ, one[:5], 0.2)
    answers.begin(READ)
    assert answers.heard(READ, one[5:], 0.2) is None
    assert answers.heard(READ, two + two, 0.3) == two[-4:]
    answers.begin(READ)
    assert answers.heard(READ, one + three, 0.3) == three[-4:]
    assert len(answers.notices) == 1


def test_a_gateway_with_ids_of_its_own_is_told_by_the_error_and_believed_when_the_installer_says_so():
    for foreign in (0, 256, 4711):
        assert "set any_transaction = true in [device.line]" in complaint(adu(foreign, "00011170")).what
        answers = TcpAnswers(1.0, any_transaction=True)
        answers.connected()
        answers.begin(READ)
        assert answers.heard(READ, adu(foreign, "00011170"), 0.1) == b"\0\1\x11\x70"


def test_where_ids_are_not_looked_at_a_second_answer_is_an_error():
    answers = TcpAnswers(1.0, any_transaction=True)
    answers.connected()
    answers.begin(READ)
    assert answers.heard(READ, adu(0, "00011170"), 0.1) is not None
    with pytest.raises(Garbled, match="could be taken for the next one"):
        answers.unasked(READ, adu(0, "00011170"), 0.2)


def test_an_id_that_was_never_used_is_no_copy():
    answers = TcpAnswers(1.0)
    answers.connected()
    for turn in (1, 2, 3):
        answers.begin(READ)
        assert answers.heard(READ, adu(turn, "00011170"), 0.1) is not None
    with pytest.raises(Garbled, match="never asked"):
        answers.unasked(READ, adu(0, "00011170"), 0.2)
    with pytest.raises(Garbled, match="never asked"):
        TcpAnswers(1.0).unasked(READ, adu(4, "00011170"), 0.2)


def test_ids_begin_again_after_the_last_one_and_late_copies_are_still_known():
    answers = TcpAnswers(1.0)
    answers.connected()
    for _ in range(0xFFFF):
        last = answers.begin(READ)
    assert last[:2] == b"\xff\xff"
    assert answers.begin(READ)[:2] == b"\x00\x01"
    late = adu(0xFFFF, "00011170")
    assert answers.heard(READ, late + adu(1, "00011170"), 0.1) == late[-4:]
    answers.connected()
    answers.begin(READ)
    with pytest.raises(Garbled, match="transaction 1, asked with 2"):
        answers.heard(READ, adu(1, "00011170"), 0.1)


@pytest.mark.parametrize(
    ("bytes_", "words"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "a web server answers here"),
        (b"<html><body>", "a web page comes from here"),
        (bytes.fromhex("15030100020246"), "TLS is spoken here"),
        (b"SSH-2.0-dropbear", "an SSH server"),
        (b"\x07\x03\x04\x00\x01\x11\x70" + crc(b"\x07\x03\x04\x00\x01\x11\x70"), "Modbus RTU comes over TCP"),
        (b"\x07\x83\x0a" + crc(b"\x07\x83\x0a") + bytes(3), "Modbus RTU comes over TCP"),
        (bytes.fromhex("feedfacecafebeef"), "something else than Modbus"),
        (adu(1, "00011170", unit=1), "unit 1 answers, asked was unit 7: check the unit id"),
        (adu(1, "00011170", function=4), "answer with function 4, asked with 3"),
        (adu(1, "0001"), "2 data bytes, asked for 4"),
        (adu(1, "000111700002"), "6 data bytes, asked for 4"),
        (adu(1, "00011170")[:10], "half an answer, 10 of 13 bytes"),
        (adu(1, "00011170")[:4], "half an answer, 4 bytes"),
        (adu(1, "00011170") + adu(1, "00000007"), "two answers to one request"),
    ],
)
def test_what_came_instead_of_an_answer_is_said_and_never_called_none(bytes_, words):
    error = complaint(bytes_)
    assert isinstance(error, Garbled)
    assert words in error.what
    assert (error.unit, error.address) == (7, 5000)
    assert error.raw


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (1, "does not know this function"), (2, "no such register"), (3, "does not take this value"),
        (4, "failed"), (5, "needs more time"), (6, "busy"), (7, "cannot do this now"), (8, "memory damaged"),
        (10, "a gateway answers, it has no path to this unit: check the unit id"),
        (11, "a gateway answers, the device behind it does not: check the unit id"), (99, "refused with 99"),
    ],
)  # fmt: skip
def test_every_exception_is_told_in_words(code, words):
    error = complaint(struct.pack(">HHHBBB", 1, 0, 3, 7, 0x83, code))
    assert isinstance(error, Refused)
    assert error.code == code
    assert words in str(error)
    assert "unit 7, address 5000, bytes 83" in str(error)


def test_silence_is_a_time_out_that_says_what_answered_and_what_to_check():
    error = complaint()
    assert isinstance(error, LineTimeout)
    assert error.what.startswith("connected, but no answer in 1 s: check the unit id")


def test_a_peer_that_hangs_up_before_or_within_its_answer_is_told_apart():
    answers = TcpAnswers(1.0)
    answers.connected()
    answers.begin(READ)
    assert "before it answered" in answers.closed(READ).what
    answers.heard(READ, adu(1, "00011170")[:9], 0.1)
    assert "(reset): half an answer, 9 of 13 bytes" in answers.closed(READ, "reset").what


async def _asked(port: int) -> None:
    await Modbus(TcpChannel("127.0.0.1", port)).read(7, 3, 5000, 2)


def test_a_refused_connection_and_an_unknown_name_say_what_to_check():
    with pytest.raises(LineClosed, match="nothing listens at port 1; check the port") as error:
        asyncio.run(_asked(1))
    assert (error.value.unit, error.value.address) == (7, 5000)
    with pytest.raises(LineClosed, match="this name is unknown"):
        asyncio.run(Modbus(TcpChannel("no.such.host.invalid", 502)).read(7, 3, 5000, 2))


@pytest.mark.parametrize(("any_transaction", "told"), [(False, "any_transaction"), (True, "")])
def test_the_wiring_says_whether_a_gateway_has_ids_of_its_own(any_transaction, told):
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(300):
            writer.write(adu(int.from_bytes(request[:2], "little"), "00011170"))
        writer.close()

    async def story() -> str:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        line = line_for("modbus-tcp", Wiring("127.0.0.1", port, any_transaction=any_transaction))
        try:
            assert await line.read(7, 3, 5000, 2) == b"\0\1\x11\x70"
            return ""
        except Garbled as error:
            return error.what
        finally:
            line.close()
            server.close()
            await asyncio.sleep(0.01)

    assert told in asyncio.run(story())
