"""Bender CC612/613: limit of the HEMS, silence, meters of several kinds, states of OCPP, a second point."""

from typing import Any

import pytest

from emulators.family.build import build
from rigs.simulated import SimulatedModbus, run

ABSENT = 0xFFFFFFFF


def test_the_controller_tells_firmware_protocol_and_model(modbus_bench: Any) -> None:
    box = modbus_bench(73)
    assert (box.text(100, 2), box.text(120, 2), box.text(142, 10)) == ("5.22", "0.12", "CC612_2S0R_CC")
    assert [box.u16(address, unit=1) for address in (104, 122)] == [0, 1]
    assert box.block(131, 25)[2 * 22 :].hex() == "000500160005"


def test_a_limit_in_amperes_stands_and_zero_pauses(modbus_bench: Any) -> None:
    box = modbus_bench(72)
    box.set(plugged=True)
    assert (box.u16(1000), box.truth()["power"]) == (32, pytest.approx(32 * 690))
    box.write(1000, 13, function=16)
    assert (box.u16(706), box.truth()["power"]) == (13, pytest.approx(13 * 690))
    box.write(1000, 0, function=16)
    assert (box.u16(104), box.u16(122), box.u16(706), box.truth()["power"]) == (7, 2, 0, 0)
    assert box.refusal(box.write, 1000, 81, function=16) == 3
    assert box.refusal(box.write, 1000, 10, function=6) == 1
    box.wait(86_400)
    assert box.u16(1000) == 0


def test_after_the_timeout_the_safe_current_bounds_the_limit(modbus_bench: Any) -> None:
    box = modbus_bench(72)
    box.set(plugged=True)
    box.write(131, 8, function=16)
    box.write(132, 60, function=16)
    box.write(1000, 20, function=16)
    box.wait(59)
    assert box.truth()["power"] == pytest.approx(20 * 690)
    box.wait(2)
    assert box.truth()["power"] == pytest.approx(8 * 690)
    assert (box.u16(1000), box.truth()["power"]) == (20, pytest.approx(20 * 690))


def test_where_only_writes_count_reads_do_not_help(modbus_bench: Any) -> None:
    box = modbus_bench(72, fed_by="write")
    box.set(plugged=True)
    box.write(132, 10, function=16)
    for _ in range(3):
        box.wait(6)
        box.u16(122)
    assert box.truth()["power"] == pytest.approx(6 * 690)


def test_the_meter_that_is_built_in_decides_what_is_told(modbus_bench: Any) -> None:
    truth = {"energy": 71_234_567.0, "power": 9123.4, "current_l2": 13.44, "voltage_l3": 229.4}
    seen = {}
    for meter in ("EV3", "eHZ", "S85", "phases", "none"):
        box = modbus_bench(72, meter=meter)
        box.set(**truth)
        seen[meter] = [box.u32(address) for address in (200, 202, 206, 208, 214, 218, 220, 226)]
    assert seen["EV3"] == [71_234_567, ABSENT, 3041, 3041, 13_440, 71_234_567, 9123, 229]
    assert seen["eHZ"][-1] == ABSENT
    assert seen["S85"][2:4] == [9123, ABSENT]
    assert seen["phases"][:2] == [23_744_856, 23_744_856]
    assert seen["none"] == [ABSENT] * 8


def test_before_5_22_there_is_no_model_and_availability_is_the_other_way_round(modbus_bench: Any) -> None:
    old = modbus_bench(72, firmware="5.12.3")
    assert old.refusal(old.block, 142, 10) == 2
    assert (old.u16(124), old.u16(1000)) == (0, 6)
    old.write(124, 1, function=16)
    assert old.u16(104) == 3
    new = modbus_bench(72)
    assert new.u16(124) == 1
    new.write(124, 0, function=16)
    assert new.u16(104) == 3


def test_errors_have_their_low_byte_and_low_word_first(modbus_bench: Any) -> None:
    box = modbus_bench(72)
    box.set(vehicle="E")
    assert (box.block(105, 8).hex(), box.u16(122), box.u16(104)) == ("00" * 12 + "02000000", 5, 4)
    plain = modbus_bench(72, error_order="plain")
    plain.set(vehicle="E")
    assert plain.u32(111) == 2


