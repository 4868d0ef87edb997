"""Carlo Gavazzi meters: the low word first, a type that is read by itself, a mode that can hide the direction."""

from typing import Any

import pytest

from emulators.wires.modbus import crc16


def meter(modbus_bench: Any, row: int, protocol: str = "modbus-rtu", **how: Any) -> Any:
    return modbus_bench(row, protocol, low_first=True, **how)


def test_em300_tells_power_and_current_with_a_sign(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 107)
    em.set(power=-4321.5, power_l3=-1234.2, voltage_l3=234.9, current_l3=5.254, import_energy=71_234_500.0)
    assert (em.s32(0x28), em.s32(0x16), em.s32(0x10)) == (-43215, -12342, -5254)
    assert (em.s32(0x04), em.u32(0x34), em.s16(0x31)) == (2349, 712_345, -1000)
    assert em.block(0x28, 2) == em.block(0x28, 2, function=4) == bytes.fromhex("5731 ffff")


def test_the_identification_code_is_the_answer_to_one_word_and_a_voltage_in_a_block(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 107)
    assert em.u16(0x0B) == 345
    assert em.block(0x00, 12)[20:] == em.block(0x0A, 2)
    assert em.u32(0x0A) == 3984
    assert (em.u16(0x302), em.refusal(em.block, 0x302, 2)) == (1, 2)


def test_both_tables_of_an_em300_say_the_same_and_only_the_et_counts_exports_by_phase(modbus_bench: Any) -> None:
    et, em = meter(modbus_bench, 107), meter(modbus_bench, 107, model="EM 300 Serie")
    for each in (et, em):
        each.set(power=70_123.4, power_l2=23_000.1, export_energy=9_000_000.0)
        assert each.s32(0x28) == each.s32(0x106) == 701_234
        assert each.s32(0x14) == each.s32(0x132) == 230_001
    assert (et.u32(0x60), em.u32(0x60)) == (27_900, 0)
    assert (et.u16(0x0B), em.u16(0x0B)) == (345, 341)


def test_at_most_50_registers_and_no_unknown_ones(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 107)
    assert len(em.block(0, 50)) == 100
    assert em.refusal(em.block, 0, 51) == 3
    assert em.refusal(em.block, 0x98, 1) == 2
    assert em.refusal(em.write, 0x1002, 0, 0, function=16) == 1


def test_easy_connection_hides_the_direction_and_counts_everything_as_import(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 106, mode=0)
    em.set(power=-812.3, voltage_l1=231.7, current_l1=3.506, import_energy=5_000_000.0, export_energy=2_000_000.0)
    assert (em.s32(0x04), em.s32(0x02), em.u32(0x10), em.u32(0x20)) == (8123, 3506, 70_000, 0)
    em.write(0x1103, 1)
    assert (em.s32(0x04), em.s32(0x02), em.u32(0x10), em.u32(0x20)) == (-8123, -3506, 50_000, 20_000)


def test_a_model_for_one_direction_stays_in_its_mode(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 106, mode=0, version="PFA")
    em.write(0x1103, 1)
    assert em.u16(0x1103) == 0


def test_settings_out_of_range_become_the_default(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 106)
    em.write(0x2001, 3)
    assert em.u16(0x2001) == 3
    em.write(0x2001, 9)
    assert em.u16(0x2001) == 1
    em.write(0x4000, 1)
    assert (em.u16(0x4000), em.u32(0x14)) == (0, 0)


def test_serial_numbers_have_a_letter_a_word_or_two(modbus_bench: Any) -> None:
    assert meter(modbus_bench, 106).block(0x5000, 7) == b"\0K\0G\0" + b"0\0" + b"4\0" + b"1\0" + b"7\0S"
    assert meter(modbus_bench, 108).text(0x1300, 7) == "BK0460017002W"


def test_fine_counters_and_the_export_of_an_et112(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 106, fine=True, export="negative", mode=1)
    em.set(import_energy=1_234_567.0, export_energy=2_000_700.0)
    assert (em.u32(0x400), em.u32(0x402), em.s32(0x20)) == (1234, 567, -20007)
    low, high = em.block(0x600, 4)[:2], em.block(0x600, 4)[2:4]
    assert int.from_bytes(high + low, "big") == 12_345_670


def test_em24_on_a_line_has_numbers_of_its_own_and_takes_11_registers(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 108)
    em.set(power=-4321.5, import_energy=71_234_500.0, export_energy=66_000_000.0, frequency=49.8, reactive_power=-612.0)
    assert (em.s32(0x28), em.u32(0x3E), em.u32(0x5C), em.u16(0x37)) == (-43215, 712_345, 660_000, 498)
    assert em.u32(0x42) == 712_345  # the partial counter, never reset
    assert em.s16(0x35) == -1000  # leading
    assert (len(em.block(0x46, 11)), em.refusal(em.block, 0x46, 12)) == (22, 3)
    assert em.u16(0x0B) == 71


@pytest.mark.parametrize(("protocol", "register"), [("modbus-rtu", 0x1101), ("modbus-tcp", 0xA000)])
def test_an_em24_shows_the_direction_in_application_h_only(modbus_bench: Any, protocol: str, register: int) -> None:
    em = meter(modbus_bench, 108, protocol, application=0)
    em.set(power=-4321.5, export_energy=66_000_000.0)
    assert (em.u16(register), em.s32(0x28)) == (0, 43215)
    em.write(register, 7)
    assert (em.u16(register), em.s32(0x28)) == (7, -43215)
    locked = meter(modbus_bench, 108, protocol, application=0, selector=3)
    locked.write(register, 7)
    assert locked.u16(register) == 0


def test_em24_ethernet_has_the_map_of_an_em300(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 108, "modbus-tcp")
    em.set(power=70_123.4, import_energy=71_234_500.0, export_energy=66_000_000.0, frequency=50.3)
    assert (em.s32(0x28), em.u32(0x34), em.u32(0x4E), em.u16(0x33)) == (701_234, 712_345, 660_000, 503)
    assert (em.u16(0x0B), em.u16(0xA100), em.text(0x5000, 7)) == (1648, 1, "BY0590040011P")


def test_a_ratio_that_is_not_the_one_mounted_falsifies_currents_and_powers(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 108, ct_ratio=60)
    em.set(power=6000.0, power_l1=2000.0)
    assert (em.u32(0x112C), em.s32(0x28)) == (600, 60_000)
    em.write(0x112C, 300)
    assert (em.s32(0x28), em.s32(0x12), em.s32(0x00)) == (30_000, 10_000, 2300)


def test_function_8_returns_what_was_sent(modbus_bench: Any) -> None:
    em = meter(modbus_bench, 107)
    request = bytes.fromhex("01 08 0000 a537")
    request += crc16(request)
    assert b"".join(out.data for out in em.installation.wire.open().feed(request)) == request
