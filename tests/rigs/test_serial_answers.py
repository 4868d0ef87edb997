"""A serial line brings more than the answer: it is found by unit, function, length and CRC, and nothing else counts."""

import pytest

from controller.errors import DeviceError, Garbled, LineTimeout, Refused
from rigs import master
from rigs.master import crc
from rigs.serial_answers import SerialAnswers, Unproven

READ = master.read(1, 4, 5, 1)
WRITE = master.write(1, 6, 261, b"\0\xa0")
ECHO = bytes.fromhex("01040005000121cb")
ANSWER = bytes.fromhex("0104020007f8f2")
OTHER = bytes.fromhex("010402fff93882")  # -7
DONE = bytes.fromhex("0106010500a0984f")  # request and acknowledgement of WRITE


def framed(text: str) -> bytes:
    body = bytes.fromhex(text)
    return body + crc(body)


def told(answers: SerialAnswers, exchange: master.Exchange, *chunks: bytes) -> bytes:
    """What an exchange gives when the line brings these bytes, and no more."""
    answers.begin(exchange)
    for chunk in chunks:
        if (data := answers.heard(exchange, chunk, 0.5)) is not None:
            return data
    return answers.time_is_up(exchange, 1.0)


def complaint(exchange: master.Exchange, *chunks: bytes) -> DeviceError:
    with pytest.raises(DeviceError) as error:
        told(SerialAnswers(1.0), exchange, *chunks)
    return error.value


def test_the_bytes_of_this_story_are_frames():
    assert all(crc(frame[:-2]) == frame[-2:] for frame in (ECHO, ANSWER, OTHER, DONE))
    assert (READ.rtu(), WRITE.rtu()) == (ECHO, DONE)


@pytest.mark.parametrize(
    "chunks",
    [
        (ANSWER,),
        (ECHO + ANSWER,),
        (ECHO, ANSWER),
        (ECHO[:3], ECHO[3:] + ANSWER[:1], ANSWER[1:]),
        tuple(bytes((byte,)) for byte in ECHO + ANSWER),
        (b"\0" + ANSWER,),
        (b"\0\0\0", ANSWER),
        (b"\xff\x01\x04\x7e" + ANSWER + b"\xf8",),
        (b"\x01\x04\x02", b"\x55" + ANSWER),  # the head of an answer that never came, then the answer
        (ANSWER + ANSWER,),
        (framed("020402fff9") + ANSWER,),
        (framed("0204022a2a") + ECHO + b"\0" + ANSWER + ANSWER[:4],),
    ],
)  # fmt: skip
def test_the_answer_is_found_whatever_surrounds_it(chunks):
    assert told(SerialAnswers(1.0), READ, *chunks) == b"\0\7"


def test_an_echo_is_said_once_and_is_no_answer():
    answers = SerialAnswers(1.0)
    for _ in range(3):
        assert told(answers, READ, ECHO + ANSWER) == b"\0\7"
    assert answers.echoes
    assert [notice for notice in answers.notices if "echo" in notice] == answers.notices
    with pytest.raises(LineTimeout, match="only our own request came back from the adapter"):
        told(answers, READ, ECHO)


def test_an_echo_that_begins_like_an_answer_is_none():
    address = next(low for low in range(65536) if crc(b"\1\4\2" + low.to_bytes(2, "big"))[0] == 0)
    exchange = master.read(1, 4, 0x0200 | address >> 8, (address & 0xFF) << 8 | 1)
    own = exchange.rtu()
    assert SerialAnswers(1.0).heard(exchange, own[:7], 0.0) is None


def test_on_a_line_that_echoes_a_write_takes_two_frames():
    answers = SerialAnswers(1.0)
    told(answers, READ, ECHO + ANSWER)
    assert told(answers, WRITE, DONE, DONE) == b""
    with pytest.raises(Unproven):
        told(answers, WRITE, DONE)


def test_on_a_line_that_does_not_echo_a_write_takes_one():
    answers = SerialAnswers(1.0)
    told(answers, READ, ANSWER)
    answers.begin(WRITE)
    assert answers.heard(WRITE, DONE, 0.1) == b""


