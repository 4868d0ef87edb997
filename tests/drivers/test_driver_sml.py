"""The SML driver against telegrams built entry by entry, as the makers' meters send them."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smllib.crc.x25 import get_crc

from controller.drivers.sml import SmlMeter, decoded, meant, numbered
from controller.drivers.sml_transport import START, cut, sound
from controller.errors import Garbled, LineTimeout, WrongDevice
from rigs.simulated import SimClock, environment, run

POWER, ABSOLUTE, IMPORT, EXPORT = "0100100700ff", "01000f0700ff", "0100010800ff", "0100020800ff"
W, WH = 27, 30


def octets(data: bytes) -> bytes:
    size = len(data) + 1
    return bytes((size,) if size < 16 else (0x80 | (size + 1) >> 4, (size + 1) & 15)) + data


def signed(value: int, width: int) -> bytes:
    return bytes((0x50 | width + 1,)) + value.to_bytes(width, "big", signed=True)


def unsigned(value: int, width: int) -> bytes:
    return bytes((0x60 | width + 1,)) + value.to_bytes(width, "big")


def entry(obis: str, value: bytes, unit: int = W, scaler: int = 0, status: bytes = b"\x01") -> bytes:
    return (
        b"\x77" + octets(bytes.fromhex(obis)) + status + b"\x01" + unsigned(unit, 1) + signed(scaler, 1) + value
    ) + b"\x01"


def message(tag: int, body: bytes) -> bytes:
    data = b"\x76" + octets(b"\x01\x02") + b"\x62\x00\x62\x00\x72" + unsigned(tag, 2) + body
    return data + b"\x63" + get_crc(data).to_bytes(2, "big") + b"\x00"


def telegram(*entries: bytes, maker: bytes = b"TST", number: int = 1_234_567) -> bytes:
    server = octets(b"\x0a\x01" + maker + number.to_bytes(5, "big"))
    assert len(entries) < 16
    listed = bytes((0x70 | len(entries),)) + b"".join(entries)
    opened = message(0x0101, b"\x76\x01\x01" + octets(b"\x00\x01") + server + b"\x01\x01")
    data = message(0x0701, b"\x77\x01" + server + b"\x01" + b"\x72\x62\x01\x65\0\0\x0e\x10" + listed + b"\x01\x01")
    content = opened + data + message(0x0201, b"\x71\x01")
    fill = -len(content) % 4
    whole = START + content.replace(b"\x1b" * 4, b"\x1b" * 8) + bytes(fill) + b"\x1b" * 4 + bytes((0x1A, fill))
    return whole + get_crc(whole).to_bytes(2, "big")


class Head:
    """An optical head: the bytes that wait, then one telegram a second in slices of 100 bytes."""

    def __init__(self, clock: SimClock, coming: list[bytes], waiting: bytes = b"") -> None:
        self.clock, self.waiting = clock, waiting
        self.coming = [piece for data in coming for piece in self.pieces(data)]

    @staticmethod
    def pieces(data: bytes) -> list[tuple[float, bytes]]:
        return [(0.9 if at == 0 else 0.1, data[at : at + 100]) for at in range(0, len(data), 100)]

    async def send(self, data: bytes) -> None:
        raise AssertionError("a meter that pushes is not spoken to")

    async def receive(self, timeout: float) -> bytes:
        if self.waiting:
            data, self.waiting = self.waiting[:77], self.waiting[77:]
            return data
        if self.coming and self.coming[0][0] <= timeout:
            after, data = self.coming.pop(0)
            await self.clock.sleep(after)
            return data
        if self.coming:
            self.coming[0] = (self.coming[0][0] - timeout, self.coming[0][1])
        await self.clock.sleep(timeout)
        raise LineTimeout("silence")


def meter(
    *coming: bytes, waiting: bytes = b"", row: int = 99
) -> tuple[SmlMeter, Callable[[Coroutine[Any, Any, Any]], Any]]:
    env = environment()
    clock = SimClock(env)
    return SmlMeter(Head(clock, list(coming), waiting), clock, row=row), lambda story: run(env, story)


def reading_of(*entries: bytes, **server: Any) -> Any:
    device, do = meter(telegram(*entries, **server))
    return do(device.read())


def test_power_and_energies_come_in_their_units() -> None:
    reading = reading_of(
        entry(POWER, signed(-1234567, 3), W, -1), entry(IMPORT, unsigned(123_456_789, 8), WH, -1),
        entry(EXPORT, unsigned(42, 1), WH, 3), entry("0100340700ff", unsigned(2318, 2), 35, -1),
    )  # fmt: skip
    assert reading == {
        "power": -123_456.7, "import_energy": 12_345_678.9, "export_energy": 42_000, "voltage_l2": 231.8,
    }  # fmt: skip


def test_without_pin_power_is_absent_with_the_reason() -> None:
    reading = reading_of(entry(IMPORT, unsigned(12_345, 2), WH, 3))
    assert reading["power"] is None
    assert "PIN" in reading["status"]
    assert reading["import_energy"] == 12_345_000


@pytest.mark.parametrize(("status", "power"), [(0x0182, 126.5), (0x01A2, -126.5), (0x01B0, -126.5)])
def test_emh_meters_tell_the_direction_in_the_status_of_the_import_register(status: int, power: float) -> None:
    reading = reading_of(
        entry(IMPORT, unsigned(1, 5), WH, -1, status=unsigned(status, 3)), entry(ABSOLUTE, signed(1265, 3), W, -1)
    )
    assert reading["power"] == power


@pytest.mark.parametrize(
    ("number", "status", "raw", "width", "power"),
    [
        (42_082_910, 0x1C0104, -29_912, 2, 356.24),  # packed into too few bytes
        (42_082_910, 0x1C0104, -8, 1, 2.48),
        (58_999_999, 0x1C0904, -29_912, 2, -299.12),  # bit 11: it does flow out
        (60_694_611, 0x1C0104, -10_550, 2, -105.5),  # not one of the defective units
        (42_082_910, 0x1C0104, -29_912, 4, -299.12),  # enough bytes
    ],
)
def test_dzg_meters_with_the_sign_defect_are_repaired_and_no_others(
    number: int, status: int, raw: int, width: int, power: float
) -> None:
    counted = entry(IMPORT, unsigned(5, 3), WH, -1, status=unsigned(status, 4))
    reading = reading_of(counted, entry(POWER, signed(raw, width), W, -2), maker=b"DZG", number=number)
    assert reading["power"] == power


def test_old_meters_without_totals_are_added_up() -> None:
    tariffs = (entry("0100010801ff", unsigned(1000, 2), WH, 0), entry("0100010802ff", unsigned(234, 2), WH, 0))
    assert reading_of(*tariffs, entry("0100010700ff", signed(144, 2), W, -1))["import_energy"] == 1234
    assert reading_of(*tariffs, entry("0100010700ff", signed(144, 2), W, -1))["power"] == 14.4
    assert reading_of(entry("0100010701ff", signed(-56_321_916, 4), W, -4))["power"] == -5632.1916


def test_a_reading_is_the_next_telegram_and_not_one_from_the_buffer() -> None:
    old, new = telegram(entry(POWER, signed(111, 2))), telegram(entry(POWER, signed(222, 2)))
    device, do = meter(new, waiting=old + old + old)
    assert do(device.read())["power"] == 222


def test_a_changed_meter_is_noticed_until_it_is_identified_again() -> None:
    first, second = telegram(entry(POWER, signed(1, 1))), telegram(entry(POWER, signed(2, 1)), number=7)
    device, do = meter(first, second, second, second, second)
    assert do(device.identify()).serial == "0a01545354000012d687"
    for _ in range(2):
        with pytest.raises(WrongDevice, match="0a01545354000012d687"):
            do(device.read())
    do(device.identify())
    assert do(device.read())["power"] == 2


def test_noise_before_and_a_broken_telegram_do_not_hide_the_next_one() -> None:
    good = telegram(entry(POWER, signed(77, 1)))
    broken = good[:50] + b"\xff" + good[51:]
    device, do = meter(b"\x00\xff\x1b\x1b" * 9, broken, good[:60], good)
    assert do(device.read())["power"] == 77


def test_only_broken_telegrams_are_garbled_and_silence_is_a_time_out() -> None:
    good = telegram(entry(POWER, signed(77, 1)))
    device, do = meter(*[good[:100] + b"\x55" + good[101:]] * 20)
    with pytest.raises(Garbled, match="damaged"):
        do(device.read())
    device, do = meter()
    with pytest.raises(LineTimeout):
        do(device.read())


def test_an_escape_sequence_in_the_content_is_undone() -> None:
    inside = telegram(entry(IMPORT, unsigned(0x1B1B1B1B1B, 8), WH, 0), entry(POWER, signed(0x1B1B, 4)))
    content, rest, damaged = cut(b"\xaa" + inside)
    assert (len(content), damaged, rest) == (1, 0, b"")
    assert decoded(content[0]).entries[IMPORT].value == 0x1B1B1B1B1B


@pytest.mark.parametrize("content", ["ff8f8f8f8f0f", "76", "f10f01", "71" * 10 + "01", "05aabb"])
def test_lengths_that_do_not_fit_are_refused_before_anything_is_built(content: str) -> None:
    data = bytes.fromhex(content)
    assert not sound(data)
    with pytest.raises(Garbled):
        decoded(data)


def test_a_number_in_a_foreign_unit_is_garbled() -> None:
    device, do = meter(telegram(entry(POWER, signed(5, 1), unit=33)))
    with pytest.raises(Garbled, match="unit 33"):
        do(device.read())


@given(st.binary(max_size=600))
def test_whatever_carries_a_right_check_sum_ends_in_a_telegram_or_garbled(content: bytes) -> None:
    fill = -len(content) % 4
    whole = START + content.replace(b"\x1b" * 4, b"\x1b" * 8) + bytes(fill) + b"\x1b" * 4 + bytes((0x1A, fill))
    for found in cut(whole + get_crc(whole).to_bytes(2, "big"))[0]:
        with pytest.raises(Garbled):
            decoded(found)


@given(st.lists(st.binary(min_size=1, max_size=90), max_size=12), st.integers(0, 250))
def test_a_telegram_survives_any_slicing(noise: list[bytes], at: int) -> None:
    good = telegram(entry(POWER, signed(-5, 1)))
    buffer, found = b"", []
    for piece in (*(part.replace(b"\x1b", b"") for part in noise), good[:at], good[at:]):
        contents, buffer, _ = cut(buffer + piece)
        found += contents
    assert [decoded(each).entries[POWER].value for each in found] == [-5]


@pytest.mark.parametrize(
    ("server", "letters"),
    [
        ("0a01445a47000282225e", "DZG"),  # DZG_DVS-7412.2_jmberg
        ("090145425a010002ec3b", "EBZ"),  # eBZ_DD3_DD32R06DTA-SMZ1
        ("09014553591103b599a5", "ESY"),  # EasyMeter_Q3A_A1064V1009
        ("06454d4801027156cd45", "EMH"),  # EMH-ED300L_consumption
        ("3032323830383136", ""),  # EMH_eHZ-GW8E2A500AK2
    ],
)
def test_the_maker_stands_in_three_kinds_of_server_ids(server: str, letters: str) -> None:
    """Server ids of real meters in devZer0/libsml-testing."""
    assert numbered(server)[0] == letters


@pytest.mark.parametrize("serial", ["0a01545354000012d687", "1 TST 00 1234567", "1tst0001234567", "1234567"])
def test_the_meter_that_the_installer_has_named_is_taken_and_no_other(serial: str) -> None:
    content = telegram(entry("0100100700ff", signed(-3210, 4)))
    assert meant(serial, "0a01545354000012d687")
    env = environment()
    clock = SimClock(env)
    device = SmlMeter(Head(clock, [content]), clock, row=99, serial=serial)
    assert run(env, device.identify()).serial == "0a01545354000012d687"
    device = SmlMeter(Head(clock, [content]), clock, row=99, serial="7654321")
    with pytest.raises(WrongDevice, match="expected meter 7654321"):
        run(env, device.identify())


def test_a_serial_number_has_to_be_whole() -> None:
    assert not meant("34567", "0a01545354000012d687")
    assert not meant("1 DZG 00 1234567", "0a01545354000012d687")
    assert not meant("", "0a01545354000012d687")
