"""TQ EM 300: each direction has its registers, counters have 64 bits, SunSpec comes besides."""

from typing import Any


def test_only_one_direction_has_power_at_a_time(modbus_bench: Any) -> None:
    em = modbus_bench(115)
    em.set(power=-4321.5, power_l1=1000.2, voltage_l2=228.4, current_l3=6.623, frequency=49.8)
    assert (em.u32(0), em.u32(2)) == (0, 43215)
    assert (em.u32(40), em.u32(42)) == (10002, 0)
    assert (em.u32(102), em.u32(140), em.u32(26)) == (228_400, 6623, 49_800)
    em.set(power=70_123.4)
    assert (em.u32(0), em.u32(2)) == (701_234, 0)


def test_counters_have_64_bits(modbus_bench: Any) -> None:
    em = modbus_bench(115)
    em.set(import_energy=1_234_567_890.1, export_energy=79_876_500.0)
    assert int.from_bytes(em.block(512, 4), "big") == 12_345_678_901
    assert int.from_bytes(em.block(516, 4), "big") == 798_765_000
    assert int.from_bytes(em.block(592, 4), "big") == 3_827_160_459


def test_reserved_registers_can_be_read_and_others_cannot(modbus_bench: Any) -> None:
    em = modbus_bench(115)
    assert len(em.block(0, 125)) == 250
    assert em.u32(8) == 0
    assert em.refusal(em.block, 146, 1) == 2
    assert em.refusal(em.block, 0, 2, function=4) == 1
    assert em.refusal(em.write, 0, 1) == 1


def test_it_tells_who_made_it(modbus_bench: Any) -> None:
    em = modbus_bench(115)
    assert (em.u16(8192), em.u16(8193), em.text(8196, 16)) == (0x5233, 0x4842, "B-control")
    assert em.text(8228, 16) == "30380912332217"


def test_sunspec_model_203_in_tens_of_watts(modbus_bench: Any) -> None:
    em = modbus_bench(115)
    em.set(power=-4321.5, export_energy=2_000_000.0, voltage_l1=231.7)
    assert (em.block(40000, 2), em.u16(40069), em.u16(40176)) == (b"SunS", 203, 0xFFFF)
    assert (em.s16(40087), em.s16(40091), em.s16(40092), em.s16(40077)) == (-432, 1, -432, 23_170)
    assert (em.u32(40107), em.s16(40071)) == (2_000_000, -32768)
