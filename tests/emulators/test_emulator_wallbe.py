"""wallbe: EV-ETH over TCP with and without a meter, EV Charge Control Basic over RS-485."""

import struct
from typing import Any

import pytest


@pytest.fixture
def pro(modbus_bench: Any) -> Any:
    return modbus_bench(68, low_first=True)


def said(box: Any, pdu: str) -> str:
    """The answer of the box's unit to a PDU in hex."""
    unit = box.installation.wire.open()._station.units[box.unit]
    return unit.execute(bytes.fromhex(pdu)).hex()


def coil(box: Any, address: int) -> int:
    return int(said(box, f"01{address:04x}0001")[-2:], 16)


def test_values_carry_the_low_word_first(pro: Any) -> None:
    pro.set(power=9123.4, current_l1=13.4, voltage_l2=229.7, energy=1_927_684.0, session_energy=71_234.0)
    assert pro.block(120, 2, function=4).hex() == "23a30000"
    assert [pro.u32(address, function=4) for address in (110, 114)] == [230, 13]
    assert pro.block(2980, 4).hex() == struct.pack(">HHHH", 1_927_684 & 0xFFFF, 1_927_684 >> 16, 0, 0).hex()
    assert pro.u16(904) == 1_927_684 % 65_536
    assert pro.block(3376, 2).hex() == struct.pack(">HH", 71_234 & 0xFFFF, 1).hex()


def test_the_status_is_a_letter_and_texts_have_their_bytes_swapped(pro: Any) -> None:
    assert (pro.u16(100, function=4), pro.text(149, 6, function=4)) == (ord("A"), "LS0-.1402.\x001")
    pro.set(plugged=True)
    assert pro.u16(100, function=4) == ord("C")
    assert pro.text(304, 6) == "BWRP0O0014\x007"


def test_a_box_without_a_meter_shows_zeros(modbus_bench: Any) -> None:
    eco = modbus_bench(69, low_first=True)
    eco.set(power=9123.4, energy=1_927_684.0)
    assert [eco.u32(address, function=4) for address in (108, 114, 120)] == [0, 0, 0]
    assert eco.u16(100, function=4) == ord("C")


def test_wallbes_firmware_takes_tenths_and_phoenixs_whole_amperes(modbus_bench: Any) -> None:
    wallbe, phoenix = modbus_bench(68), modbus_bench(68, firmware="phoenix")
    assert (wallbe.u16(528), phoenix.u16(528)) == (320, 32)
    for box in (wallbe, phoenix):
        box.set(plugged=True)
    wallbe.write(528, 137)
    phoenix.write(528, 13)
    assert (wallbe.truth()["current_l3"], phoenix.truth()["current_l3"]) == (pytest.approx(13.7), pytest.approx(13))
    assert (wallbe.refusal(wallbe.write, 528, 59), phoenix.refusal(phoenix.write, 528, 5)) == (3, 3)
    assert wallbe.refusal(wallbe.write, 528, 100, function=16) == 1


def test_coils_release_and_pause(pro: Any) -> None:
    pro.set(plugged=True)
    assert (coil(pro, 400), coil(pro, 436), coil(pro, 468)) == (1, 1, 0)
    assert said(pro, "0501900000") == "0501900000"
    assert (coil(pro, 400), pro.truth()["power"], pro.truth()["enabled"]) == (0, 0, False)
    assert [said(pro, pdu) for pdu in ("050190ff00", "0501d4ff00")] == ["050190ff00", "0501d4ff00"]
    assert (coil(pro, 468), pro.truth()["power"]) == (1, 0)


def test_without_dip_10_writes_have_no_effect(modbus_bench: Any) -> None:
    box = modbus_bench(68, dip10=False)
    box.write(528, 60)
    assert (box.u16(528), box.device.writes[0].accepted) == (320, True)


def test_after_a_power_cut_the_box_charges_with_all_it_has(pro: Any) -> None:
    pro.set(plugged=True)
    pro.write(528, 60)
    pro.device.restart()
    assert (pro.u16(528), pro.truth()["power"]) == (320, pytest.approx(22_080))


def test_with_dip_7_the_key_has_to_be_turned(modbus_bench: Any) -> None:
    box = modbus_bench(68, dip7=True)
    box.set(plugged=True)
    assert (box.truth()["power"], coil(box, 436)) == (0, 0)
    box.device.operator["unlock"]()
    assert box.truth()["power"] == pytest.approx(22_080)


def test_over_rs485_a_coil_enables_and_the_status_has_two_letters(modbus_bench: Any) -> None:
    box = modbus_bench(69, "modbus-rtu")
    box.set(plugged=True)
    assert (box.block(24000, 1, function=4), box.truth()["power"]) == (b"B1", 0)
    assert said(box, "054e20ff00") == "054e20ff00"
    box.write(22000, 9)
    assert (box.block(24000, 1, function=4), box.truth()["power"]) == (b"C2", pytest.approx(9 * 690))
    assert [box.u16(address, function=4) for address in (24002, 24003)] == [15, 9]
    assert box.refusal(box.write, 22000, 5) == 3


def test_over_rs485_the_coil_counts_only_where_it_was_chosen(modbus_bench: Any) -> None:
    box = modbus_bench(69, "modbus-rtu", enable_by=0)
    box.set(plugged=True)
    assert box.truth()["power"] == pytest.approx(22_080)
    box.write(4000, 3)
    assert (box.truth()["power"], box.device.writes[0].wear) == (0, "flash")


def test_several_coils_are_written_at_once(modbus_bench: Any) -> None:
    box = modbus_bench(69, "modbus-rtu")
    assert said(box, "0f4e2000030105") == "0f4e200003"
    assert [coil(box, address) for address in (20000, 20001, 20002)] == [1, 0, 1]
    assert said(box, "0f4e2000030205") == "8f03"