def test_a_card_is_shown_at_the_reader_or_over_the_wire(modbus_bench: Any) -> None:
    box = modbus_bench(72, authorization=True, allow_transactions=True)
    box.device.operator["plug"]()
    assert (box.u16(104), box.text(720, 10)) == (5, " " * 20)
    words = [int.from_bytes(bytes(pair), "big") for pair in zip(*[iter(b"deadbeef".rjust(20))] * 2, strict=True)]
    box.write(1110, *words)
    assert (box.text(720, 10), box.truth()["rfid"], box.u16(104)) == ("deadbeef".rjust(20), "deadbeef", 6)
    box.wait(90.4)
    box.write(1110, *words)
    assert (box.u16(104), box.u16(709), box.u32(716)) == (9, 90, pytest.approx(555, abs=2))
    closed = modbus_bench(72)
    assert closed.refusal(closed.write, 1110, *words) == 2


def test_long_sessions_saturate_the_short_registers(modbus_bench: Any) -> None:
    box = modbus_bench(72)
    box.set(plugged=True, session_energy=71_234.5)
    assert (box.u16(705), box.u32(716)) == (65_535, pytest.approx(71_234, abs=1))


def test_the_load_manager_has_its_registers_on_a_master_only(modbus_bench: Any) -> None:
    box = modbus_bench(72)
    assert (box.u16(600), box.refusal(box.u16, 613)) == (0, 2)
    master = modbus_bench(72, dlm=1)
    master.set(plugged=True)
    master.write(614, 10, function=16)
    assert (master.u16(610), master.u16(630), master.truth()["power"]) == (63, 10, pytest.approx(6900))


def test_numbers_between_those_of_the_document_read_zero(modbus_bench: Any) -> None:
    box = modbus_bench(72)
    assert (box.u16(133), box.u16(102)) == (0, 0)
    assert box.refusal(box.u16, 1001) == 2


def test_a_smart_car_tells_who_it_is(modbus_bench: Any) -> None:
    box = modbus_bench(72, smart_vehicle=True)
    assert (box.u16(740), box.block(741, 6)) == (0, bytes(12))
    box.set(plugged=True)
    assert (box.u16(740), box.text(741, 6), box.u32(701)) == (1, "00A0B1C2D3E4", 0x073000)


def test_a_restart_forgets_the_limit(modbus_bench: Any) -> None:
    box = modbus_bench(72)
    box.write(1000, 7, function=16)
    box.device.restart()
    box.wait(6)
    assert box.u16(1000) == 32


def test_the_second_point_has_a_controller_of_its_own_at_the_next_port(modbus_bench: Any) -> None:
    box = modbus_bench(77)
    first, second = box.installation.devices
    other = box.installation.beyond[0]
    assert (second.id, box.installation.port, other.port) == ("77-1-2", 502, 503)
    second.twin.set("power", 7321.0)
    line = SimulatedModbus(box.env, other.wire)
    assert run(box.env, line.read(1, 3, 220, 2)).hex() == f"{7321:08x}"
    assert box.u32(220) == 0
    run(box.env, line.write(1, 16, 1000, b"\0\6"))
    assert (box.u16(1000), len(second.writes), len(first.writes)) == (32, 1, 0)


def test_rows_of_this_controller_have_their_printed_models_and_ratings() -> None:
    built = {row: build(row, "modbus-tcp", clock=lambda: 1.75e9) for row in (72, 73, 77, 79, 93, 94)}
    assert {row: int(each.main.twin.max_current) for row, each in built.items()} == {
        72: 32, 73: 16, 77: 32, 79: 16, 93: 16, 94: 32,
    }  # fmt: skip
    assert {row: each.profile.evidence for row, each in built.items()} == {
        72: "document", 73: "document", 77: "assumed", 79: "clients", 93: "assumed", 94: "assumed",
    }  # fmt: skip


def test_a_belatron_has_an_ac_point_and_up_to_two_dc_points_behind_the_next_port(modbus_bench: Any) -> None:
    alone = modbus_bench(74)
    assert ([each.id for each in alone.installation.devices], alone.installation.beyond) == (["74-1"], ())
    station = modbus_bench(74, points=3, dc_power=480_000)
    ac, first, second = station.installation.devices
    assert (second.id, int(ac.twin.max_current), second.twin.rated_power) == ("74-1-3", 32, 480_000)
    second.twin.set("power", 71_234.0)
    line = SimulatedModbus(station.env, station.installation.beyond[0].wire)
    unit = second.unit
    assert run(station.env, line.read(unit, 4, 204, 2)).hex() == f"{71_234:08x}"
    assert (station.u32(220), first.twin.power) == (0, 0)
    with pytest.raises(ValueError, match="1 to 3"):
        build(74, "modbus-tcp", clock=lambda: 1.75e9, points=4)
