"""MENNEKES HCC3: one connection, whole amperes, commands that pause and end, the app that writes too."""

from typing import Any

import pytest

from emulators.wires.wire import NoConnection


@pytest.fixture
def box(modbus_bench: Any) -> Any:
    return modbus_bench(70, low_first=True)


def said(box: Any, pdu: str) -> str:
    """The answer of the box's unit to a PDU in hex."""
    return box.installation.wire.open()._station.units[box.unit].execute(bytes.fromhex(pdu)).hex()


def test_values_carry_the_low_word_first_and_the_name_its_low_byte(box: Any) -> None:
    box.set(power=9123.4, session_energy=71_234.2, temperature=-4.4)
    assert box.block(0x30D, 4, function=4).hex() == "1642000123a30000"
    assert box.u32(0x30B, function=4) == 134_170_042
    assert (box.s16(0x300, function=4), box.s16(0x301, function=4)) == (-4, -12)
    assert box.text(0x311, 12, function=4).startswith("MARTNOX")


def test_the_pilot_shows_a_number_for_letter_and_signal(box: Any) -> None:
    assert box.u16(0x302, function=4) == 2
    box.write(0x400, 0)
    assert box.u16(0x302, function=4) == 1
    box.set(plugged=True)
    assert (box.u16(0x302, function=4), box.u16(0x305, function=4)) == (3, 4)
    box.write(0x400, 6)
    assert (box.u16(0x302, function=4), box.u16(0x305, function=4), box.truth()["power"]) == (6, 3, 4140)
    box.set(vehicle="F")
    assert (box.u16(0x302, function=4), box.u16(0x305, function=4)) == (0, 6)


def test_a_limit_is_0_or_6_to_32_and_function_16_is_not_known(box: Any) -> None:
    assert [box.refusal(box.write, 0x400, each) for each in (5, 33)] == [3, 3]
    assert box.refusal(box.write, 0x400, 10, function=16) == 1
    assert box.u16(0x400) == 32


def test_what_the_installation_allows_bounds_the_limit(modbus_bench: Any) -> None:
    box = modbus_bench(71, installation_current=16)
    box.write(0x400, 32)
    assert (box.u16(0x400), box.u16(0x30A, function=4), box.u16(0x309, function=4)) == (16, 16, 32)


def test_pause_continue_terminate_and_start(box: Any) -> None:
    box.set(plugged=True)
    seen = []
    for code in (1, 2, 3, 2, 4):
        box.write(0x401, code)
        seen.append((box.u16(0x305, function=4), box.truth()["power"] > 0))
    assert seen == [(4, False), (3, True), (5, False), (5, False), (3, True)]
    assert (box.u16(0x401), box.refusal(box.write, 0x401, 5)) == (0, 3)


def test_a_start_command_stands_for_a_card(modbus_bench: Any) -> None:
    box = modbus_bench(70, authorization=True)
    box.set(plugged=True)
    assert (box.u16(0x305, function=4), box.truth()["power"]) == (1, 0)
    box.write(0x401, 4)
    assert box.u16(0x305, function=4) == 3


def test_the_app_writes_the_same_limit_and_nothing_ever_falls_back(box: Any) -> None:
    box.set(plugged=True)
    box.write(0x400, 10)
    box.device.operator["app"](amperes=20)
    assert (box.u16(0x400), box.truth()["power"]) == (20, pytest.approx(20 * 690))
    box.wait(7 * 86_400)
    assert box.truth()["current_limit"] == 20


def test_a_second_client_is_refused_and_an_idle_one_is_dropped(box: Any) -> None:
    wire = box.installation.wire
    first = wire.connect()
    with pytest.raises(NoConnection):
        wire.connect()
    assert not first.idle_out(box.env.now + 29)
    assert first.idle_out(box.env.now + 31)


def test_a_coil_restarts_the_box_and_reads_zero(box: Any) -> None:
    assert said(box, "050108ff00") == "050108ff00"
    assert (said(box, "0101080001"), box.u16(0x304, function=4), box.u16(0x305, function=4)) == ("010100", 30, 6)
    box.wait(11)
    assert (box.u16(0x304, function=4), box.u16(0x305, function=4)) == (0, 0)


def test_discrete_inputs_are_read_by_function_2(box: Any) -> None:
    assert said(box, "0202000014") == "0203c27001"  # 0201, 0206, 0207, 020C, 020D, 020E, 0210
    box.set(plugged=True)
    assert (said(box, "0202040001"), said(box, "0202010001")) == ("020101", "020100")


def test_in_the_mode_energy_manager_there_is_no_server(modbus_bench: Any) -> None:
    box = modbus_bench(70, operation_mode="energy manager")
    with pytest.raises(NoConnection):
        box.installation.wire.connect()
