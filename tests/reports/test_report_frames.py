"""Frames in words. The Modbus examples are those of the specification where it has one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.frames import crc, modbus_rtu, modbus_tcp, plain, rct, speedwire, told
from reports.sml import sml


def rtu(text: str) -> bytes:
    body = bytes.fromhex(text)
    return body + crc(body)


# Modbus Application Protocol V1.1b3: 6.3 reads 108 to 110, 6.6 writes 1 to 3, 6.12 writes 10 and 258 to 1 and 2
@pytest.mark.parametrize(
    ("way", "frame", "words"),
    [
        (">", "11 03 006B 0003", "unit 17: read holding registers 107..109 (3)"),
        ("<", "11 03 06 022B 0000 0064", "unit 17: 022b 0000 0064"),
        (">", "11 06 0001 0003", "unit 17: write register 1: 0003 = 3"),
        ("<", "11 06 0001 0003", "unit 17: write register 1 done: 0003 = 3"),
        (">", "11 10 0001 0002 04 000A 0102", "unit 17: write registers 1..2 (2): 000a 0102 = 655618"),
        ("<", "11 10 0001 0002", "unit 17: write registers 1..2 (2) done"),
        ("<", "11 83 02", "unit 17: read holding registers refused: illegal data address (2)"),
        (">", "11 05 00AC FF00", "unit 17: write coil 172: on"),
        ("<", "11 41 AABB", "unit 17: function 65 aa bb"),
    ],
)
def test_a_modbus_frame_in_words(way: str, frame: str, words: str) -> None:
    assert modbus_rtu(rtu(frame), way) == words


def test_the_crc_is_that_of_the_serial_line_guide() -> None:
    assert crc(bytes.fromhex("0207")) == bytes.fromhex("4112")  # Modbus over Serial Line V1.02, appendix B
    assert modbus_rtu(bytes.fromhex("11030003000100FF"), ">").endswith("wrong CRC")


def test_a_reply_is_told_with_the_address_that_was_asked_for() -> None:
    frames = [(0.0, ">", rtu("01 04 7563 0002").hex()), (0.1, "<", rtu("01 04 04 FFFF FC56").hex())]
    words = [words for _, _, words, _ in told("modbus-rtu", frames)]
    assert words[1] == "unit 1: 30051: ffff fc56 = 4294966358"


def test_a_short_count_and_a_foreign_transaction_are_pointed_out() -> None:
    asked = bytes.fromhex("0007 0000 0006 03 03 0064 0002")
    short = modbus_tcp(bytes.fromhex("0007 0000 0005 03 03 02 00FA"), "<", asked)
    assert short == "#7 unit 3: 100: 00fa = 250, 2 registers were asked for"
    foreign = modbus_tcp(bytes.fromhex("0000 0000 0007 03 03 04 0000 00FA"), "<", asked)
    assert foreign.endswith("asked was #7")


def test_sml_entries_are_read_with_scale_unit_and_sign() -> None:
    power = bytes.fromhex("77 07 0100100700FF 01 01 62 1B 52 00 55 FFFFEF1E 01")
    energy = bytes.fromhex("77 07 0100010800FF 65 00100104 01 62 1E 52 FF 59 00000000 2A7558C5 01")
    assert sml(power + energy) == f"SML, {len(power + energy)} bytes: 1-0:16.7.0 = -4322 W, 1-0:1.8.0 = 71233350.9 Wh"


def test_letters_stay_letters() -> None:
    assert plain(b"report 2") == "report 2"
    assert plain('GET /api\n{"k": "Größe"}'.encode()) == 'GET /api {"k": "Größe"}'
    assert plain(b"\x00\xff\x10") == "3 bytes"


def test_a_frame_of_rct_power_in_words() -> None:
    assert rct(bytes.fromhex("2B 01 04 91617C58 0000")) == "read object 91617C58"
    assert rct(bytes.fromhex("2B 05 08 91617C58 C476A000 0000")) == "value object 91617C58: c476a000 = -986.5 as float"


def test_a_speedwire_datagram_in_words() -> None:
    head = b"SMA\0" + bytes.fromhex("000402A0 00000001 024C0010 6069 015D 71431B70 0036F268")
    body = bytes.fromhex("00010400 000AB334 00020800 00000000075BCD15")
    assert speedwire(head + body) == (
        "Speedwire meter 349/1900223344 at 3601000 ms: 0:1.4.0 = 70123.6 W, 0:2.8.0 = 34293.552 Wh"
    )


@given(st.sampled_from(["modbus-tcp", "modbus-rtu", "sml", "tcp", "udp", "http", "speedwire", "contacts"]),
       st.lists(st.tuples(st.sampled_from("<>"), st.binary(max_size=80)), max_size=6))  # fmt: skip
def test_no_bytes_whatever_stop_the_report(protocol: str, frames: list[tuple[str, bytes]]) -> None:
    found = list(told(protocol, [(0.5, way, data.hex()) for way, data in frames]))
    assert [data for *_, data in found] == [data for _, data in frames]
    assert all(words for _, _, words, data in found if data)