def test_on_a_line_of_which_nothing_is_known_one_frame_is_no_proof_and_two_are():
    assert told(SerialAnswers(1.0), WRITE, DONE, DONE) == b""
    assert isinstance(complaint(WRITE, DONE), Unproven)


def test_a_write_of_several_registers_shows_by_itself_whether_the_line_echoes():
    exchange = master.write(1, 16, 261, b"\0\xa0\xff\xfe")
    answers = SerialAnswers(1.0)
    assert told(answers, exchange, exchange.rtu(), framed("011001050002")) == b""
    assert answers.echoes
    assert "acknowledgement that differs" in complaint(exchange, framed("011001060002")).what


def test_a_refusal_is_found_behind_an_echo():
    for exchange in (READ, WRITE):
        with pytest.raises(Refused) as no:
            told(SerialAnswers(1.0), exchange, exchange.rtu() + framed(f"01{exchange.function | 0x80:02x}02"))
        assert no.value.code == 2


def test_two_different_answers_are_two_devices_with_one_unit_id():
    assert "two devices have the same unit id" in complaint(READ, ANSWER + OTHER).what
    answers = SerialAnswers(1.0)
    assert told(answers, READ, ANSWER) == b"\0\7"
    with pytest.raises(Garbled, match="two devices have one unit id"):
        answers.unasked(READ, OTHER, 2.0)


def test_the_copy_of_an_answer_is_not_taken_for_the_next_one():
    answers = SerialAnswers(1.0)
    assert told(answers, READ, ANSWER) == b"\0\7"
    answers.unasked(READ, ANSWER, 2.0)
    assert told(answers, READ, ANSWER) == b"\0\7"
    assert told(answers, READ, ANSWER, OTHER) == b"\xff\xf9"  # the first is the copy of the one before
    assert told(answers, READ, OTHER, OTHER) == b"\xff\xf9"  # the same value again


def test_noise_between_two_exchanges_costs_nothing_and_is_said():
    answers = SerialAnswers(1.0)
    assert told(answers, READ, ANSWER) == b"\0\7"
    answers.unasked(READ, b"\xff\xfe\x01", 2.0)
    assert told(answers, READ, OTHER) == b"\xff\xf9"
    assert len(answers.notices) == 1


def test_a_late_answer_that_comes_before_the_next_request_is_no_longer_owed():
    answers = SerialAnswers(1.0)
    with pytest.raises(LineTimeout):
        told(answers, READ)
    answers.unasked(READ, ANSWER, 1.5)
    assert told(answers, READ, OTHER) == b"\xff\xf9"


@pytest.mark.parametrize(
    ("bytes_", "words"),
    [
        (framed("0204020007"), "unit 2 answers, asked was unit 1: check the unit id"),
        (framed("0103020007"), "answer with function 3, asked with 4"),
        (framed("01040400070008"), "4 data bytes, asked for 2"),
        (ANSWER[:-1] + b"\0", "wrong CRC"),
        (ANSWER[:5], "half an answer, 5 of 7 bytes"),
        (bytes(9), "9 zero bytes and no answer"),
        (bytes.fromhex("fe7cb33c9e"), "check baud rate, parity"),
        (b":0104020007F2\r\n", "Modbus ASCII"),
        (ECHO + ANSWER[:3], "half an answer, 3 of 7 bytes"),
    ],
)
def test_what_came_instead_of_an_answer_is_said_and_never_called_none(bytes_, words):
    error = complaint(READ, bytes_)
    assert isinstance(error, Garbled)
    assert words in error.what
    assert (error.unit, error.address, error.raw) == (1, 5, bytes_)


def test_a_line_full_of_noise_is_given_up_within_bounds_of_bytes_and_time():
    answers = SerialAnswers(1.0)
    answers.begin(READ)
    with pytest.raises(Garbled, match="bytes and no answer among them"):
        for _ in range(100):
            answers.heard(READ, b"\xfe\x7c\xb3" * 7, 0.1)
    for now in range(1, 10):
        answers.babbling(READ, b"\xfe", 0.0, float(now))
    with pytest.raises(Garbled, match="does not fall quiet"):
        answers.babbling(READ, b"\xfe", 0.0, 11.0)


def test_silence_is_a_time_out_that_says_what_to_check():
    error = complaint(READ)
    assert isinstance(error, LineTimeout)
    assert "baud rate" in error.what
